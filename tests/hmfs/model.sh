# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Random operations against a model: names, contents, forks, snapshots, clones, full volumes.

# The variables are run.sh's.
# shellcheck disable=SC2154
source "$tree/tests/hmfs/parts.bash"

# Runs that are the same every time; with HMFS_SEED that one, for longer.
if [[ -n ${HMFS_SEED:-} ]]; then
	expect "random_operations" "$programs/model" 60
else
	for seed in 1 2 5; do
		HMFS_SEED=$seed expect "random_operations_$seed" "$programs/model" 60 2
	done
fi
