// SPDX-License-Identifier: GPL-3.0-or-later
// Batteries and an adapter whose state the tests set from outside: QEMU's device pc-testdev keeps what is
// written to its ports, and the monitor writes there (supply_session.py).
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "SUPPLY", 1)
{
    Scope (\_SB)
    {
        OperationRegion (TEST, SystemIO, 0xE0, 0x04)
        Field (TEST, ByteAcc, NoLock, Preserve)
        {
            PCNT, 8,    // how full the batteries are
            ONLN, 1,    // the adapter has current
            PRE0, 1,    // the first battery is there
            PRE1, 1,    // the second one
            , 1,
            STAT, 4,    // as _BST has it
            TEMP, 8,
            FANS, 8
        }

        Device (AC__)
        {
            Name (_HID, "ACPI0003")
            Method (_PSR) { Return (ONLN) }
        }

        Device (BAT0)
        {
            Name (_HID, EisaId ("PNP0C0A"))
            Name (_UID, One)
            Name (TRIP, Zero)
            Method (_STA) { If (PRE0) { Return (0x1F) } Return (0x0F) }
            Method (_BIF)
            {
                Return (Package () { Zero, 60000, 50000, One, 11100, 5000, 2500, 100, 100,
                    "Model 1", "4711", "LION", "Maker" })
            }
            Method (_BST)
            {
                Local0 = Package () { Zero, 10000, Zero, 11800 }
                Local0[0] = STAT
                Local0[2] = PCNT * 500
                Return (Local0)
            }
            Method (_BTP, 1) { TRIP = Arg0 }
            Method (TELL, 1) { Notify (BAT0, Arg0) }
        }

        // In mAh, with the newer method.
        Device (BAT1)
        {
            Name (_HID, EisaId ("PNP0C0A"))
            Name (_UID, 2)
            Method (_STA) { If (PRE1) { Return (0x1F) } Return (0x0F) }
            Name (INFO, Package () { One, One, 5000, 4000, One, 7400, 400, 200, 123, 95000, 0xFFFFFFFF,
                0xFFFFFFFF, 1000, 500, 10, 10, "Model 2", "", "LiP", "Maker", Zero })
            Method (_BIX) { Return (INFO) }
            Method (_BST)
            {
                Local0 = Package () { Zero, 800, Zero, 7300 }
                Local0[0] = STAT
                Local0[2] = PCNT * 40
                Return (Local0)
            }
        }
    }
}
