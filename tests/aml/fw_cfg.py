# SPDX-License-Identifier: GPL-3.0-or-later
"""The ACPI tables that QEMU hands to firmware, without starting any: the files of its fw_cfg device are read through
the test protocol (qtest), and the loader's script among them is followed (QEMU's docs/specs/fw_cfg, hw/acpi).
"""

import os
import socket
import struct
import subprocess

# The device: (what the protocol writes to a register with, where its DMA register is, free memory of the guest).
PORTS = ("outl", 0x514, 0x100000)
REGISTERS = ("writel", 0x9020010, 0x40100000)

TIMEOUT = 60
DIRECTORY = 0x19
SELECT, READ = 8, 2
CONTROL_ERROR = 1
# Commands of the loader's script, of 128 bytes each.
ALLOCATE, ADD_POINTER, ADD_CHECKSUM = 1, 2, 3
BASE = 0x10000000  # where its files come to lie, as far as their pointers tell
ALIGNMENT = 4096


class Machine:
    """A QEMU whose processors stand still. `command` starts it."""

    def __init__(self, command, device, work):
        self.how, self.register, self.room = device
        path = os.path.join(work, "qtest")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()
            server.settimeout(0.5)
            self.errors = open(os.path.join(work, "qemu.err"), "wb")
            self.process = subprocess.Popen([*command, "-S", "-display", "none", "-qtest", f"unix:{path}"],
                                            stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
            self.stream = self.accept(server).makefile("rw")

    def accept(self, server):
        for _ in range(TIMEOUT * 2):
            try:
                return server.accept()[0]
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        self.process.kill()
        raise RuntimeError("QEMU does not start")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.stream.close()
        self.errors.close()

    def ask(self, *words):
        self.stream.write(" ".join(hex(word) if isinstance(word, int) else word for word in words) + "\n")
        while True:
            try:
                self.stream.flush()
                line = self.stream.readline()
            except OSError:
                line = ""
            if not line:
                raise RuntimeError("QEMU has gone")
            if line.startswith("OK"):
                return line[2:].strip()
            if not line.startswith("IRQ"):
                raise RuntimeError(f"{words[0]}: {line.strip()}")

    def read(self, item, size):
        """The first `size` bytes of an item."""
        request, data = self.room, self.room + 16
        self.ask("write", request, 16, "0x" + struct.pack(">IIQ", item << 16 | SELECT | READ, size, data).hex())
        for offset, half in ((0, request >> 32), (4, request & 0xffffffff)):
            self.ask(self.how, self.register + offset, struct.unpack("<I", struct.pack(">I", half))[0])
        if struct.unpack(">I", bytes.fromhex(self.ask("read", request, 4)[2:]))[0] & CONTROL_ERROR:
            raise RuntimeError(f"fw_cfg item {item:#x} cannot be read")
        return bytes.fromhex(self.ask("read", data, size)[2:])

    def read_directory(self):
        """{name: (item, size)} of the files."""
        count = struct.unpack(">I", self.read(DIRECTORY, 4))[0]
        entries = self.read(DIRECTORY, 4 + 64 * count)[4:]
        found = {}
        for offset in range(0, len(entries), 64):
            size, item = struct.unpack_from(">IH", entries, offset)
            found[read_name(entries[offset + 8:offset + 64])] = item, size
        return found


def read_name(field):
    return field.split(b"\0")[0].decode("ascii")


class Memory:
    """What memory holds after the loader's script."""

    def __init__(self, machine):
        self.files, self.addresses, self.end = {}, {}, BASE
        directory = machine.read_directory()
        script = machine.read(*directory["etc/table-loader"])
        for offset in range(0, len(script), 128):
            self.follow(machine, directory, script[offset:offset + 128])

    def follow(self, machine, directory, entry):
        command = struct.unpack_from("<I", entry)[0]
        first = read_name(entry[4:60])
        data = self.files.get(first)
        if command == ALLOCATE:
            self.files[first] = bytearray(machine.read(*directory[first]))
            self.addresses[first] = self.end
            self.end += len(self.files[first]) + ALIGNMENT & -ALIGNMENT
        elif command == ADD_POINTER:
            second = read_name(entry[60:116])
            at, size = struct.unpack_from("<IB", entry, 116)
            value = int.from_bytes(data[at:at + size], "little") + self.addresses[second]
            data[at:at + size] = value.to_bytes(size, "little")
        elif command == ADD_CHECKSUM:
            at, start, length = struct.unpack_from("<III", entry, 60)
            data[at] = 0
            data[at] = -sum(data[start:start + length]) & 0xff

    def read(self, address, size):
        for name, start in self.addresses.items():
            if start <= address < start + len(self.files[name]):
                return bytes(self.files[name][address - start:address - start + size])
        raise RuntimeError(f"{address:#x} is in none of the tables")

    def pointer(self):
        """The root pointer (RSDP)."""
        return bytes(self.files["etc/acpi/rsdp"])


def read_memory(command, device, work):
    machine = Machine(command, device, work)
    try:
        return Memory(machine)
    finally:
        machine.close()
