#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Mounting with all its flags, partitioning, and what /proc, /sys and /dev/disk tell: nvme0n1 has a GPT
# whose first copy is damaged, and FAT with the label MOUNTED in its first partition.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=mounting
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /mnt /mnt2
disk=/dev/nvme0n1
part=${disk}p1

await()
{
	tries=0
	until eval "$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || return
		usleep 50000
	done
}

flags_of()
{
	grep " $1 " /proc/mounts | cut -d' ' -f4
}

# The backup of the GPT.
check partitions_of_the_backup 'nvme0n1 nvme0n1p1 nvme0n1p2' "awk 'NR > 2 { print \$4 }' /proc/partitions | sort | tr '\n' ' ' | sed 's/ $//'"
check gpt_is_damaged 1 'gptrepair $disk >/dev/null; echo $?'
check gpt_is_not_repaired_while_mounted 2 'mount $part /mnt; gptrepair --repair $disk >/dev/null 2>&1; echo $?; umount /mnt'
check gpt_is_repaired 0 'gptrepair --repair $disk >/dev/null; echo $?'
check gpt_is_whole 0 'gptrepair $disk >/dev/null; echo $?'
check gpt_repair_is_read_anew 0 "blockdev --rereadpt $disk; echo \$?"

# /sys, /dev/disk, sys:.
check sys_size 40960 'cat /sys/block/nvme0n1/nvme0n1p1/size'
check sys_start '2048 1' 'cd /sys/class/block/nvme0n1p1; echo $(cat start partition)'
check sys_number '259:1' 'readlink -f /sys/dev/block/259:1 >/dev/null; cat /sys/dev/block/259:1/dev'
check sys_list 'nvme0n1p1 nvme0n1p2' 'cd /sys/block/nvme0n1; echo nvme*'
check link_by_label ../../nvme0n1p1 'await "[ -e /dev/disk/by-label/MOUNTED ]"; readlink /dev/disk/by-label/MOUNTED'
check link_by_name ../../nvme0n1p2 'readlink /dev/disk/by-partlabel/part*50'
check link_goes_with_what_it_names no 'head -c 65536 /dev/zero >${disk}p2; await "[ ! -e /dev/disk/by-label/SECOND ]"; [ -e /dev/disk/by-label/SECOND ] || echo no'
check blkid 'LABEL="MOUNTED" TYPE="vfat"' 'grep "^nvme0n1p1:" /scheme/sys/blkid | grep -o "LABEL=\"MOUNTED\"\|TYPE=\"[a-z]*\"" | tr "\n" " " | sed "s/ $//"'
check filesystems vfat "awk '\$1 != \"nodev\" { print \$1 }' /proc/filesystems | grep vfat"
check diskstats_count_reads ok 'a=$(awk "\$3 == \"nvme0n1\" { print \$6 }" /proc/diskstats); dd if=$disk of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null; b=$(awk "\$3 == \"nvme0n1\" { print \$6 }" /proc/diskstats); [ $((b - a)) -eq 2048 ] && echo ok || echo $a $b'

# disk:.
check disk_scheme nvme0n1p1 'ls /scheme/disk | grep p1'
check disk_scheme_contents '' 'cmp -n 1000000 /scheme/disk/nvme0n1p1 $part'

# Mounting.
check mount_by_label 0 'mount /dev/disk/by-label/MOUNTED /mnt; echo $?'
check by_scheme there 'echo there >/mnt/file; cat /scheme/nvme0n1p1/file'
check device_number 259,1 'stat -c %d /mnt | awk "{ print int(\$1 / 256) \",\" \$1 % 256 }"'
check claimed 1 'mount $part /mnt2 2>/dev/null || echo 1'
check whole_disk_is_claimed 1 'blockdev --rereadpt $disk 2>/dev/null || echo 1'
check busy_by_a_file busy 'exec 7</mnt/file; umount /mnt 2>/dev/null || echo busy'
check busy_by_a_directory busy 'cd /mnt; umount /mnt 2>/dev/null || echo busy'
check busy_by_a_mount 'busy bin' 'mkdir /mnt/d; mount -t initfs none /mnt/d; umount /mnt 2>/dev/null || echo -n "busy "; ls /mnt/d | grep ^bin; umount /mnt/d'
check remount_busy busy 'exec 7>/mnt/file; mount -o remount,ro /mnt 2>/dev/null || echo busy'
check remount 'ro,noexec,noatime' 'mount -o remount,ro,noexec,noatime /mnt; flags_of /mnt'
check remounted_read_only no '{ echo x >/mnt/x; } 2>/dev/null || echo no'
check remounted_without_programs 126 'mount -o remount,rw,noexec /mnt; cp /bin/busybox /mnt/true; /mnt/true 2>/dev/null; echo $?'
check remount_back 0 'mount -o remount,rw,exec /mnt; /mnt/true; echo $?'
check unknown_option 1 'umount /mnt; mount -t vfat -o nonsense=1 $part /mnt 2>/dev/null || echo 1'
check free_again 0 'mount -o ro $part /mnt; echo $?'
check mounted_read_only ok 'case $(flags_of /mnt) in ro*) echo ok ;; esac; { echo x >/mnt/x; } 2>/dev/null && echo written'
check lazily '0 contents 0' 'umount /mnt; mount $part /mnt; echo contents >/mnt/kept; exec 7</mnt/kept; umount -l /mnt; echo -n "$? $(cat <&7) "; exec 7<&-; await "mount $part /mnt 2>/dev/null"; echo $?'
check written_by_then contents 'cat /mnt/kept; umount /mnt'
check nested '0 0' 'mount $part /mnt; mount -t initfs none /mnt/d; umount -l /mnt; echo "$? $(grep -c "/mnt\|initfs" /proc/mounts)"; await "mount $part /mnt 2>/dev/null"; umount /mnt'
check not_for_everybody 'denied' 'su -s /bin/sh nobody -c "mount $part /mnt" 2>/dev/null || echo denied'
check not_a_device 1 'mount -t vfat /dev/null /mnt 2>/dev/null || echo 1'
check not_a_directory 1 'mount -t vfat $part /bin/busybox 2>/dev/null || echo 1'

# Another table, under the eyes of all. Answers to busybox's fdisk.
check fdisk 0 "dd if=/dev/zero of=$disk bs=1M count=1 2>/dev/null; printf 'o\nn\np\n1\n2048\n+4M\nn\ne\n2\n16384\n\nn\nl\n\n+1M\nw\n' | fdisk -u $disk >/dev/null 2>&1; echo \$?"
check fdisk_partitions 'nvme0n1p1 nvme0n1p2 nvme0n1p5' "awk '\$4 ~ /p/ { print \$4 }' /proc/partitions | sort | tr '\n' ' ' | sed 's/ $//'"
check extended_shows_its_table 1 "awk '\$4 == \"nvme0n1p2\" { print \$3 }' /proc/partitions"
finish
