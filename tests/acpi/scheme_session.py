# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheme acpi: and /sys/firmware/acpi: tables as files, the name space as a tree, methods that programs call."""

import re
import subprocess
import tempfile

import machine
from machine import Guest, expect, run_tests, session

SPACE = "/scheme/acpi/namespace"
TABLES = "/sys/firmware/acpi/tables"

# What is loaded while the machine runs.
LATER = """
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "LATER", 1)
{
    Device (\\_SB.LATE)
    {
        Name (_HID, "TEST0009")
        Method (_STA) { Return (0x0F) }
    }
}
"""

TEST = """
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "TEST", 1)
{
    Scope (\\_SB)
    {
        Name (LTAB, Buffer () { %s })
        Name (HNDL, 0)
        Method (BRNG) { Load (LTAB, HNDL) }
        Method (TAKE) { Unload (HNDL) }
        Device (TST0)
        {
            Name (_HID, EisaId ("PNP0A0B"))
            Name (_CID, Package () { "TEST0001", EisaId ("ABC1234") })
            Name (_UID, 7)
            Name (PACK, Package () { 1, "two\\"", Buffer () { 3, 255 }, Package () {}, \\_SB.TST0 })
            Alias (PACK, ALIA)
            Mutex (MUTX, 0)
            Name (STAT, 15)
            Method (_STA) { Return (STAT) }
            Method (SUM, 2) { Return (Arg0 + Arg1) }
            Method (ECHO, 1) { Return (Arg0) }
            Method (NONE) { }
            Method (SELF) { SELF () }
            Method (KERN) { OperationRegion (RAMR, SystemMemory, 0x100000, 16)
                            Field (RAMR, DWordAcc, NoLock, Preserve) { WORD, 32 } WORD = 0 }
            Method (PORT) { OperationRegion (PICR, SystemIO, 0x20, 2)
                            Field (PICR, ByteAcc, NoLock, Preserve) { MASK, 8 } MASK = 0xFF }
            OperationRegion (CMSR, SystemCMOS, 0x50, 16)
            Field (CMSR, ByteAcc, NoLock, Preserve) { CMSB, 16 }
            OperationRegion (CMSP, SystemIO, 0x70, 2)
            Field (CMSP, ByteAcc, NoLock, Preserve) { CMSI, 8, CMSD, 8 }
            IndexField (CMSI, CMSD, ByteAcc, NoLock, Preserve) { Offset (0x50), CMSX, 16 }
            Method (CMST, 1) { CMSX = Arg0 Return (Package () { CMSX, CMSB }) }
            Device (CHLD)
            {
                Name (_ADR, 5)
                Name (COUN, 0)
                Method (_INI) { COUN++ }
            }
        }
        Device (NOTT)
        {
            Name (_HID, "TEST0002")
            Method (_STA) { Return (Zero) }
            Method (_INI) { \\_SB.TST0.STAT = 0 }
            Device (BELO)
            {
                Method (_HID) { \\_SB.TST0.STAT = 0 Return ("TEST0003") }
            }
        }
        Device (DOCK)
        {
            Name (HERE, 0)
            Method (_STA) { Return (HERE) }
            Method (COME, 1) { HERE = Arg0 Notify (DOCK, 0) }
            Device (BELO)
            {
                Method (_HID) { Return ("TEST0004") }
                Name (_CID, "TEST0005")
                Method (_UID) { Return (6) }
                Method (_ADR) { Return (7) }
            }
        }
    }
}
"""


def call(guest, line):
    """The answer to a line written to `call`."""
    return guest.run(f"exec 3<>/scheme/acpi/call; cat >&3 <<'end'\n{line}\nend\ncat <&3")


def test_root(guest):
    names = guest.run("ls /scheme/acpi/").split()
    expect(set(names) >= {"call", "devices", "namespace", "statistics", "tables"}, f"{names}")


def test_tables_are_the_machines(guest):
    listed = guest.run(f"ls {TABLES}").split()
    expect({"DSDT", "FACP", "APIC", "SSDT", "dynamic"} <= set(listed), f"{listed}")
    expect("/scheme/acpi/tables has the same",
           not guest.try_run(f"for i in {TABLES}/[A-Z]*; do cmp $i /scheme/acpi/tables/${{i##*/}}; done")[0])
    size = int(guest.run(f"wc -c <{TABLES}/FACP"))
    length = int(guest.run(f"od -A n -t u4 -j 4 -N 4 {TABLES}/FACP"))
    expect(size == length, f"FACP has {size} bytes and says {length}")


def test_table_by_redox_name(guest):
    """As acpid names them."""
    name = "SSDT-" + b"CRYPTO".hex().upper() + "-" + b"TEST\0\0\0\0".hex().upper()
    expect(guest.run(f"head -c 4 /scheme/acpi/tables/{name}") == "SSDT", "no table of that name")


def test_acpidump(guest):
    """Debian's own, and its summary."""
    output = guest.run("acpidump -s")
    for signature in ("DSDT", "FACP", "APIC", "SSDT"):
        expect(re.search(rf"^ACPI: {signature} ", output, re.MULTILINE), f"no {signature} in {output!r}")
    dump = guest.run("acpidump -n SSDT")
    expect("54 45 53 54" in dump, "acpidump shows no table of ours")


def test_tables_are_roots(guest):
    for path in (f"{TABLES}/DSDT", f"{SPACE}/_SB_/TST0/_HID", f"{SPACE}/_SB_/TST0/SUM_", "/scheme/acpi/call"):
        output, _ = guest.try_run(f"su -s /bin/sh nobody -c 'cat {path}'")
        expect("denied" in output, f"nobody reads {path}: {output!r}")


def test_objects(guest):
    wanted = {
        "_HID": "Integer 0xB0AD041",
        "_UID": "Integer 0x7",
        "PACK": 'Package 5: [Integer 0x1, String "two\\"", Buffer 2: 03 FF, Package 0: [], Reference \\_SB_.TST0]',
        "ALIA": 'Package 5: [Integer 0x1, String "two\\"", Buffer 2: 03 FF, Package 0: [], Reference \\_SB_.TST0]',
        "MUTX": "Mutex",
        "SUM": "Method 2",
    }
    for name, value in wanted.items():
        got = guest.run(f"cat {SPACE}/_SB_/TST0/{name}")
        expect(got == value, f"{name} shows {got!r}")
    expect("PCI0" in guest.run(f"ls {SPACE}/_SB").split(), "\\_SB is not found without its underscore")


def test_devices(guest):
    lines = {line.split()[0]: line for line in guest.run("cat /scheme/acpi/devices").splitlines()}
    expect("id PNP0A0B,TEST0001,ABC1234 uid 7 status 0xf" in lines["\\_SB_.TST0"], lines["\\_SB_.TST0"])
    expect("address 0x5" in lines["\\_SB_.TST0.CHLD"], lines["\\_SB_.TST0.CHLD"])
    expect("PNP0A08,PNP0A03" in lines["\\_SB_.PCI0"], lines["\\_SB_.PCI0"])
    # What is not there is listed, but nothing of what is below is called.
    expect("id TEST0002 status 0x0" in lines["\\_SB_.NOTT"], lines["\\_SB_.NOTT"])
    expect(lines["\\_SB_.NOTT.BELO"] == "\\_SB_.NOTT.BELO status 0x0", lines["\\_SB_.NOTT.BELO"])
    expect(guest.run(f"cat {SPACE}/_SB_/TST0/CHLD/COUN") == "Integer 0x1", "_INI was not called once")
    info = guest.run(f"cat {SPACE}/_SB_/TST0/device").splitlines()
    expect(info[:4] == ["type Device", "id PNP0A0B", "id TEST0001", "id ABC1234"], f"{info}")


def test_devices_below_what_comes(guest):
    """Their methods are asked only when it is there."""
    start = r"_SB_\.DOCK\.BELO "
    guest.wait_for("cat /scheme/acpi/devices", start + r"id TEST0005 status 0x0\b")
    for here, status in ((15, "f"), (0, "0"), (15, "f")):
        call(guest, f"\\_SB.DOCK.COME {here}")
        guest.wait_for("cat /scheme/acpi/devices",
                       start + rf"id TEST0004,TEST0005 uid 6 address 0x7 status 0x{status}\b")


def test_methods(guest):
    script = f"exec 3<>{SPACE}/_SB_/TST0/SUM_; echo 40 2 >&3; cat <&3; echo 0xff 1 >&3; cat <&3"
    expect(guest.run(script).splitlines() == ["Integer 0x2A", "Integer 0x100"], "wrong sums")
    for value in ("Integer 0x5", 'String "a b"', "Buffer 2: 01 FF", 'Package 2: [Integer 0x1, Package 1: [String ""]]'):
        argument = {"I": "5", "S": '"a b"', "B": "(1 ff)", "P": '[1 [""]]'}[value[0]]
        got = call(guest, f"\\_SB.TST0.ECHO {argument}")
        expect(got == value, f"{argument} comes back as {got!r}")
    expect(call(guest, "\\_SB.TST0.ECHO bare") == 'String "bare"', "a bare word is a string")
    expect(call(guest, "\\_SB.TST0.NONE") == "Nothing", "nothing is returned")


def test_battery_backed_memory(guest):
    """By its space, and by the ports with an index: the same bytes."""
    got = call(guest, "\\_SB.TST0.CMST 0xA55A")
    expect(got == "Package 2: [Integer 0xA55A, Integer 0xA55A]", got)


def test_bad_lines(guest):
    for line in ("", "\\_SB.TST0.ECHO [1", "\\_SB.TST0.ECHO 1 2 3 4 5 6 7 8", "\\_SB.NOPE", "NOPE NOPE", '\\_SB.TST0.ECHO "a'):
        output, status = guest.try_run(f"exec 3<>/scheme/acpi/call; cat >&3 <<'end'\n{line}\nend")
        expect(status != 0, f"{line!r} is taken: {output!r}")
    expect(call(guest, "\\_SB.TST0.MUTX") == "Error AE_TYPE", "a mutex has no value")


def test_hostile_methods(guest):
    expect(call(guest, "\\_SB.TST0.SELF").startswith("Error AE_"), "recursion without end")
    expect(call(guest, "\\_SB.TST0.KERN") == "Error AE_AML_ILLEGAL_ADDRESS", "memory of the kernel is written")
    expect(call(guest, "\\_SB.TST0.PORT") == "Error AE_AML_ILLEGAL_ADDRESS", "the interrupt controller is written")
    expect(call(guest, "\\_SB.TST0.SUM 1 1") == "Integer 0x2", "all is well after that")


def test_load_and_unload(guest):
    expect(not guest.run(f"ls {TABLES}/dynamic"), "tables were loaded already")
    call(guest, "\\_SB.BRNG")
    guest.wait_for("cat /scheme/acpi/devices", r"LATE id TEST0009 status 0xf")
    expect(guest.run(f"head -c 4 {TABLES}/dynamic/SSDT1") == "SSDT", "the table is not shown")
    expect(guest.run(f"cat {SPACE}/_SB_/LATE/_HID") == 'String "TEST0009"', "it has no names")
    call(guest, "\\_SB.TAKE")
    guest.wait_for("cat /scheme/acpi/devices", r"LATE id TEST0009 .*gone")
    expect(guest.try_run(f"ls {SPACE}/_SB_/LATE")[1] != 0, "its names stay")
    call(guest, "\\_SB.BRNG")
    guest.wait_for("cat /scheme/acpi/devices", r"LATE id TEST0009 status 0xf$")


def test_all_at_once(guest):
    """Several call, list and read, while tables come and go."""
    guest.run("for i in 1 2 3; do (for j in 1 2 3 4 5 6 7 8; do find /scheme/acpi/namespace -perm 400 -exec cat {} + "
              ">/dev/null 2>&1; done) & done; "
              "(exec 3<>/scheme/acpi/call; for j in 1 2 3 4 5 6 7 8 9; do echo '\\_SB.TAKE' >&3; echo '\\_SB.BRNG' >&3; done) & "
              "(exec 3<>/scheme/acpi/call; for j in 1 2 3 4 5 6 7 8 9; do echo '\\_SB.TST0.SUM 1 2' >&3; cat <&3; done) "
              ">/tmp/sums & wait; ")
    expect(guest.run("sort -u /tmp/sums") == "Integer 0x3", "not all sums are right")


def tool_files(program):
    """A program of this machine, and what it is linked to."""
    path = subprocess.run(["which", program], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    libraries = re.findall(r"(/\S+) \(", subprocess.run(["ldd", path], stdout=subprocess.PIPE, text=True, check=True).stdout)
    return {f"/usr/bin/{program}": path, **{library: library for library in libraries}}


def q35():
    with tempfile.TemporaryDirectory(prefix="cryptos.") as folder:
        with open(machine.compile_table(LATER, folder), "rb") as file:
            later = ", ".join(str(byte) for byte in file.read())
    with Guest("q35", tables=[TEST % later], files=tool_files("acpidump"), cpus=2) as guest:
        run_tests("scheme", guest, [
            test_root, test_tables_are_the_machines, test_table_by_redox_name, test_acpidump, test_tables_are_roots,
            test_objects, test_devices, test_devices_below_what_comes, test_methods, test_battery_backed_memory,
            test_bad_lines, test_hostile_methods, test_load_and_unload, test_all_at_once])


def test_off(guest):
    expect(guest.run("ls /scheme/acpi/").split() == ["devices", "tables"], "there is more than the tables")
    expect("DSDT" in guest.run(f"ls {TABLES}").split(), "the tables are not shown")


def off():
    with Guest("pc", cmdline="acpi=off") as guest:
        run_tests("scheme", guest, [test_off])


if __name__ == "__main__":
    session({"q35": q35, "off": off})
