# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench hmfs: HMFS on CryptOS, ext4 and btrfs on Debian's Linux, on the same machine and
# disk, as a table; and what the library says of itself on this host.

# shellcheck source=bench-storage.sh
source "$tree/tools/run/bench-storage.sh"

bench_hmfs_systems='ext4 btrfs hmfs'
bench_hmfs_rounds=1
bench_hmfs_disk=nvme
bench_hmfs_files=100000
bench_hmfs_figures=
bench_hmfs_tsv=
bench_hmfs_host=1
bench_hmfs_names=1000000
# MiB of the disk's partition, and of its large file; where the partition begins, in sectors.
bench_hmfs_size=2048
bench_hmfs_large=256
bench_hmfs_start=2048

print_bench_hmfs_help()
{
	cat <<'END_OF_HELP'
usage: ./cryptos bench hmfs [OPTION...]

Runs the same program (bench/files.c) on CryptOS with HMFS and on the kernel of Debian's package
linux-image-amd64 with ext4 and btrfs, in the same virtual machine with the same disk, and prints a
table: many small files created, deleted, unpacked by tar, synced one by one; a large one written,
read, read and overwritten at random. HMFS and btrfs sum all they write, ext4 does not.

Then figures of the library on this host, which do not depend on its speed: blocks read by a look-up
in a directory of a million names and by mounting, blocks written per entry; and how long mkfs.hmfs
takes for a sparse file of 16 TiB.

The package is downloaded by apt-get and unpacked below build/host; it is not installed. The disk is
in memory (/dev/shm) where there is room.

  --rounds N          how often each system boots (1); the table has the medians
  --disk WHICH        nvme or ahci (nvme)
  --files N           small files (100000)
  --figures LIST      some of create, delete, untar, fsync, seq_write, seq_read, rand_read and
                      rand_write, comma-separated (delete needs create, the last three seq_write)
  --systems LIST      some of ext4, btrfs and hmfs, without verdicts if not all
  --no-host           without the host's figures
  --host              these alone
  --linux-cmdline WORDS
                      more words for Linux's command line, such as mitigations=off
  --tsv FILE          writes "ROUND SYSTEM NAME VALUE UNIT" lines of all rounds to FILE, too
  --smp, --mem, --icount, --debug-build, --kernel FILE, --initramfs FILE, --cmdline WORDS
                      as for exec; with --icount rates are those of a machine that executes an
                      instruction each nanosecond, and waits for the disk as long as it takes
END_OF_HELP
}

bench_hmfs_take_option() # "$@", after take_option
{
	case $option in
	-h | --help)
		print_bench_hmfs_help
		exit 0
		;;
	--no-host) take_no_value && bench_hmfs_host= ;;
	--host) take_no_value && bench_hmfs_systems= ;;
	--rounds)
		take_value "$@"
		require_number --rounds "$value" 1 99
		bench_hmfs_rounds=$value
		;;
	--files)
		take_value "$@"
		require_number --files "$value" 100 1000000
		bench_hmfs_files=$value
		;;
	--disk)
		take_value "$@"
		[[ $value == ahci || $value == nvme ]] ||
			usage_error "--disk is ahci or nvme, not \"$value\""
		bench_hmfs_disk=$value
		;;
	--systems)
		take_value "$@"
		[[ $value =~ ^(ext4|btrfs|hmfs)(,(ext4|btrfs|hmfs))*$ ]] ||
			usage_error "--systems is a list of ext4, btrfs and hmfs, not \"$value\""
		bench_hmfs_systems=${value//,/ }
		;;
	--figures) take_value "$@" && bench_hmfs_figures=${value//,/ } ;;
	--linux-cmdline) take_value "$@" && bench_storage_linux_words+=" $value" ;;
	--tsv)
		take_value "$@"
		bench_hmfs_tsv=$value
		{ : >"$bench_hmfs_tsv"; } 2>/dev/null || die 1 "cannot write $value"
		;;
	--smp | --mem | --icount | --debug-build | --kernel | --initramfs | --cmdline)
		machine_take_option "$@"
		;;
	*) return 1 ;;
	esac
}

bench_hmfs_format() # SYSTEM FILE
{
	case $1 in
	ext4) mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$2" ;;
	btrfs) mkfs.btrfs -q -f "$2" ;;
	hmfs) "$tree/build/host/bin/mkfs.hmfs" -q "$2" ;;
	esac
}

# A disk all of whose space is there already, with a partition of the file system.
bench_hmfs_make_disk() # SYSTEM
{
	local sectors=$((bench_hmfs_size * 2048)) image=$workspace/disk.img

	truncate -s "${bench_hmfs_size}M" "$workspace/volume"
	PATH=$PATH:/usr/sbin bench_hmfs_format "$1" "$workspace/volume" >"$workspace/mkfs.log" 2>&1 || {
		cat "$workspace/mkfs.log" >&2
		die 1 "cannot make a volume of $1"
	}
	rm -f "$image"
	fallocate -l $(((sectors + 2 * bench_hmfs_start) * 512)) "$image" ||
		die 1 "no space for a disk of $bench_hmfs_size MiB in $workspace"
	sfdisk -q "$image" <<-END
		label: gpt
		start=$bench_hmfs_start, size=$sectors, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
	END
	dd if="$workspace/volume" of="$image" bs=1M seek=$((bench_hmfs_start / 2048)) conv=notrunc,sparse \
		status=none || die 1 "cannot make the disk"
	rm -f "$workspace/volume"
}

# Runs `files` once, and adds to $workspace/figures.
bench_hmfs_measure() # ROUND SYSTEM
{
	local result=$workspace/result device=/dev/nvme0n1p1 run=linux

	[[ $bench_hmfs_disk == nvme ]] || device=/dev/sda1
	[[ $2 != hmfs ]] || run=cryptos
	bench_hmfs_make_disk "$2"
	machine_disks=("$bench_hmfs_disk:,:$workspace/disk.img")
	bench_storage_program=files "bench_storage_run_$run" "$result" \
		"mkdir -p /mnt && mount -t $2 $device /mnt && files /mnt $bench_hmfs_files \
		$bench_hmfs_large $bench_hmfs_figures && umount /mnt" || bench_hmfs_failed=1
	awk -v OFS='\t' -v round="$1" -v system_name="$2" -F '\t' \
		'NF == 3 { print round, system_name, $1, $2, $3 }' "$result" >>"$workspace/figures"
}

bench_hmfs_measure_all()
{
	local round system

	for ((round = 1; round <= bench_hmfs_rounds; round++)); do
		for system in $bench_hmfs_systems; do
			say "round $round of $bench_hmfs_rounds: $system"
			bench_hmfs_measure "$round" "$system"
		done
	done
}

# The table, and what becomes of each figure; false if one is missed.
bench_hmfs_report()
{
	sort -s -t $'\t' -k3,3 -k2,2 -k4,4n "$workspace/figures" |
		awk -f "$tree/tools/run/bench-hmfs.awk"
}

bench_hmfs_machines()
{
	local linux='' bench_hmfs_failed=''

	machine_prepare
	build_targets bench-programs
	bench_storage_size=$bench_hmfs_size
	bench_storage_make_workspace
	[[ $bench_hmfs_systems != *hmfs* ]] || build_targets hmfs-tools
	if [[ $bench_hmfs_systems != hmfs ]]; then
		need e2fsprogs btrfs-progs
		linux_modules+=' crc32c_intel crc32c_generic xxhash_generic ext4 btrfs'
		linux_get
		linux_stage
		cp "$out/bench/files" "$workspace/linux/bin/"
	fi
	: >"$workspace/figures"
	bench_hmfs_measure_all
	[[ -z $bench_hmfs_tsv ]] || cat "$workspace/figures" >"$bench_hmfs_tsv"
	echo "${linux:+${linux##*/} against }CryptOS; $bench_hmfs_disk, ${machine_memory}, the medians of" \
		"$bench_hmfs_rounds boots; this machine has $(nproc) processors and a load of" \
		"$(cut -d ' ' -f 1 /proc/loadavg)."
	bench_hmfs_report && [[ -z $bench_hmfs_failed ]]
}

# Prints "NAME VALUE UNIT" (tabs) of what does not depend on machines.
bench_hmfs_of_library()
{
	local start image=$workspace/sparse

	"$tree/build/host/bench/hmfs" "$bench_hmfs_names" || return
	truncate -s 16T "$image" 2>/dev/null || {
		say "no files of 16 TiB in $workspace: mkfs.hmfs is not measured"
		return
	}
	start=${EPOCHREALTIME/[.,]/}
	bench_hmfs_format hmfs "$image" >/dev/null || return
	printf 'make_16_tib\t%s\tms\n' $(((${EPOCHREALTIME/[.,]/} - start) / 1000))
	rm -f "$image"
}

bench_hmfs_library()
{
	say "the library on this host"
	[[ -n ${workspace:-} ]] || make_workspace
	build_targets bench-hmfs hmfs-tools
	bench_hmfs_of_library >"$workspace/library" || return
	echo
	awk -f "$tree/tools/run/bench-hmfs-library.awk" "$workspace/library"
}

run_bench_hmfs()
{
	local failed=''

	while (($# > 0)); do
		take_option "$@"
		bench_hmfs_take_option "$@" || usage_error "unknown argument \"$1\""
		shift "$option_length"
	done
	need sfdisk
	if [[ -n $bench_hmfs_systems ]]; then
		bench_hmfs_machines || failed=1
	fi
	if [[ -n $bench_hmfs_host ]]; then
		bench_hmfs_library || failed=1
	fi
	[[ -z $failed ]]
}
