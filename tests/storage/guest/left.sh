#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Leaves file systems mounted, files open and disks written when the machine goes off: after the
# program has ended; with the argument "off", by reboot(2) and nothing else.

mkdir -p /mnt /mnt2
mount -t vfat /dev/nvme0n1p1 /mnt || exit
mount -t vfat /dev/nvme0n1p2 /mnt2 || exit
if [ "${1:-}" = off ]; then
	seq 15000 >/mnt/off
	exec 5>/mnt2/later
	umount -l /mnt2
	echo later >&5
	poweroff -n -f
fi
seq 20000 >/mnt/file
(
	exec 5>/mnt/held
	seq 10000 >&5
	cd /mnt || exit
	: >/tmp/held
	exec sleep 1000
) &
(
	exec 5>/mnt2/detached
	seq 10000 >&5
	umount -l /mnt2
	echo last >&5
	: >/tmp/detached
	exec sleep 1000
) &
(
	exec 5>/dev/nvme0n1p3
	seq 30000 >&5
	: >/tmp/raw
	exec sleep 1000
) &
until [ -e /tmp/held ] && [ -e /tmp/detached ] && [ -e /tmp/raw ]; do
	usleep 50000
done
seq 5000 >/mnt/log
echo '0 passed, 0 failed'
