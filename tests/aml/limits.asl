// SPDX-License-Identifier: GPL-3.0-or-later
// What goes on for ever, too deep or takes too much ends with an error, and the next one works.
// Options: --limit operations=200000 --limit memory=1000000 --limit depth=100
DefinitionBlock ("", "DSDT", 2, "CRYPT", "LIMITS", 1)
{
	// Expect: FINE => Integer 0x1
	Method (FINE) { Return (1) }
	// Expect: EVER => Error AE_LIMIT
	Method (EVER) { While (One) { } Return (1) }
	// Expect: EVE2 => Error AE_LIMIT
	Method (EVE2) { Local0 = 0 While (One) { Local0++ Continue } Return (1) }
	// Expect: DEEP 1 => Error AE_STACK_OVERFLOW
	Method (DEEP, 1) { If (Arg0) { Local0 = DEEP (Arg0 + 1) } Else { Local0 = 1 } Return (Local0) }
	// Expect: DEE2 1 => Error AE_STACK_OVERFLOW
	Method (DEE2, 1) { If (Arg0) { Local0 = DEE3 (Arg0 + 1) } Else { Local0 = 1 } Return (Local0) }
	Method (DEE3, 1) { If (Arg0) { Local0 = DEE2 (Arg0 + 1) } Else { Local0 = 1 } Return (Local0) }
	// Expect: DEEO => Integer 0x7
	Method (DOWN, 1) { If (Arg0) { Return (DOWN (Arg0 - 1)) } Return (7) }
	Method (DEEO) { Return (DOWN (20)) }
	// A buffer that doubles.
	// Expect: BIGB => Error AE_NO_MEMORY
	Method (BIGB)
	{
		Local0 = Buffer (1024) {}
		While (One) {
			Local0 = Concatenate (Local0, Local0)
		}
		Return (1)
	}
	// Packages in packages.
	// Expect: BIGP => Error AE_NO_MEMORY
	Method (BIGP)
	{
		Local0 = Package () { 1, 2, 3, 4, 5, 6, 7, 8 }
		While (One) {
			Local1 = Package (2) {}
			Local1 [0] = Local0
			Local1 [1] = Local0
			Local0 = Local1
		}
		Return (1)
	}
	// Expect: HUGE 0x7FFFFFFFFFFFFFFF => Error AE_NO_MEMORY
	Method (HUGE, 1) { Local1 = Buffer (Arg0) {} Return (1) }
	// Expect: HUGP 0x7FFFFFFF => Error AE_NO_MEMORY
	Method (HUGP, 1) { Local1 = Package (Arg0) {} Return (1) }
	// A name that is there already.
	// Expect: NAMS => Error AE_ALREADY_EXISTS
	Method (NAMS, 0, Serialized) { Local0 = 0 While (One) { Name (XXXX, 5) Local0++ } Return (1) }
	// Nobody signals on a machine with one thread.
	// Expect: WAIF => Integer 0x1
	Event (EVT0)
	Method (WAIF) { Wait (EVT0, 0xFFFF) Return (1) }
	// Expect: AGAI => Integer 0x1
	Method (AGAI) { Return (FINE ()) }
}
