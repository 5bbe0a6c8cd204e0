# SPDX-License-Identifier: GPL-3.0-or-later
#
# Power cuts: what is on the device afterwards mounts, is whole, and has all that was synced.

# shellcheck source=parts.bash
source "$tree/tests/hmfs/parts.bash"

expect power_cuts "$programs/power" 30
