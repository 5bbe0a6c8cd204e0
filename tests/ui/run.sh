#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests what people see: run.sh [pvh|uefi...] boots with a screen and types; run.sh --picture FILE
# takes a picture of a shell. Prints "PASS FIRMWARE.name" or "FAIL FIRMWARE.name: why".

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"
# shellcheck source=../../tools/run/machine.sh
source "$tree/tools/run/machine.sh"

# session FIRMWARE [OPTION...]
session()
{
	machine_firmware=$1
	make_workspace
	machine_kernel='' machine_initramfs=''
	machine_prepare
	# The serial port has the log, the screen the console.
	machine_arguments 'console=tty1 loglevel=6'
	machine+=(-device VGA)
	PYTHONDONTWRITEBYTECODE=1 python3 "$tree/tests/ui/session.py" "$1" \
		"$out/console-font.psf" "$workspace" "${@:2}" -- "${machine[@]}" ||
		echo "FAIL $1.machine: $(tail -n 1 "$workspace/qemu.err")"
	rm -rf "$workspace"
}

need python
if [[ ${1:-} == --picture ]]; then
	session uefi --picture "${2:?run.sh --picture FILE}"
	exit
fi
(($# > 0)) || set -- pvh uefi
for firmware; do
	session "$firmware"
done
