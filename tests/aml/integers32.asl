// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of revision 1: integers have 32 bits.
DefinitionBlock ("", "DSDT", 1, "CRYPT", "INT32", 1)
{
	Name (BIGN, 0xFFFFFFFF)
	Name (BUF8, Buffer () { 1, 2, 3, 4, 5, 6, 7, 8 })
	// Expect: ADDW => Integer 0x1
	Method (ADDW) { Return (BIGN + 2) }
	// Expect: ONEN => Integer 0xFFFFFFFF
	Method (ONEN) { Return (Ones) }
	// Expect: TRUE => Integer 0xFFFFFFFF
	Method (TRUE) { Return (BIGN == 0xFFFFFFFF) }
	// Expect: SHLF => Integer 0x0
	Method (SHLF) { Return (BIGN << 32) }
	// Expect: SHL1 => Integer 0xFFFFFFFE
	Method (SHL1) { Return (BIGN << 1) }
	// Expect: NOTN => Integer 0x0
	Method (NOTN) { Return (~BIGN) }
	// Expect: MULT => Integer 0x1
	Method (MULT) { Return (BIGN * BIGN) }
	// Expect: LEFT => Integer 0x20
	Method (LEFT) { FindSetLeftBit (BIGN, Local0) Return (Local0) }
	// Expect: TEXT => String "FFFFFFFFtext"
	Method (TEXT) { Local0 = "" Return (Concatenate (Concatenate (Local0, BIGN), "text")) }
	// Expect: CONC => Buffer 8: FF FF FF FF 01 00 00 00
	Method (CONC) { Return (Concatenate (BIGN, 1)) }
	// Expect: BUFN => Integer 0x4030201
	Method (BUFN) { Return (ToInteger (BUF8)) }
	// Expect: TOBU => Buffer 4: FF FF FF FF
	Method (TOBU) { Return (ToBuffer (BIGN)) }
	// Expect: STRN => Integer 0x12345678
	Method (STRN) { Local0 = "123456789A" Return (Local0 + 0) }
	// Expect: TOIN => Integer 0x12345678
	Method (TOIN) { Local0 = "0x123456789A" Return (ToInteger (Local0)) }
	// Expect: FIEL => Buffer 8: 01 02 03 04 05 06 07 08
	CreateQWordField (BUF8, 0, FIEL)
	// Expect: FIE4 => Integer 0x5040302
	CreateDWordField (BUF8, 1, FIE4)
	// Expect: HEXS => String "FFFFFFFF"
	Method (HEXS) { Return (ToHexString (BIGN)) }
	// Expect: MATC => Integer 0xFFFFFFFF
	Method (MATC) { Local0 = Package () { 1 } Return (Match (Local0, MEQ, 2, MTR, 0, 0)) }
	// Expect: TIMR => Integer 0xFFFFFFFF
	Method (TIMR) { Return (Timer < 0xFFFFFFFF) }
	// Expect: DECR => Integer 0xFFFFFFFF
	Method (DECR) { Local0 = 0 Local0-- Return (Local0) }
}
