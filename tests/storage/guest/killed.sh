#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes until the machine is killed: killed.sh. What was synced is told by KEEP.

mkdir -p /mnt
mount -t vfat /dev/nvme0n1p1 /mnt
i=0
while [ $i -lt 3000 ]; do
	i=$((i + 1))
	mkdir -p "/mnt/d$((i % 7))"
	echo "contents $i" >"/mnt/d$((i % 7))/file number $i"
	head -c $((i * 997 % 60000)) /tmp/noise >>"/mnt/d$((i % 7))/file number $i" 2>/dev/null
	if [ $((i % 10)) = 0 ]; then
		rm "/mnt/d$(((i - 5) % 7))/file number $((i - 5))"
		mv "/mnt/d$(((i - 3) % 7))/file number $((i - 3))" "/mnt/renamed $((i - 3))"
	fi
	if [ $((i % 20)) = 0 ]; then
		sync
		(cd /mnt && md5sum "d$((i % 7))/file number $i") | sed 's/^/KEEP /'
	fi
	if [ $i = 61 ]; then
		echo KILL
	fi
done
