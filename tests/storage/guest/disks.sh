# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For scripts that have several disks: which of them gets which name depends on the system.

# The device of so many KiB.
disk_of_size()
{
	awk -v size="$1" '$3 == size { print "/dev/" $4 }' /proc/partitions
}

# Waits until the command succeeds, 10 s at most.
await()
{
	tries=0
	until eval "$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || return
		usleep 100000
	done
}

# Has QEMU do something; fd 3 is the script's stdout.
monitor()
{
	echo "MONITOR $*" >&3
}
