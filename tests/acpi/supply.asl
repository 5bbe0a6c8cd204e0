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
            TEMP, 8,    // degrees
            FAN0, 1,
            , 3,
            FAN1, 4     // its level
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

        PowerResource (PFAN, 0, 0)
        {
            Method (_STA) { Return (FAN0) }
            Method (_ON) { FAN0 = One }
            Method (_OFF) { FAN0 = Zero }
        }

        // Two that need the same current.
        Device (FANA)
        {
            Name (_HID, EisaId ("PNP0C0B"))
            Name (_UID, One)
            Name (_PR0, Package () { PFAN })
        }

        Device (FANB)
        {
            Name (_HID, EisaId ("PNP0C0B"))
            Name (_UID, 2)
            Name (_PR0, Package () { PFAN })
        }

        // One with levels.
        Device (FANC)
        {
            Name (_HID, EisaId ("PNP0C0B"))
            Name (_UID, 3)
            Name (_FIF, Package () { Zero, Zero, One, Zero })
            Name (LEVS, Package () { Zero,
                Package () { Zero, 0xFFFFFFFF, Zero, Zero, Zero },
                Package () { 9, 0, 3000, 40, 3000 },
                Package () { 4, 1, 1000, 20, 1000 },
                Package () { 4, 2, 1000, 20, 1000 },
                "nonsense" })
            Method (_FPS) { Return (LEVS) }
            Method (_FST) { Return (Package () { Zero, FAN1, 0xFFFFFFFF }) }
            Method (_FSL, 1) { FAN1 = Arg0 }
        }

        // One that is on from the start.
        PowerResource (PFAD, 0, 0)
        {
            Name (SPIN, One)
            Method (_STA) { Return (SPIN) }
            Method (_ON) { SPIN = One }
            Method (_OFF) { SPIN = Zero }
        }

        Device (FAND)
        {
            Name (_HID, EisaId ("PNP0C0B"))
            Name (_UID, 4)
            Name (_PR0, Package () { PFAD })
        }

        ThermalZone (TZ00)
        {
            Name (LIM2, 3332)
            Method (_TMP) { Return (2732 + TEMP * 10) }
            Method (_CRT) { Return (3732) }
            Method (_HOT) { Return (3682) }
            Method (_PSV) { Return (3532) }
            Method (_AC0) { Return (3432) }
            Method (_AC1) { Return (LIM2) }
            Name (_AC2, Zero)
            Name (_AL0, Package () { FANC, FANA })
            Name (_AL1, Package () { FANB, FAND })
            Name (_TC1, One)
            Name (_TC2, 5)
            Name (_TSP, 10)
            Name (_TZP, 10)
            Method (MOVE, 1) { LIM2 = Arg0 Notify (TZ00, 0x81) }
        }

        // One whose sensor tells nonsense.
        ThermalZone (TZ01)
        {
            Name (_TMP, 0xFFFFFFFF)
            Name (_CRT, 0xFFFFFFFF)
            Name (_PSV, 2732)
        }
    }
}
