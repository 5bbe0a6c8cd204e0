#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a bootable disk image: a GPT with one EFI system partition (FAT32) that holds the
# loader, the kernel, the initramfs and the command line (docs/boot.md). Needs neither root nor
# loop devices; the same input gives the same bytes. FILE may be a block device: the partition
# then takes the space at its start, and all that was on the device is lost.
#
# Needs sfdisk (util-linux; Debian: fdisk), mkfs.fat (dosfstools) and mtools. Not sgdisk, which
# sleeps for a second each time.

set -euo pipefail

usage() {
	cat <<-'END'
	usage: make-image.sh --kernel FILE --loader FILE --output FILE
	                     [--initramfs FILE] [--cmdline STRING] [--size MIB] [--root FILE]

	  --kernel FILE     becomes \cryptos\kernel
	  --loader FILE     becomes \EFI\BOOT\BOOTX64.EFI
	  --initramfs FILE  becomes \cryptos\initramfs
	  --cmdline STRING  becomes \cryptos\cmdline
	  --output FILE     the image, or a block device to overwrite
	  --size MIB        of the partition; as large as it takes if not given, at least 64
	  --root FILE       an HMFS volume, which becomes a second partition
	END
}

fail() {
	printf 'make-image: %s\n' "$*" >&2
	exit 1
}

readonly mib=$((1024 * 1024))
readonly sector=512
readonly partition_start_mib=1 # the GPT lies before it; aligned as flash memory likes it
readonly start=$((partition_start_mib * mib / sector))
readonly tail_mib=1            # the GPT's copy
readonly smallest_mib=64       # FAT32 takes 65525 clusters at least: 33 MiB
readonly slack_mib=16          # the file system's own tables, and room to edit

# The same for every image, so that images can be compared.
readonly disk_id=43525950-544F-4853-8000-000000000001
readonly partition_id=43525950-544F-4853-8000-000000000002
readonly root_id=43525950-544F-4853-8000-000000000003
readonly root_type=43525950-544F-4853-8000-484D46530000 # CryptOS: HMFS
readonly esp_type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1735689600} TZ=UTC LC_ALL=C MTOOLS_SKIP_CHECK=1

parse_arguments() {
	kernel='' loader='' output='' initramfs='' cmdline='' size='' root=''
	while [ $# -gt 0 ]; do
		case $1 in
		--help | -h)
			usage
			exit 0
			;;
		--kernel | --loader | --output | --initramfs | --cmdline | --size | --root)
			[ $# -ge 2 ] || fail "$1 needs a value"
			printf -v "${1#--}" '%s' "$2"
			shift 2
			;;
		*) fail "unknown argument '$1' (see --help)" ;;
		esac
	done
	[ -n "$kernel" ] || fail "--kernel is missing"
	[ -n "$loader" ] || fail "--loader is missing"
	[ -n "$output" ] || fail "--output is missing"
	[[ $size =~ ^([1-9][0-9]{0,6})?$ ]] || fail "--size: '$size' is not a number of MiB"
}

check_environment() {
	local tool file

	PATH=$PATH:/usr/sbin:/sbin
	for tool in sfdisk mkfs.fat mmd mcopy; do
		command -v "$tool" >/dev/null || fail "$tool is not installed"
	done
	[ -z "$root" ] || [ -r "$root" ] || fail "cannot read $root"
	for file in "$kernel" "$loader" ${initramfs:+"$initramfs"}; do
		if [ ! -f "$file" ] || [ ! -r "$file" ]; then
			fail "cannot read $file"
		fi
		[ "$(file_size "$file")" -lt $((4096 * mib)) ] || fail "$file: too large for FAT32"
	done
}

file_size() {
	stat -L -c %s -- "$1"
}

# Sets size to the MiB of the partition.
choose_size() {
	local file bytes=0 needed

	for file in "$kernel" "$loader" ${initramfs:+"$initramfs"}; do
		bytes=$((bytes + $(file_size "$file")))
	done
	needed=$(((bytes + ${#cmdline} + mib - 1) / mib + slack_mib))
	[ "$needed" -ge $smallest_mib ] || needed=$smallest_mib
	: "${size:=$needed}"
	[ "$size" -ge "$needed" ] || fail "--size $size: at least $needed MiB are needed"
	root_mib=0
	[ -z "$root" ] || root_mib=$((($(file_size "$root") + mib - 1) / mib))
}

# Makes the output an empty file of the right size, or checks that the device is large enough.
prepare_output() {
	local total=$(((partition_start_mib + size + root_mib + tail_mib) * mib)) room

	if [ -b "$output" ]; then
		[ -w "$output" ] || fail "$output: no permission to write"
		room=$(blockdev --getsize64 "$output")
		[ "$room" -ge $total ] ||
			fail "$output has $((room / mib)) MiB; $((total / mib)) are needed"
		return
	fi
	[ ! -e "$output" ] || [ -f "$output" ] || fail "$output: neither a file nor a block device"
	[ -d "$(dirname -- "$output")" ] || fail "$output: no such folder"
	rm -f -- "$output"
	trap 'rm -f -- "$output"' EXIT
	truncate -s $total -- "$output" || fail "cannot create $output"
}

# Runs a command whose chatter matters only when it fails.
quietly() {
	local chatter

	chatter=$("$@" 2>&1 </dev/null) || fail "$1 failed: $chatter"
}

write_partition_table() {
	local script chatter file_only=(--no-reread --no-tell-kernel)

	# A device in use is refused by the look that sfdisk then takes.
	[ ! -b "$output" ] || file_only=()
	script="label: gpt
label-id: $disk_id
unit: sectors
type=$esp_type, uuid=$partition_id, name=\"EFI system\", \
start=$start, size=$((size * mib / sector))"
	[ -z "$root" ] || script+="
type=$root_type, uuid=$root_id, name=\"CryptOS\", \
start=$((start + size * mib / sector)), size=$((root_mib * mib / sector))"
	chatter=$(sfdisk --quiet --wipe always "${file_only[@]}" -- "$output" 2>&1 <<<"$script") ||
		fail "sfdisk failed: $chatter"
}

write_file_system() {
	local volume="$output@@${partition_start_mib}M" cluster=1

	# mkfs.fat would choose by the size of all of the output, and FAT32 has 65525 clusters at least.
	[ "$size" -lt 512 ] || cluster=8
	quietly mkfs.fat -F 32 -s $cluster -I -n CRYPTOS --invariant -h $start --offset $start \
		-- "$output" $((size * 1024))
	quietly mmd -i "$volume" ::/EFI ::/EFI/BOOT ::/cryptos
	quietly mcopy -i "$volume" -- "$loader" ::/EFI/BOOT/BOOTX64.EFI
	quietly mcopy -i "$volume" -- "$kernel" ::/cryptos/kernel
	[ -z "$initramfs" ] || quietly mcopy -i "$volume" -- "$initramfs" ::/cryptos/initramfs
	[ -z "$cmdline" ] ||
		quietly mcopy -i "$volume" -- <(printf '%s' "$cmdline") ::/cryptos/cmdline
}

write_root() {
	local sparse=,sparse

	# A device may have something else where the volume has nothing.
	[ ! -b "$output" ] || sparse=
	[ -z "$root" ] || dd if="$root" of="$output" bs=1M seek=$((partition_start_mib + size)) \
		conv=notrunc$sparse status=none || fail "cannot write $root to $output"
}

parse_arguments "$@"
check_environment
choose_size
prepare_output
write_partition_table
write_file_system
write_root
[ ! -b "$output" ] || sync -- "$output"
trap - EXIT
