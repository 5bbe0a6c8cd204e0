// SPDX-License-Identifier: GPL-3.0-or-later
// _REG: of regions that are there from the beginning, that methods make, and that tables bring which are loaded later.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "REGMETH", 1)
{
	External (\LATE.SEEN)
	Name (CALL, "")

	Device (DEV0)
	{
		OperationRegion (CMOS, SystemCMOS, 0, 16)
		OperationRegion (MEM, SystemMemory, 0x1000, 16)
		Method (_REG, 2)
		{
			CALL = Concatenate (CALL, Concatenate ("first ", ToDecimalString (Arg0 * 10 + Arg1)))
		}
	}

	// Expect: CALL => String "first 51"

	// In a method: its own _REG; memory, too.
	// Expect: MAKE 5 => String "made 51"
	// Expect: MAKE 0 => String "made 1"
	Method (MAKE, 1, Serialized)
	{
		CALL = ""
		Method (_REG, 2)
		{
			CALL = Concatenate (CALL, Concatenate ("made ", ToDecimalString (Arg0 * 10 + Arg1)))
		}
		If (Arg0)
		{
			OperationRegion (CMOS, SystemCMOS, 0, 16)
		}
		Else
		{
			OperationRegion (MEM, SystemMemory, 0x1000, 16)
		}
		Return (CALL)
	}

	// An error in _REG is its own.
	// Expect: FALS => String "failed"
	Method (FALS, 0, Serialized)
	{
		CALL = ""
		Method (_REG, 2)
		{
			CALL = "failed"
			Local0 = 7 / (Arg0 - 5)
			CALL = "not there"
		}
		OperationRegion (CMOS, SystemCMOS, 0, 16)
		Return (CALL)
	}

	// SSDT: Device (\LATE) { Name (SEEN, 0) OperationRegion (CMOS, SystemCMOS, 0, 16)
	//	Method (_REG, 2) { SEEN = Arg0 << 8 | Arg1 } }
	Name (SSDT, Buffer () {
		0x53, 0x53, 0x44, 0x54, 0x50, 0x00, 0x00, 0x00, 0x02, 0xae, 0x43, 0x52, 0x59, 0x50, 0x54, 0x00,
		0x4c, 0x41, 0x54, 0x45, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x49, 0x4e, 0x54, 0x4c,
		0x25, 0x09, 0x20, 0x20, 0x5b, 0x82, 0x2a, 0x5c, 0x4c, 0x41, 0x54, 0x45, 0x08, 0x53, 0x45, 0x45,
		0x4e, 0x0a, 0x00, 0x5b, 0x80, 0x43, 0x4d, 0x4f, 0x53, 0x05, 0x0a, 0x00, 0x0a, 0x10, 0x14, 0x11,
		0x5f, 0x52, 0x45, 0x47, 0x02, 0x7d, 0x79, 0x68, 0x0a, 0x08, 0x00, 0x69, 0x53, 0x45, 0x45, 0x4e
	})

	// (ACPICA of this version does not tell regions of tables that Load brings.)
	// Ours: LODT => Integer 0x501
	Method (LODT, 0, Serialized)
	{
		Load (SSDT, Local0)
		Return (\LATE.SEEN)
	}
}
