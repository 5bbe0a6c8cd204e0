// SPDX-License-Identifier: GPL-3.0-or-later
// Code of a table that goes on for ever: it is left out, and what stands behind it is there; a few times.
// Options: --limit operations=200000
// Says: error: AML: table DSDT: AE_LIMIT: a term is left out
DefinitionBlock ("", "DSDT", 2, "CRYPT", "FOREVER", 1)
{
	Method (HANG) { While (One) { } }
	HANG ()
	// Expect: FRST => Integer 0x1
	Name (FRST, 1)
	While (One) { HANG () }
	// Expect: SCND => Integer 0x2
	Name (SCND, 2)

	// The devices' methods have some operations together, and none more than one may take.
	Device (DEV0) { Method (_INI) { HANG () } }
	Device (DEV1) { Method (_INI) { HANG () } }
	Device (DEV2) { Name (DONE, 0) Method (_INI) { DONE = 1 } }
	Device (DEV3) { Method (_STA) { HANG () Return (15) } Method (_INI) { HANG () } }
	Device (DEV4) { Method (_INI) { HANG () } }
	Device (DEV5) { Name (DONE, 0) Method (_INI) { DONE = 1 } }
	// Expect: \DEV2.DONE => Integer 0x1
	// Expect: \DEV5.DONE => Integer 0x0
}
