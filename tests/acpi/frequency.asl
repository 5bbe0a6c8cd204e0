// SPDX-License-Identifier: GPL-3.0-or-later
// Performance states for the first processor, in a register of pc-testdev. The last entry is nonsense.
DefinitionBlock ("", "SSDT", 2, "TEST", "FREQ", 1)
{
    External (\_SB.CPUS.C000, ProcessorObj)
    External (\_SB.CPUS.C001, ProcessorObj)
    Name (\LIMT, 0)
    Name (\STAT, Package () {
        Package () { 3000, 50000, 10, 10, 0x11, 0x11 },
        Package () { 2000, 30000, 10, 10, 0x22, 0x22 },
        Package () { 1000, 10000, 10, 10, 0x33, 0x33 },
        Package () { 1500, 10000, 10, 10, 0x44, 0x44 },
    })
    Scope (\_SB.CPUS.C000)
    {
        Name (_PCT, Package () {
            ResourceTemplate () { Register (SystemIO, 8, 0, 0xE0) },
            ResourceTemplate () { Register (SystemIO, 8, 0, 0xE0) },
        })
        Method (_PSS) { Return (\STAT) }
        Method (_PPC) { Return (\LIMT) }
    }
    Scope (\_SB.CPUS.C001)
    {
        // A port of the interrupt controller: not to be touched.
        Name (_PCT, Package () {
            ResourceTemplate () { Register (SystemIO, 8, 0, 0x20) },
            ResourceTemplate () { Register (SystemIO, 8, 0, 0x20) },
        })
        Method (_PSS) { Return (\STAT) }
    }
    Scope (\_SB)
    {
        Method (SLOW, 1)
        {
            \LIMT = Arg0
            Notify (\_SB.CPUS.C000, 0x80)
        }
    }
}
