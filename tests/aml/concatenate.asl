// SPDX-License-Identifier: GPL-3.0-or-later
// Concatenate: the second operand takes the type of the first; other objects are named.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "CONCAT", 1)
{
	Name (NUM, 0x1122334455667788)
	Name (TXT, "text")
	Name (BUF, Buffer () { 1, 2, 3 })
	Name (PKG, Package () { 1 })
	Device (DEV) {}
	Mutex (MTX, 0)
	Event (EVT)
	Method (MTH) { Return (0) }
	OperationRegion (REG, SystemMemory, 0x1000, 0x10)

	// Expect: NNUM => Buffer 16: 88 77 66 55 44 33 22 11 05 00 00 00 00 00 00 00
	Method (NNUM) { Return (Concatenate (NUM, 5)) }
	// Expect: NTXT => Buffer 16: 88 77 66 55 44 33 22 11 BC 0A 00 00 00 00 00 00
	Method (NTXT) { Return (Concatenate (NUM, "abc")) }
	// Expect: NBUF => Buffer 16: 88 77 66 55 44 33 22 11 01 02 03 00 00 00 00 00
	Method (NBUF) { Return (Concatenate (NUM, BUF)) }
	// Expect: TNUM => String "text1122334455667788"
	Method (TNUM) { Return (Concatenate (TXT, NUM)) }
	// Expect: TTXT => String "textmore"
	Method (TTXT) { Return (Concatenate (TXT, "more")) }
	// Expect: TBUF => String "text0x01 0x02 0x03"
	Method (TBUF) { Return (Concatenate (TXT, BUF)) }
	// Expect: BNUM => Buffer 11: 01 02 03 88 77 66 55 44 33 22 11
	Method (BNUM) { Return (Concatenate (BUF, NUM)) }
	// Expect: BTXT => Buffer 8: 01 02 03 74 65 78 74 00
	Method (BTXT) { Return (Concatenate (BUF, TXT)) }
	// Expect: BBUF => Buffer 6: 01 02 03 01 02 03
	Method (BBUF) { Return (Concatenate (BUF, BUF)) }
	// Expect: NTXX => Buffer 16: 88 77 66 55 44 33 22 11 00 00 00 00 00 00 00 00
	Method (NTXX) { Return (Concatenate (NUM, "xyz")) }
	// Expect: TPKG => String "text[Package Object]"
	Method (TPKG) { Return (Concatenate (TXT, PKG)) }
	// Expect: PTXT => String "[Package Object]text"
	Method (PTXT) { Return (Concatenate (PKG, TXT)) }
	// Expect: TDEV => String "text[Device Object]"
	Method (TDEV) { Return (Concatenate (TXT, DEV)) }
	// Expect: DDEV => String "[Device Object][Mutex Object]"
	Method (DDEV) { Return (Concatenate (DEV, MTX)) }
	// Expect: TMTX => String "text[Mutex Object]"
	Method (TMTX) { Return (Concatenate (TXT, MTX)) }
	// Expect: TEVT => String "text[Event Object]"
	Method (TEVT) { Return (Concatenate (TXT, EVT)) }
	// Expect: TREG => String "text[Region Object]"
	Method (TREG) { Return (Concatenate (TXT, REG)) }
	// Expect: NPKG => Buffer 16: 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	Method (NPKG) { Return (Concatenate (5, PKG)) }
	// Expect: BPKG => Buffer 20: 01 02 03 5B 50 61 63 6B 61 67 65 20 4F 62 6A 65 63 74 5D 00
	Method (BPKG) { Return (Concatenate (BUF, PKG)) }
	// Expect: REFE => String "text[Reference Object]"
	Method (REFE) { Return (Concatenate (TXT, RefOf (NUM))) }
	// Expect: TARG => String "text5"
	Method (TARG) { Concatenate (TXT, "5", Local0) Return (Local0) }
	// Expect: INTO => Integer 0x12
	Method (INTO, 0, Serialized) { Name (TEMP, 5) Concatenate ("1", "2", TEMP) Return (TEMP) }
}
