# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For tests that are shell scripts; they set `area` and read this with their own arguments,
# [--after TEST]. Prints as the other guest tests do.

after=
if [ "${1:-}" = --after ]; then
	after=$2
fi
passed=0
failed=0
work=${TMPDIR:-/tmp}/$area.$$
mkdir "$work" && cd "$work" || exit 1

# check NAME WANTED COMMAND: the output of COMMAND must be WANTED.
check()
{
	if [ -n "$after" ]; then
		[ "$after" = "$area.$1" ] && after=
		return
	fi
	echo "RUN $area.$1"
	# A file, since what a check leaves running would keep a pipe open.
	(eval "$3") >"$work.output" 2>&1
	got=$(cat "$work.output")
	if [ "$got" = "$2" ]; then
		echo "PASS $area.$1"
		passed=$((passed + 1))
	else
		echo "FAIL $area.$1: \"$got\" is not \"$2\"" | tr '\n' '|' | sed 's/|$//'
		echo
		failed=$((failed + 1))
	fi
}

# Ends the script, with status 1 if a check failed.
finish()
{
	cd / && rm -rf "$work" "$work.output"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
