# SPDX-License-Identifier: GPL-3.0-or-later
#
# Random operations against a model: names, contents, forks, snapshots, clones, full volumes.

# shellcheck source=parts.bash
source "$tree/tests/hmfs/parts.bash"

expect random_operations "$programs/model" 20
