// SPDX-License-Identifier: GPL-3.0-or-later
// Several tables: names across them, what the second may not say again, forward references.
// With: scoping_second
// With: scoping_third
DefinitionBlock ("", "DSDT", 2, "CRYPT", "SCOPTAB", 1)
{
	External (\_SB.LATE, DeviceObj)
	External (\_SB.LATE.VALU, IntObj)
	External (\THRD, MethodObj)
	Device (\_SB.FRST) { Name (VALU, 1) }
	// Expect: CALL => Integer 0xC
	Method (CALL) { Return (THRD (\_SB.LATE.VALU)) }
	// Expect: \_SB.FRST.ADDE => Integer 0x5
	// Expect: \_SB.FRST.VALU => Integer 0x1
	// Expect: \_SB.LATE.VALU => Integer 0x2
	// Expect: \_SB.LATE.DEEP.DEPT => Integer 0x3
	// What stands behind a name that was there already.
	// Expect: \BEHI => Integer 0x4
	// Expect: LAST => Package 3: [Reference \_SB_.LATE, Reference \THRD, Integer 0x2]
	Name (LAST, Package () { \_SB.LATE, \THRD, \_SB.LATE.VALU })
}
