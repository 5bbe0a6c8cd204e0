# SPDX-License-Identifier: GPL-3.0-or-later
"""Cards that come and go: where the slots are firmware's, and where _OSC leaves them to the kernel."""

import os
import re

from machine import Guest, expect, run_tests, session

DISK_MIB = 4
ROUNDS = 8


def lists(guest, place):
    """Whether lspci has a function at the place."""
    return bool(re.search(rf"^{re.escape(place)} ", guest.run("lspci"), re.MULTILINE))


def plug(guest, driver, **options):
    guest.command("device_add", driver=driver, **options)


def unplug(guest, name):
    guest.command("device_del", id=name)
    guest.wait_event("DEVICE_DELETED", where=lambda data: data.get("device") == name)


def come_and_go(guest, place, name, bus, **options):
    plug(guest, "ich9-ahci", id=name, bus=bus, **options)
    guest.wait_for("lspci", rf"^{re.escape(place)} SATA")
    guest.wait_log(rf"pci {re.escape(place)}: driver ahci")
    unplug(guest, name)
    expect(not lists(guest, place), "it is listed still")
    expect(place not in guest.run("lspci -v"), "it is shown still")


def test_comes_and_goes(guest):
    come_and_go(guest, "00:09.0", "one", "pci.0", addr="9")


def test_comes_and_goes_behind_a_bridge(guest):
    come_and_go(guest, "01:05.0", "behind", "b1", addr="5")


def test_several_functions(guest):
    plug(guest, "edu", id="f1", bus="pci.0", addr="a.1")
    expect(not lists(guest, "00:0a.1"), "a card is seen before its first function is there")
    plug(guest, "ich9-ahci", id="f0", bus="pci.0", addr="a.0", multifunction=True)
    guest.wait_for("lspci", r"^00:0a.1 ")
    unplug(guest, "f0")
    expect(not lists(guest, "00:0a.0") and not lists(guest, "00:0a.1"), "a function is listed still")


def disk_in_use(slot):
    """A disk is pulled while it is read, many times; it holds the same each time."""
    def test_disk_in_use(guest):
        path = os.path.join(guest.folder, "disk")
        with open(path, "wb") as file:
            file.write(os.urandom(1 << 20) * DISK_MIB)
        guest.command("blockdev-add", **{"node-name": "disk", "driver": "raw", "file": {
            "driver": "file", "filename": path}})
        sums = set()
        for _ in range(ROUNDS):
            plug(guest, "nvme", id="disk0", drive="disk", serial="1", **slot)
            guest.wait_for("ls -1 /dev", r"^nvme0n1$")
            sums.add(guest.run("md5sum </dev/nvme0n1"))
            guest.begin("while dd if=/dev/nvme0n1 of=/dev/null bs=64k; do :; done 2>/dev/null; true")
            unplug(guest, "disk0")
            guest.finish()
            expect("nvme" not in guest.run("ls /dev"), "the disk is there still")
        expect(len(sums) == 1, "what is on the disk changed")
    return test_disk_in_use


def test_slots_are_shown(guest):
    """/sys/bus/pci/slots, by which a card is taken out as well."""
    plug(guest, "edu", id="shown", bus="pci.0", addr="d")
    guest.wait_for("lspci", r"^00:0d.0 ")
    slots = "/sys/bus/pci/slots"
    shown = guest.run(f"cd {slots}; for i in *; do echo $i $(cat $i/address $i/adapter $i/power); done")
    expect("13 0000:00:0d 1 1" in shown, f"there is {shown!r}")
    expect("14 0000:00:0e 0 0" in shown, f"there is {shown!r}")
    expect(len(set(shown.splitlines())) == len(shown.splitlines()), f"there is {shown!r}")
    guest.run(f"echo 0 >{slots}/13/power")
    guest.wait_event("DEVICE_DELETED", where=lambda data: data.get("device") == "shown")
    expect(guest.run(f"cat {slots}/13/adapter") == "0", "the card is there still")
    expect(guest.try_run(f"echo 2 >{slots}/13/power")[1] != 0, "it takes nonsense")


# Slot 17 of the machine "pc" has power of its own.
POWER = r"""
DefinitionBlock ("", "SSDT", 2, "CRYPT", "POWER", 1)
{
    External (\_SB.PCI0.S88, DeviceObj)
    Scope (\_SB.PCI0.S88)
    {
        Name (ONS, 0)
        Name (OFFS, 0)
        Method (_PS0) { ONS++ }
        Method (_PS3) { OFFS++ }
    }
}
"""


def test_power_is_switched(guest):
    def counts():
        space = "/scheme/acpi/namespace/_SB_/PCI0/S88_"
        return [int(number, 16) for number in
                re.findall(r"0x([0-9A-Fa-f]+)", guest.run(f"cat {space}/ONS_ {space}/OFFS"))]
    plug(guest, "edu", id="powered", bus="pci.0", addr="11")
    guest.wait_for("lspci", r"^00:11.0 ")
    before = counts()
    expect(len(before) == 2 and before[0] > 0 and before[1] == 0, f"switched on and off: {before}")
    unplug(guest, "powered")
    expect(counts()[1] == 1, f"switched on and off: {counts()}")


def test_all_is_quiet(guest):
    bad = re.findall(r"<[0-4]>(?:pci|acpi|irq|slab).*", guest.dmesg())
    expect(not bad, f"the log says {bad[:3]}")


def pc():
    options = ["-device", "pci-bridge,id=b1,chassis_nr=1,addr=3"]
    with Guest("pc", options=options, tables=[POWER], cpus=2, hotplug=True) as guest:
        run_tests("pc", guest, [test_comes_and_goes, test_comes_and_goes_behind_a_bridge,
                                test_several_functions, test_slots_are_shown,
                                test_power_is_switched, disk_in_use({"bus": "pci.0", "addr": "c"}),
                                test_all_is_quiet])


def test_on_a_root_port(guest):
    come_and_go(guest, "01:00.0", "port", "rp0")


def test_behind_a_bridge_of_pci(guest):
    come_and_go(guest, "03:04.0", "old", "b1", addr="4")


PORTS = ["-device", "pcie-root-port,id=rp0,chassis=1,slot=1,addr=2",
         "-device", "pcie-root-port,id=rp1,chassis=2,slot=2,addr=3",
         "-device", "pcie-pci-bridge,id=b1,bus=rp1"]


def q35():
    """The slots of root ports are firmware's, as QEMU has it as a rule."""
    with Guest("q35", options=PORTS, cpus=2, hotplug=True) as guest:
        run_tests("q35", guest, [test_on_a_root_port, test_behind_a_bridge_of_pci,
                                 disk_in_use({"bus": "rp0"}), test_all_is_quiet])


def native():
    """The same slots, where _OSC leaves them to the kernel."""
    options = ["-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off", *PORTS[:4]]
    with Guest("q35", options=options, cpus=2, hotplug=True,
               cmdline="pci.button-ms=50") as guest:
        expect("slot for hotplug" in guest.dmesg(), "the kernel has no slot")
        run_tests("native", guest, [test_on_a_root_port, disk_in_use({"bus": "rp0"}),
                                    test_all_is_quiet])


if __name__ == "__main__":
    session({"pc": pc, "q35": q35, "native": native})
