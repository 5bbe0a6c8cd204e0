#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs the Rust programs of `make peer-programs` in the guest, and a shell that uses some of them
# (shell.sh): run.sh [--debug] [PROGRAM... | shell], with --debug on a debug build and more CPUs.
# Boots once per program, and again behind a test that took the machine down. Prints
# "PASS PROGRAM_test" or "FAIL PROGRAM_test: why", with --debug "PASS debug.PROGRAM_test".

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
programs=$tree/build/x86_64/peer/programs
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
helpers=(child ram)
restarts_allowed=8
shell_tests=$(grep -c '^check ' "$tree/tests/peer/shell.sh")
machine=(--smp 2 --mem 512M --timeout 240)
prefix=

if [[ ${1:-} == --debug ]]; then
	machine=(--smp 4 --mem 512M --timeout 400 --debug-build)
	prefix=debug.
	shift
fi

# Runs a program's tests from behind `after`; sets `running` to the test that did not end, if
# any, and `finished` if all was run.
run_rest()
{
	local line helper
	local -a rest=() options=(--abi redox "${machine[@]}")

	running='' finished=''
	[[ -n $after ]] && rest=(--after "$after")
	for helper in "${helpers[@]}"; do
		options+=(--add "$programs/$helper:/bin/peer-$helper")
	done
	while IFS= read -r line; do
		case $line in
		'RUN '*) running=${line#RUN } ;;
		'PASS '* | 'FAIL '*)
			running=
			echo "${line%% *} $prefix${line#* }"
			;;
		[0-9]*' passed, '*) finished=1 ;;
		'  '*) echo "$line" ;;
		esac
	done < <("$tree/cryptos" exec "${options[@]}" --add "$programs/$program:/bin/peer-$program" \
		-- "/bin/peer-$program" "${rest[@]}" 2>"$work/errors" </dev/null)
}

run_program()
{
	local program=$1 after='' restarts=0

	while :; do
		run_rest
		[[ -n $finished ]] && return
		: "${running:=${program}_starts}"
		echo "FAIL $prefix$running: $(grep -m 1 'kernel panic\|^cryptos exec:' "$work/errors")"
		tail -n 40 "$work/errors"
		restarts=$((restarts + 1))
		[[ $running == "${program}_starts" ]] && return
		if ((restarts > restarts_allowed)); then
			echo "FAIL $prefix${program}_rest: not run, the machine went down too often"
			return
		fi
		after=${running#"${program}_"}
	done
}

# A Linux shell that uses Rust programs; it is no Redox program, so they need a mark.
run_shell()
{
	local line helper count=0
	local -a options=("${machine[@]}" --add "$tree/tests/peer/shell.sh:/tests/shell.sh")

	for helper in child:peer-child ram:ram; do
		cp "$programs/${helper%:*}" "$work/${helper%:*}"
		"$tree/cryptos" brand redox "$work/${helper%:*}" >/dev/null
		options+=(--add "$work/${helper%:*}:/bin/${helper#*:}")
	done
	while IFS= read -r line; do
		[[ $line == PASS\ * || $line == FAIL\ * ]] || continue
		echo "${line%% *} $prefix${line#* }"
		count=$((count + 1))
	done < <("$tree/cryptos" exec "${options[@]}" -- /bin/sh /tests/shell.sh \
		2>"$work/errors" </dev/null)
	if ((count < shell_tests)); then
		echo "FAIL ${prefix}shell_ends: $count of $shell_tests tests were run"
		tail -n 40 "$work/errors"
	fi
}

if (($# > 0)); then
	chosen=("$@")
else
	chosen=(crate shell)
	for source in "$tree"/tests/peer/programs/*.rs; do
		name=$(basename "$source" .rs)
		[[ " ${helpers[*]} " == *" $name "* ]] || chosen+=("$name")
	done
fi
for name in "${chosen[@]}"; do
	if [[ $name == shell ]]; then
		run_shell
	else
		run_program "$name"
	fi
done
