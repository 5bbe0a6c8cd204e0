# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the parts of the suite hmfs that boot the kernel: machines in the background.
#
# shellcheck disable=SC2154 # the variables are run.sh's

tools=$tree/build/host/bin
guest_programs=$tree/build/x86_64/release/guest-tests

machine_command() # OPTION... -- PROGRAM...
{
	command=("$tree/cryptos" exec --timeout 120 --log "$work/machine.log"
		--add "$tree/tests/hmfs/guest:/tests" --add "$tree/tests/guest/check.sh:/tests/check.sh"
		--add "$guest_programs/hmfs-calls:/bin/calls"
		--add "$guest_programs/hmfs-keep:/bin/keep"
		--qemu-arg -pidfile --qemu-arg "$work/machine.pid" "$@")
}

# Starts one; what it says goes to stdout.
start_machine() # OPTION... -- PROGRAM...
{
	local -a command

	rm -f "$work/machine.pid"
	machine_command "$@"
	"${command[@]}" 2>"$work/machine.errors" </dev/null &
	machine=$!
}

wait_for_machine()
{
	wait "$machine"
}

kill_machine()
{
	kill -KILL "$(<"$work/machine.pid")"
	wait "$machine"
} 2>/dev/null

wait_for_line() # FILE LINE SECONDS
{
	local i

	for ((i = 0; i < $3 * 20; i++)); do
		grep -qaxF "$2" "$1" && return
		kill -0 "$machine" 2>/dev/null || return
		sleep 0.05
	done
	return 1
}

# Runs one to its end, and passes on what its tests say; a test that began and did not end has failed.
run_tests() # OPTION... -- PROGRAM...
{
	local line running='' finished=''
	local -a command

	machine_command "$@"
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		'RUN '*) running=${line#RUN } ;;
		'PASS '* | 'FAIL '* | 'SKIP '*)
			running=
			echo "${line%% *} $part.${line#* *.}"
			;;
		[0-9]*' passed, '*) finished=1 ;;
		*) echo "$line" ;;
		esac
	done < <("${command[@]}" 2>"$work/machine.errors" </dev/null)
	[[ -n $finished && -z $running ]] && return
	fail "${running#*.}.comes_to_an_end" "$(head -n 3 "$work/machine.errors")"
	tail -n 30 "$work/machine.errors" "$work/machine.log"
}
