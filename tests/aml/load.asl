// SPDX-License-Identifier: GPL-3.0-or-later
// Load and Unload of a table in a buffer, LoadTable, module-level code, externals.
// With: load_second
DefinitionBlock ("", "DSDT", 2, "CRYPT", "LOADTEST", 1)
{
	External (\SECO, IntObj)
	External (\SECM, MethodObj)
	External (\_SB.EXTD.EXTN, IntObj)
	External (\NEVR, MethodObj)
	Name (FROM, 0)
	Name (\_SB.BASE, 3)

	// Module-level code runs in its order, when the table is loaded.
	Name (MODU, 1)
	If (MODU == 1) {
		MODU = 2
		Name (MOD2, 0x22)
	} Else {
		Name (MOD3, 0x33)
	}
	Local0 = 0
	While (Local0 < 5) {
		MODU += 10
		Local0++
	}
	// Expect: MODU => Integer 0x34
	// Expect: MOD2 => Integer 0x22
	// Expect: MOD3 => Error AE_NOT_FOUND

	// What the second table brings.
	// Expect: SECO => Integer 0x5EC0
	// Expect: CALS => Integer 0x2A
	Method (CALS) { Return (SECM (0x28)) }
	// Expect: EXTE => Integer 0x77
	Method (EXTE) { Return (\_SB.EXTD.EXTN) }
	// Its code has changed this one.
	// Expect: FROM => Integer 0x2
	// Expect: NEVE => Integer 0x0
	Method (NEVE) { If (CondRefOf (\NEVR)) { Return (NEVR ()) } Return (0) }
	// Expect: NEVC => Error AE_NOT_FOUND
	Method (NEVC) { Return (NEVR ()) }

	// An SSDT: Name (LODD, 0x1234)
	Name (TABL, Buffer ()
	{
		0x53, 0x53, 0x44, 0x54, 0x2D, 0x00, 0x00, 0x00, 0x02, 0x00, 0x43, 0x52, 0x59, 0x50, 0x54, 0x00,
		0x4C, 0x4F, 0x41, 0x44, 0x45, 0x44, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x43, 0x52, 0x59, 0x50,
		0x01, 0x00, 0x00, 0x00, 0x08, 0x4C, 0x4F, 0x44, 0x44, 0x0B, 0x34, 0x12, 0x00
	})
	Method (SUMT)
	{
		TABL [9] = 0
		TABL [4] = SizeOf (TABL) - 1
		Local1 = 0
		Local0 = 0
		While (Local0 < SizeOf (TABL) - 1) {
			Local1 += DerefOf (TABL [Local0])
			Local0++
		}
		TABL [9] = (0x100 - (Local1 & 0xFF)) & 0xFF
	}
	Name (HNDL, 0)
	// Expect: LDMR => Package 3: [Integer 0xFFFFFFFFFFFFFFFF, Integer 0x1234, Integer 0x0]
	Method (LDMR, 0, Serialized)
	{
		External (\LODD, IntObj)
		SUMT ()
		Name (DATA, Buffer (44) {})
		DATA = TABL
		OperationRegion (MEMR, SystemMemory, 0x90000, 44)
		Field (MEMR, ByteAcc, NoLock, Preserve) { MEMF, 352 }
		MEMF = DATA
		Load (MEMR, Local0)
		Local1 = Package (3) {}
		Local1 [0] = CondRefOf (\LODD)
		Local1 [1] = \LODD
		Unload (Local0)
		Local1 [2] = CondRefOf (\LODD)
		Return (Local1)
	}
	// Expect: LOAB => Package 3: [Integer 0xFFFFFFFFFFFFFFFF, Integer 0x1234, Integer 0x0]
	Method (LOAB, 0, Serialized)
	{
		External (\LODD, IntObj)
		SUMT ()
		Local2 = Buffer (44) {}
		Name (DATB, Buffer (44) {})
		DATB = TABL
		Load (DATB, Local0)
		Local1 = Package (3) {}
		Local1 [0] = CondRefOf (\LODD)
		Local1 [1] = \LODD
		Unload (Local0)
		Local1 [2] = CondRefOf (\LODD)
		Return (Local1)
	}
	// Expect: LOAX => Error AE_BAD_CHECKSUM
	Method (LOAX, 0, Serialized)
	{
		SUMT ()
		Name (DATC, Buffer (44) {})
		DATC = TABL
		DATC [20] = 0xEE
		Load (DATC, Local0)
		Return (5)
	}
	// Expect: LOTN => Integer 0x0
	Method (LOTN) { Return (LoadTable ("OEM9", "", "", "\\", "", 0)) }
}
