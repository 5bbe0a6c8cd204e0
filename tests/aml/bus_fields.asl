// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of buses that transfer buffers: SMBus, GenericSerialBus, IPMI; Connection, AccessAs.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "BUSFIELD", 1)
{
	Device (\_SB.SMB0)
	{
		Name (_HID, "ACPI0001")
		OperationRegion (SMBR, SMBus, 0x4200, 0x100)
		Field (SMBR, BufferAcc, NoLock, Preserve)
		{
			AccessAs (BufferAcc, AttribQuick), FLQU, 8,
			AccessAs (BufferAcc, AttribByte), FLBY, 8,
			AccessAs (BufferAcc, AttribWord), FLWO, 8,
			AccessAs (BufferAcc, AttribBlock), FLBL, 8
		}
	}
	// Expect: SMQU => Buffer 34: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	Method (SMQU) { Return (\_SB.SMB0.FLQU) }
	// Expect: SMBY => Buffer 34: 00 01 A0 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	Method (SMBY) { Return (\_SB.SMB0.FLBY) }
	// Expect: SMWO => Buffer 34: 00 02 A0 A1 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	Method (SMWO) { Return (\_SB.SMB0.FLWO) }
	// Expect: SMBL => Buffer 34: 00 20 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 BA BB BC BD BE BF
	Method (SMBL) { Return (\_SB.SMB0.FLBL) }
	// Expect: SMWR => Buffer 34: 00 01 A0 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	Method (SMWR)
	{
		Local0 = Buffer (34) { 0, 1, 0x55 }
		Local1 = (\_SB.SMB0.FLBY = Local0)
		Return (Local1)
	}
	// Expect: SMIN => Error AE_AML_OPERAND_TYPE
	Method (SMIN) { \_SB.SMB0.FLBY = 5 Return (1) }

	Device (\_SB.I2C0)
	{
		Name (_HID, "CRYP0001")
		OperationRegion (GSBR, GenericSerialBus, 0, 0x100)
		Field (GSBR, BufferAcc, NoLock, Preserve)
		{
			Connection (I2CSerialBusV2 (0x50, ControllerInitiated, 100000, AddressingMode7Bit, "\\_SB.I2C0")),
			AccessAs (BufferAcc, AttribByte), GSBY, 8,
			AccessAs (BufferAcc, AttribWord), GSWO, 8,
			AccessAs (BufferAcc, AttribBytes (5)), GSBS, 8,
			AccessAs (BufferAcc, AttribProcessCall), GSPC, 8
		}
	}
	// Expect: GBYT => Buffer 3: 00 01 A0
	Method (GBYT) { Return (\_SB.I2C0.GSBY) }
	// Expect: GWOR => Buffer 4: 00 02 A0 A1
	Method (GWOR) { Return (\_SB.I2C0.GSWO) }
	// Expect: GBYS => Integer 0x101
	Method (GBYS) { Local0 = \_SB.I2C0.GSBS Return (SizeOf (Local0)) }
	// Expect: GWRI => Buffer 4: 00 02 A0 A1
	Method (GWRI) { Local1 = (\_SB.I2C0.GSWO = Buffer (8) { 0, 2, 0x34, 0x12 }) Return (Local1) }

	Device (\_SB.IPM0)
	{
		Name (_HID, "IPI0001")
		OperationRegion (IPMR, IPMI, 0x0600, 0x100)
		Field (IPMR, BufferAcc, NoLock, Preserve)
		{
			AccessAs (BufferAcc, AttribByte), Offset (0x58), IPMF, 8
		}
	}
	// Expect: IPWR => Buffer 66: 00 40 00 00 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F 20 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F 40 41
	Method (IPWR) { Local0 = (\_SB.IPM0.IPMF = Buffer (66) { 0, 1, 2 }) Return (Local0) }
	// Expect: IPRD => Buffer 66: 00 40 00 00 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F 20 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F 40 41
	Method (IPRD) { Return (\_SB.IPM0.IPMF) }
}
