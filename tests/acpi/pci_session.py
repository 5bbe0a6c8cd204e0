# SPDX-License-Identifier: GPL-3.0-or-later
"""PCI by what firmware's tables say of it: root bridges, windows, interrupt pins, damage."""

import re

from machine import NONSENSE, Guest, expect, report, run_tests, session

# QEMU's device that raises interrupts when it is told to, which the kernel's own tests do.
Q35 = ["-device", "pcie-pci-bridge,id=b1", "-device", "edu,bus=b1,addr=3",
       "-device", "edu,bus=pcie.0,addr=10"]
Q35_ROOTS = [*Q35, "-device", "pxb-pcie,id=pxb,bus_nr=128",
             "-device", "pcie-root-port,id=rp1,bus=pxb,chassis=2,slot=2",
             "-device", "pcie-pci-bridge,id=b2,bus=rp1", "-device", "edu,bus=b2,addr=1"]
PC = ["-device", "pci-bridge,id=b1,chassis_nr=1", "-device", "pci-bridge,id=b2,bus=b1,addr=1,chassis_nr=2",
      "-device", "edu,addr=9", "-device", "edu,bus=b1,addr=3", "-device", "edu,bus=b2,addr=6"]


def boot_tests(name, machine, options, linked, cmdline="", tables=()):
    """Boots for the kernel's own tests of PCI, which use interrupt pins. `linked`: whether firmware's link
    devices lead them."""
    def test():
        with Guest(machine, options=options, cmdline="ktest=pci " + cmdline, tables=tables, cpus=2,
                   shell=False, loglevel=6) as guest:
            end = guest.wait_end()
            text = guest.log()
            expect(end == "guest-shutdown" and "0 failed" in text, f"it ends with {text[-300:]!r}")
            links = re.findall(r"leads to interrupt \d+, level", text)
            expect(bool(links) == linked, f"{len(links)} links are set")
            expect("leads to no interrupt" not in text, "a link leads to no interrupt")
    report(f"{name}.pins", test)


def test_windows_hold_what_was_placed(guest):
    text = guest.dmesg()
    expect("no address" not in text, "a BAR found no room")
    expect("makes no sense" not in text, "what firmware placed was thrown away")


def test_links_wake(guest):
    """The chipset forgets where links lead when the machine sleeps; firmware is told again."""
    config = "/sys/bus/pci/devices/0000:00:01.0/config"
    read = f"dd if={config} bs=1 skip=96 count=4 2>/dev/null | od -An -tx1"
    before = guest.run(read)
    expect(re.search(r"\b0[5ab]\b", before), f"no link is set: {before!r}")
    guest.begin("echo mem >/sys/power/state")
    guest.wait_event("SUSPEND")
    guest.command("system_wakeup")
    guest.wait_event("WAKEUP")
    output, status = guest.finish()
    expect(status == 0, f"the sleep ended with {status}: {output!r}")
    after = guest.run(read)
    # Those that nothing uses need not come back.
    links = sorted(set(re.findall(r"LNK([A-D]) leads to interrupt (\d+)", guest.dmesg())))
    expect(links, "no link is used")
    for name, number in links:
        found = int(after.split()["ABCD".index(name)], 16)
        expect(found == int(number), f"LNK{name} led to {number} and is {found:#x} now")


def test_two_roots(guest):
    expect(re.search(r"PC80: PCI segment 0, buses 80 to 82", guest.dmesg()), "no second root bridge")
    expect("80:00.0 PCI bridge" in guest.run("lspci"), "nothing on its bus")


def q35():
    boot_tests("q35", "q35", Q35_ROOTS, True)
    with Guest("q35", options=Q35_ROOTS) as guest:
        run_tests("q35", guest, [test_two_roots, test_windows_hold_what_was_placed])


def pc():
    boot_tests("pc", "pc", PC, True)
    with Guest("pc", options=PC) as guest:
        run_tests("pc", guest, [test_windows_hold_what_was_placed])


def wake():
    with Guest("pc", options=["-global", "PIIX4_PM.disable_s3=0", "-device", "virtio-serial-pci,vectors=0,addr=6",
                              "-device", "pci-bridge,id=b1,chassis_nr=1"]) as guest:
        run_tests("wake", guest, [test_links_wake])


def off():
    """Without ACPI's byte code all is as far as the chipsets themselves tell."""
    boot_tests("pc-off", "pc", PC, False, cmdline="acpi=off")
    boot_tests("q35-off", "q35", Q35, False, cmdline="acpi=off")


# Root bridges that lie about their buses, windows and routes, with links that lead nowhere, beside the real one.
DAMAGED = NONSENSE + r"""
DefinitionBlock ("", "SSDT", 2, "CRYPT", "DAMAGED", 1)
{
    Scope (\_SB)
    {
        Device (BAD0) // the first bridge's bus
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_CRS, Buffer () { 0x88, 0xff, 0xff, 0x02, 0x79, 0x00 })
        }
        Device (BAD1) // a bus beyond all, memory as its window
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_BBN, 0x1234)
        }
        Device (BAD2)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_BBN, 0xF0)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                    0, 0xF0, 0xFF, 0, 0x10)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
                    ReadWrite, 0, 0, 0xFFFFFFFFFFFFFFFF, 0, 0)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
                    ReadWrite, 0, 0, 0x1FFFFFFF, 0, 0x20000000)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
                    ReadWrite, 0, 0xFFFFFFFFFFFFF000, 0xFFFFFFFFFFFFFFFF, 0x10000, 0x1000)
                DWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0xFFFF0000, 0xFFFFFFFF, 0, 0x10000)
            })
            Name (_PRT, Package () { 1, "text", Package () { 0xFFFF, 0 }, Package () { 0x5FFFF, 0, "x", 0 } })
            Method (_OSC, 4) { Return (Buffer () { 1 }) }
        }
        Device (BAD3) // evaluates for ever
        {
            Name (_HID, EisaId ("PNP0A03"))
            Method (_SEG) { Return (_SEG ()) }
        }
        Device (HUGE) // a device of the board that has all ports and memory
        {
            Name (_HID, EisaId ("PNP0C02"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0xFFFF, 0xFFFF, 0, 0xFF)
                Memory32Fixed (ReadWrite, 0xFFFFFFFF, 0xFFFFFFFF)
            })
        }
    }
}
"""


def test_is_told(guest):
    text = guest.dmesg()
    for name in ("BAD0", "BAD1", "BAD3"):
        expect(re.search(rf"<4>acpi: .*{name}", text), f"no word of {name}")
    expect(len(re.findall(r"<[34]>acpi", text)) < 20, "too many words")


def damaged():
    boot_tests("damaged", "q35", Q35, True, tables=[DAMAGED])
    with Guest("q35", options=Q35, tables=[DAMAGED]) as guest:
        run_tests("damaged", guest, [test_is_told, test_windows_hold_what_was_placed])


if __name__ == "__main__":
    session({"q35": q35, "pc": pc, "wake": wake, "off": off, "damaged": damaged})
