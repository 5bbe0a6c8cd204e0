#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The init of machines that run Debian's Linux (linux.sh): loads the modules in the
# order of /modules/order, and then does what /command says, between lines "begin" and "end".
#
# shellcheck shell=dash

PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/null >/dev/ttyS0 2>&1
stty -onlcr </dev/ttyS0
while read -r module; do
	insmod "/modules/$module"
done </modules/order

# Disks appear some time after their driver.
tries=0
while ! grep -q '1$' /proc/partitions && [ "$tries" -lt 200 ]; do
	usleep 50000
	tries=$((tries + 1))
done
echo "begin $(uname -r)"
# shellcheck source=/dev/null
. /command
echo "end $?"
reboot -f
