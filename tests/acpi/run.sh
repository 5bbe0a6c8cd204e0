#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Power management and ACPI's devices in the guest. Prints "PASS AREA.name" or "FAIL AREA.name: why".
#
#	run.sh [AREA [GROUP...]]	all areas, or the one of AREA_session.py (some of its groups)
#
# Areas are scripts over machine.py here; they start the machines that they need. Two run at a time.
# ACPI_KEEP in the environment is a folder for the machines' logs and tables. With ACPI_LONG=1 there, what is
# repeated is repeated more often.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../../tools/run/common.sh
source "$tree/tools/run/common.sh"
here=$tree/tests/acpi
areas_at_once=2
longest=(supply_session.py sleep_session.py power_session.py cpu_session.py) # they begin first
export PYTHONDONTWRITEBYTECODE=1

run_area() # AREA [GROUP...]
{
	local area=$1

	shift
	python3 "$here/${area}_session.py" "$@" 2>&1 || echo "FAIL $area.session: status $?"
}

need "${build_tools[@]}" python qemu acpica acpi sensors
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
