// SPDX-License-Identifier: GPL-3.0-or-later
// An embedded controller at the ports of pc-testdev, which answer nothing by themselves: the tests answer,
// or make it busy, silent or talkative. A battery asks it. Its event is the one that QEMU's older machine
// raises when a card is plugged in.
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "EC", 1)
{
    Scope (\_SB)
    {
        Device (EC0_)
        {
            Name (_HID, EisaId ("PNP0C09"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0xE0, 0xE0, 0, 1)
                IO (Decode16, 0xE1, 0xE1, 0, 1)
            })
            Name (_GPE, One)
            Name (_GLK, One)
            Name (REGS, Zero)
            Method (_REG, 2) { REGS = Arg1 }
            OperationRegion (ECOR, EmbeddedControl, Zero, 0x100)
            Field (ECOR, ByteAcc, Lock, Preserve) { Offset (0x20), AMNT, 8 }
            Method (READ) { Return (AMNT) }
            Name (ASKD, Zero)
            Method (_Q42) { ASKD++ Notify (BAT0, 0x80) }

            Device (BAT0)
            {
                Name (_HID, EisaId ("PNP0C0A"))
                Method (_STA) { If (REGS) { Return (0x1F) } Return (Zero) }
                Method (_BIF)
                {
                    Return (Package () { Zero, 100, 100, One, 11100, 10, 5, 1, 1, "", "", "LION", "" })
                }
                Method (_BST)
                {
                    Local0 = Package () { One, 10, Zero, 11800 }
                    Local0[2] = AMNT
                    Return (Local0)
                }
            }
        }
    }
}
