#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs fuzzers one after the other, for a bounded time each:
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
passed=0
failed=0

mkdir -p "$output/failures"
for target in "$@"; do
	mkdir -p "$output/corpus/$target"
	log=$output/$target.log
	if "$output/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-max_len=16384 -print_final_stats=1 \
		-artifact_prefix="$output/failures/$target-" "$output/corpus/$target" \
		"$seeds/$target" >"$log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "PASS fuzz.$target: $runs runs"
		passed=$((passed + 1))
	else
		echo "FAIL fuzz.$target: $(grep -m 1 -E 'ERROR|runtime error|deadly' "$log"); see $log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
