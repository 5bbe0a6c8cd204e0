// SPDX-License-Identifier: GPL-3.0-or-later
// While, For, Break, Continue, nested and without turns.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "LOOPS", 1)
{
	// Expect: MAIN => Integer 0x37
	Method (MAIN)
	{
		Local0 = 0
		Local1 = 1
		While (Local1 <= 10) {
			Local0 += Local1
			Local1++
		}
		Return (Local0)
	}

	// Expect: BREA => Integer 0x5
	Method (BREA)
	{
		Local0 = 0
		While (One) {
			Local0++
			If (Local0 == 5) {
				Break
			}
		}
		Return (Local0)
	}

	// Expect: CONT => Integer 0x19
	Method (CONT)
	{
		Local0 = 0
		Local1 = 0
		While (Local0 < 10) {
			Local0++
			If ((Local0 & 1) == 0) {
				Continue
			}
			Local1 += Local0
		}
		Return (Local1)
	}

	// Expect: NEST => Integer 0x2D
	Method (NEST)
	{
		Local2 = 0
		For (Local0 = 0, Local0 < 10, Local0++) {
			For (Local1 = 0, Local1 < 10, Local1++) {
				If (Local1 == Local0) {
					Break
				}
				Local2++
			}
		}
		Return (Local2)
	}

	// Expect: NONE => Integer 0x7
	Method (NONE)
	{
		Local0 = 7
		While (Local0 > 100) {
			Local0 = 0
		}
		Return (Local0)
	}

	// Expect: LEAV => Integer 0x2
	Method (LEAV)
	{
		Local0 = 0
		While (One) {
			While (One) {
				If (Local0++ == 2) {
					Return (Local0)
				}
			}
		}
	}

	// A string that looks like a number is a condition too.
	// Expect: TEXT => Integer 0x3
	Method (TEXT)
	{
		Local0 = 3
		Local1 = 0
		Name (COND, "3")
		While (COND) {
			Local1++
			COND = Local0 - Local1
			If (Local1 > 9) {
				Break
			}
		}
		Return (Local1)
	}

	// Expect: MANY => Integer 0x10000
	Method (MANY)
	{
		Local0 = 0
		While (Local0 < 0x10000) {
			Local0++
		}
		Return (Local0)
	}
}
