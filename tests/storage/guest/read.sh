#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What Linux's tools wrote, read here. /files has: nvme.sums and ahci.sums (files of partitions),
# raw.sums (disks and partitions), partitions (/proc/partitions without its head).
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area='read'
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /mnt /mnt2

sums()
{
	(cd "$1" && find . -type f -print0 | sort -z | xargs -0 md5sum)
}

check partitions '' "awk 'NR > 2 { print \$3, \$4 }' /proc/partitions | sort | diff /files/partitions - 2>&1"
check raw_disks '' 'while read -r sum name; do echo "$sum  $name"; done </files/raw.sums | md5sum -c 2>&1 | grep -v ": OK"'
check raw_direct '' 'while read -r sum name; do
	[ "$(dd if=$name bs=64k iflag=direct 2>/dev/null | md5sum | cut -d" " -f1)" = "$sum" ] || echo "$name"; done </files/raw.sums'
check geometry '100663296 512 512 0' 'io geometry /dev/nvme0n1'
check geometry_partition '62914560 512 512 0' 'io geometry /dev/nvme0n1p1'
check read_at_end '512|0|0' 'for o in 100662784 100663296 100663808; do io read /dev/nvme0n1 $o 512; done | tr "\n" "|" | sed "s/|$//"'
check read_over_end 1024 'io read /dev/nvme0n1 100662272 65536'
check direct_unaligned EINVAL 'io -d read /dev/nvme0n1 100 512'
check mount 0 'mount -t vfat /dev/nvme0n1p1 /mnt; echo $?'
check mount_guessed 0 'mount /dev/sda1 /mnt2; echo $?'
check in_proc_mounts '/dev/nvme0n1p1 /mnt vfat' 'grep " /mnt " /proc/mounts | cut -d" " -f1-3'
check files_nvme '' 'sums /mnt | diff /files/nvme.sums - 2>&1 | head -n 5'
check files_ahci '' 'sums /mnt2 | diff /files/ahci.sums - 2>&1 | head -n 5'
check files_again '' 'sums /mnt | diff /files/nvme.sums - 2>&1 | head -n 5'
check direct '' '[ "$(dd if=/mnt/sizes/large bs=128k iflag=direct 2>/dev/null | md5sum)" = "$(md5sum </mnt/sizes/large)" ] || echo large'
check mapped '' 'for f in 1 511 4095 4096 4097 1000003 large; do
	[ "$(io map /mnt/sizes/$f | md5sum)" = "$(md5sum </mnt/sizes/$f)" ] || echo $f; done'
check case_does_not_matter 'contents of Mixed.Txt' 'cat /mnt/NAMES/mIXED.tXT'
check short_name ok '[ -e /mnt/Names/LOWER.TXT ] && echo ok'
check missing ENOENT 'io read /mnt/Names/none 0 1 | sed "s/open //"'
check space ok 'df -k /mnt | awk "NR == 2 && \$2 > 55000 && \$2 < 62000 && \$3 > 11000 { print \"ok\"; exit } NR == 2"'
check busy 'busy 0' 'cd /mnt/sizes; umount /mnt 2>/dev/null && echo not || echo -n busy; cd /; sleep 0; umount /mnt; echo " $?"'
check umount_twice 1 'umount /mnt 2>/dev/null; echo $?'
check mount_again '' 'mount -t vfat /dev/nvme0n1p1 /mnt && sums /mnt | diff /files/nvme.sums - 2>&1 | head -n 5'
check mount_elsewhere_too 1 'mkdir -p /mnt3; mount -t vfat /dev/nvme0n1 /mnt3 2>/dev/null; [ $? != 0 ] && echo 1'
check remount_read_only '1' 'mount -o remount,ro /mnt && { echo x 2>/dev/null >/mnt/x; echo $?; } 2>/dev/null'
check read_only_error EROFS 'io write /mnt/x 0 1 0 | sed "s/open //"'
check remount_read_write 0 'mount -o remount,rw /mnt && echo x >/mnt/x; echo $?; rm /mnt/x'
check unmounted 00 'umount /mnt; echo -n $?; umount /mnt2; echo $?'
check mount_none 1 'mount -t vfat /dev/nvme0n1p9 /mnt 2>/dev/null; [ $? != 0 ] && echo 1'
check mount_no_file_system 1 'mount -t vfat /dev/nvme0n1p2 /mnt 2>/dev/null; [ $? != 0 ] && echo 1'
check mount_unknown_type 1 'mount -t nofs /dev/nvme0n1p1 /mnt 2>/dev/null; [ $? != 0 ] && echo 1'

# What Linux has not: disk: as native programs see it.
if [ -d /scheme/disk ]; then
	check native_read '' '[ "$(redox-tests --helper read disk:nvme0n1p3 | md5sum)" = "$(md5sum </dev/nvme0n1p3)" ] || echo differs'
	check scheme_of_disks '' 'for d in nvme0n1 nvme0n1p1 sda sda5; do [ -e /scheme/disk/$d ] || echo $d; done'
	check counted ok 'grep -q "^nvme0n1 " /scheme/sys/iostat && grep -q " nvme0n1 " /proc/diskstats && echo ok'
fi
finish
