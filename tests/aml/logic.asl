// SPDX-License-Identifier: GPL-3.0-or-later
// Comparisons and logical operators: the second operand takes the type of the first.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "LOGIC", 1)
{
	Name (SIX, 6)
	Name (NIL, 0)
	Name (ABC, "abc")
	Name (ABD, "abd")
	Name (NUM, "6")
	Name (BUFA, Buffer () { 1, 2, 3 })
	Name (BUFB, Buffer () { 1, 2, 4 })
	Name (BUFC, Buffer () { 1, 2 })

	// Expect: TRUE => Integer 0xFFFFFFFFFFFFFFFF
	Method (TRUE) { Return (SIX == 6) }
	// Expect: FALS => Integer 0x0
	Method (FALS) { Return (SIX == 7) }
	// Expect: LANS => Integer 0x0
	Method (LANS) { Return (SIX && NIL) }
	// Expect: LORS => Integer 0xFFFFFFFFFFFFFFFF
	Method (LORS) { Return (SIX || NIL) }
	// Expect: LNEG => Integer 0xFFFFFFFFFFFFFFFF
	Method (LNEG) { Return (!NIL) }
	// Expect: STRL => Integer 0xFFFFFFFFFFFFFFFF
	Method (STRL) { Return (ABC < ABD) }
	// Expect: STRG => Integer 0x0
	Method (STRG) { Return (ABC > ABD) }
	// Expect: STRN => Integer 0xFFFFFFFFFFFFFFFF
	Method (STRN) { Return (ABC != ABD) }
	// Expect: STRE => Integer 0xFFFFFFFFFFFFFFFF
	Method (STRE) { Return (ABC == "abc") }
	// Expect: LONG => Integer 0xFFFFFFFFFFFFFFFF
	Method (LONG) { Return ("abcd" > ABC) }
	// Expect: BUFL => Integer 0xFFFFFFFFFFFFFFFF
	Method (BUFL) { Return (BUFA < BUFB) }
	// Expect: BUFG => Integer 0xFFFFFFFFFFFFFFFF
	Method (BUFG) { Return (BUFA > BUFC) }
	// Expect: BUFE => Integer 0x0
	Method (BUFE) { Return (BUFA == BUFC) }
	// Expect: MIX1 => Integer 0xFFFFFFFFFFFFFFFF
	Method (MIX1) { Return (SIX == NUM) }
	// Expect: MIX2 => Integer 0x0
	Method (MIX2) { Return (NUM == SIX) }
	// Expect: MIX3 => Integer 0xFFFFFFFFFFFFFFFF
	Method (MIX3) { Return (Buffer (8) { 6 } == SIX) }
	// Expect: MIX4 => Integer 0x0
	Method (MIX4) { Return (ABC == BUFA) }
	// Expect: MIX5 => Integer 0xFFFFFFFFFFFFFFFF
	Method (MIX5) { Return ("0000000000000006" == SIX) }
	// Expect: GREQ => Integer 0xFFFFFFFFFFFFFFFF
	Method (GREQ) { Return (SIX >= 6) }
	// Expect: LEEQ => Integer 0x0
	Method (LEEQ) { Return (SIX <= 5) }
	// Expect: TYPE => Error AE_AML_OPERAND_TYPE
	Method (TYPE) { Local0 = Package () { 1 } Return (Local0 == SIX) }
	// Expect: IFEL => String "else if"
	Method (IFEL)
	{
		If (NIL) {
			Return ("if")
		} ElseIf (SIX) {
			Return ("else if")
		} Else {
			Return ("else")
		}
	}
	// Both sides are evaluated.
	// Expect: BOTH => Integer 0x2
	Name (CNT, 0)
	Method (TICK) { CNT++ Return (CNT) }
	Method (BOTH)
	{
		CNT = 0
		Local0 = (TICK () || TICK ())
		Return (CNT)
	}
}
