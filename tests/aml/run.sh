#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The interpreter of ACPI's byte code against ACPICA's acpiexec: tests of each feature (*.asl here), tables of
# machines, generated programs. Prints "PASS name" or "FAIL name: why". `make aml-tools-test` comes before.

set -u

tree=$(cd "$(dirname "$0")/../.." && pwd -P)
amlexec=$tree/build/host/aml-tools-test/amlexec
export PYTHONDONTWRITEBYTECODE=1

for tool in iasl acpiexec; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP acpi: $tool is missing (acpica-tools)"
		exit 0
	fi
done
# run.sh NAME...: only those files.
python3 "$tree/tests/aml/corpus.py" "$amlexec" "$tree/tests/aml" "$@"
(($# > 0)) && exit
bash "$tree/tests/aml/tools.sh" "${amlexec%/*}"
if ! acpiexec -v | grep -q 20200925; then
	echo "SKIP machines: this acpiexec is not the version that we are measured by"
	exit 0
fi
machines=$tree/build/host/aml-machines
python3 "$tree/tests/aml/machines.py" "$amlexec" "${amlexec%exec}dump" "$machines"
python3 "$tree/tests/aml/damaged.py" "$amlexec" "${amlexec%exec}dump" "$machines/q35_hotplug/DSDT0.aml"
python3 "$tree/tests/aml/differential.py" "$amlexec" "$tree/build/host/aml-generated"
