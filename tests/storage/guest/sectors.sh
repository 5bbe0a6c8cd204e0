#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A disk with sectors of 4096 bytes (nvme0n1), and one that cannot be written (nvme1n1), though
# QEMU does not say so.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=sectors
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /mnt /mnt2

sums()
{
	(cd "$1" && find . -type f -print0 | sort -z | xargs -0 md5sum)
}

check geometry '314572800 4096 4096 0' 'io geometry /dev/nvme0n1'
check partition '293601280 4096 4096 0' 'io geometry /dev/nvme0n1p1'
check direct_needs_whole_sectors 'EINVAL|4096' 'for l in 512 4096; do io -d read /dev/nvme0n1 8192 $l; done | tr "\n" "|" | sed "s/|$//"'
check unaligned_read 100 'io read /dev/nvme0n1 1000 100'
check unaligned_write '100 0 0' 'io write /dev/nvme0n1 314570000 100 65'
check mount 0 'mount -t vfat /dev/nvme0n1p1 /mnt; echo $?'
check files '' 'sums /mnt | diff /files/sums - 2>&1 | head -n 5'
check write '' 'cp -r /mnt/sizes /mnt/copy; for f in /mnt/sizes/*; do cmp $f /mnt/copy/${f##*/}; done'
check umount 0 'umount /mnt; echo $?'
check read_only_write_raw '' 'io -d write /dev/nvme1n1 0 512 1 | grep "^512"'
check read_only_mount 'file' 'mount -t vfat -o ro /dev/nvme1n1 /mnt2; cat /mnt2/file'
check read_only_write 1 '{ echo x >/mnt2/x; } 2>/dev/null; echo $?'
check read_only_umount 0 'umount /mnt2; echo $?'
check not_read_write '' 'mount -t vfat -o rw /dev/nvme1n1 /mnt2 2>/dev/null && { io write /mnt2/x 0 512 1 | grep "512 0 0"; umount /mnt2; }'
finish
