#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Files larger than memory. /files/sum is the sum of /large on the disk.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=memory
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /mnt
mount -t vfat /dev/nvme0n1p1 /mnt

check read '' 'md5sum </mnt/large | cut -d" " -f1 | diff /files/sum -'
check map '' 'io map /mnt/large | md5sum | cut -d" " -f1 | diff /files/sum -'
check both '' 'io map /mnt/large | md5sum | cut -d" " -f1 >/tmp/a & md5sum </mnt/large | cut -d" " -f1 | diff /files/sum -; wait; diff /files/sum /tmp/a'
check write 0 'cp /mnt/large /mnt/copy; echo $?'
check copy '' 'md5sum </mnt/copy | cut -d" " -f1 | diff /files/sum -'
check map_write '0 0' 'io map-write /mnt/mapped 150000000 67'
check map_wrote 150000000 'tr -cd C </mnt/mapped | wc -c'
check raw '' 'md5sum </dev/nvme0n1p1 | wc -c | grep -v 36'
check alive alive 'echo alive'
check umount 0 'umount /mnt; echo $?'
finish
