#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs the programs of tests/guest in the guest: run.sh [BATCH...], or all of them but some: run.sh
# --but BATCH... Boots once per batch, and again behind a test that took the machine down. Prints "PASS BATCH.name", "FAIL BATCH.name:
# why" or "SKIP ...", and the end of the kernel's log where the machine went down.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
programs=$tree/build/x86_64/release/guest-tests
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
batches=(musl glibc glibc-pie redox mixed shell)
batches+=(windows windows-redox) # on a machine with a display
restarts_allowed=8

# Options of `cryptos exec` and the command, for a batch.
describe_batch()
{
	case $1 in
	musl) options=(--smp 2) command=("$programs/linux-musl" --guest) ;;
	glibc) options=(--smp 4 --debug-build --mem 1G) command=("$programs/linux-glibc") ;;
	glibc-pie) options=(--smp 1) command=("$programs/linux-glibc-pie") ;;
	redox) options=(--smp 4 --debug-build --mem 1G) command=("$programs/redox-tests") ;;
	windows)
		options=(--smp 2 --qemu-arg -device --qemu-arg bochs-display)
		command=("$programs/linux-musl" --guest)
		areas=(window clipboard session)
		;;
	windows-redox)
		options=(--smp 4 --debug-build --mem 1G --qemu-arg -device --qemu-arg bochs-display)
		command=("$programs/redox-tests")
		areas=(orbital)
		;;
	shell)
		options=(--add "$tree/tests/guest/shell.sh:/tests/shell.sh"
			--add "$tree/tests/guest/check.sh:/tests/check.sh")
		command=(/bin/sh /tests/shell.sh)
		;;
	mixed)
		options=(--smp 2 --add "$tree/tests/guest/mixed.sh:/tests/mixed.sh"
			--add "$tree/tests/guest/check.sh:/tests/check.sh"
			--add "$programs/redox-tests:/tests/redox-tests"
			--add "$programs/linux-glibc:/tests/linux-glibc")
		command=(/bin/sh /tests/mixed.sh)
		;;
	*)
		echo "run.sh: no batch $1 (there are: ${batches[*]})" >&2
		exit 2
		;;
	esac
	options+=(--timeout 400 --log "$work/log")
}

# Runs the batch from behind test $after; sets `running` to the test that did not end, if any,
# and `finished` if all was run.
run_rest()
{
	local line
	local -a rest=()

	running='' finished=''
	[[ -n $after ]] && rest=(--after "$after")
	while IFS= read -r line; do
		case $line in
		'RUN '*) running=${line#RUN } ;;
		'PASS '* | 'FAIL '* | 'SKIP '*)
			running=
			echo "${line%% *} $batch.${line#* }"
			;;
		[0-9]*' passed, '*) finished=1 ;;
		esac
	done < <("$tree/cryptos" exec "${options[@]}" -- "${command[@]}" "${rest[@]}" "${areas[@]}" \
		2>"$work/errors" </dev/null)
}

run_batch()
{
	local batch=$1 after='' restarts=0
	local -a options command areas=()

	describe_batch "$batch"
	while :; do
		run_rest
		[[ -n $finished ]] && return
		: "${running:=the_machine}"
		echo "FAIL $batch.$running: $(grep -m 1 'kernel panic\|^cryptos exec:' "$work/errors")"
		tail -n 40 "$work/errors"
		restarts=$((restarts + 1))
		[[ $running == the_machine ]] && return
		if ((restarts > restarts_allowed)); then
			echo "FAIL $batch.the_rest: not run, the machine went down too often"
			return
		fi
		after=$running
	done
}

if [[ ${1:-} == --but ]]; then
	left_out=" ${*:2} "
elif (($# > 0)); then
	batches=("$@")
fi
for name in "${batches[@]}"; do
	[[ ${left_out:-} == *" $name "* ]] || run_batch "$name"
done
