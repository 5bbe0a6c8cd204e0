# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Power cuts: what is on the device afterwards mounts, is whole, and has all that was synced.

# The variables are run.sh's.
# shellcheck disable=SC2154
source "$tree/tests/hmfs/parts.bash"

# Runs that are the same every time; with HMFS_SEED that one, for longer.
if [[ -n ${HMFS_SEED:-} ]]; then
	expect "power_cuts" "$programs/power" 60
else
	for seed in 1 2 4; do
		HMFS_SEED=$seed expect "power_cuts_$seed" "$programs/power" 60 5
	done
fi
