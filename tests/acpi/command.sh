#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints QEMU's command for a machine, each argument ended by a zero byte, for machine.py:
#
#	command.sh FOLDER CMDLINE [OPTION...]
#
# Options are those that all commands that boot share (tools/run/machine.sh), and --hotplug: devices will be
# pulled out, see machine_threads there. Files that the machine
# needs are put into FOLDER. Everything is built already.

set -eu

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"
# shellcheck source=../../tools/run/machine.sh
source "$tree/tools/run/machine.sh"

# shellcheck disable=SC2034 # common.sh's
workspace=$1
cmdline=$2
shift 2
machine_cpus=1
while (($# > 0)); do
	if [[ $1 == --hotplug ]]; then
		machine_threads() { echo single; }
		shift
		continue
	fi
	take_option "$@"
	machine_take_option "$@" || die 1 "unknown option $1"
	# shellcheck disable=SC2154 # take_option's
	shift "$option_length"
done
# shellcheck disable=SC2154 # common.sh's
: "${machine_kernel:=$out/kernel}" "${machine_initramfs:=$out/initramfs.cpio}"
machine_arguments "$machine_guest_words $cmdline$machine_cmdline"
printf '%s\0' "${machine[@]}"
