#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# /file has damaged blocks: damaged.sh COPIES. What it was is in /random.
#
# shellcheck disable=SC2317 # what checks call is in their strings

copies=$1
shift
area=damaged
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
mkdir -p /m

check "mount_$copies" 0 'mount -t hmfs /dev/nvme0n1 /m; echo $?'
if [ "$copies" = 1 ]; then
	check error 1 'cat /m/file >/dev/null 2>&1; echo $?'
	check others_are_right same 'dd if=/m/file of=/tmp/a bs=4k skip=1 count=4 2>/dev/null
		dd if=/random of=/tmp/b bs=4k skip=1 count=4 2>/dev/null; cmp /tmp/a /tmp/b && echo same'
	check told yes 'dmesg | grep -q "hmfs.*/file" && echo yes'
	check can_be_replaced same 'cp /random /m/file && sync && cmp /random /m/file && echo same'
else
	check healed same 'cmp /random /m/file && echo same'
	check told yes 'dmesg | grep -q hmfs: && echo yes'
	check is_healed same 'umount /m; mount -t hmfs /dev/nvme0n1 /m; cmp /random /m/file && echo same'
fi
check "umount_$copies" 0 'umount /m; echo $?'
finish
