# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware that lies: the kernel boots with what is left of its tables."""

import functools
import os
import re
import tempfile

import table_image
from machine import Guest, Missing, compile_table, expect, report, session

BOOTED = r"boot: first user instruction"
LISTED = r"acpi: (\d+) tables, (\d+) devices"

# Calls itself, loops, writes where the kernel is, and says so without end; then what comes late is sound.
HOSTILE = """
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "HOSTILE", 1)
{
    Scope (\\_SB)
    {
        Device (BAD0)
        {
            Name (_HID, "TEST0001")
            OperationRegion (KERN, SystemMemory, 0x200000, 0x1000)
            Field (KERN, DWordAcc, NoLock, Preserve) { WORD, 32 }
            OperationRegion (HOLE, SystemMemory, 0xFFFFFFFFFFFFF000, 0x1000)
            Field (HOLE, DWordAcc, NoLock, Preserve) { LAST, 32 }
            Method (_INI) { Store (0x0B0F, WORD) Store (LAST, Local0) }
        }
        Device (BAD1)
        {
            Name (_HID, "TEST0002")
            Method (_STA) { Return (SELF ()) }
            Method (SELF) { Return (SELF ()) }
        }
        Device (BAD2)
        {
            Name (_HID, "TEST0003")
            Method (_INI)
            {
                Local0 = 0
                While (Local0 < 5000) { Debug = Local0 Notify (BAD2, 0x80) Local0++ }
            }
        }
        Device (GOOD)
        {
            Name (_HID, "TEST0004")
        }
    }
}
"""


def boot(folder, image, cmdline="", tables=()):
    """Boots by an image's tables until the first program runs; the log."""
    path = os.path.join(folder, "image")
    image.finish(path, **image.lists)
    return boot_with(table_image.options(path), f"acpi_rsdp={table_image.BASE:#x} {cmdline}", tables)


def boot_with(options, cmdline="", tables=(), cpus=2):
    with Guest("q35", options=options, cmdline=cmdline, cpus=cpus, loglevel=6, shell=False, tables=tables) as guest:
        match = guest.wait_line(BOOTED)
        # Not guest.log(): QEMU's copy repeats bytes where the socket was full.
        return match.string[:match.end()]


def make_image(tables, without=()):
    image = table_image.Image()
    image.lists = {}
    image.add_machine(tables, without)
    return image


def expect_log(log, *patterns):
    for pattern in patterns:
        if not re.search(pattern, log):
            raise Missing(f"no {pattern!r} in the log")


def test_sound(folder, tables):
    expect_log(boot(folder, make_image(tables)), r"smp: 2 CPUs run", r"acpi: 1 tables, \d\d devices", "HPET yes")


def test_wrong_checksums(folder, tables):
    image = make_image(tables, without=("APIC", "HPET"))
    for signature in ("APIC", "HPET"):
        image.add(tables[signature][:-1] + bytes([tables[signature][-1] ^ 1]))
    expect_log(boot(folder, image), "wrong checksum", r"smp: 1 CPUs run", "HPET no", LISTED)


def test_damaged_dsdt(folder, tables):
    image = make_image(tables)
    place = bytes(tables["DSDT"][:64])
    at = image.bytes.index(place)
    image.bytes[at + 200] ^= 1
    expect_log(boot(folder, image), "wrong checksum", "has no DSDT", r"smp: 2 CPUs run")


def test_truncated_dsdt(folder, tables):
    """The second half is gone, under a header that is right."""
    half = len(tables["DSDT"]) // 2
    short = table_image.changed(tables["DSDT"][:half], {4: (half, 4)})
    expect_log(boot(folder, make_image({**tables, "DSDT": short})), LISTED, r"smp: 2 CPUs run")


def test_lists_that_lead_nowhere(folder, tables):
    image = make_image(tables)
    image.lists = {"wide": 0xfffffffffff000, "narrow": 0x1000000}
    expect_log(boot(folder, image), "cannot be|can be", "names no interrupt controllers", r"smp: 1 CPUs run",
               "has no DSDT")


def test_thousands_of_entries(folder, tables):
    image = make_image(tables)
    first = image.entries[0]
    image.entries += [first, first + 20, 0x200000, 0xfed00000, 1 << 63, (1 << 64) - 20]
    image.entries += [0x2000000 + i * 4096 for i in range(4000)]
    log = boot(folder, image)
    expect_log(log, r"entries: \d+ are looked at", r"smp: 2 CPUs run", LISTED)
    expect(len(re.findall("skipped", log)) < 30, "the log is full of it")


def test_registers_in_memory(folder, tables):
    """Controllers, clocks and configuration space where the kernel's memory is."""
    image = make_image(tables, without=("APIC", "HPET", "MCFG", "FACP"))
    entries = bytes([1, 12, 0, 0]) + (0x1000000).to_bytes(4, "little") + bytes(4)  # an I/O APIC in memory
    entries += bytes([0, 8, 0, 0, 1, 0, 0, 0]) + bytes([0, 8, 1, 1, 1, 0, 0, 0]) + bytes([0, 8, 2, 99, 1, 0, 0, 0])
    image.add(table_image.make_table(b"APIC", (0x2000000).to_bytes(4, "little") + bytes(4) + entries + bytes([0, 0])))
    image.add(table_image.changed(tables["HPET"], {44: (0x3000000, 8)}))
    image.add(table_image.changed(tables["MCFG"], {44: (0x4000000, 8)}))
    dsdt = image.place(tables["DSDT"])
    fadt = tables["FACP"].ljust(244, b"\0")
    # Registers where nothing is; the timer too.
    image.add(table_image.changed(fadt, {4: (244, 4), 140: (dsdt, 8), 76: (0x1c00, 4), 208: (0, 12), 36: (0x5000, 4),
                                         56: (0x1d00, 4), 64: (0x1d10, 4), 80: (0x1d20, 4)}))
    expect_log(boot(folder, image), "I/O APIC at 1000000 cannot be", "HPET at 3000000 cannot be",
               "PCI configuration space at 4000000 cannot be", "local APIC at 2000000 cannot be", "stands still",
               r"smp: 2 CPUs run")


def test_hostile_code(folder, _):
    log = boot_with([], tables=[HOSTILE])
    expect_log(log, "refused", r"acpi: 2 tables, (\d+) devices", "no more of what firmware's code has to say")
    expect(len(log.splitlines()) < 400, "the log is full of it")


def test_truncated_table_added(folder, _):
    """QEMU's own tables, and one that ends early, under a header that is right."""
    path = compile_table(HOSTILE, folder)
    with open(path, "rb") as file:
        short = file.read()[:60]
    with open(path, "wb") as file:
        file.write(table_image.changed(short, {4: (60, 4)}))
    log = boot_with(["-acpitable", f"file={path}"])
    expect_log(log, "a term is left out", r"acpi: \d tables, (\d+) devices", r"smp: 2 CPUs run")


def test_off(_, __):
    log = boot_with([], "acpi=off")
    expect_log(log, "acpi: off", r"smp: 2 CPUs run")
    expect(not re.search(LISTED, log), "tables were loaded")


def wrong_tables():
    with tempfile.TemporaryDirectory(prefix="cryptos.") as folder:
        tables = table_image.machine_set(os.path.join(folder, "machine"))
        for test in (test_sound, test_wrong_checksums, test_damaged_dsdt, test_truncated_dsdt,
                     test_lists_that_lead_nowhere, test_thousands_of_entries, test_registers_in_memory,
                     test_hostile_code, test_truncated_table_added, test_off):
            report(f"tables.{test.__name__[len('test_'):]}", functools.partial(test, folder, tables))


if __name__ == "__main__":
    session({"wrong_tables": wrong_tables})
