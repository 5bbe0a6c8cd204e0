#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs fuzzers, as many at a time as there are processors, for a bounded time each:
#
#   run.sh OUTPUT SECONDS TARGET...
#
# The fuzzer of TARGET is OUTPUT/TARGET. Prints "PASS fuzz.TARGET" or "FAIL fuzz.TARGET: ..."
# and a summary; the exit status is 1 if one failed.
set -u

output=$1
seconds=$2
shift 2
seeds=$(dirname "$0")/corpus
verdicts=$output/verdicts

run_target()
{
	log=$output/$1.log
	mkdir -p "$output/corpus/$1"
	if "$output/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-max_len=16384 -print_final_stats=1 \
		-artifact_prefix="$output/failures/$1-" "$output/corpus/$1" \
		"$seeds/$1" >"$log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "PASS fuzz.$1: $runs runs"
	else
		echo "FAIL fuzz.$1: $(grep -m 1 -E 'ERROR|runtime error|deadly' "$log"); see $log"
	fi
}

mkdir -p "$output/failures"
running=0
for target in "$@"; do
	run_target "$target" &
	running=$((running + 1))
	if [ $((running % $(nproc))) -eq 0 ]; then
		wait
	fi
done >"$verdicts"
wait
cat "$verdicts"
failed=$(grep -c '^FAIL' "$verdicts")
echo "$(grep -c '^PASS' "$verdicts") passed, $failed failed"
[ "$failed" -eq 0 ]
