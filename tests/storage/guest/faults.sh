#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks that fail. The one of 96 MiB fails to read at 10 MiB, to write at 20 MiB, to read
# at 30 MiB once, and to read a sector of the file /bad on its partition; that of 32 MiB cannot flush.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=faults
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
# shellcheck source=tests/storage/guest/disks.sh
. /tests/disks.sh
exec 3>&1
bad=$(disk_of_size 98304)
flushless=$(disk_of_size 32768)
part=$(disk_of_size 51200)
mkdir -p /mnt

# A bad medium has an error of its own.
io()
{
	command io "$@" | sed 's/ENODATA/EIO/g'
}

check direct_read EIO 'io -d read $bad 10485760 4096'
check direct_read_again EIO 'io -d read $bad 10485760 512'
check neighbours '4096 4096' 'echo $(io -d read $bad 10481664 4096) $(io -d read $bad 10489856 4096)'
check buffered_read EIO 'io read $bad 10485760 4096'
check buffered_read_again EIO 'io read $bad 10485760 4096'
check buffered_neighbours '4096 4096' 'echo $(io read $bad 10481664 4096) $(io read $bad 10489856 4096)'
check short_read 8192 'io read $bad 10477568 65536'
check mapped_read '' 'dd if=$bad of=/dev/null bs=1M skip=11 count=4 2>&1 | grep -i error'
check transient_read 4096 'io -d read $bad 31457280 4096'
check direct_write 'EIO 0 0' 'io -d write $bad 20971520 4096 7'
check buffered_write '4096 EIO 0' 'io write $bad 20971520 4096 7'
check write_beside '4096 0 0' 'io write $bad 20979712 4096 7'
check cannot_flush '4096 EIO EIO' 'io write $flushless 0 4096 1'
check cannot_flush_but_read 4096 'io -d read $flushless 0 4096'

check mount 0 'mount -t vfat $part /mnt; echo $?'
check file EIO 'io read /mnt/bad 8192 4096'
check file_elsewhere '4096 4096' 'echo $(io read /mnt/bad 0 4096) $(io read /mnt/bad 40960 4096)'
check file_mapped SIGBUS 'io map /mnt/bad | tail -c 7 | tail -n 1'
check other_files '' 'sum=$(md5sum </mnt/good | cut -d" " -f1); [ "$sum" = "$(cat /files/good)" ] || echo "$sum"'
check writes_go_on '5000 0 0' 'io write /mnt/new 0 5000 70'
check umount 0 'umount /mnt; echo $?'
check slow none 'monitor block_set_io_throttle flushless 0 0 0 4 0 0; sleep 1; io -d load $flushless 6 3'
check not_slow none 'monitor block_set_io_throttle flushless 0 0 0 0 0 0; sleep 1; io -d load $flushless 6 1'
finish
