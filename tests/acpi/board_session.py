# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices of the board at places that firmware tells: serial ports, keyboard and mouse."""

import os
import re
import time

from machine import NONSENSE, Guest, Missing, expect, run_tests, session

SECOND = ["-chardev", "file,id=second,path=@FOLDER@/second", "-device", "isa-serial,chardev=second,index=1"]
WRITE_SECONDS = 60

# Serial ports that cannot be: without registers, without an interrupt, the first one once more, disabled.
STRANGE = NONSENSE + r"""
DefinitionBlock ("", "SSDT", 2, "CRYPT", "STRANGE", 1)
{
    Scope (\_SB)
    {
        Device (UAR0)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_CRS, ResourceTemplate () { IRQNoFlags () {5} })
        }
        Device (UAR1)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0x3E8, 0x3E8, 0, 8) })
        }
        Device (UAR2)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x3F8, 0x3F8, 0, 8)
                IRQNoFlags () {4}
            })
        }
        Device (UAR3)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_STA, 1)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x2E8, 0x2E8, 0, 8)
                IRQNoFlags () {7}
            })
        }
        Device (KBD9)
        {
            Name (_HID, EisaId ("PNP0303"))
            Name (_CRS, Buffer () { 0x47, 0x01 })
        }
    }
}
"""


def handlers(guest):
    """{name: number} of /proc/interrupts."""
    text = guest.run("cat /proc/interrupts")
    return {name: int(number) for number, name in
            re.findall(r"^ *(\d+): *\d+ +(.*)$", text, re.MULTILINE)}


def test_second_serial_port(guest):
    expect(handlers(guest).get("serial port 2") == 3, f"interrupts are {handlers(guest)}")
    guest.run("seq 3000 >/dev/ttyS1")
    end = time.monotonic() + WRITE_SECONDS
    path = os.path.join(guest.folder, "second")
    while True:
        with open(path, encoding="ascii", errors="replace") as file:
            numbers = file.read().split()
        if numbers == [str(i) for i in range(1, 3001)]:
            return
        if time.monotonic() > end:
            raise Missing(f"{len(numbers)} lines came out of it")
        time.sleep(0.1)


def test_no_doubles(guest):
    lines = handlers(guest)
    expect(lines.get("serial port 1") == 4, f"interrupts are {lines}")
    names = re.findall(r"dev: (.*): driver (?:ns16550|i8042)", guest.dmesg())
    expect(len(names) == len(set(names)) and names.count("keyboard controller") == 1,
           f"there are {names}")


def test_strange_ones_are_left_out(guest):
    text = guest.dmesg()
    expect(len(re.findall(r"UAR[01]: a serial port without", text)) == 2, "no word of those")
    expect("serial port 2" not in text, "one of them is in service")


def q35():
    with Guest("q35", options=SECOND) as guest:
        run_tests("board", guest, [test_second_serial_port, test_no_doubles])


def strange():
    with Guest("pc", tables=[STRANGE]) as guest:
        run_tests("strange", guest, [test_no_doubles, test_strange_ones_are_left_out])


if __name__ == "__main__":
    session({"q35": q35, "strange": strange})
