# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the parts of the suite hmfs (run.sh): how tests say what came out.

# The variable is run.sh's.
# shellcheck disable=SC2154
pass()
{
	echo "PASS $part.$1"
}

fail() # NAME WHY
{
	echo "FAIL $part.$1: ${2//$'\n'/ | }"
}

# expect NAME COMMAND...: a test that succeeds if COMMAND does; what it prints is the reason if not.
expect()
{
	local name=$1 output

	shift
	if output=$("$@" 2>&1); then
		pass "$name"
	else
		output="status $?: $output"
		fail "$name" "${output:0:600}"
	fi
}

# is GOT WANTED
is()
{
	[[ $1 == "$2" ]] || {
		echo "\"$1\" is not \"$2\""
		return 1
	}
}
