// SPDX-License-Identifier: GPL-3.0-or-later
// Operators on integers of 64 bits.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "ARITH", 1)
{
	Name (BIG, 0xFFFFFFFFFFFFFFFF)
	Name (SIX, 6)
	Name (TWO, 2)
	Name (NIL, 0)

	// Expect: ADDW => Integer 0x5
	Method (ADDW) { Return (BIG + SIX) }
	// Expect: SUBW => Integer 0xFFFFFFFFFFFFFFFC
	Method (SUBW) { Return (TWO - SIX) }
	// Expect: MULW => Integer 0xFFFFFFFFFFFFFFFA
	Method (MULW) { Return (BIG * SIX) }
	// Expect: DIVI => Package 2: [Integer 0x5, Integer 0x2AAAAAAAAAAAAAAA]
	Method (DIVI)
	{
		Divide (BIG, SIX, Local0, Local1)
		Local2 = Package (2) {}
		Local2 [0] = Local0 + TWO
		Local2 [1] = Local1
		Return (Local2)
	}
	// Expect: MODU => Integer 0x3
	Method (MODU) { Return (BIG % SIX) }
	// Expect: DIVZ => Error AE_AML_DIVIDE_BY_ZERO
	Method (DIVZ) { Return (SIX / NIL) }
	// Expect: MODZ => Error AE_AML_DIVIDE_BY_ZERO
	Method (MODZ) { Return (SIX % NIL) }
	// Expect: SHLF => Integer 0x600000000
	Method (SHLF) { Return (SIX << 32) }
	// Expect: SHL6 => Integer 0x0
	Method (SHL6) { Return (SIX << 64) }
	// Expect: SHLB => Integer 0x0
	Method (SHLB) { Return (SIX << BIG) }
	// Expect: SHRG => Integer 0xFFFFFFFF
	Method (SHRG) { Return (BIG >> 32) }
	// Expect: SHR6 => Integer 0x0
	Method (SHR6) { Return (BIG >> 200) }
	// Expect: ANDS => Integer 0x2
	Method (ANDS) { Return (SIX & 0xFA) }
	// Expect: ORRS => Integer 0xFE
	Method (ORRS) { Return (SIX | 0xFA) }
	// Expect: XORS => Integer 0xFC
	Method (XORS) { Return (SIX ^ 0xFA) }
	// Expect: NOTS => Integer 0xFFFFFFFFFFFFFFF9
	Method (NOTS) { Return (~SIX) }
	// Expect: NNDS => Integer 0xFFFFFFFFFFFFFFFD
	Method (NNDS) { NAnd (SIX, 0xFA, Local0) Return (Local0) }
	// Expect: NORS => Integer 0xFFFFFFFFFFFFFF01
	Method (NORS) { NOr (SIX, 0xFA, Local0) Return (Local0) }
	// Expect: INCR => Integer 0x0
	Method (INCR) { Local0 = BIG Local0++ Return (Local0) }
	// Expect: DECR => Integer 0xFFFFFFFFFFFFFFFF
	Method (DECR) { Local0 = NIL Local0-- Return (Local0) }
	// Expect: LEFT => Integer 0x3
	Method (LEFT) { FindSetLeftBit (SIX, Local0) Return (Local0) }
	// Expect: RIGH => Integer 0x2
	Method (RIGH) { FindSetRightBit (SIX, Local0) Return (Local0) }
	// Expect: LEF0 => Integer 0x0
	Method (LEF0) { FindSetLeftBit (NIL, Local0) Return (Local0) }
	// Expect: LEF6 => Integer 0x40
	Method (LEF6) { FindSetLeftBit (BIG, Local0) Return (Local0) }
	// Expect: TEXT => Integer 0x25
	Method (TEXT) { Local0 = "1F" Return (Local0 + SIX) }
	// Expect: BYTE => Integer 0x201
	Method (BYTE) { Local0 = Buffer () { 1, 2 } Return (Local0 | NIL) }
	// Expect: ALLB => Integer 0xFFFFFFFFFFFFFFFF
	Method (ALLB) { Local0 = Ones Return (Local0) }
	// Expect: CHAI => Integer 0x15
	Method (CHAI)
	{
		Local0 = Local1 = Local2 = 7
		Return (Local0 + Local1 + Local2)
	}
	// What is stored is what is returned.
	// Expect: RESU => Integer 0x10
	Method (RESU) { Return (Add (Add (SIX, TWO, Local0), Local0, Local1)) }
}
