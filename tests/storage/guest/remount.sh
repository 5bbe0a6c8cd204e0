#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The file system of a machine that was killed is used again.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=killed
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /mnt

check mount 0 'mount -t vfat /dev/nvme0n1p1 /mnt; echo $?'
check all_can_be_read '' 'find /mnt -type f -exec cat {} + 2>&1 >/dev/null | head -n 3'
check write_more '' 'head -c 3000000 /dev/urandom >/tmp/f; cp /tmp/f /mnt/more; cmp /tmp/f /mnt/more'
check remove_all 0 'rm -r /mnt/*; ls /mnt | wc -l'
check umount 0 'umount /mnt; echo $?'
finish
