// SPDX-License-Identifier: GPL-3.0-or-later
// What the interpreter itself names: _REV, _OS, _OSI, _GL; and the timer, sleeping, Fatal, Debug, Notify.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "PREDEF", 1)
{
	// Expect: \_REV => Integer 0x2
	// Expect: \_OS => String "Microsoft Windows NT"
	// Expect: OSI0 => Integer 0xFFFFFFFFFFFFFFFF
	Method (OSI0) { Return (_OSI ("Windows 2009")) }
	// Expect: OSI1 => Integer 0x0
	Method (OSI1) { Return (_OSI ("No such system")) }
	// Expect: OSI2 => Integer 0x0
	Method (OSI2) { Return (_OSI ("Linux")) }
	// Expect: OSI3 => Integer 0x0
	Method (OSI3) { Return (_OSI ("")) }
	// Expect: OSI4 => Error AE_TYPE
	Method (OSI4) { Return (_OSI (5)) }
	// Expect: OSI5 => Integer 0x0
	Method (OSI5) { Return (_OSI ("Module Device")) }
	// Expect: OSI6 => Integer 0xFFFFFFFFFFFFFFFF
	Method (OSI6) { Return (_OSI ("Extended Address Space Descriptor")) }
	// Expect: REVI => Integer 0xFFFFFFFFFFFFFFFF
	Method (REVI) { Return (Revision > 0x20000000) }
	// Expect: TIME => Integer 0xFFFFFFFFFFFFFFFF
	Method (TIME) { Local0 = Timer Sleep (2) Return (Timer - Local0 >= 10000) }
	// Expect: STAL => Integer 0xFFFFFFFFFFFFFFFF
	Method (STAL) { Local0 = Timer Stall (100) Return (Timer - Local0 >= 1000) }
	// Expect: STAX => Error AE_AML_OPERAND_VALUE
	Method (STAX) { Local0 = 300 Stall (Local0) Return (1) }
	// Expect: NOTI => Integer 0x1
	// Says: Notify \DEV0 0x80
	Device (DEV0) {}
	Method (NOTI) { Notify (DEV0, 0x80) Return (1) }
	// Expect: NOTX 5 => Error AE_AML_OPERAND_TYPE
	Name (NUMB, 5)
	Method (NOTX, 1) { Notify (Arg0, 1) Return (1) }
	// Expect: FATA => Integer 0x5
	// Says: Fatal 0x1 0x2 0x3
	Method (FATA) { Fatal (1, 2, 3) Return (5) }
	// Expect: DEBU => Integer 0x1
	Method (DEBU)
	{
		Debug = "hello"
		Debug = 5
		Debug = Buffer () { 1, 2 }
		Debug = Package () { 1, "x" }
		Debug = NUMB
		Debug = RefOf (NUMB)
		Debug = DEV0
		Return (1)
	}
	// (acpiexec enters its debugger.)
	// Ours: BREA => Integer 0x1
	Method (BREA) { BreakPoint NoOp Return (1) }
	// Expect: TYPD => Integer 0x10
	Method (TYPD) { Return (ObjectType (Debug)) }
	// Expect: TYPU => Integer 0x0
	Method (TYPU) { Return (ObjectType (Local0)) }
	// Expect: TYPZ => Integer 0x6
	Method (TYPZ) { Return (ObjectType (\_TZ)) }
}
