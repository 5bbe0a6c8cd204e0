# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# QEMU is killed at random moments, 20 times, while a program works on a mounted volume. Each time the
# volume mounts, has all that was synced, and is clean.
#
# shellcheck disable=SC2154 # the variables are run.sh's

source "$tree/tests/hmfs/parts.bash"
source "$tree/tests/hmfs/machines.bash"

rounds=${HMFS_KILLS:-20}
seed=${HMFS_SEED:-$RANDOM}
RANDOM=$seed
echo "seed $seed"

# Runs a machine until it is killed, some moments after it has begun to work.
round() # NUMBER|end
{
	local machine log=$work/log.$1

	: >"$work/said"
	cp "$work/kept" "$work/kept.now"
	start_machine --disk "nvme:$work/volume" --add "$work/kept.now:/kept" \
		-- sh /tests/keep.sh "$1" >"$work/said"
	if [[ $1 == end ]]; then
		wait_for_machine
	else
		wait_for_line "$work/said" CHECKED 60 || echo "FAIL it does not get to work"
		sleep "$((RANDOM % 3)).$((RANDOM % 1000))"
		kill_machine
	fi
	grep -a '^FAIL ' "$work/said"
	grep -aE '^(file|fork|block|log) ' "$work/said" >>"$work/kept"
}

is_clean()
{
	"$tools/fsck.hmfs" "$work/volume" >"$work/fsck" 2>&1 || {
		tail -n 3 "$work/fsck"
		return 1
	}
}

kill_and_check() # NUMBER
{
	local wrong

	wrong=$(round "$1")
	[[ -z $wrong ]] || {
		echo "seed $seed: ${wrong:0:400}"
		return 1
	}
	# Of a copy: what the log has is for the next machine to read.
	is_clean
}

"$tools/mkfs.hmfs" -q -s 200M "$work/volume"
: >"$work/kept"
for ((number = 1; number <= rounds; number++)); do
	expect "kill_$number" kill_and_check "$number"
done
expect end kill_and_check end
lines=$(wc -l <"$work/kept")
expect work_was_done test "$lines" -gt $((rounds * 20))
