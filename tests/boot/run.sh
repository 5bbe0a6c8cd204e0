#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of the UEFI loader and of the image tool: `bash tests/boot/run.sh`. Prints a line
# "PASS name" or "FAIL name: why" per test; the exit status is 1 if one failed.
#
# QEMU runs OVMF, OVMF the loader, and the loader a test kernel (kernel/) that checks what it
# is given and reports on the serial port. What the loader does without the firmware's help is
# tested on the host, in boot/uefi/test.

set -euo pipefail

cd "$(dirname "$0")/../.."
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
readonly compiler=${COMPILER:-gcc}
suffix=${compiler/#gcc/}
readonly loader=build/x86_64/${MODE:-release}${suffix:+-$suffix}/BOOTX64.EFI
readonly boot_timeout=60 # seconds; a boot takes 5 on an idle machine
firmware_folders=(/usr/share/OVMF /usr/share/edk2/x64 /usr/share/edk2/ovmf)
failures=0
work=$(mktemp -d -t cryptos-boot.XXXXXX)
trap 'rm -rf "$work"' EXIT

pass() {
	printf 'PASS %s\n' "$1"
}

fail() {
	printf 'FAIL %s: %s\n' "$1" "$2"
	failures=$((failures + 1))
}

# verify NAME WHY COMMAND...: the test passes if the command succeeds.
verify() {
	local name=$1 why=$2

	shift 2
	if "$@" >/dev/null 2>&1; then
		pass "$name"
	else
		fail "$name" "$why"
	fi
}

# --- The test kernel and disks ---

# build_kernel FILE [LINK-OPTION...]
build_kernel() {
	local file=$1

	shift
	"$compiler" -std=gnu11 -O1 -ffreestanding -fpie -fno-stack-protector -mno-red-zone \
		-mgeneral-regs-only -Wall -Wextra -Werror -Iabi -Ilib/base/include -nostdlib \
		-static-pie -s -Wl,--no-dynamic-linker -Wl,-z,max-page-size=4096 \
		-Wl,--build-id=none -Wl,-e,kernel_entry "$@" \
		tests/boot/kernel/entry.S tests/boot/kernel/kernel.c -o "$file"
}

# image NAME KERNEL [OPTION...]: makes the disk $work/NAME.img
image() {
	local name=$1 kernel=$2

	shift 2
	bash tools/image/make-image.sh --kernel "$kernel" --loader "$loader" \
		--output "$work/$name.img" "$@"
}

# patched NAME OFFSET BYTE...: a copy of the test kernel with other bytes (hexadecimal)
patched() {
	local file=$work/$1.elf offset=$2

	shift 2
	cp "$work/kernel" "$file"
	printf '%b' "$(printf '\\x%s' "$@")" |
		dd of="$file" bs=1 seek="$offset" conv=notrunc status=none
	image "${file##*/}" "$file"
	mv "$file.img" "${file%.elf}.img"
}

find_firmware() {
	local folder

	for folder in "${firmware_folders[@]}"; do
		for code in "$folder"/OVMF_CODE{_4M,.4m,}.fd; do
			vars=${code/CODE/VARS}
			[ ! -f "$code" ] || [ ! -f "$vars" ] || return 0
		done
	done
	return 1
}

# boot NAME QEMU-OPTION...: leaves the serial port's output, without its escape sequences, in
# $work/NAME.log. A key is pressed now and then, so that nothing waits for one for long.
boot() {
	local name=$1

	shift
	cp "$vars" "$work/$name.vars"
	while sleep 0.5; do
		printf '\r' 2>/dev/null || break
	done | timeout $boot_timeout qemu-system-x86_64 -machine q35 -cpu max -m 512 -accel tcg \
		-nodefaults -vga std -display none -serial stdio \
		-drive if=pflash,format=raw,readonly=on,file="$code" \
		-drive if=pflash,format=raw,file="$work/$name.vars" \
		-device isa-debug-exit,iobase=0xf4,iosize=1 "$@" 2>&1 |
		tr -d '\r' | sed 's/\x1b\[[0-9;=]*[A-Za-z]//g' >"$work/$name.log" || true
}

# disk NAME DEVICE[,OPTION...]: the QEMU options of a disk, one a line
disk() {
	printf '%s\n' -drive "if=none,format=raw,snapshot=on,id=$1,file=$work/$1.img" \
		-device "$2,drive=$1"
}

# expect TEST BOOT TEXT: a line of the log of BOOT holds TEXT
expect() {
	if grep -qF -- "$3" "$work/$2.log"; then
		pass "$1"
	else
		fail "$1" "no line with '$3'; the last ones: $(tail -n 4 "$work/$2.log" | tr '\n' '|')"
	fi
}

# The test kernel ran to its end and found nothing wrong.
expect_clean() {
	local complaints

	complaints=$(grep -F 'boot-check FAILED' "$work/$1.log" | sort -u | tr '\n' '|') || true
	if [ -n "$complaints" ]; then
		fail "$1.contract" "$complaints"
	else
		expect "$1.contract" "$1" 'boot-check done'
	fi
}

# --- The tests ---

# Everything there: files, graphics, a random number instruction; from an AHCI disk.
test_full() {
	local sum

	head -c 100001 /dev/urandom >"$work/initramfs"
	sum=$(od -An -v -tu1 "$work/initramfs" | awk '{ for (i = 1; i <= NF; i++) s += $i }
		END { print s }')
	image full "$work/kernel" --initramfs "$work/initramfs" \
		--cmdline $'console=serial  "a b"\r\n'
	mapfile -t options < <(disk full ide-hd)
	boot full "${options[@]}"
	expect_clean full
	expect full.initramfs_size full "boot-check initramfs-size $(stat -c %s "$work/initramfs")"
	expect full.initramfs_content full "boot-check initramfs-sum $sum"
	expect full.command_line full 'boot-check cmdline [console=serial  "a b"]'
	expect full.seed full 'seed: from CPU'
	expect full.graphics full 'graphics: 1280x800'
}

# Nothing but the kernel, linked at an odd address; from an NVMe disk.
test_bare() {
	build_kernel "$work/kernel.linked" -Wl,-Ttext-segment=0x1234000
	image bare "$work/kernel.linked"
	mapfile -t options < <(disk bare nvme,serial=1)
	boot bare "${options[@]}" -vga none -cpu qemu64
	expect_clean bare
	expect bare.initramfs bare 'boot-check initramfs-size 0'
	expect bare.command_line bare 'boot-check cmdline []'
	expect bare.seed bare 'seed: from timers'
	expect bare.graphics bare 'boot-check screen-format 0'
}

# The disks that must be refused, in the order in which the firmware tries them, and the words.
hostile=(
	'missing:kernel: no file \cryptos\kernel'
	'folder:kernel: not a file'
	'empty:kernel: too short for an ELF file'
	'text:kernel: not an ELF file'
	'machine:kernel: for another machine'
	'truncated:kernel: bad program headers'
	'overlap:kernel: bad program headers'
	'wide:kernel: segments span more than 1 GiB'
	'huge:no memory for'
	'cmdline:cmdline: larger than 64 KiB'
)

# Where program header `index` of the test kernel has the field at `field`.
program_header() {
	echo $((64 + 56 * $1 + $2))
}

make_hostile() {
	local memsz

	image missing "$work/kernel"
	mdel -i "$work/missing.img@@1M" ::/cryptos/kernel
	cp "$work/missing.img" "$work/folder.img"
	mmd -i "$work/folder.img@@1M" ::/cryptos/kernel
	: >"$work/nothing"
	image empty "$work/nothing"
	image text LICENSE
	patched machine 18 b7 00
	head -c 5000 "$work/kernel" >"$work/half"
	image truncated "$work/half"
	memsz=$(program_header 3 40) # of the last segment, which begins at 0x3000 and something
	patched overlap "$(program_header 2 40)" 00 40 00 00
	patched wide "$memsz" 00 00 00 50
	patched huge "$memsz" 00 00 00 38
	head -c 70000 /dev/zero | tr '\0' a >"$work/long"
	image cmdline "$work/kernel"
	mcopy -i "$work/cmdline.img@@1M" "$work/long" ::/cryptos/cmdline
}

# A disk that only the shell starts the loader from, with options, once all others have failed.
make_shell_disk() {
	image shell "$work/kernel" --cmdline "$(printf 'from=file\n')"
	printf '%s\r\n' '@echo -off' 'for %a run (0 20)' 'if exist FS%a:\loader.efi then' \
		'FS%a:\loader.efi from=options video=800x600' 'endif' 'endfor' >"$work/startup.nsh"
	mdel -i "$work/shell.img@@1M" ::/EFI/BOOT/BOOTX64.EFI
	mcopy -i "$work/shell.img@@1M" "$work/startup.nsh" ::/startup.nsh
	mcopy -i "$work/shell.img@@1M" "$loader" ::/loader.efi
}

# Every hostile disk gets its message and the firmware goes on, in the end to its shell, which
# starts the loader from a USB stick, with a random number generator.
test_hostile() {
	local index=0 entry name options=() lines

	make_hostile
	make_shell_disk
	for entry in "${hostile[@]}"; do
		name=${entry%%:*}
		index=$((index + 1))
		mapfile -t lines < <(disk "$name" "virtio-blk-pci,bootindex=$index")
		options+=("${lines[@]}")
	done
	# OVMF looks at no disk that has no place in its boot order, if one has.
	mapfile -t lines < <(disk shell "usb-storage,bootindex=$((index + 1))")
	boot hostile "${options[@]}" -device qemu-xhci "${lines[@]}" -device virtio-rng-pci
	for entry in "${hostile[@]}"; do
		expect "hostile.${entry%%:*}" hostile "${entry#*:}"
	done
	expect_clean hostile
	expect hostile.load_options hostile \
		'boot-check cmdline [from=file from=options video=800x600]'
	expect hostile.graphics hostile 'graphics: 800x600'
	expect hostile.seed hostile 'seed: from firmware'
}

refuses_image() {
	! image refused "$@" && [ ! -e "$work/refused.img" ]
}

test_image() {
	head -c 9000000 /dev/urandom >"$work/large"
	image first "$work/large" --initramfs "$work/large" --cmdline 'a=1'
	sleep 1.1 # into another second
	image second "$work/large" --initramfs "$work/large" --cmdline 'a=1'
	dd if="$work/first.img" of="$work/partition" bs=1M skip=1 count=64 conv=sparse status=none
	mcopy -i "$work/partition" ::/cryptos/initramfs "$work/copy"

	verify image.reproducible "two images of the same files differ" \
		cmp "$work/first.img" "$work/second.img"
	verify image.partition_table "sfdisk complains" sfdisk --verify "$work/first.img"
	verify image.file_system "fsck.fat complains" fsck.fat -n "$work/partition"
	verify image.content "the initramfs differs" cmp "$work/copy" "$work/large"
	verify image.too_small "made with 20 MiB" refuses_image "$work/large" --size 20
	verify image.no_kernel "made without a kernel" refuses_image "$work/nonexistent"
}

make -s loader >"$work/make.log" 2>&1 || {
	fail boot.build "$(tail -n 3 "$work/make.log" | tr '\n' '|')"
	exit 1
}
build_kernel "$work/kernel"
test_image
if ! command -v qemu-system-x86_64 >/dev/null || ! find_firmware; then
	fail boot.firmware "QEMU or OVMF (Debian: ovmf) is not installed"
	exit 1
fi
test_full
test_bare
test_hostile
[ $failures -eq 0 ]
