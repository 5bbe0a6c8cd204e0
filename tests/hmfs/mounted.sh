# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Volumes mounted by the kernel: what programs see, and what fsck.hmfs says afterwards; on a release
# and a debug build. Volumes that were damaged meanwhile.
#
# shellcheck disable=SC2154 # the variables are run.sh's

source "$tree/tests/hmfs/parts.bash"
source "$tree/tests/hmfs/machines.bash"

make_volume() # OPTION...
{
	rm -f "$work/volume" "$work/other"
	"$tools/mkfs.hmfs" -q -s 128M -L tested "$@" "$work/volume" &&
		"$tools/mkfs.hmfs" -q -s 16M "$work/other"
}

is_clean()
{
	"$tools/fsck.hmfs" "$work/volume" 2>&1 | tail -n 3
	((PIPESTATUS[0] == 0))
}

make_volume
run_tests --disk "nvme:$work/volume" --disk "nvme:$work/other" -- sh /tests/mounted.sh
expect clean is_clean

part=mounted-debug
make_volume --copies 2 --hash sha3-256
run_tests --debug-build --disk "nvme:$work/volume" --disk "nvme:$work/other" -- sh /tests/mounted.sh
expect clean is_clean

# Blocks that are wrong in one copy are healed, and in all copies are errors; never wrong data.
part=damaged
for copies in 1 2; do
	make_volume --copies $copies
	head -c 3000000 /dev/urandom >"$work/random"
	"$tools/hmfs" put "$work/volume" "$work/random" /file >/dev/null
	python3 "$tree/tests/hmfs/damage.py" "$work/volume" "$work/random" "$copies"
	run_tests --disk "nvme:$work/volume" --add "$work/random:/random" \
		-- sh /tests/damaged.sh "$copies"
done
