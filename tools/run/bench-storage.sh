# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench storage: CryptOS and Debian's Linux on the same machine and disk, as a table.

# shellcheck source=linux.sh
source "$tree/tools/run/linux.sh"

bench_storage_disks='ahci nvme'
bench_storage_rounds=3
bench_storage_tsv=
bench_storage_linux_words=
bench_storage_systems='linux cryptos'
bench_storage_count=1
# MiB of the disk, and in which place its partition begins.
bench_storage_size=640
bench_storage_start=2048
# Of bench/, which the machines run.
bench_storage_program=storage

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

# --- the systems -----------------------------------------------------------------------------------

# Runs Linux; its lines go to the file RESULT.
bench_storage_run_linux() # RESULT COMMAND
{
	local machine_kernel machine_initramfs

	linux_pack "$2"
	linux_machine "$bench_storage_linux_words"
	timeout -s KILL 900 "${machine[@]}" </dev/null 2>"$1.errors" | tr -d '\r' | tee "$1.log" |
		sed -n '/^begin/,/^end/p' >"$1"
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
		--disk "${machine_disks[0]/:,:/:}" --timeout 900 --log "$1.log" \
		--add "$out/bench/$bench_storage_program:/bin/$bench_storage_program" -- /bin/busybox sh -c "$2" \
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
		linux_get
		linux_stage
		cp "$out/bench/storage" "$workspace/linux/bin/"
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
