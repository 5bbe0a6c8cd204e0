#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks and file systems: run.sh [--linux] [PART...]. Prints "PASS PART.name" or "FAIL PART.name: why".
#
# A part makes images with the tools of this machine (parts.sh), boots with them, lets a script of
# guest/ work on them, and looks at what became of the images, again with the tools of this machine.
# Scripts print lines as all guest tests do, and these:
#
#   MONITOR COMMAND   QEMU's monitor does COMMAND meanwhile
#   KEEP TEXT         goes to the file $work/PART.kept
#
# STORAGE_OPTIONS in the environment are more options of ./cryptos exec ("--smp 4 --debug-build"), and
# STORAGE_KEEP a folder for images and logs.
#
# With --linux the machines run Debian's Linux instead, on which all must pass that is not about
# CryptOS alone: that keeps the tests honest. Two machines run at a time.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"
# shellcheck source=../../tools/run/machine.sh
source "$tree/tools/run/machine.sh"
# shellcheck source=../../tools/run/linux.sh
source "$tree/tools/run/linux.sh"
# shellcheck source=../../tests/storage/images.sh
source "$tree/tests/storage/images.sh"
# shellcheck source=../../tests/storage/parts.sh
source "$tree/tests/storage/parts.sh"

PATH=$PATH:/usr/sbin:/sbin
here=$tree/tests/storage
programs=$tree/build/x86_64/release/guest-tests
system=cryptos
machines_at_once=2

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
		fail "$name" "${output:0:600}"
	fi
}

is() # GOT WANTED
{
	[[ $1 == "$2" ]] || {
		echo "\"$1\" is not \"$2\""
		return 1
	}
}

# The command that boots CryptOS with the options and has it run `$script`.
cryptos_command() # OPTION...
{
	command=("$tree/cryptos" exec "$@" --timeout "$timeout" --log "$work/$part${killing:+.killed}.log"
		--add "$here/guest:/tests" --add "$programs/io:/bin/io"
		--add "$tree/tests/guest/check.sh:/tests/check.sh"
		--add "$programs/redox-tests:/bin/redox-tests"
		--qemu-arg -qmp --qemu-arg "unix:$socket,server=on,wait=off"
		--qemu-arg -pidfile --qemu-arg "$work/$part.pid")
	[[ ! -e $work/$part.files ]] || command+=(--add "$work/$part.files:/files")
	# shellcheck disable=SC2206 # they are words
	command+=(${STORAGE_OPTIONS:-})
	command+=(-- /bin/busybox sh -c "$script")
}

linux_command() # OPTION...
{
	machine_disks=() machine_extra=()
	while (($# > 0)); do
		take_option "$@"
		machine_take_option "$@" || die 1 "Linux has no $1"
		shift "$option_length"
	done
	mkdir -p "$workspace/linux/tests"
	cp "$here"/guest/* "$tree/tests/guest/check.sh" "$workspace/linux/tests/"
	cp "$programs/io" "$workspace/linux/bin/"
	[[ ! -e $work/$part.files ]] || cp -r "$work/$part.files" "$workspace/linux/files"
	ln -sf /bin/busybox "$workspace/linux/bin/sh"
	mkdir -p "$workspace/linux/tmp"
	linux_pack "$script"
	linux_machine ''
	command=(timeout -s KILL "$timeout" "${machine[@]}" -qmp
		"unix:$socket,server=on,wait=off" -pidfile "$work/$part.pid")
}

# Boots and runs guest/SCRIPT ARGUMENT..., with `options`; the tests are named after `part`.
run_machine() # SCRIPT ARGUMENT...
{
	local line running='' finished='' script="/bin/busybox sh /tests/$*"
	local socket=$work/$part.monitor
	local -a command

	rm -f "$socket"
	"${system}_command" "${options[@]}"
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		'RUN '*) running=${line#RUN } ;;
		'PASS '* | 'FAIL '* | 'SKIP '*)
			running=
			echo "${line%% *} $part.${line#* *.}"
			;;
		'MONITOR '*)
			python3 "$here/monitor.py" "$socket" "${line#MONITOR }" \
				>>"$work/$part.monitored" 2>&1
			;;
		'KEEP '*) echo "${line#KEEP }" >>"$work/$part.kept" ;;
		'KILL') kill -KILL "$(<"$work/$part.pid")" ;;
		[0-9]*' passed, '*) finished=1 ;;
		*) echo "$line" >>"$work/$part.said" ;;
		esac
	done < <("${command[@]}" 2>"$work/$part.errors" </dev/null)
	[[ -z $finished ]] || return 0
	[[ -z $killing ]] || return 0
	fail "${running#*.}.comes_to_an_end" "$(head -n 1 "$work/$part.errors")"
	tail -n 30 "$work/$part.said" "$work/$part.errors" "$work/$part.log"
} 2>/dev/null

# One part, with its own folder for images.
run_part()
{
	local part=$1 images=$work/$1 timeout=300 killing=''
	local -a options=()

	mkdir "$images"
	if [[ $system == linux ]]; then
		workspace=$images.linux
		cp -r "$work/linux-workspace" "$workspace"
	fi
	"part_$part" 2>"$work/$part.host"
	if [[ -n ${STORAGE_KEEP:-} ]]; then
		mkdir -p "$STORAGE_KEEP" && cp -r "$work/$part"* "$STORAGE_KEEP"
	fi
	rm -rf "$images" "$images.linux"
}

need sfdisk dosfstools mtools python qemu
if [[ ${1:-} == --linux ]]; then
	system=linux
	shift
fi
make_workspace
work=$workspace
if [[ $system == linux ]]; then
	workspace=$work/linux-workspace
	mkdir "$workspace"
	linux_get
	linux_stage
	workspace=$work
fi
(($# > 0)) || set -- "${parts[@]}"
for name; do
	(($(jobs -rp | wc -l) < machines_at_once)) || wait -n
	run_part "$name" >"$work/$name.result" &
done
wait
for name; do
	cat "$work/$name.result"
done
