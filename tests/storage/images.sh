# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Images of disks for the tests, made with what Debian has: sfdisk, mkfs.fat, mtools.

gpt_data=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7

# Partitions as sfdisk names them; sizes in MiB from the start (in MiB) on.
make_gpt() # FILE MIB START:MIB...
{
	local file=$1 partition

	truncate -s "$2M" "$file"
	shift 2
	{
		echo 'label: gpt'
		for partition; do
			echo "start=$((${partition%:*} * 2048)), size=$((${partition#*:} * 2048))," \
				"type=$gpt_data, name=\"part ${partition%:*}\""
		done
	} | sfdisk -q "$file" >&2
}

# Makes FAT in the partition at START MiB. OPTIONs are mkfs.fat's.
make_fat() # FILE START MIB OPTION...
{
	local file=$1 start=$2 size=$3

	shift 3
	mkfs.fat --offset $((start * 2048)) "$@" "$file" $((size * 1024)) >&2
}

# The name of a partition for mtools.
at() # FILE START
{
	echo "$1@@$(($2 * 1048576))"
}

# A folder with files of all kinds of sizes and names. CLUSTER is the file system's.
make_tree() # FOLDER CLUSTER
{
	local size name deep=$1/deep i

	mkdir -p "$1/sizes" "$1/Names" "$1/many"
	for size in 0 1 511 512 513 4095 4096 4097 $(($2 - 1)) "$2" $(($2 + 1)) 65536 1000003; do
		head -c "$size" /dev/urandom >"$1/sizes/$size"
	done
	head -c 10M /dev/urandom >"$1/sizes/large"
	name=$(printf 'a%.0s' {1..250})
	for name in "$name.txt" 'With blanks and.several.dots' 'UPPER.TXT' 'lower.txt' 'Mixed.Txt' \
		'größer als Ä' '文件名' 'Ελληνικά.log' '+,;=[]' '.hidden' \
		'trailing~1.txt' x; do
		echo "contents of $name" >"$1/Names/$name"
	done
	for i in {1..20}; do
		deep+="/level $i"
	done
	mkdir -p "$deep"
	echo bottom >"$deep/bottom"
	for i in {1..300}; do
		echo "$i" >"$1/many/file number $i"
	done
}

# Copies a folder's contents to the root of a partition.
copy_in() # FILE START FOLDER
{
	LC_ALL=C.UTF-8 mcopy -s -i "$(at "$1" "$2")" "$3"/* :: >&2
}

copy_out() # FILE START FOLDER
{
	mkdir -p "$3"
	LC_ALL=C.UTF-8 mcopy -s -n -i "$(at "$1" "$2")" '::*' "$3" >&2
}

# Lines of md5sum for all files below FOLDER, sorted by name.
sums_of() # FOLDER
{
	(cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum)
}

# Whether fsck.fat finds nothing to complain of.
is_clean_fat() # FILE START MIB
{
	dd if="$1" of="$1.part" bs=1M skip="$2" count="$3" status=none
	fsck.fat -n "$1.part" && rm "$1.part"
}
