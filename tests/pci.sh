#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PCI as programs see it: disks behind switches, with addresses from firmware and without; cards
# pulled out, and functions taken out of service and found again, while they are in use. Prints
# "PASS NAME" or "FAIL NAME: why".

set -u

tree=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT
head -c 16M /dev/urandom >"$work/disk"
cp "$work/disk" "$work/copy"
cp "$work/disk" "$work/victim"
sum=$(md5sum <"$work/disk")
# A switch with two ports below a root port, a disk on the second of them.
switch=(pcie-root-port,id=root1,chassis=1 x3130-upstream,bus=root1,id=upstream
	xio3130-downstream,bus=upstream,id=down1,chassis=2 xio3130-downstream,bus=upstream,id=down2,chassis=3
	nvme,serial=1,drive=disk,bus=down2)

# check NAME WANTED SCRIPT [OPTION...]: runs the script in the guest.
check()
{
	local name=$1 wanted=$2 got

	printf '%s\n' "$3" >"$work/script"
	shift 3
	got=$("$tree/cryptos" exec --timeout 120 --debug-build --log "$work/log" "$@" \
		--add "$work/script:/root/script" -- /bin/sh /root/script 2>"$work/errors")
	if [[ $got == "$wanted" ]] && ! grep -q 'kernel panic' "$work/log"; then
		echo "PASS $name"
		return
	fi
	echo "FAIL $name: other output"
	diff <(echo "$wanted") <(echo "$got")
	tail -n 20 "$work/errors" "$work/log"
}

machine=(--qemu-arg -drive --qemu-arg "if=none,id=disk,format=raw,file=$work/disk")
for device in "${switch[@]}"; do
	machine+=(--qemu-arg -device --qemu-arg "$device")
done

behind="Host bridge PCI bridge PCI bridge PCI bridge PCI bridge NVM Express controller"
# shellcheck disable=SC2016 # the guest's shell expands it
look='lspci -t | sed -n "s/^ *[0-9a-f:.]* \(.*\) \[06.*/\1/p; s/^ *[0-9a-f:.]* \(NVM.*\) \[.*/\1/p" |
	grep -v "ISA" | tr "\n" " " | sed "s/ $/\n/"
md5sum </dev/nvme0n1'
check behind-a-switch "$behind"$'\n'"$sum" "$look" "${machine[@]}"
if [[ -r /usr/share/qemu/qboot.rom || -r /usr/share/qemu-kvm/qboot.rom ]]; then
	check without-addresses "$behind"$'\n'"$sum" "$look" "${machine[@]}" \
		--qemu-arg -bios --qemu-arg qboot.rom
else
	echo "SKIP without-addresses: there is no qboot.rom"
fi

# Slot Control of the root port, at 0x6c: power and light off, and out it goes.
# shellcheck disable=SC2016
check pulled-while-in-use 'reader failed
writer failed
no disk' '(while dd if=/dev/nvme0n1 of=/dev/null bs=64k 2>/dev/null; do :; done; echo reader failed >/tmp/reader) &
(while [ -b /dev/nvme0n1 ] && dd if=/dev/zero of=/dev/nvme0n1 bs=4k count=512 conv=fsync 2>/dev/null; do :; done; echo writer failed >/tmp/writer) &
sleep 1
printf "\377\007" | dd of=/sys/bus/pci/devices/0000:00:01.0/config bs=2 seek=54 conv=notrunc 2>/dev/null
wait
cat /tmp/reader /tmp/writer
sleep 2
lspci | grep NVM || [ -b /dev/nvme0n1 ] || echo no disk' --disk "nvme:$work/victim,hotplug"

# shellcheck disable=SC2016
check taken-out-and-found-again "$sum"$'\n'"$sum" 'for i in 1 2 3 4 5 6 7 8 9 10; do
	dd if=/dev/sda of=/dev/null bs=64k 2>/dev/null &
	dd if=/dev/nvme0n1 of=/dev/null bs=64k 2>/dev/null &
	for device in 0000:00:1f.2 0000:01:00.0; do
		echo 1 >/sys/bus/pci/devices/$device/remove
	done
	ls /dev | grep -e sda -e nvme
	echo 1 >/sys/bus/pci/rescan
	wait
done
md5sum </dev/sda
md5sum </dev/nvme0n1' --disk "nvme:$work/disk,hotplug" --disk "ahci:$work/copy"
