#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks that somebody damaged: /files/list has a line for each, its name and what there must be of it
# (damage.py). The first 60 are namespaces of nvme0, the others of nvme1. Whatever happens, all of it ends.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=damaged
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /mnt

# Reads and writes all that can be; then nothing is mounted.
use()
{
	ls -R /mnt | head -n 2000
	find /mnt -maxdepth 6 -type f | head -n 200 | while read -r file; do
		head -c 3000000 "$file"
	done
	df /mnt
	echo new >/mnt/new
	head -c 100000 /dev/zero >/mnt/zeros
	mkdir /mnt/directory
	echo more >>/mnt/file.bin
	mv /mnt/folder /mnt/moved
	rm -r /mnt/moved
	rm /mnt/file.bin
	sync
} >/dev/null 2>&1

# try DISK WANTED: what mounts of the disk is used; its file must be right if one was wanted.
try()
{
	found=none
	for part in "$1"p*; do
		[ -e "$part" ] || continue
		[ "$found" = part ] || found=something
		head -c 100000 "$part" >/dev/null 2>&1
		timeout 20 mount -t vfat "$part" /mnt 2>/dev/null || continue
		[ "$({ md5sum </mnt/good; } 2>/dev/null)" != "$good" ] || found=part
		use
		umount /mnt || echo "umount fails"
	done
	case $2 in
	part) [ "$found" = part ] || echo "found $found" ;;
	none) [ "$found" = none ] || echo "found $found" ;;
	no) [ "$found" = something ] || echo "found $found" ;;
	esac
}

good=$(i=0; while [ $i -lt 1000 ]; do echo "good contents"; i=$((i + 1)); done | md5sum)
number=0
while read -r name wanted; do
	disk=/dev/nvme$((number / 60))n$((number % 60 + 1))
	number=$((number + 1))
	check "$name" '' "try $disk $wanted"
done </files/list
finish
