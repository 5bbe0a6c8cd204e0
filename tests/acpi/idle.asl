// SPDX-License-Identifier: GPL-3.0-or-later
// Idle states for the first two processors. The ports are the PM timer's: reading it does no harm. Some of
// what they say is nonsense.
DefinitionBlock ("", "SSDT", 2, "TEST", "IDLE", 1)
{
    External (\_SB.CPUS.C000, ProcessorObj)
    External (\_SB.CPUS.C001, ProcessorObj)
    Name (\CSTS, Package () {
        5,
        Package () { ResourceTemplate () { Register (FFixedHW, 0, 0, 0) }, 1, 1, 1000 },
        Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0x60) }, 2, 10, 600 },
        Package () { "C2", 2, 20, 500 },
        Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0x608) }, 2, 20, 500 },
        Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0x609) }, 3, 300, 100 },
    })
    Scope (\_SB.CPUS.C000)
    {
        Method (_CST) { Return (\CSTS) }
        Method (CHNG, 1)
        {
            If (Arg0) {
                \CSTS [5] = Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0x60A) }, 3, 400, 90 }
            } Else {
                \CSTS [5] = Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0x609) }, 3, 300, 100 }
            }
            Notify (\_SB.CPUS.C000, 0x81)
        }
    }
    Scope (\_SB.CPUS.C001)
    {
        Method (BAD) { Return ("nonsense") }
        Method (_CST) { Return (BAD ()) }
    }
}
