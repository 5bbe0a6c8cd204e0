// SPDX-License-Identifier: GPL-3.0-or-later
// Scopes, devices, aliases, how names are found, objects of the other kinds.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "SCOPES", 1)
{
	Name (NUMB, 1)
	Scope (\_SB)
	{
		Name (NUMB, 2)
		Device (DEV0)
		{
			Name (NUMB, 3)
			Device (SUB0)
			{
				Method (HERE) { Return (NUMB) }
				Method (UPUP) { Return (^^NUMB) }
				Method (UPU3) { Return (^^^NUMB) }
				Method (ROOT) { Return (\NUMB) }
				Method (ABSO) { Return (\_SB.DEV0.NUMB) }
				// Only single names are searched upwards.
				Method (PATH) { Return (CondRefOf (DEV0.NUMB)) }
			}
		}
	}
	// Expect: \_SB.DEV0.SUB0.HERE => Integer 0x3
	// Expect: \_SB.DEV0.SUB0.UPUP => Integer 0x3
	// Expect: \_SB.DEV0.SUB0.UPU3 => Integer 0x2
	// Expect: \_SB.DEV0.SUB0.ROOT => Integer 0x1
	// Expect: \_SB.DEV0.SUB0.ABSO => Integer 0x3
	// (acpiexec aborts here, though not for \NONE.NAME.)
	// Ours: \_SB.DEV0.SUB0.PATH => Integer 0x0

	// A scope that is opened again.
	Scope (\_SB.DEV0) { Name (MORE, 4) }
	// Expect: \_SB.DEV0.MORE => Integer 0x4
	Device (\_SB.DEV1) { Name (DEEP, 5) }
	// Expect: \_SB.DEV1.DEEP => Integer 0x5
	Name (\_SB.DEV1.LATE, 6)
	// Expect: \_SB.DEV1.LATE => Integer 0x6

	Alias (\_SB.DEV1.DEEP, ALIA)
	// Expect: ALIA => Integer 0x5
	Method (MTHD, 1) { Return (Arg0 + 1) }
	Alias (MTHD, ALIM)
	// Expect: CALA => Integer 0x8
	Method (CALA) { Return (ALIM (7)) }
	// Expect: SETA => Integer 0x9
	Method (SETA) { ALIA = 9 Return (\_SB.DEV1.DEEP) }
	Alias (\_SB.DEV0, ALID)
	// Expect: TYPA => Integer 0x6
	Method (TYPA) { Return (ObjectType (ALID)) }

	PowerResource (PWRR, 2, 5) { Name (_STA, 1) }
	ThermalZone (THRM) { Name (TEMP, 300) }
	Processor (CPU0, 1, 0x810, 6) { Name (INCP, 7) }
	// Expect: TYPP => Integer 0xB
	Method (TYPP) { Return (ObjectType (PWRR)) }
	// Expect: TYPT => Integer 0xD
	Method (TYPT) { Return (ObjectType (THRM)) }
	// Expect: TYPC => Integer 0xC
	Method (TYPC) { Return (ObjectType (CPU0)) }
	// Expect: \CPU0.INCP => Integer 0x7
	// Expect: THRM.TEMP => Integer 0x12C
	// Expect: TYPS => Integer 0x6
	Method (TYPS) { Return (ObjectType (\_SB)) }
	// Expect: NOPE => Error AE_NOT_FOUND
	// Expect: MISS => Error AE_NOT_FOUND
	Method (MISS) { Return (DerefOf (RefOf (\_SB.NONE.XXXX))) }
	External (\_SB.NONE.XXXX, IntObj)
	// Expect: DEVI => Error AE_TYPE
	Method (DEVI) { Return (\_SB.DEV0) }
}
