# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench storage: CryptOS and Debian's Linux on the same machine and disk, as a table.

bench_storage_disks='ahci nvme'
bench_storage_rounds=3
bench_storage_tsv=
bench_storage_linux_words=
bench_storage_systems='linux cryptos'
bench_storage_count=1
# MiB of the disk, and in which place its partition begins.
bench_storage_size=640
bench_storage_start=2048

# What the comparison runs on; kernel modules are found with all that they depend on.
bench_storage_package='linux-image-amd64'
bench_storage_modules='ahci sd_mod nvme vfat nls_cp437 nls_ascii nls_utf8 nls_iso8859-1'

print_bench_storage_help()
{
	cat <<'END_OF_HELP'
usage: ./cryptos bench storage [OPTION...]

Runs the same program (bench/storage.c) on CryptOS and on the kernel of Debian's package
linux-image-amd64, in the same virtual machine with a copy of the same disk, and prints a table: a
file of 256 MiB on FAT32, written and read; the raw disk; random reads by 32 threads; each on AHCI
and on NVMe. Then, in machines that count time in instructions, what a pread of 4 KiB costs.

The package is downloaded by apt-get and unpacked below build/host; it is not installed. The disk is
in memory (/dev/shm) where there is room. The systems take turns, and the table has the medians of
all rounds; with other work on this machine times are worth little, their ratios more.

  --rounds N          how often each system boots with each disk (3)
  --disks LIST        ahci, nvme or ahci,nvme
  --only SYSTEM       linux or cryptos alone, without verdicts
  --no-count          without the instructions
  --linux-cmdline WORDS
                      more words for Linux's command line, such as mitigations=off
  --tsv FILE          writes "ROUND SYSTEM DISK NAME VALUE UNIT" lines of all rounds to FILE, too
  --smp, --mem, --debug-build, --kernel FILE, --initramfs FILE, --cmdline WORDS
                      as for exec
END_OF_HELP
}

bench_storage_take_option() # "$@", after take_option
{
	case $option in
	-h | --help)
		print_bench_storage_help
		exit 0
		;;
	--no-count) take_no_value && bench_storage_count= ;;
	--rounds)
		take_value "$@"
		require_number --rounds "$value" 1 99
		bench_storage_rounds=$value
		;;
	--disks)
		take_value "$@"
		[[ $value =~ ^(ahci|nvme)(,(ahci|nvme))?$ ]] ||
			usage_error "--disks is ahci, nvme or ahci,nvme, not \"$value\""
		bench_storage_disks=${value//,/ }
		;;
	--only)
		take_value "$@"
		[[ $value == linux || $value == cryptos ]] ||
			usage_error "--only is linux or cryptos, not \"$value\""
		bench_storage_systems=$value
		;;
	--linux-cmdline) take_value "$@" && bench_storage_linux_words+=" $value" ;;
	--tsv)
		take_value "$@"
		bench_storage_tsv=$value
		{ : >"$bench_storage_tsv"; } 2>/dev/null || die 1 "cannot write $value"
		;;
	--smp | --mem | --debug-build | --kernel | --initramfs | --cmdline)
		machine_take_option "$@"
		;;
	*) return 1 ;;
	esac
}

# --- Debian's Linux ------------------------------------------------------------------------------

# The kernel package that the name stands for now, such as linux-image-6.1.0-56-amd64.
bench_storage_find_package()
{
	apt-cache depends "$bench_storage_package" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
}

# Unpacks Debian's kernel into $linux, once.
bench_storage_get_linux()
{
	local package log

	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
		die 1 "the comparison is a package of Debian, and there is no apt-get here"
	package=$(bench_storage_find_package)
	if [[ -z $package ]]; then
		as_root apt-get update >/dev/null 2>&1
		package=$(bench_storage_find_package)
	fi
	[[ -n $package ]] || die 1 "apt knows no package $bench_storage_package"
	linux=$tree/build/host/linux/$package
	[[ ! -e $linux/complete ]] || return 0
	say "downloading $package with apt-get; it is unpacked in build/host, not installed"
	rm -rf "$linux"
	mkdir -p "$linux"
	log=$(cd "$linux" && apt-get download "$package" 2>&1) || {
		# Lists may be older than what the servers have.
		as_root apt-get update >/dev/null 2>&1
		log=$(cd "$linux" && apt-get download "$package" 2>&1)
	} || die 1 "cannot download $package: $log"
	dpkg-deb -x "$linux"/*.deb "$linux" || die 1 "cannot unpack $package"
	rm -f "$linux"/*.deb
	: >"$linux/complete"
}

# Copies a module behind those that it needs. Those that the kernel contains are no files.
bench_storage_add_module() # NAME
{
	local file depends name

	file=$(awk -v name="${1//-/_}.ko" '{
		base = $0
		sub(".*/", "", base)
		gsub("-", "_", base)
		if (base == name)
			print
	}' "$workspace/modules")
	[[ -n $file && ! -e $workspace/linux/modules/${file##*/} ]] || return 0
	: >"$workspace/linux/modules/${file##*/}"
	depends=$(objcopy -O binary --only-section=.modinfo "$file" /dev/stdout | tr '\0' '\n' |
		sed -n 's/^depends=//p')
	for name in ${depends//,/ }; do
		bench_storage_add_module "$name"
	done
	cp "$file" "$workspace/linux/modules/"
	echo "${file##*/}" >>"$workspace/linux/modules/order"
}

# The initramfs without the file /command.
bench_storage_stage_linux()
{
	local name stage=$workspace/linux

	mkdir -p "$stage"/{bin,dev,mnt,modules,proc,sys}
	find "$linux/lib/modules" -name '*.ko' >"$workspace/modules"
	for name in $bench_storage_modules; do
		bench_storage_add_module "$name"
	done
	cp "$tree/bench/storage-linux.sh" "$stage/init"
	chmod +x "$stage/init"
	cp "$out/bench/storage" "$stage/bin/"
	cp "$(PATH=$PATH:/usr/sbin command -v busybox)" "$stage/bin/"
}

# Runs it; its lines go to the file RESULT.
bench_storage_run_linux() # RESULT COMMAND
{
	local machine_kernel machine_initramfs

	printf '%s\n' "$2" >"$workspace/linux/command"
	(cd "$workspace/linux" && find . | cpio --quiet -o -H newc -R 0:0) >"$workspace/linux.cpio"
	machine_kernel=$(echo "$linux"/boot/vmlinuz-*) machine_initramfs=$workspace/linux.cpio
	machine_arguments "console=ttyS0 quiet loglevel=1 panic=-1$bench_storage_linux_words"
	timeout -s KILL 280 "${machine[@]}" -display none -monitor none -serial stdio \
		</dev/null 2>"$1.errors" | tr -d '\r' | tee "$1.log" | sed -n '/^begin/,/^end/p' >"$1"
	grep -qx 'end 0' "$1" || {
		tail -n 5 "$1.log" "$1.errors" >&2
		say "Linux did not come to the end"
		return 1
	}
}

bench_storage_run_cryptos() # RESULT COMMAND
{
	local -a words=()

	[[ -z $machine_icount ]] || words=(--icount)
	[[ -z $machine_cpus ]] || words+=(--smp "$machine_cpus")
	"$tree/cryptos" exec --kernel "$machine_kernel" --initramfs "$machine_initramfs" \
		--mem "$machine_memory" --cmdline "${machine_cmdline:- }" "${words[@]}" \
		--disk "${machine_disks[0]/:,:/:}" --timeout 280 --log "$1.log" \
		--add "$out/bench/storage:/bin/storage" -- /bin/busybox sh -c "$2" \
		>"$1" 2>"$1.errors" </dev/null || {
		tail -n 5 "$1.errors" >&2
		say "CryptOS did not come to the end"
		return 1
	}
}

# --- rounds --------------------------------------------------------------------------------------

# A disk all of whose space is there already, with a partition of FAT32.
bench_storage_make_disk()
{
	local sectors=$((bench_storage_size * 2048 - 2 * bench_storage_start))

	truncate -s "${bench_storage_size}M" "$workspace/empty"
	sfdisk -q "$workspace/empty" <<-END
		label: gpt
		start=$bench_storage_start, size=$sectors, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
	END
	PATH=$PATH:/usr/sbin mkfs.fat -F 32 --offset "$bench_storage_start" "$workspace/empty" \
		$((sectors / 2)) >/dev/null 2>&1 || die 1 "cannot make the disk"
}

# Runs `storage` once with the words given, and adds to $workspace/figures.
bench_storage_measure() # ROUND SYSTEM DISK WORDS
{
	local result=$workspace/result name=sda

	[[ $3 == ahci ]] || name=nvme0n1
	[[ $3 == ahci ]] && partition=${name}1 || partition=${name}p1
	cp --sparse=never "$workspace/empty" "$workspace/disk.img" ||
		die 1 "no space for a disk of $bench_storage_size MiB in $workspace"
	machine_disks=("$3:,:$workspace/disk.img")
	"bench_storage_run_$2" "$result" "mkdir -p /mnt && mount -t vfat /dev/$partition /mnt &&
		storage ${4//DEVICE//dev/$name} && umount /mnt" || bench_storage_failed=1
	awk -v OFS='\t' -v round="$1" -v system_name="$2" -v disk="$3" -F '\t' \
		'NF == 3 { print round, system_name, disk, $1, $2, $3 }' "$result" \
		>>"$workspace/figures"
}

bench_storage_measure_all()
{
	local round disk system

	for ((round = 1; round <= bench_storage_rounds; round++)); do
		for disk in $bench_storage_disks; do
			for system in $bench_storage_systems; do
				say "round $round of $bench_storage_rounds: $disk, $system"
				bench_storage_measure "$round" "$system" "$disk" 'DEVICE /mnt'
			done
		done
	done
	[[ -n $bench_storage_count ]] || return
	machine_icount=1 machine_cpus=1
	for disk in $bench_storage_disks; do
		for system in $bench_storage_systems; do
			say "instructions: $disk, $system"
			bench_storage_measure 1 "$system" "$disk" '--count DEVICE /mnt'
		done
	done
}

# The table, and what becomes of each figure; false if one is missed.
bench_storage_report()
{
	sort -s -t $'\t' -k4,4 -k3,3 -k2,2 -k5,5n "$workspace/figures" |
		awk -f "$tree/tools/run/bench-storage.awk"
}

# The workspace, in memory if there is room for two disks and something more.
bench_storage_make_workspace()
{
	local available

	available=$(df --output=avail -BM /dev/shm 2>/dev/null | tail -n 1)
	available=${available//[^0-9]/}
	if [[ -w /dev/shm ]] && ((${available:-0} > 3 * bench_storage_size)); then
		TMPDIR=/dev/shm make_workspace
	else
		make_workspace
		say "/dev/shm has no room: figures include this machine's disk"
	fi
}

run_bench_storage()
{
	local linux='' bench_storage_failed=''

	while (($# > 0)); do
		take_option "$@"
		bench_storage_take_option "$@" || usage_error "unknown argument \"$1\""
		shift "$option_length"
	done
	need sfdisk dosfstools
	machine_prepare
	build_targets bench-programs
	bench_storage_make_workspace
	if [[ $bench_storage_systems == *linux* ]]; then
		bench_storage_get_linux
		bench_storage_stage_linux
	fi
	bench_storage_make_disk
	: >"$workspace/figures"
	bench_storage_measure_all
	[[ -z $bench_storage_tsv ]] || cat "$workspace/figures" >"$bench_storage_tsv"
	echo "${linux:+${linux##*/} against }CryptOS; ${machine_memory}, the medians of" \
		"$bench_storage_rounds boots; this machine has $(nproc) processors and a load of" \
		"$(cut -d ' ' -f 1 /proc/loadavg)."
	bench_storage_report && [[ -z $bench_storage_failed ]]
}
