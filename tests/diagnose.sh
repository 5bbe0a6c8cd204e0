#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the debug kernel make mistakes (kernel/sched/provoke.c) and looks for what it must say of
# them; asks for reports by hand. Prints "PASS diagnose.NAME" or "FAIL diagnose.NAME: why" for each.

set -u

tree=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

# run STATUS OPTION... -- PROGRAM ARGUMENT...: leaves the kernel's log in $work/log
run()
{
	local wanted=$1 status

	shift
	"$tree/cryptos" exec --smp 2 --timeout 120 --log "$work/log" "$@" \
		>"$work/output" 2>"$work/errors"
	status=$?
	[[ $status == "$wanted" ]] && return 0
	why="exit status $status instead of $wanted"
	return 1
}

# said NAME PATTERN...: each pattern matches a line of the log, behind the one before
said()
{
	local name=$1 line=0 found pattern

	shift
	for pattern; do
		found=$(tail -n "+$((line + 1))" "$work/log" | grep -anm1 -- "$pattern") || {
			report "$name" "no line like '$pattern'"
			return
		}
		line=$((line + ${found%%:*}))
	done
	report "$name" ''
}

report() # NAME WHY
{
	if [[ -z $2 ]]; then
		echo "PASS diagnose.$1"
	else
		echo "FAIL diagnose.$1: $2"
		failed=1
		tail -n 40 "$work/log"
	fi
}

# mistake NAME STATUS PATTERN...
mistake()
{
	local name=$1 status=$2

	shift 2
	why=
	if run "$status" --debug-build --cmdline "provoke=$name" -- /bin/true; then
		said "$name" "$@"
	else
		report "$name" "$why"
	fi
}

# requests: what a program may write to /proc/sysrq-trigger
requests()
{
	local mode

	for mode in release debug; do
		local -a options=()
		[[ $mode == debug ]] && options+=(--debug-build)
		why=
		if run 0 "${options[@]}" -- /bin/sh -c 'for key in l w t; do
			echo $key >/proc/sysrq-trigger || exit 1; done
			echo x >/proc/sysrq-trigger 2>/dev/null && exit 2; exit 0'; then
			said "request-$mode" 'asked for: what all CPUs do' 'CPU [01]: thread' \
				'trap_syscall+' 'asked for: blocked threads' \
				'asked for: all threads' 'thread reaper sleeps uninterruptibly' \
				'thread_block+' 'l: what all CPUs do'
		else
			report "request-$mode" "$why"
		fi
	done
	why=
	if run 125 -- /bin/sh -c 'echo c >/proc/sysrq-trigger'; then
		said crash 'kernel panic on CPU [01]: a panic was asked for' 'diagnose_request+' \
			'CPU [01]: '
	else
		report crash "$why"
	fi
}

panic='kernel panic on CPU'
mistake order 125 "$panic .*lock order: taking provoked low (rank 70) while holding provoked high\
 (rank 100), taken at provoke_order+" 'provoke_order+' 'CPU [01]: '
mistake twice 125 "$panic .*lock provoked low is taken twice by CPU .*at provoke_twice+.*now at\
 provoke_twice+" 'holds spinlock provoked low, taken at provoke_twice+'
mistake sleep 125 "$panic .*sleep in atomic context: .*lock.* preemption count 1" \
	'provoke_sleep+' 'holds spinlock provoked low, taken at provoke_sleep+'
mistake deadlock 125 'thread .* holds provoked .*, taken at .*and waits for provoked' \
	'provoke_deadlock+\|take_second_then_first+' \
	'thread .* holds provoked .*, taken at .*and waits for provoked' \
	"$panic .*deadlock: .* holds provoked .* and waits for provoked .*; .* holds provoked .* and\
 waits for provoked" 'provoke_deadlock+\|take_second_then_first+'
mistake spinlock 125 "$panic 0: lock provoked low: CPU 0 waits at provoke_spinlock+.*held by CPU 1,\
 taken at hang_with_spinlock+" 'provoke_spinlock+' 'CPU 1: thread hanging' 'hang_with_spinlock+' \
	'holds spinlock provoked low'
mistake interrupts 0 'lockup: CPU 1 takes no interrupts for' \
	'lockup: CPU 1: thread hanging, in the kernel, interrupts off' \
	'lockup: .*hang_with_interrupts_off+' 'provoke: CPU 1 goes on'
mistake preemption 0 'lockup: CPU 1 does not switch threads for' \
	'lockup: CPU 1: thread hanging, in the kernel, interrupts on.*preemption count 1' \
	'lockup: .*hang_with_preemption_off+' 'provoke: CPU 1 goes on'
mistake call 0 'lockup: CPU 1 takes no interrupts for' 'lockup: CPU 0: thread boot' \
	'lockup: .*provoke_call+' 'lockup: CPU 1: thread hanging' \
	'lockup: .*hang_with_interrupts_off+' 'provoke: CPU 1 goes on'
requests
exit "$failed"
