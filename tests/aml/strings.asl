// SPDX-License-Identifier: GPL-3.0-or-later
// Strings: escapes, sizes, comparing, taking apart.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "STRING", 1)
{
	Name (TXT, "CryptOS")
	// Expect: ESCA => String "a\tb\n\"\\\x01\x7F"
	Name (ESCA, "a\tb\n\"\\\x01\x7f")
	// Expect: NONE => String ""
	Name (NONE, "")
	// Expect: SIZE => Integer 0x7
	Method (SIZE) { Return (SizeOf (TXT)) }
	// Expect: SIZ0 => Integer 0x0
	Method (SIZ0) { Return (SizeOf (NONE)) }
	// Expect: JOIN => String "CryptOS kernel"
	Method (JOIN) { Return (Concatenate (TXT, " kernel")) }
	// Expect: JOI0 => String "CryptOS"
	Method (JOI0) { Return (Concatenate (NONE, TXT)) }
	// Expect: CHAR => Integer 0x70
	Method (CHAR) { Return (DerefOf (TXT [3])) }
	// Expect: LATE => String "Crypto"
	Method (LATE) { Local0 = "Crypt" Return (Concatenate (Local0, "o")) }
	// A string that is stored to a name takes its own length.
	// Expect: GROW => String "a longer text than there was"
	Method (GROW, 0, Serialized)
	{
		Name (TEMP, "short")
		TEMP = "a longer text than there was"
		Return (TEMP)
	}
	// Expect: SHRI => String "ab"
	Method (SHRI, 0, Serialized)
	{
		Name (TEMP, "a longer text")
		TEMP = "ab"
		Return (TEMP)
	}
	// Writing 0 into a string does not end it.
	// Expect: ZER0 => Integer 0x4
	Method (ZER0, 0, Serialized)
	{
		Name (TEMP, "abcd")
		TEMP [1] = 0
		Return (SizeOf (TEMP))
	}
	// Expect: PRIN => String "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
	Method (PRIN) { Return ("0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF") }
	// Expect: FORM => String "Serial 10 of 12"
	Method (FORM) { Return (PRI2 (10, 12)) }
	Method (PRI2, 2) { Return (Concatenate (Concatenate ("Serial ", ToDecimalString (Arg0)), Concatenate (" of ", ToDecimalString (Arg1)))) }
}
