# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The root of the system on HMFS: root=, and what is left of it when the power goes.
#
# shellcheck disable=SC2154 # the variables are run.sh's

source "$tree/tests/hmfs/parts.bash"
source "$tree/tests/hmfs/machines.bash"
source "$tree/tools/run/common.sh"
source "$tree/tools/run/machine.sh"

workspace=$work
machine_memory=256M
machine_kernel=$tree/build/x86_64/release/kernel
machine_initramfs=$tree/build/x86_64/release/initramfs.cpio
image=$work/root.img

# The volume that boot would make, with a program that is run instead of /sbin/init.
make_root()
{
	mkdir -p "$work/more/sbin" "$work/more/bin"
	cp "$tree/tests/hmfs/guest/rooted.sh" "$work/more/sbin/tested"
	cp "$guest_programs/hmfs-keep" "$work/more/bin/keep"
	chmod +x "$work/more/sbin/tested"
	(cd "$work/more" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/more.cpio"
	root_make "$image" 256 "$machine_initramfs" "$work/more.cpio"
}

# Boots with the volume on a disk of TYPE, and no program but the first: `log` is what it says.
boot() # TYPE WORDS
{
	: >"$log"
	machine_disks=("$1:,:$image")
	machine_arguments "$2"
	timeout 60 "${machine[@]}" -display none -serial "file:$log" -pidfile "$work/pid" \
		>"$work/qemu" 2>&1 &
	running=$!
}

say_wait() # TEXT
{
	local i

	for ((i = 0; i < 600; i++)); do
		grep -qaF "$1" "$log" && return
		kill -0 "$running" 2>/dev/null || break
		sleep 0.1
	done
	grep -qaF "$1" "$log" || {
		tail -n 3 "$log"
		return 1
	}
}

stop()
{
	kill -KILL "$(<"$work/pid")"
	wait "$running"
	return 0
} 2>/dev/null

by_uuid()
{
	boot nvme "root=UUID=$root_uuid init=/sbin/tested"
	say_wait 'TESTED first' || return
	stop
}

survives()
{
	boot ahci "root=LABEL=cryptos init=/sbin/tested"
	say_wait 'TESTED again' || return
	stop
	"$tools/fsck.hmfs" "$image" | tail -n 2
	((PIPESTATUS[0] == 0))
}

by_name()
{
	boot nvme "root=/dev/nvme0n1 ro init=/sbin/tested"
	say_wait 'TESTED read-only' || return
	stop
}

absent()
{
	boot nvme "root=UUID=00000000-0000-0000-0000-000000000000 rootwait=1 init=/bin/tested"
	say_wait 'has not come: the initramfs is the root' || return
	stop
}

log=$work/log
expect made make_root
root_find_uuid "$image"
expect by_uuid by_uuid
expect survives_power_cut survives
expect by_name by_name
expect absent absent
