#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs the kernel's self tests: kernel.sh release|debug. Prints "PASS MODE.name" or "FAIL
# MODE.name: why" for each, and the kernel's log if it did not come to the end.

set -u

tree=$(cd "$(dirname "$0")/.." && pwd -P)
mode=${1:?usage: kernel.sh release|debug}
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
options=(--cmdline ktest --smp 4 --timeout 240 --log "$work/log")
# Devices for the tests of PCI: they raise interrupts, by pins of which two share a line and one is
# behind a bridge; and one that can be reset.
for device in edu,addr=10 edu,addr=14 pcie-pci-bridge,id=bridge edu,bus=bridge,addr=3 \
	pcie-root-port,id=root1,chassis=1 virtio-rng-pci,bus=root1; do
	options+=(--qemu-arg -device --qemu-arg "$device")
done
# One of the two with an IOMMU, one without.
[[ $mode == debug ]] && options+=(--debug-build --iommu)

# With ktest on the command line no program runs: the machine ends by itself.
"$tree/cryptos" exec "${options[@]}" -- /bin/true >/dev/null 2>"$work/errors"
status=$?

reason=
while IFS= read -r line; do
	line=${line%$'\r'}
	case $line in
	*'ktest: PASS '*) echo "PASS $mode.${line##*PASS }" ;;
	*'ktest: FAIL '*) echo "FAIL $mode.${line##*FAIL }: ${reason:-no reason given}" ;;
	*'ktest: '[0-9]*' passed, '*) finished=1 ;;
	*'ktest: '*) reason=${line##*ktest: } ;;
	esac
done <"$work/log"
if [[ -z ${finished:-} ]] || grep -q 'kernel panic' "$work/log"; then
	echo "FAIL $mode.comes-to-the-end: exit status $status"
	tail -n 30 "$work/log"
	exit 1
fi
