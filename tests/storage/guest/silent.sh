#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A disk that stops answering, for ever: fault0, over the first partition; the second goes on.
#
# shellcheck disable=SC2317 # what checks call is in their strings

area=silent
# shellcheck source=tests/guest/check.sh
. /tests/check.sh

# Ends with the command's output, or with "late" after 30 s.
soon()
{
	timeout 30 "$@" || [ $? -ne 143 ] || echo late
}

mkdir -p /mnt /mnt2
echo 'create fault0 nvme0n1p1 timeout_ms=200' >/scheme/blkdebug
check mount 0 'mount -t vfat /dev/fault0 /mnt; echo $?'
check mount_other 0 'mount -t vfat /dev/nvme0n1p2 /mnt2; echo $?'
check write '5000 0 0' 'io write /mnt/file 0 5000 70'
sync
echo dirty >/mnt/dirty
echo 'hang fault0' >/scheme/blkdebug
check read EIO 'soon io -d read /dev/fault0 10485760 4096'
check read_buffered EIO 'soon io read /dev/fault0 20971520 4096'
check other_disk '5000 0 0' 'io write /mnt2/file 0 5000 70'
check fsync EIO 'soon io write /mnt/new 0 5000 70 | grep -o EIO | head -n 1'
check sync ended 'soon sync; echo ended'
check umount ended 'soon umount /mnt 2>/dev/null; echo ended'
check umount_other 0 'umount /mnt2; echo $?'
check answers_again 0 'echo "resume fault0" >/scheme/blkdebug; umount /mnt 2>/dev/null; mount -t vfat /dev/fault0 /mnt; echo $?'
check synced_file 5000 'io read /mnt/file 0 8192'
check hangs_to_the_end ended 'echo dirty >/mnt/more; echo "hang fault0" >/scheme/blkdebug; echo ended'
finish
