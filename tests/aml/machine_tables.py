# SPDX-License-Identifier: GPL-3.0-or-later
"""The ACPI tables of QEMU's machines, read out of their memory once firmware has put them there.

    machine_tables.py FOLDER [NAME...]      writes FOLDER/NAME/SIGNATURE[N].aml
"""

import os
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "run"))
import qmp  # noqa: E402 (found by the line above)

MEMORY = 128 << 20
TIMEOUT = 30
# Where firmware leaves the pointer to all tables (ACPI 6.5, 5.2.5.1).
POINTER_AREA = (0xe0000, 0x20000)

MACHINES = {
    "q35": "-M q35 -smp 4",
    "pc": "-M pc -smp 2",
    "q35_numa": "-M q35 -smp 4 -object memory-backend-ram,id=m0,size=64M -object memory-backend-ram,id=m1,size=64M "
                "-numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,cpus=2-3,memdev=m1 "
                "-numa dist,src=0,dst=1,val=21",
    "q35_hotplug": "-M q35 -m 128M,slots=8,maxmem=4G -smp 2,maxcpus=16 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=on "
                   "-device pcie-root-port,id=r1,chassis=1 -device pcie-root-port,id=r2,chassis=2",
    "pc_hotplug": "-M pc -m 128M,slots=4,maxmem=2G -smp 1,maxcpus=8 -device pci-bridge,id=b1,chassis_nr=1",
    "q35_devices": "-M q35 -smp 2 -device pcie-root-port,id=r1,chassis=1 -device pcie-root-port,id=r2,chassis=2 "
                   "-device qemu-xhci -device ich9-usb-ehci1 -device e1000e,bus=r1 -device virtio-net-pci "
                   "-device virtio-scsi-pci -drive if=none,id=d0,file=null-co://,format=raw -device virtio-blk-pci,drive=d0 "
                   "-device pvpanic -device vmgenid -device ipmi-bmc-sim,id=bmc0 -device isa-ipmi-kcs,bmc=bmc0 "
                   "-device i82801b11-bridge,id=b1 -device pci-bridge,id=b2,bus=b1,chassis_nr=3 -device e1000,bus=b2,addr=1 "
                   "-device pxb-pcie,id=p1,bus_nr=32,bus=pcie.0 -device ioh3420,id=p2,bus=p1,chassis=7",
    "pc_old": "-M pc-i440fx-2.0 -smp 2",
    "q35_nvdimm": "-M q35,nvdimm=on -m 128M,slots=4,maxmem=2G -object memory-backend-ram,id=n0,size=64M "
                  "-device nvdimm,memdev=n0,id=nv0",
    "q35_iommu": "-M q35,kernel-irqchip=split -device intel-iommu,intremap=on -smp 2",
}


def checksum(data):
    return sum(data) & 0xff


class Memory:
    def __init__(self, machine, folder):
        self.machine = machine
        self.file = os.path.join(folder, "memory")

    def read(self, address, size):
        self.machine.command("pmemsave", val=address, size=size, filename=self.file)
        with open(self.file, "rb") as file:
            return file.read()


def find_pointer(memory):
    area = memory.read(*POINTER_AREA)
    for offset in range(0, len(area), 16):
        if area[offset:offset + 8] == b"RSD PTR " and checksum(area[offset:offset + 20]) == 0:
            return struct.unpack_from("<I", area, offset + 16)[0]
    return None


def read_table(memory, address):
    header = memory.read(address, 36)
    size = struct.unpack_from("<I", header, 4)[0]
    return memory.read(address, size) if 36 <= size <= 1 << 20 else header


def read_tables(memory, root):
    """[(signature, bytes)...]: the DSDT first."""
    listed = read_table(memory, root)
    tables = [read_table(memory, address) for address in struct.unpack(f"<{(len(listed) - 36) // 4}I", listed[36:])]
    described = [table for table in tables if table[:4] == b"FACP"]
    tables.insert(0, read_table(memory, struct.unpack_from("<I", described[0], 40)[0]))
    return [(table[:4].decode("ascii", "replace"), table) for table in tables]


def dump(name, folder):
    """Writes the machine's tables; the files of those that hold byte code, the DSDT first."""
    options = MACHINES[name].split()
    if "-m" not in options:
        options += ["-m", str(MEMORY >> 20)]
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        machine = qmp.Machine(["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-accel", "tcg", *options], work)
        try:
            memory = Memory(machine, work)
            deadline = time.monotonic() + TIMEOUT
            while not (root := find_pointer(memory)):
                if time.monotonic() > deadline:
                    raise RuntimeError("firmware leaves no tables")
                time.sleep(0.1)
            tables = read_tables(memory, root)
        finally:
            machine.process.kill()
            machine.process.wait()
    files = []
    for number, (signature, data) in enumerate(tables):
        path = os.path.join(folder, f"{signature.strip()}{number}.aml")
        with open(path, "wb") as file:
            file.write(data)
        if signature in ("DSDT", "SSDT"):
            files.append(path)
    return files


def main():
    folder, *names = sys.argv[1:]
    for name in names or MACHINES:
        print(name, *dump(name, os.path.join(folder, name)))


if __name__ == "__main__":
    main()
