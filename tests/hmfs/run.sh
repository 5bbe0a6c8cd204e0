#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# HMFS: run.sh [PART...]. Prints "PASS PART.name" or "FAIL PART.name: why".
#
# Each other script of this folder is a part. It is run by bash with these in its environment, and
# prints such lines with its own name in front, or calls the functions of parts.bash:
#
#   tree        the source tree
#   part        its name
#   programs    the folder of the programs that hmfs.mk builds
#   work        a folder of its own, removed afterwards
#   HMFS_SEED   may be set to repeat a run: parts print the seed of theirs
#
# Two parts run at a time. A part that ends with another status than 0 without a FAIL has failed.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"

here=$tree/tests/hmfs
programs=$tree/build/host/hmfs
parts_at_once=2

# Its lines, and what else it said behind them, if it failed.
run_part() # NAME
{
	local part=$1 work=$workspace/$1 status=0

	mkdir "$work"
	env tree="$tree" part="$part" programs="$programs" work="$work" \
		bash "$here/$part.sh" >"$workspace/$part.output" 2>&1 </dev/null || status=$?
	grep -E '^(PASS|FAIL|SKIP) ' "$workspace/$part.output"
	if ((status != 0)) && ! grep -q '^FAIL ' "$workspace/$part.output"; then
		echo "FAIL $part.end: status $status"
	fi
	if grep -q '^FAIL ' "$workspace/$part.output" || ((status != 0)); then
		grep -vE '^(PASS|FAIL|SKIP) ' "$workspace/$part.output" | tail -n 40
	fi
	rm -rf "$work"
}

make_workspace
if (($# == 0)); then
	for name in "$here"/*.sh; do
		name=${name##*/}
		[[ $name == run.sh ]] || set -- "$@" "${name%.sh}"
	done
fi
for name; do
	[[ -e $here/$name.sh ]] || usage_error "no part \"$name\""
	(($(jobs -rp | wc -l) < parts_at_once)) || wait -n
	run_part "$name" >"$workspace/$name.result" &
done
wait
for name; do
	cat "$workspace/$name.result"
done
