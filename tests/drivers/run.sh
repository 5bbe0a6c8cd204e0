#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Drivers in the kernel and in driver hosts, in the guest. Prints "PASS AREA.name" or "FAIL AREA.name: why".
#
#	run.sh [AREA [GROUP...]]	all areas, or the one of AREA_session.py (some of its groups)
#
# Areas are scripts over guest.py here, which is over tests/acpi/machine.py; they start the machines that they need. Two
# run at a time. ACPI_KEEP in the environment is a folder for the machines' logs. With DRIVERS_LONG=1 there, what is
# repeated is repeated more often.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"
here=$tree/tests/drivers
areas_at_once=2
longest=() # they begin first
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$tree/tests/acpi

run_area() # AREA [GROUP...]
{
	local area=$1

	shift
	python3 "$here/${area}_session.py" "$@" 2>&1 || echo "FAIL $area.session: status $?"
}

need "${build_tools[@]}" python qemu libc-static
if (($# > 0)); then
	run_area "$@"
	exit
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
for session in "${longest[@]/#/$here/}" "$here"/*_session.py; do
	area=${session##*/}
	area=${area%_session.py}
	[[ ! -e $work/$area ]] || continue
	(($(jobs -rp | wc -l) < areas_at_once)) || wait -n
	: >"$work/$area"
	run_area "$area" >"$work/$area" &
done
wait
cat "$work"/*
