#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The scheduler with 1, 2, 4 and 8 CPUs, in release and debug builds, by the token and by a tick:
# sched.sh [BUILD...]. Prints "PASS name" or "FAIL name: why" for each test:
#
#   BUILD.CPUS.sched.*, time.*   the kernel's self tests of the scheduler and of time
#   BUILD.CPUS.tick.sched.*      the same by a tick, where a build has it
#   BUILD.CPUS.figures.*         what bench/sched.c measures in counted time, the same each time
#   BUILD.CPUS.guest.*           programs with threads, and sys:sched
#
# Two machines run at a time.

set -u

tree=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
cpu_counts=(1 2 4 8)
builds=(release debug)
areas=(thread time)
machines_at_once=2

# exec with the kernel of a build.
c() # BUILD OPTION...
{
	"$tree/cryptos" exec --kernel "$tree/build/x86_64/$1/kernel" \
		--initramfs "$tree/build/x86_64/release/initramfs.cpio" --timeout 200 "${@:2}" \
		</dev/null
}

# is_at_most NAME VALUE LIMIT UNIT, as a test.
is_at_most()
{
	if [[ -z $2 ]]; then
		echo "FAIL $1: not measured"
	elif awk -v value="$2" -v limit="$3" 'BEGIN { exit !(value <= limit) }'; then
		echo "PASS $1"
	else
		echo "FAIL $1: $2 $4, not at most $3"
	fi
}

# --- kinds of machines; each runs one and prints what came of it -------------------------------

# The self tests of a subsystem.
run_self_tests() # NAME BUILD CPUS WORDS SUBSYSTEM
{
	local log=$work/$1.$5.log line reason='' finished=''

	c "$2" --smp "$3" --cmdline "$4 ktest=$5" --log "$log" -- /bin/true >/dev/null 2>&1
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		*'ktest: PASS '*) echo "PASS $1.${line##*PASS }" ;;
		*'ktest: FAIL '*) echo "FAIL $1.${line##*FAIL }: ${reason:-no reason given}" ;;
		*'ktest: '[0-9]*' passed, '*) finished=1 ;;
		*'ktest: '*) reason=${line##*ktest: } ;;
		esac
	done <"$log"
	if [[ -z $finished ]] || grep -q 'kernel panic' "$log"; then
		echo "FAIL $1.$5.comes_to_the_end: see the log"
		tail -n 30 "$log"
	fi
}

run_kernel_machine() # BUILD CPUS
{
	run_self_tests "$1.$2" "$1" "$2" '' sched
	run_self_tests "$1.$2" "$1" "$2" '' time
	# The tick has the same queues: once for each build.
	[[ $2 != 2 ]] || run_self_tests "$1.$2.tick" "$1" "$2" sched=tick sched
}

figure() # FILE NAME
{
	awk -F '\t' -v name="$2" '$1 == name { print $2 }' "$1"
}

# Figures in counted time. An idle machine takes no scheduling interrupts, nor do N CPUs with a thread
# each, where a tick would make N hundred a second; a few are allowed for.
run_figures_machine() # BUILD CPUS
{
	local name=$1.$2.figures result=$work/$1.$2.figures

	if ! c "$1" --smp "$2" --icount-shift 3 --log "$result.log" -- \
		"$tree/build/x86_64/release/bench/sched" checks >"$result" 2>"$result.errors"; then
		echo "FAIL $name.run: $(head -n 1 "$result.errors")"
		tail -n 20 "$result.log"
		return
	fi
	is_at_most "$name.interrupts_idle" "$(figure "$result" interrupts_idle)" 0 'a second'
	is_at_most "$name.interrupts_n" "$(figure "$result" interrupts_n)" 50 'a second'
	is_at_most "$name.unfairness" "$(figure "$result" unfairness_n+1)" 3 %
	is_at_most "$name.longest_lap" "$(figure "$result" lap_longest)" 10000 us
	is_at_most "$name.tokens_lost" "$(figure "$result" tokens_lost)" 0 tokens
}

# What sys:sched says: the mode, every counter's total the sum of its CPUs, a token only where
# there is one.
check_statistics() # FILE CPUS MODE
{
	awk -v cpus="$2" -v mode="$3" '
		$1 == "mode" && $2 != mode { print "mode " $2; bad = 1 }
		$1 == "cpus" && $2 != cpus { print "cpus " $2; bad = 1 }
		$1 == "histogram" { table = 0 }
		table {
			sum = 0
			for (i = 3; i <= NF; i++)
				sum += $i
			if (NF != cpus + 2 || sum != $2) {
				print "the line " $0
				bad = 1
			}
			value[$1] = $2
		}
		$1 == "counter" { table = 1 }
		$1 == "wake_latency" && NF == 7 { wake = $2 }
		/_log2_ns / { sum = 0; for (i = 2; i <= NF; i++) sum += $i; counted[$1] = sum }
		END {
			if (!(value["switches"] > 0 && value["wakeups"] > 0 && wake > 0))
				print "no switches or wake-ups"
			else if (wake != counted["wake_latency_log2_ns"])
				print "a histogram of another count"
			else if (mode == "tick" && value["token_hops"] > 0)
				print "a token"
			else if (!bad)
				exit 0
			exit 1
		}' "$1"
}

run_statistics() # NAME BUILD CPUS MODE
{
	local file=$work/$1.statistics why

	c "$2" --smp "$3" --cmdline "sched=$4" -- /bin/busybox sh -c \
		'schedtop -b -n 1 -d 0.1 >/dev/null && cat /scheme/sys/sched' >"$file" 2>"$file.errors"
	if why=$(check_statistics "$file" "$3" "$4"); then
		echo "PASS $1.statistics"
	else
		echo "FAIL $1.statistics: ${why//$'\n'/; }"
	fi
}

run_programs() # NAME BUILD CPUS MODE
{
	local line running='' finished=''

	while IFS= read -r line; do
		case $line in
		'RUN '*) running=${line#RUN } ;;
		'PASS '* | 'FAIL '* | 'SKIP '*) echo "${line%% *} $1.${line#* }" ;;
		[0-9]*' passed, '*) finished=1 ;;
		esac
	done < <(c "$2" --smp "$3" --cmdline "sched=$4" -- \
		"$tree/build/x86_64/release/guest-tests/linux-musl" "${areas[@]}" \
		2>"$work/$1.errors")
	[[ -n $finished ]] || echo "FAIL $1.${running:-the_machine}: $(head -n 1 "$work/$1.errors")"
}

run_guest_machine() # BUILD CPUS
{
	local mode=token name=$1.$2.guest

	# Token and tick by turns.
	[[ $2 != [14] ]] || mode=tick
	[[ $mode == token ]] || name=$1.$2.tick.guest
	run_statistics "$name" "$1" "$2" "$mode"
	# The debug build's programs run in the suite guest.
	[[ $1 == debug ]] || run_programs "$name" "$1" "$2" "$mode"
}

# --- all -----------------------------------------------------------------------------------------

(($# == 0)) || builds=("$@")
for build in "${builds[@]}"; do
	for kind in kernel figures guest; do
		for cpus in "${cpu_counts[@]}"; do
			(($(jobs -rp | wc -l) < machines_at_once)) || wait -n
			"run_${kind}_machine" "$build" "$cpus" >"$work/$build.$cpus.$kind.result" &
		done
	done
done
wait
for build in "${builds[@]}"; do
	for cpus in "${cpu_counts[@]}"; do
		for kind in kernel figures guest; do
			cat "$work/$build.$cpus.$kind.result"
		done
	done
done
