# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# POSIX's rules of names, links and times, on this machine's own file system, which keeps the test
# honest, and on a volume mounted by hmfs-fuse, before and after it was mounted again.

# The variables are run.sh's.
# shellcheck disable=SC2154
source "$tree/tests/hmfs/parts.bash"

set -u
tools=$tree/build/host/hmfs-tools-test
volume=$work/volume
mount_point=$work/mnt

mounted()
{
	grep -q " $mount_point fuse" /proc/self/mounts
}

mount_it()
{
	"$tools/hmfs-fuse" -f "$volume" "$mount_point" >>"$work/said" 2>&1 &
	server=$!
	for ((i = 0; i < 100; i++)); do
		mounted && return
		sleep 0.1
	done
	echo "it is not mounted after 10 s: $(tail -n 3 "$work/said")"
	return 1
}

unmount_it()
{
	[[ $server ]] || return 0
	! mounted || fusermount3 -u "$mount_point"
	wait "$server" || {
		echo "hmfs-fuse: status $?: $(tail -n 5 "$work/said")"
		return 1
	}
}

# expect() has a shell of its own for what it runs, which could not wait for the server.
step() # NAME FUNCTION
{
	if "$2" >"$work/step" 2>&1; then
		pass "$1"
	else
		fail "$1" "$(<"$work/step")"
	fi
}
server=
trap unmount_it EXIT

mkdir "$work/host" "$mount_point"
if [[ $(id -u) == 0 ]]; then
	"$programs/posix" posix.host "$work/host"
fi
if [[ ! -x $tools/hmfs-fuse || ! -w /dev/fuse || $(id -u) != 0 ]]; then
	echo "SKIP posix.hmfs: wants hmfs-fuse, /dev/fuse and root"
	exit 0
fi
truncate -s 128M "$volume"
expect mkfs "$tools/mkfs.hmfs" -q "$volume"
step mount mount_it
mkdir "$mount_point/first" && "$programs/posix" posix.hmfs "$mount_point/first"
step unmount unmount_it
expect clean "$tools/fsck.hmfs" -n "$volume"
step mount_again mount_it
mkdir "$mount_point/second" && "$programs/posix" posix.again "$mount_point/second"
expect remove rm -rf "$mount_point/first" "$mount_point/second"
step unmount_again unmount_it
expect clean_again "$tools/fsck.hmfs" -n "$volume"
