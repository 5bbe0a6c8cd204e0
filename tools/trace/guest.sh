#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos trace in the guest: guest.sh RECORDS KINDS PROGRAM [ARGUMENT...]. Runs the program
# while these kinds are recorded, then writes what was to the machine's ports.

scheme=/scheme/trace
ports=/dev/virtio-ports/cryptos
records=$1
kinds=$2
shift 2

echo "records $records $kinds" >$scheme/control || exit 125
"$@"
status=$?
echo off >$scheme/control
# What is written must have left the machine before it is off.
dd if=$scheme/events of=$ports.trace bs=64k conv=fsync 2>/dev/null
dd if=$scheme/threads of=$ports.threads bs=64k conv=fsync 2>/dev/null
exit $status
