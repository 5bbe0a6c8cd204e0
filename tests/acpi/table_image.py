# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of ACPI tables of our own making, in memory that the machine has beside what its memory map tells of.

The kernel is told of them by acpi_rsdp=; what they describe is the machine's own tables, changed."""

import os
import struct
import sys

from machine import TREE

sys.path.insert(0, os.path.join(TREE, "tests/aml"))

import machine_tables  # noqa: E402

BASE = 0x140000000
SIZE = 2 << 20
HEADER = 36
# Within the image.
POINTER, NARROW, WIDE, TABLES = 0, 0x100, 0x1000, 0x10000


def sealed(table):
    """The table with a checksum that is right."""
    table = bytearray(table)
    table[9] = 0
    table[9] = -sum(table) & 0xff
    return bytes(table)


def make_table(signature, body, revision=2):
    return sealed(struct.pack("<4sIBB6s8sI4sI", signature, HEADER + len(body), revision, 0, b"CRYPTO",
                              b"TESTTEST", 1, b"TEST", 1) + body)


def changed(table, changes):
    """The table with values at offsets: {offset: (value, size)}; sealed."""
    table = bytearray(table)
    for offset, (value, size) in changes.items():
        table[offset:offset + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
    return sealed(table)


def machine_set(folder):
    """The tables of q35: {signature: bytes}."""
    machine_tables.dump("q35", folder)
    tables = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            table = file.read()
        tables[table[:4].decode()] = table
    return tables


class Image:
    """What tables are put into. `entries` are those of the wide list; the narrow one is empty unless given."""

    def __init__(self):
        self.bytes = bytearray(SIZE)
        self.next = TABLES
        self.entries = []

    def place(self, data, at=None):
        """Puts bytes into the image; their physical address."""
        if at is None:
            at = self.next
            self.next = at + len(data) + 63 & ~63
        self.bytes[at:at + len(data)] = data
        return BASE + at

    def add(self, data):
        """Places a table and lists it."""
        self.entries.append(self.place(data))

    def add_machine(self, tables, without=()):
        """The machine's tables, the DSDT by way of the FADT."""
        dsdt = self.place(tables["DSDT"]) if "DSDT" not in without else 0
        for signature, table in tables.items():
            if signature in without or signature == "DSDT":
                continue
            if signature == "FACP":
                table = table.ljust(244, b"\0")
                table = changed(table, {4: (244, 4), 40: (0, 4), 140: (dsdt, 8), 8: (3, 1)})
            self.add(table)

    def finish(self, path, wide=None, narrow=0):
        """Writes the lists and the pointer, and the image to a file."""
        if wide is None:
            body = b"".join(struct.pack("<Q", entry) for entry in self.entries)
            wide = self.place(make_table(b"XSDT", body, 1), WIDE)
        pointer = bytearray(struct.pack("<8sB6sBIIQB3x", b"RSD PTR ", 0, b"CRYPTO", 2, narrow, 36, wide, 0))
        pointer[8] = -sum(pointer[:20]) & 0xff
        pointer[32] = -sum(pointer) & 0xff
        self.place(pointer, POINTER)
        with open(path, "wb") as file:
            file.write(self.bytes)


def options(path):
    """QEMU's options for a machine with the image."""
    return ["-m", "slots=1,maxmem=4G", "-object",
            f"memory-backend-file,id=tables,mem-path={path},size={SIZE},share=off",
            "-device", f"pc-dimm,memdev=tables,addr={BASE}"]
