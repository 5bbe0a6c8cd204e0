// SPDX-License-Identifier: GPL-3.0-or-later
// Mid, Match, FromBCD, ToBCD.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "MIDMATCH", 1)
{
	Name (TXT, "0123456789")
	Name (BUF, Buffer () { 0, 1, 2, 3, 4, 5 })
	Name (PKG, Package () { 1, 5, 3, 9, "7", Buffer () { 5 }, 5 })

	// Expect: MIDS => String "234"
	Method (MIDS) { Return (Mid (TXT, 2, 3)) }
	// Expect: MIDB => Buffer 3: 02 03 04
	Method (MIDB) { Return (Mid (BUF, 2, 3)) }
	// Expect: MIDL => String "89"
	Method (MIDL) { Return (Mid (TXT, 8, 30)) }
	// Expect: MIDX => String ""
	Method (MIDX) { Return (Mid (TXT, 20, 3)) }
	// Expect: MIDY => Buffer 0:
	Method (MIDY) { Return (Mid (BUF, 20, 3)) }
	// Expect: MIDZ => Buffer 0:
	Method (MIDZ) { Return (Mid (BUF, 2, 0)) }
	// (acpiexec computes the end with a wrap, and crashes.)
	// Ours: MIDW => String "23456789"
	Method (MIDW) { Return (Mid (TXT, 2, 0xFFFFFFFFFFFFFFFF)) }
	// Expect: MIDI => Buffer 3: 56 34 12
	Method (MIDI) { Local0 = 0x123456 Return (Mid (Local0, 0, 3)) }

	// Expect: MEQQ => Integer 0x1
	Method (MEQQ) { Return (Match (PKG, MEQ, 5, MTR, 0, 0)) }
	// Expect: MEQ2 => Integer 0x5
	Method (MEQ2) { Return (Match (PKG, MEQ, 5, MTR, 0, 2)) }
	// Expect: MRAN => Integer 0x1
	Method (MRAN) { Return (Match (PKG, MGT, 3, MLT, 9, 0)) }
	// Expect: MSTR => Integer 0x4
	Method (MSTR) { Return (Match (PKG, MEQ, 7, MTR, 0, 0)) }
	// Expect: MNON => Integer 0xFFFFFFFFFFFFFFFF
	Method (MNON) { Return (Match (PKG, MEQ, 100, MTR, 0, 0)) }
	// Expect: MLEE => Integer 0x2
	Method (MLEE) { Return (Match (PKG, MLE, 3, MGE, 2, 0)) }
	// Expect: MTRR => Integer 0x3
	Method (MTRR) { Return (Match (PKG, MTR, 0, MTR, 0, 3)) }
	// Expect: MOUT => Error AE_AML_PACKAGE_LIMIT
	Method (MOUT) { Return (Match (PKG, MTR, 0, MTR, 0, 7)) }
	// Expect: MTXT => Integer 0x1
	Method (MTXT)
	{
		Local0 = Package () { "abc", "def", 7 }
		Return (Match (Local0, MEQ, "def", MTR, 0, 0))
	}
	// Expect: MTUN => Integer 0xFFFFFFFFFFFFFFFF
	Method (MTUN)
	{
		Local0 = Package (3) { 1 }
		Return (Match (Local0, MEQ, 0, MTR, 0, 0))
	}

	// Expect: FROM => Integer 0x4D2
	Method (FROM) { FromBCD (0x1234, Local0) Return (Local0) }
	// Expect: TOBC => Integer 0x1234
	Method (TOBC) { ToBCD (1234, Local0) Return (Local0) }
	// Expect: FROX => Error AE_AML_NUMERIC_OVERFLOW
	Method (FROX) { Local1 = 0x12A4 FromBCD (Local1, Local0) Return (Local0) }
	// Expect: TOBX => Error AE_AML_NUMERIC_OVERFLOW
	Method (TOBX) { Local1 = 0xFFFFFFFFFFFFFFFF ToBCD (Local1, Local0) Return (Local0) }
	// Expect: TOBM => Integer 0x9999999999999999
	Method (TOBM) { Local1 = 9999999999999999 ToBCD (Local1, Local0) Return (Local0) }
}
