// SPDX-License-Identifier: GPL-3.0-or-later
// Index fields, bank fields, regions of other spaces, regions whose place is computed.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "FIELDKND", 1)
{
	// An index field over memory: its two registers keep what was last written.
	OperationRegion (REGS, SystemMemory, 0x2000, 0x10)
	Field (REGS, ByteAcc, NoLock, Preserve) { INDX, 8, DATA, 8, IDXW, 16, DATW, 32 }
	IndexField (INDX, DATA, ByteAcc, NoLock, Preserve)
	{
		Offset (0x10), IDX0, 8, IDX1, 4, IDX2, 4, Offset (0x20), IDX3, 16
	}
	IndexField (IDXW, DATW, DWordAcc, NoLock, Preserve) { Offset (0x40), IDX4, 32, IDX5, 8 }
	// Expect: IDXA => Package 2: [Integer 0x10, Integer 0x12]
	Method (IDXA) { IDX0 = 0x12 Local0 = Package (2) {} Local0 [0] = INDX Local0 [1] = DATA Return (Local0) }
	// Expect: IDXB => Package 2: [Integer 0x11, Integer 0x5F]
	Method (IDXB) { DATA = 0xFF IDX2 = 5 Local0 = Package (2) {} Local0 [0] = INDX Local0 [1] = DATA Return (Local0) }
	// Expect: IDXC => Package 3: [Integer 0x21, Integer 0x12, Integer 0x1212]
	Method (IDXC) { IDX3 = 0x1234 Local0 = Package (3) {} Local0 [0] = INDX Local0 [1] = DATA Local0 [2] = IDX3 Return (Local0) }
	// Expect: IDXD => Package 3: [Integer 0x40, Integer 0x12345678, Integer 0x78]
	Method (IDXD) { IDX4 = 0x12345678 Local0 = Package (3) {} Local0 [0] = IDXW Local0 [1] = DATW Local0 [2] = IDX5 Return (Local0) }

	OperationRegion (BNKR, SystemIO, 0x400, 0x10)
	Field (BNKR, ByteAcc, NoLock, Preserve) { BSEL, 8, Offset (4), BRAW, 32 }
	BankField (BNKR, BSEL, 1, ByteAcc, NoLock, Preserve) { Offset (4), BNK0, 8, BNK1, 4 }
	BankField (BNKR, BSEL, 2, ByteAcc, NoLock, Preserve) { Offset (6), BNK2, 8, BNK3, 8 }
	// Expect: BNKA => Integer 0x1
	Method (BNKA) { BNK0 = 0x55 Return (BSEL) }
	// Expect: BNKB => Integer 0x77660055
	Method (BNKB) { BNK2 = 0x66 BNK3 = 0x77 Return (BRAW) }
	// Expect: BNKC => Integer 0x2
	Method (BNKC) { BNK1 = 0xF Local0 = BNK2 Return (BSEL) }
	// Expect: TYPB => Integer 0x5
	Method (TYPB) { Return (ObjectType (BNK0)) }

	// Ports
	OperationRegion (PORT, SystemIO, 0x500, 8)
	Field (PORT, ByteAcc, NoLock, Preserve) { PRT0, 8, PRT1, 16 }
	// Expect: PRTA => Integer 0x3468
	Method (PRTA) { PRT0 = 0x12 PRT1 = 0x3456 Return (PRT1 + PRT0) }

	Device (\_SB.PCI0)
	{
		Name (_HID, EisaId ("PNP0A03"))
		Name (_ADR, 0)
		Device (DEV1)
		{
			Name (_ADR, 0x00010000)
			OperationRegion (CFG, PCI_Config, 0, 0x100)
			Field (CFG, DWordAcc, NoLock, Preserve) { VEND, 16, DEVI, 16, Offset (0x40), CF40, 32 }
		}
	}
	// Expect: PCIC => Integer 0xCAFEF00D
	Method (PCIC) { \_SB.PCI0.DEV1.CF40 = 0xCAFEF00D Return (\_SB.PCI0.DEV1.CF40) }

	// A place that is computed where the region is declared.
	Name (BASE, 0x3000)
	OperationRegion (COMP, SystemMemory, BASE + 0x10, 4 * 4)
	Field (COMP, DWordAcc, NoLock, Preserve) { CMP0, 32 }
	OperationRegion (SAME, SystemMemory, 0x3010, 0x10)
	Field (SAME, DWordAcc, NoLock, Preserve) { SAM0, 32 }
	// Expect: COMA => Integer 0x1234
	Method (COMA) { CMP0 = 0x1234 Return (SAM0) }

	// A region within a method.
	// Expect: LOCA 0x4000 => Integer 0x4321
	Method (LOCA, 1, Serialized)
	{
		OperationRegion (TEMP, SystemMemory, Arg0, 0x10)
		Field (TEMP, WordAcc, NoLock, Preserve) { FLD0, 16 }
		FLD0 = 0x4321
		Return (FLD0)
	}
	// Beyond its end.
	OperationRegion (TINY, SystemMemory, 0x5000, One + One)
	Field (TINY, DWordAcc, NoLock, Preserve) { TIN0, 32 }
	Field (TINY, ByteAcc, NoLock, Preserve) { TIN1, 8, TIN2, 16 }
	// Expect: TINA => Error AE_AML_REGION_LIMIT
	Method (TINA) { Return (TIN0) }
	// Expect: TINB => Integer 0x0
	Method (TINB) { Return (TIN1) }
	// Expect: TINC => Error AE_AML_REGION_LIMIT
	Method (TINC) { Return (TIN2) }

	// A table as a region.
	DataTableRegion (TABL, "DSDT", "", "")
	Field (TABL, ByteAcc, NoLock, Preserve) { TSIG, 32 }
	// Expect: TABS => Integer 0x54445344
	Method (TABS) { Return (TSIG) }

	// Others that simple machines have.
	OperationRegion (ECRM, EmbeddedControl, 0, 0x100)
	Field (ECRM, ByteAcc, NoLock, Preserve) { ECR0, 8, ECR1, 16 }
	OperationRegion (CMOS, SystemCMOS, 0, 0x80)
	Field (CMOS, ByteAcc, NoLock, Preserve) { CMO0, 8 }
	// Expect: ECRW => Integer 0x12AB
	Method (ECRW) { ECR0 = 0x77 ECR1 = 0x1234 Return (ECR0 + ECR1) }
	// Expect: CMOW => Integer 0x88
	Method (CMOW) { CMO0 = 0x88 Return (CMO0) }
}
