#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests what people see. Prints "PASS PART.name" or "FAIL PART.name: why".
#
#	run.sh [PART...] [TEST...]	all parts, or these; all of their tests, or these
#	run.sh --picture FILE		takes a picture of a shell on the console
#
# pvh and uefi are the text console, by the way it is booted; desktop is what people do there;
# timing is what must be fast, in counted time, on two processors, timing-one on one; displays are
# several, of changing sizes.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"
# shellcheck source=../../tools/run/machine.sh
source "$tree/tools/run/machine.sh"

# prepare_session FIRMWARE [ADDED-ARCHIVE]: the workspace, with what is added to the image.
prepare_session()
{
	machine_firmware=$1
	make_workspace
	machine_kernel='' machine_initramfs=''
	machine_prepare
	[[ -n ${2:-} ]] || return 0
	cat "$machine_initramfs" "$2" >"$workspace/initramfs"
	machine_initramfs=$workspace/initramfs
}

# run_session SCRIPT NAME [OPTION...]: the machine's arguments are there.
run_session()
{
	# Somebody may look at each output of a GPU with two.
	[[ -z ${machine_heads:-} ]] || machine+=(-vnc "unix:$workspace/vnc0,display=gpu,head=0"
		-vnc "unix:$workspace/vnc1,display=gpu,head=1")
	PYTHONDONTWRITEBYTECODE=1 python3 "$tree/tests/ui/$1" "$2" \
		"$out/console-font.psf" "$workspace" "${@:3}" -- "${machine[@]}" ||
		echo "FAIL $2.machine: $(tail -n 1 "$workspace/qemu.err")"
	rm -rf "$workspace"
}

# console FIRMWARE [OPTION...]: the text console, without a desktop.
console()
{
	machine_displays=()
	prepare_session "$1"
	machine_add_displays
	# The serial port has the log, the screen the console.
	machine_arguments 'console=tty1 loglevel=6 desktop=no'
	run_session session.py "$@"
}

# An archive with the probe, which the session starts, and settings that do not change.
make_probe_archive()
{
	local stage=$work/stage

	build_targets ui-tests
	mkdir -p "$stage/usr/bin" "$stage/etc"
	cp "$out/guest-tests/ui-probe" "$stage/usr/bin/ui-probe"
	printf 'theme dark\nstart /usr/bin/ui-probe\n' >"$stage/etc/desktop.conf"
	(cd "$stage" && printf 'etc/desktop.conf\nusr/bin/ui-probe\n' |
		cpio --quiet -o -H newc --reproducible -R 0:0) >"$work/probe.cpio"
}

# desktop NAME SCRIPT [TEST...]: with the displays that are attached, or else QEMU's VGA.
desktop()
{
	prepare_session pvh "$work/probe.cpio"
	[[ -n ${machine_displays[*]} ]] || machine_add_displays
	machine_arguments "console=tty1 loglevel=6$machine_cmdline"
	run_session "$2" "$1" "${@:3}"
}

# The settings are those of one part only, so each runs in a shell of its own.
run_part() # PART [TEST...]
{
	case $1 in
	pvh | uefi) console "$1" ;;
	desktop) desktop "$1" desktop_session.py "${@:2}" ;;
	timing | timing-one)
		machine_icount=1 machine_cpus=2
		[[ $1 == timing ]] || machine_cpus=1
		desktop "$1" timing_session.py "${@:2}"
		;;
	displays)
		machine_cmdline=' init=/usr/bin/ui-probe'
		machine_displays=(-device virtio-vga,id=gpu,max_outputs=2)
		machine_heads=1
		desktop "$1" displays_session.py "${@:2}"
		;;
	esac
}

need python
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
if [[ ${1:-} == --picture ]]; then
	(console uefi --picture "${2:?run.sh --picture FILE}")
	exit
fi
parts=()
while [[ ${1:-} =~ ^(pvh|uefi|desktop|timing|timing-one|displays)$ ]]; do
	parts+=("$1")
	shift
done
((${#parts[@]} > 0)) || parts=(pvh uefi desktop timing timing-one displays)
make_probe_archive
for part in "${parts[@]}"; do
	(run_part "$part" "$@")
done
