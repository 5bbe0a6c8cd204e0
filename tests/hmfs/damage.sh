#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Volumes damaged at random (damage.c): one copy of what has two, and anything anywhere. DAMAGE_STATES
# in the environment is how many of each.

# The variables are run.sh's.
# shellcheck disable=SC2154
# shellcheck source=../../tests/hmfs/parts.bash
source "$tree/tests/hmfs/parts.bash"

seed=${HMFS_SEED:-1}
for kind in one any; do
	expect "$kind" "$programs/damage" "$kind" "${DAMAGE_STATES:-25}" "$seed"
done
echo "seed $seed"
