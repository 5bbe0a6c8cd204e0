// SPDX-License-Identifier: GPL-3.0-or-later
// Errors end the whole evaluation, and leave nothing behind that the next one meets.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "ERRORS", 1)
{
	Name (NUMB, 5)
	Name (PACK, Package () { 1, 2 })
	Mutex (MTX0, 0)
	Name (TRAC, 0)

	Method (FAIL) { TRAC = 1 Local0 = 0 Local1 = 1 / Local0 TRAC = 2 Return (1) }
	// Expect: OUTE => Error AE_AML_DIVIDE_BY_ZERO
	Method (OUTE) { FAIL () TRAC = 3 Return (1) }
	// Expect: TRAC => Integer 0x1
	// A mutex that is held is let go of.
	// Expect: HELD => Error AE_AML_DIVIDE_BY_ZERO
	Method (HELD) { Acquire (MTX0, 0xFFFF) FAIL () Return (1) }
	// Expect: HEL2 => Integer 0x0
	Method (HEL2) { Local0 = Acquire (MTX0, 0) Release (MTX0) Return (Local0) }
	// So is a serialised method.
	// Expect: SERF => Error AE_AML_DIVIDE_BY_ZERO
	// Expect: SERF => Error AE_AML_DIVIDE_BY_ZERO
	Method (SERF, 0, Serialized, 3) { FAIL () Return (1) }
	// And names that it made vanish.
	// Expect: MADE => Error AE_AML_DIVIDE_BY_ZERO
	// Expect: MADE => Error AE_AML_DIVIDE_BY_ZERO
	Method (MADE, 0, Serialized) { Name (TEMP, 1) FAIL () Return (TEMP) }

	// Expect: ARGS 1 => Integer 0x1
	// Expect: ARGS 1 2 3 => Integer 0x1
	Method (ARGS, 2) { Return (Arg0) }
	// Expect: PKGA => Error AE_AML_OPERAND_TYPE
	Method (PKGA) { Local0 = PACK Return (Local0 + 1) }
	// Expect: PKGS => Error AE_AML_OPERAND_TYPE
	Method (PKGS) { Local1 = PACK ToString (Local1, Ones, Local0) Return (Local0) }
	// Expect: SIZN => Integer 0x8
	Method (SIZN) { Local0 = NUMB Return (SizeOf (Local0)) }
	// Expect: INDN => Error AE_AML_OPERAND_TYPE
	Method (INDN) { Local0 = NUMB Return (DerefOf (Local0 [0])) }
	// Expect: IFPK => Error AE_TYPE
	Method (IFPK) { Local0 = PACK If (Local0) { Return (1) } Return (0) }
	// Expect: WHIP => Error AE_TYPE
	Method (WHIP) { Local0 = PACK While (Local0) { Return (1) } Return (0) }
	// Expect: UNRX => Error AE_AML_UNINITIALIZED_ARG
	Method (UNRX, 1) { Return (SizeOf (Arg0)) }
	// Expect: ACQN 5 => Error AE_AML_OPERAND_TYPE
	Method (ACQN, 1) { Return (Acquire (Arg0, 0)) }
	// Expect: SIGN 5 => Error AE_AML_OPERAND_TYPE
	Method (SIGN, 1) { Signal (Arg0) Return (1) }
	// Expect: RELN 5 => Error AE_AML_OPERAND_TYPE
	Method (RELN, 1) { Release (Arg0) Return (1) }
	// Expect: NEGA => Error AE_AML_OPERAND_TYPE
	Method (NEGA) { Local1 = PACK Return (FindSetLeftBit (Local1, Local0)) }
	// Expect: MTHC 0 => Error AE_AML_NO_RETURN_VALUE
	Method (NORX, 1) { If (Arg0) { Return (1) } }
	Method (MTHC, 1) { If (Arg0) { Return (1) } Local0 = DerefOf (RefOf (NUMB)) + NORX (Arg0) Return (Local0) }
	// Expect: STOB => Error AE_AML_OPERAND_TYPE
	Method (STOB) { Local1 = PACK Local0 = Buffer (2) {} Local0 [0] = Local1 Return (Local0) }
	// Expect: STOS => Buffer 2: 41 00
	Method (STOS) { Local0 = Buffer (2) {} Local0 [0] = "A" Return (Local0) }
	// Expect: STOE => Buffer 2: 00 00
	Method (STOE) { Local0 = Buffer (2) {} Local0 [0] = "" Return (Local0) }
}
