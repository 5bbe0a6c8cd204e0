// SPDX-License-Identifier: GPL-3.0-or-later
// CopyObject over what is more than data: methods (which are not called as targets), the global lock, the root.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "COPYOVER", 1)
{
	Method (WON) { Return ("one, ") }
	Method (TWO) { Return ("two") }

	// (ACPICA crashes: the method goes while it runs.)
	// Ours: SELF => Integer 0x5
	// Ours: SELF => String "over"
	Method (SELF, 0, Serialized)
	{
		CopyObject ("over", SELF)
		Return (5)
	}

	// Expect: ROOT => String "one, "
	Method (ROOT)
	{
		CopyObject (WON (), \)
		Return (\)
	}

	OperationRegion (MEM, SystemMemory, 0x1000, 16)
	Field (MEM, ByteAcc, Lock, Preserve) { BYTE, 8 }

	// The firmware's lock stays one for fields. (ACPICA crashes.)
	// Ours: LCKD => String "one, two"
	// Ours: BYTE => Integer 0xFE
	Method (LCKD)
	{
		CopyObject (TWO (), _GL)
		BYTE = 0xFE
		Return (Concatenate (\, _GL))
	}
}
