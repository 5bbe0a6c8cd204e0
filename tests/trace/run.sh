#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of `cryptos trace` and of what it makes. Prints "PASS name" or "FAIL name: why". What the
# kernel's part does is tested by ktest=trace and tests/guest/linux/trace.c.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1

# verify NAME WHY COMMAND...: the test passes if the command succeeds.
verify()
{
	local name=$1 why=$2

	shift 2
	if "$@" >/dev/null 2>&1; then
		echo "PASS $name"
	else
		echo "FAIL $name: $why"
	fi
}

# trace NAME OPTION... -- COMMAND...: leaves the files $work/NAME.*, what it says in
# $work/NAME.said and the output in $work/NAME.out; returns its status.
trace()
{
	local name=$1

	shift
	"$tree/cryptos" trace --output "$work/$name" --timeout 100 "$@" >"$work/$name.out" \
		2>"$work/$name.said" </dev/null
}

# True if the JSON file holds events of these categories and no others but labels.
categories_are() # FILE CATEGORY...
{
	python3 - "$@" <<'END'
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
sys.exit({event["cat"] for event in events if event["ph"] != "M"} != set(sys.argv[2:]))
END
}

python3 "$tree/tests/trace/test_convert.py"

trace whole --smp 4 -- /bin/sh -c 'seq 3000 | sort | tail -n 1; exit 7'
status=$?
verify status "$status, not 7: $(tail -n 1 "$work/whole.said")" test "$status" = 7
verify output "not the program's" grep -qx 999 "$work/whole.out"
python3 "$tree/tests/trace/check_json.py" "$work/whole.json" 4 ||
	echo "FAIL json: the check did not end"
verify picture "not well formed" python3 -c \
	'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$work/whole.svg"
verify picture_shows_programs "no sort" grep -q '>sort ' "$work/whole.svg"

trace few --smp 2 --kinds 'switch wake' --records 16 -- /bin/sh -c 'seq 3000 | sort | wc -l'
status=$?
verify few_status "$status: $(tail -n 1 "$work/few.said")" test "$status" = 0
verify only_kinds_wanted "others are there" categories_are "$work/few.json" run wake lost
verify tells_of_lost 'says nothing of it' grep -q ' [1-9][0-9]* lost ' "$work/few.said"

trace wrong --kinds nonsense -- /bin/true
status=$?
verify refuses_unknown_kinds "status $status" test "$status" = 2
trace wrong --records 1 -- /bin/true
status=$?
verify refuses_few_records "status $status" test "$status" = 2
