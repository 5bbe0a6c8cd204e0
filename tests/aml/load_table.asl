// SPDX-License-Identifier: GPL-3.0-or-later
// LoadTable: a table that firmware brings, loaded when code asks for it.
// With: load_oem
DefinitionBlock ("", "DSDT", 2, "CRYPT", "LOADTABL", 1)
{
	External (\_SB.OEMN, IntObj)
	Name (\PARA, 0)
	// Expect: BEFO => Integer 0x0
	Method (BEFO) { Return (CondRefOf (\_SB.OEMN)) }
	// Expect: LOAT => Package 3: [Integer 0xFFFFFFFFFFFFFFFF, Integer 0x55, Integer 0xF]
	Method (LOAT)
	{
		Local0 = LoadTable ("OEM1", "CRYPT", "OEMTABLE", "\\_SB", "\\PARA", 0x55)
		Local1 = Package (3) {}
		Local1 [0] = CondRefOf (\_SB.OEMN)
		Local1 [1] = \PARA
		Local1 [2] = ObjectType (Local0)
		Return (Local1)
	}
	// Expect: AFTE => Integer 0x99
	Method (AFTE) { Return (\_SB.OEMN) }
	// Expect: TWIC => Error AE_ALREADY_EXISTS
	Method (TWIC) { Return (LoadTable ("DSDT", "CRYPT", "LOADTABL", "", "", 0)) }
	// Expect: NOPL => Error AE_NOT_FOUND
	Method (NOPL) { Return (LoadTable ("OEM1", "CRYPT", "OEMTABLE", "\\NOPE", "", 0)) }
	// Expect: NOPA => Error AE_NOT_FOUND
	Method (NOPA) { Return (LoadTable ("OEM1", "CRYPT", "OEMTABLE", "", "\\NOPE", 0)) }
	// Expect: NOTB => Integer 0x0
	Method (NOTB) { Return (LoadTable ("OEM2", "CRYPT", "", "\\NOPE", "", 0)) }
	// Expect: NONE => Integer 0x0
	Method (NONE) { Return (LoadTable ("OEM2", "CRYPT", "", "", "", 0)) }
}
