#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs the checks of checks.list, or those named, $MODEL_JOBS at a time:
#
#   run.sh OUTPUT [CHECK...]
#
# Each gets a folder OUTPUT/CHECK with the generated checker, its log and, if it found an error that
# it should not, the steps that lead there (trace). Prints "PASS CHECK: what" or
# "FAIL CHECK: ..." and a summary; the exit status is 1 if one failed.
#
# A search counts only if it was complete: one that was cut off (depth, memory, time) fails. So does
# the check `reached` if a line that says CRITICAL was reached in no search.
set -u

here=$(cd "$(dirname "$0")" && pwd)
seconds=600 # for one check, which takes a few on an idle machine

# Without partial order reduction: each step touches what all share, so there is nothing to gain.
compile() # OPTION...
{
	cc -O2 -w -DNOREDUCE -DCOLLAPSE -DMEMLIM=1500 "$@" -o pan pan.c
}

# Compiles and runs the checker of a model in the current folder.
search() # MODEL FORMULA OPTION...
{
	model=$1
	formula=$2
	shift 2
	cp "$here/$model.pml" . || return
	if [ "$formula" = - ]; then
		spin -a "$@" "$model.pml" && compile -DSAFETY || return
		timeout "$seconds" ./pan -m200000
	else
		spin -a -DLTL "$@" "$model.pml" && compile -DNFAIR=3 || return
		timeout "$seconds" ./pan -m200000 -a -f -N "$formula"
	fi
}

check() # OUTPUT NAME MODEL ok|error FORMULA|- OPTION...
{
	name=$2
	model=$3
	expected=$4
	rm -rf "${1:?}/$name"
	mkdir -p "$1/$name" && cd "$1/$name" || exit
	shift 4
	search "$model" "$@" >log 2>&1
	shift
	errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' log)
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' log)
	found=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' log | head -n 1 | cut -c1-60)
	case $expected-$errors in
	*-) echo "FAIL $name: the search did not end; see $PWD/log" ;;
	ok-0)
		if grep -qE 'max search depth too small|out of memory|not completed' log; then
			echo "FAIL $name: the search was cut off; see $PWD/log"
		else
			echo "PASS $name: $states states"
			touch complete
		fi
		;;
	ok-*)
		spin "$@" -t -p -g "$model.pml" >trace 2>&1
		echo "FAIL $name: $found; see $PWD/trace"
		;;
	error-0) echo "FAIL $name: is broken, but no error was found; see $PWD/log" ;;
	error-*) echo "PASS $name: found $found" ;;
	esac
	rm -f pan pan.?
}

# Prints the marked lines of a model that are in the list of unreached ones of all its searches.
unreached() # OUTPUT MODEL
{
	sed -n '/^#define/d; /CRITICAL/=' "$here/$2.pml" | while read -r line; do
		for log in "$1"/*/log; do
			[ -f "${log%log}complete" ] && [ -f "${log%log}$2.pml" ] &&
				! grep -q "$2.pml:$line, state" "$log" && continue 2
		done
		echo "$2.pml:$line"
	done
}

if [ "$1" = --check ]; then
	shift
	check "$@"
	exit
fi

mkdir -p "$1"
output=$(cd "$1" && pwd)
shift
pattern=$(echo "$*" | tr ' ' '|')
sed '/^#/d; /^$/d' "$here/checks.list" | grep -E "^(${pattern:-.*})[[:space:]]" |
	xargs -P "${MODEL_JOBS:-2}" -L 1 sh "$0" --check "$output" >"$output/results.new"
mv "$output/results.new" "$output/results"
if [ -z "$pattern" ]; then
	missing=$(for model in "$here"/*.pml; do
		unreached "$output" "$(basename "$model" .pml)"
	done | tr '\n' ' ')
	if [ -z "$missing" ]; then
		echo "PASS reached"
	else
		echo "FAIL reached: no search came to $missing"
	fi >>"$output/results"
fi
cat "$output/results"
failed=$(grep -c '^FAIL' "$output/results")
echo "$(grep -c '^PASS' "$output/results") passed, $failed failed"
[ "$failed" -eq 0 ]
