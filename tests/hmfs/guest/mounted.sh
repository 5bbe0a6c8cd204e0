#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A mounted volume as a shell sees it: mounting, forks, snapshots, a full volume.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=mounted
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /m /n

check mount 0 'mount -t hmfs -o commit=2 /dev/nvme0n1 /m; echo $?'
check option_unknown 255 'mount -t hmfs -o colour=red /dev/nvme1n1 /n 2>/dev/null; echo $?'
check label_link nvme0n1 'basename "$(readlink -f /dev/disk/by-label/tested)"'
check statfs hmfs 'grep " /m " /proc/mounts | cut -d" " -f3'

echo contents >/m/file
check forks_are_not_there 'ls: /m/none/..namedfork: No such file or directory' 'ls /m/none/..namedfork'
check fork_written fork 'echo fork >/m/file/..namedfork/name; cat /m/file/..namedfork/name'
check fork_listed name 'ls /m/file/..namedfork/'
check fork_of_folder x 'mkdir /m/folder; echo x >/m/folder/..namedfork/y; cat /m/folder/..namedfork/y'
check fork_of_fork 1 'cat /m/file/..namedfork/name/..namedfork/z 2>/dev/null; echo $?'
check fork_by_redox_path fork 'cat /scheme/nvme0n1/file/..namedfork/name'
check mime text/plain 'cat /m/file/..namedfork/mime'
check checksum_follows different 'a=$(cat /m/file/..namedfork/checksum); echo more >>/m/file
	[ "$a" = "$(cat /m/file/..namedfork/checksum)" ] || echo different'
check file_is_no_folder 'cat: can'"'"'t open '"'"'/m/file/x'"'"': Not a directory' 'cat /m/file/x'
check fork_permissions 1 'chmod 600 /m/file; su -s /bin/sh nobody -c "cat /m/file/..namedfork/name" \
	2>/dev/null || echo 1'

check snapshot_made monday 'mkdir /m/.snapshots/monday; ls /m/.snapshots'
check snapshots_hidden 0 'ls -a /m | grep -c snapshots'
echo new >/m/file
check snapshot_keeps contents 'head -n 1 /m/.snapshots/monday/file'
check snapshot_is_read_only 1 '(echo x >/m/.snapshots/monday/file) 2>/dev/null || echo 1'
check snapshot_keeps_forks fork 'rm /m/file; cat /m/.snapshots/monday/file/..namedfork/name'
check snapshot_in_use 1 'cd /m/.snapshots/monday; rmdir /m/.snapshots/monday 2>/dev/null || echo 1'
check snapshot_deleted '' 'rmdir /m/.snapshots/monday; ls /m/.snapshots'
check snapshot_mounted old 'echo old >/m/seen; mkdir /m/.snapshots/s; echo now >/m/seen; umount /m
	mount -t hmfs -o snapshot=s /dev/nvme0n1 /m; cat /m/seen; umount /m
	mount -t hmfs /dev/nvme0n1 /m; rmdir /m/.snapshots/s'

check full 1 'dd if=/dev/zero of=/m/large bs=64k 2>/dev/null; echo $?'
check full_reads_back 0 'tr -d "\0" </m/large | wc -c'
check full_lets_remove 0 'rm /m/large; echo $?'
check room_again 0 'dd if=/dev/zero of=/m/large bs=1M count=20 conv=fsync 2>/dev/null; echo $?; rm /m/large'
check promise_kept '0 0' 'fallocate -l 8388608 /m/promised; dd if=/dev/zero of=/m/large bs=64k 2>/dev/null; sync
	dd if=/dev/urandom of=/tmp/8M bs=64k count=128 2>/dev/null
	dd if=/tmp/8M of=/m/promised bs=64k conv=notrunc,fsync 2>/dev/null; a=$?; sync
	echo 3 >/proc/sys/vm/drop_caches; cmp /tmp/8M /m/promised; echo $a $?; rm /m/large /m/promised /tmp/8M'
check full_of_names '1 0' 'mkdir /m/names; cd /m/names; i=0
	dd if=/dev/zero of=/m/large bs=64k 2>/dev/null; sync
	while [ $i -lt 20000 ] && echo $i >f$i; do i=$((i + 1)); done 2>/dev/null
	[ $i -lt 20000 ]; a=$?; cd /; rm -r /m/names /m/large; echo $((1 - a)) $?'

check read_only 1 'mount -o remount,ro /m; touch /m/x 2>/dev/null || echo 1'
check read_write x 'mount -o remount,rw /m; touch /m/x; ls /m/x | tail -c 2'
check again 0 'umount /m; mount /dev/nvme0n1 /m; umount /m; echo $?'

check mount_second 0 'mount -t hmfs /dev/nvme0n1 /m; echo $?'
mkdir /m/calls
calls /m/calls
check umount 0 'umount /m; echo $?'
finish
