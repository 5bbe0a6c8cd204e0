#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of tests/guest/linux about files, on a file system of a disk.

mkdir -p /mnt
mount -t vfat /dev/nvme0n1p1 /mnt
TMPDIR=/mnt linux-musl cached_file
umount /mnt
