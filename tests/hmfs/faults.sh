# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every transfer and every allocation fails in turn.

# The variables are run.sh's.
# shellcheck disable=SC2154
source "$tree/tests/hmfs/parts.bash"

# Runs that are the same every time; with HMFS_SEED that one, for longer.
if [[ -n ${HMFS_SEED:-} ]]; then
	expect "failures_in_turn" "$programs/faults" 60
else
	for seed in 4 5; do
		HMFS_SEED=$seed expect "failures_in_turn_$seed" "$programs/faults" 60 2
	done
fi
