# SPDX-License-Identifier: GPL-3.0-or-later
"""The ACPI tables of QEMU's machines: of some, read out of their memory once firmware has put them there; of the
others, as firmware would get them (fw_cfg.py), which takes no time.

    machine_tables.py FOLDER [NAME...]      writes FOLDER/NAME/SIGNATURE[N].aml
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import fw_cfg

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "run"))
import qmp  # noqa: E402 (found by the line above)

MEMORY = 128 << 20
TIMEOUT = 30
# Where firmware leaves the pointer to all tables (ACPI 6.5, 5.2.5.1).
POINTER_AREA = (0xe0000, 0x20000)

X86 = "qemu-system-x86_64"
ARM = "qemu-system-aarch64"
REGISTERS = {X86: fw_cfg.PORTS, ARM: fw_cfg.REGISTERS}

FIRMWARE = {
    "q35": "-M q35 -smp 4",
    "pc": "-M pc -smp 2",
    "pc_old": "-M pc-i440fx-2.0 -smp 2",
    "q35_hotplug": "-M q35 -m 128M,slots=8,maxmem=4G -smp 2,maxcpus=16 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=on "
                   "-device pcie-root-port,id=r1,chassis=1 -device pcie-root-port,id=r2,chassis=2",
}
# TPM stands for the options of one that swtpm is.
STILL = {
    "q35_numa": (X86, "-M q35 -smp 4 -object memory-backend-ram,id=m0,size=64M -object memory-backend-ram,id=m1,size=64M "
                      "-numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,cpus=2-3,memdev=m1 "
                      "-numa dist,src=0,dst=1,val=21"),
    "q35_many_cpus": (X86, "-M q35 -smp 2,maxcpus=255"),
    "pc_hotplug": (X86, "-M pc -m 128M,slots=4,maxmem=2G -smp 1,maxcpus=8 -device pci-bridge,id=b1,chassis_nr=1"),
    "q35_devices": (X86, "-M q35 -smp 2 -device pcie-root-port,id=r1,chassis=1 -device pcie-root-port,id=r2,chassis=2 "
                         "-device qemu-xhci -device ich9-usb-ehci1 -device e1000e,bus=r1 -device virtio-net-pci "
                         "-device virtio-scsi-pci -drive if=none,id=d0,file=null-co://,format=raw "
                         "-device virtio-blk-pci,drive=d0 "
                         "-device pvpanic -device vmgenid -device ipmi-bmc-sim,id=bmc0 -device isa-ipmi-kcs,bmc=bmc0 "
                         "-device i82801b11-bridge,id=b1 -device pci-bridge,id=b2,bus=b1,chassis_nr=3 "
                         "-device e1000,bus=b2,addr=1 "
                         "-device pxb-pcie,id=p1,bus_nr=32,bus=pcie.0 -device ioh3420,id=p2,bus=p1,chassis=7"),
    "q35_nvdimm": (X86, "-M q35,nvdimm=on -m 128M,slots=4,maxmem=2G -object memory-backend-ram,id=n0,size=64M "
                        "-device nvdimm,memdev=n0,id=nv0"),
    "q35_iommu": (X86, "-M q35,kernel-irqchip=split -device intel-iommu,intremap=on -smp 2"),
    "q35_hmat": (X86, "-M q35,hmat=on -smp 2,sockets=2 -object memory-backend-ram,id=m0,size=128M -numa node,nodeid=0,memdev=m0 "
                      "-numa node,nodeid=1,initiator=0 -numa cpu,node-id=0,socket-id=0 -numa cpu,node-id=0,socket-id=1 "
                      "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5"),
    "q35_tpm_tis": (X86, "-M q35 TPM -device tpm-tis,tpmdev=tpm"),
    "q35_tpm_crb": (X86, "-M q35 TPM -device tpm-crb,tpmdev=tpm"),
    "microvm": (X86, "-M microvm -smp 2"),
    "microvm_pcie": (X86, "-M microvm,pcie=on,usb=on,rtc=on,ioapic2=on -device virtio-blk-device,drive=d0 "
                          "-drive if=none,id=d0,file=null-co://,format=raw"),
    "virt": (ARM, "-M virt,acpi=on -cpu cortex-a57 -smp 2"),
    "virt_devices": (ARM, "-M virt,acpi=on,iommu=smmuv3,gic-version=3,ras=on,mte=off -cpu cortex-a57 -smp 4 "
                          "-m 256M,slots=4,maxmem=2G -device pcie-root-port,id=r1,chassis=1 -device virtio-net-pci,bus=r1 "
                          "-device pxb-pcie,id=p1,bus_nr=32,bus=pcie.0 -device pcie-root-port,id=r2,bus=p1,chassis=2"),
    "virt_tpm": (ARM, "-M virt,acpi=on -cpu cortex-a57 TPM -device tpm-tis-device,tpmdev=tpm"),
}
MACHINES = [*FIRMWARE, *STILL]


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

    def pointer(self):
        """Waits for the root pointer."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            area = self.read(*POINTER_AREA)
            for offset in range(0, len(area), 16):
                if area[offset:offset + 8] == b"RSD PTR " and checksum(area[offset:offset + 20]) == 0:
                    return area[offset:offset + 36]
            time.sleep(0.1)
        raise RuntimeError("firmware leaves no tables")


def read_table(memory, address):
    header = memory.read(address, 36)
    size = struct.unpack_from("<I", header, 4)[0]
    return memory.read(address, size) if 36 <= size <= 1 << 20 else header


def find_tables(memory, pointer):
    """The addresses that the root pointer's table lists, those of 64 bits if it has no other."""
    address, form = struct.unpack_from("<I", pointer, 16)[0], "I"
    if not address:
        address, form = struct.unpack_from("<Q", pointer, 24)[0], "Q"
    listed = read_table(memory, address)[36:]
    return struct.unpack(f"<{len(listed) // struct.calcsize(form)}{form}", listed)


def read_tables(memory):
    """[(signature, bytes)...]: the DSDT first."""
    tables = [read_table(memory, address) for address in find_tables(memory, memory.pointer())]
    described = next(table for table in tables if table[:4] == b"FACP")
    address = struct.unpack_from("<I", described, 40)[0] or struct.unpack_from("<Q", described, 140)[0]
    tables.insert(0, read_table(memory, address))
    return [(table[:4].decode("ascii", "replace"), table) for table in tables]


def missing_program(name):
    """What a machine needs and is not here, or None."""
    program, options = STILL.get(name, (X86, ""))
    needed = [program, *(["swtpm"] if "TPM" in options.split() else [])]
    return next((one for one in needed if not shutil.which(one)), None)


def command_of(program, options):
    if "-m" not in options:
        options = [*options, "-m", str(MEMORY >> 20)]
    return [program, "-nodefaults", "-no-user-config", "-accel", "tcg", *options]


def read_booted(name, work):
    machine = qmp.Machine(command_of(X86, FIRMWARE[name].split()), work)
    try:
        return read_tables(Memory(machine, work))
    finally:
        machine.process.kill()
        machine.process.wait()


def read_still(name, work):
    program, options = STILL[name]
    path = os.path.join(work, "tpm")
    words, tpm = options.split(), None
    if program == ARM:
        # Without firmware, there is less to tell it.
        words += ["-bios", os.path.join(work, "firmware")]
        with open(words[-1], "wb") as file:
            file.write(bytes(4096))
    try:
        if "TPM" in words:
            tpm = start_tpm(work, path)
            place = words.index("TPM")
            words[place:place + 1] = ["-chardev", f"socket,id=tpm-socket,path={path}",
                                      "-tpmdev", "emulator,id=tpm,chardev=tpm-socket"]
        return read_tables(fw_cfg.read_memory(command_of(program, words), REGISTERS[program], work))
    finally:
        if tpm:
            tpm.kill()
            tpm.wait()


def start_tpm(work, path):
    tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={work}", "--ctrl", f"type=unixio,path={path}"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + TIMEOUT
    while not os.path.exists(path):
        if tpm.poll() is not None or time.monotonic() > deadline:
            tpm.kill()
            raise RuntimeError("swtpm does not start")
        time.sleep(0.05)
    return tpm


def dump(name, folder):
    """Writes the machine's tables; the files of those that hold byte code, the DSDT first."""
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        tables = read_booted(name, work) if name in FIRMWARE else read_still(name, work)
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
