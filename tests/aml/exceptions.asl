// SPDX-License-Identifier: GPL-3.0-or-later
// \_ERR, as acpiexec has it: is told of errors in methods, and says what becomes of them: 0, and a term is left out.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "EXCEPT", 1)
{
	Name (CODE, 0)
	Name (TEXT, "")
	Name (SEEN, 0)
	Name (GOES, 0)

	Method (_ERR, 3)
	{
		CODE = Arg0
		TEXT = Arg1
		SEEN++
		If (GOES == 1)
		{
			Return (0)
		}
		If (GOES == 2)
		{
			Return (8)
		}
		Return (Arg0)
	}

	// Expect: DIVI 0 => Error AE_AML_DIVIDE_BY_ZERO
	// Expect: CODE => Integer 0x300C
	// Expect: TEXT => String "AE_AML_DIVIDE_BY_ZERO"
	// Expect: DIVI 2 => Error AE_TYPE
	// Expect: DIVI 1 => Integer 0x5
	// Expect: SEEN => Integer 0x3
	Method (DIVI, 1)
	{
		GOES = Arg0
		Local0 = 5
		Local0 = (7 / 0)
		Return (Local0)
	}

	Method (NONE) {}
	Method (DEEP, 1) { Return (Arg0 + (1 % Zero)) }

	// Mod fails, Add, which misses an operand, and Store, to which nothing was returned.
	// Expect: CALL => Integer 0x7
	// Expect: SEEN => Integer 0x3
	// Expect: CODE => Integer 0x3012
	Method (CALL)
	{
		GOES = 1
		SEEN = 0
		Local0 = 7
		Local0 = DEEP (1)
		Return (Local0)
	}

	// A name that is not there, and a place that is none.
	// Expect: MISS => Integer 0x9
	Method (MISS)
	{
		GOES = 1
		SEEN = 0
		External (\NOPE)
		Local0 = 9
		Local0 = DerefOf (\NOPE)
		Store (4, \NOPE)
		Return (Local0)
	}

	// (ACPICA goes into the blocks.)
	// Ours: BODY => Integer 0x1
	Method (BODY)
	{
		GOES = 1
		Local0 = 1
		If (7 / 0)
		{
			Local0 = 2
		}
		While (7 / 0)
		{
			Local0 = 3
		}
		Return (Local0)
	}

	Event (EVNT)
	// Time passes, though nothing comes.
	// Expect: PASS => Integer 0xFFFFFFFFFFFFFFFF
	Method (PASS)
	{
		GOES = 0
		Local0 = Timer
		Local1 = Wait (EVNT, 50)
		Return ((Timer - Local0) >= 500000)
	}
}
