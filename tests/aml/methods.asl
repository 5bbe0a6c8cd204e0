// SPDX-License-Identifier: GPL-3.0-or-later
// Calls: arguments, temporary names, recursion, calls within operands, names that are found late.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "METHODS", 1)
{
	Method (SUM7, 7)
	{
		Return (Arg0 + Arg1 + Arg2 + Arg3 + Arg4 + Arg5 + Arg6)
	}
	// Expect: ARG7 => Integer 0x1C
	Method (ARG7) { Return (SUM7 (1, 2, 3, 4, 5, 6, 7)) }
	// Expect: ADD2 2 0x28 => Integer 0x2A
	Method (ADD2, 2) { Return (Arg0 + Arg1) }
	// Expect: ECHO '"some text"' => String "some text"
	// Expect: ECHO '(01 02 FF)' => Buffer 3: 01 02 FF
	// Expect: ECHO '[0x1 "x" (05)]' => Package 3: [Integer 0x1, String "x", Buffer 1: 05]
	Method (ECHO, 1) { Return (Arg0) }
	Method (FACT, 1)
	{
		If (Arg0 < 2) {
			Return (1)
		}
		Return (Arg0 * FACT (Arg0 - 1))
	}
	// Expect: FAC9 => Integer 0x1B02B9306890000
	Method (FAC9) { Return (FACT (19)) }
	Method (FIBO, 1)
	{
		If (Arg0 < 2) {
			Return (Arg0)
		}
		Return (FIBO (Arg0 - 1) + FIBO (Arg0 - 2))
	}
	// Expect: FIB9 => Integer 0x37
	Method (FIB9) { Return (FIBO (10)) }
	// Each call has names of its own.
	// Expect: TEMP => Integer 0x6
	Method (MAKE, 1, Serialized)
	{
		Name (VALU, 0)
		VALU = Arg0
		Return (VALU)
	}
	Method (TEMP) { Return (MAKE (1) + MAKE (2) + MAKE (3)) }
	// Expect: GONE => Integer 0x0
	Method (MAK2) { Return (1) }
	Method (GONE) { MAKE (1) Return (CondRefOf (\MAK2.VALU)) }
	// Expect: NOTH => Nothing
	Method (NOTH) { Local0 = 1 }
	// Expect: LATE => Integer 0x9
	Method (LATE) { Return (LAT2 ()) }
	Method (LAT2) { Return (9) }
	// Expect: UNIL 0 => Error AE_AML_UNINITIALIZED_LOCAL
	Method (UNIL, 1) { If (Arg0) { Local3 = 1 } Return (Local3 + 1) }
	// Expect: UNIA => Error AE_AML_UNINITIALIZED_ARG
	Method (UNIA, 1) { Return (Arg0 + 1) }
	// Expect: EARL => Integer 0x1
	Method (EARL)
	{
		If (One) {
			While (One) {
				Return (1)
			}
		}
		Return (2)
	}
	// Arguments that are assigned are locals.
	// Expect: ASSI => Integer 0x7
	Method (CHAN, 1) { Arg0 = Arg0 + 1 Return (Arg0) }
	Method (ASSI) { Local0 = 3 Return (CHAN (Local0) + Local0) }
	// Packages are passed as they are.
	// Expect: PASS => Package 2: [Integer 0x63, Integer 0x2]
	Method (CHPK, 1) { Arg0 [0] = 99 }
	Method (PASS) { Local0 = Package () { 1, 2 } CHPK (Local0) Return (Local0) }
	// Expect: PASB => Buffer 2: 63 02
	Method (PASB) { Local0 = Buffer () { 1, 2 } CHPK (Local0) Return (Local0) }
	// Expect: PASN => Package 2: [Integer 0x63, Integer 0x2]
	Name (PKGN, Package () { 1, 2 })
	Method (PASN) { CHPK (PKGN) Return (PKGN) }
	// Expect: NEST => Integer 0x15
	Method (NEST) { Return (ADD2 (ADD2 (1, ADD2 (2, 3)), ADD2 (ADD2 (4, 5), 6))) }
	// Expect: TWIC => Integer 0x2
	Method (ENTE) { Name (ONCE, 1) Return (ONCE) }
	Method (TWIC) { Return (ENTE () + ENTE ()) }
	// Expect: SAME => Error AE_ALREADY_EXISTS
	Method (SAME) { Local0 = 0 While (Local0 < 2) { Local0++ Name (\DUPX, 1) } Return (1) }
	// Expect: TYPE => Integer 0x8
	Method (TYPE) { Return (ObjectType (ECHO)) }
}
