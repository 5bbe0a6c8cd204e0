# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every transfer and every allocation fails in turn.

# shellcheck source=parts.bash
source "$tree/tests/hmfs/parts.bash"

expect failures_in_turn "$programs/faults" 30
