# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a kernel writes, as QEMU's blklogwrites records it: after any prefix, and with the writes since
# the last flush done in any order and in part, the volume is clean and has all that was synced by then.
#
# shellcheck disable=SC2154 # the variables are run.sh's

source "$tree/tests/hmfs/parts.bash"
source "$tree/tests/hmfs/machines.bash"

states=${HMFS_STATES:-40}
seed=${HMFS_SEED:-$RANDOM}
echo "seed $seed"

"$tools/mkfs.hmfs" -q -s 64M "$work/volume"
cp "$work/volume" "$work/before"
: >"$work/kept"
truncate -s 512M "$work/log"

# Works for some seconds over a disk whose writes go into the log as well.
record()
{
	start_machine --qemu-arg -blockdev \
		--qemu-arg "driver=file,node-name=data,filename=$work/volume" \
		--qemu-arg -blockdev --qemu-arg "driver=file,node-name=log,filename=$work/log" \
		--qemu-arg -blockdev \
		--qemu-arg "driver=blklogwrites,node-name=logged,file=data,log=log,log-sector-size=512" \
		--qemu-arg -device --qemu-arg nvme,drive=logged,serial=logged \
		--add "$work/kept:/kept" -- sh /tests/keep.sh 1 >"$work/said"
	wait_for_line "$work/said" CHECKED 60 || return
	sleep 4
	kill_machine
	grep -aE '^(file|fork|block|log) ' "$work/said" >"$work/lines"
	test -s "$work/lines"
}

replay()
{
	python3 "$tree/tests/hmfs/replay.py" "$work/before" "$work/log" "$work/state" "$states" \
		"$seed" "$tools"
}

expect recorded record
expect every_state_is_clean replay
