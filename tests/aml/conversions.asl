// SPDX-License-Identifier: GPL-3.0-or-later
// Conversions: of operands, of what is stored to names, and the To... operators.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "CONVERT", 1)
{
	Name (BUFX, Buffer () { 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49 })

	// --- Stores to names keep the type of the name. ---

	// Expect: NUMS => Integer 0xABC
	Method (NUMS, 0, Serialized) { Name (TEMP, 5) TEMP = "abc" Return (TEMP) }
	// Expect: NUMB => Integer 0x4847464544434241
	Method (NUMB, 0, Serialized) { Name (TEMP, 5) TEMP = BUFX Return (TEMP) }
	// Expect: NUMX => Integer 0x0
	Method (NUMX, 0, Serialized) { Name (TEMP, 5) TEMP = "xyz" Return (TEMP) }
	// Expect: NUM0 => Integer 0x1F
	Method (NUM0, 0, Serialized) { Name (TEMP, 5) TEMP = "0x1F" Return (TEMP) }
	// Expect: NUML => Integer 0x123456789ABCDEF0
	Method (NUML, 0, Serialized) { Name (TEMP, 5) TEMP = "123456789ABCDEF012345" Return (TEMP) }
	// Expect: NUMW => Integer 0x12
	Method (NUMW, 0, Serialized) { Name (TEMP, 5) TEMP = "  12 34" Return (TEMP) }
	// Expect: NUME => Integer 0x0
	Method (NUME, 0, Serialized) { Name (TEMP, 5) TEMP = "" Return (TEMP) }
	// Expect: NUMZ => Error AE_AML_BUFFER_LIMIT
	Method (NUMZ, 0, Serialized) { Name (TEMP, 5) Local0 = Buffer (0) {} TEMP = Local0 Return (TEMP) }
	// Expect: STRN => String "000000000000001F"
	Method (STRN, 0, Serialized) { Name (TEMP, "text") TEMP = 0x1F Return (TEMP) }
	// Expect: STRB => String "0x41 0x42 0x43 0x44 0x45 0x46 0x47 0x48 0x49"
	Method (STRB, 0, Serialized) { Name (TEMP, "text") TEMP = BUFX Return (TEMP) }
	// Expect: BUFN => Buffer 4: 1F 00 00 00
	Method (BUFN, 0, Serialized) { Name (TEMP, Buffer (4) { 1, 2, 3, 4 }) TEMP = 0x1F Return (TEMP) }
	// Expect: BUFL => Buffer 10: 88 77 66 55 44 33 22 11 00 00
	Method (BUFL, 0, Serialized) { Name (TEMP, Buffer (10) {}) TEMP = 0x1122334455667788 Return (TEMP) }
	// Expect: BUFS => Buffer 4: 61 62 00 00
	Method (BUFS, 0, Serialized) { Name (TEMP, Buffer (4) { 1, 2, 3, 4 }) TEMP = "ab" Return (TEMP) }
	// Expect: BUFC => Buffer 4: 61 62 63 64
	Method (BUFC, 0, Serialized) { Name (TEMP, Buffer (4) { 1, 2, 3, 4 }) TEMP = "abcdefgh" Return (TEMP) }
	// Expect: BUFB => Buffer 4: 41 42 43 44
	Method (BUFB, 0, Serialized) { Name (TEMP, Buffer (4) { 1, 2, 3, 4 }) TEMP = BUFX Return (TEMP) }
	// Expect: BUF0 => Buffer 9: 41 42 43 44 45 46 47 48 49
	Method (BUF0, 0, Serialized) { Name (TEMP, Buffer (0) {}) TEMP = BUFX Return (TEMP) }
	// Expect: BPKG => Error AE_AML_OPERAND_TYPE
	Method (BPKG, 0, Serialized) { Name (TEMP, Buffer (2) {}) Local0 = Package () { 1 } TEMP = Local0 Return (TEMP) }
	// Expect: NPKG => Error AE_AML_OPERAND_TYPE
	Method (NPKG, 0, Serialized) { Name (TEMP, 5) Local0 = Package () { 1 } TEMP = Local0 Return (TEMP) }
	// Locals take what is stored.
	// Expect: LOCA => String "abc"
	Method (LOCA) { Local0 = 5 Local0 = "abc" Return (Local0) }
	// CopyObject converts nothing.
	// Expect: COPY => String "abc"
	Method (COPY, 0, Serialized) { Name (TEMP, 5) CopyObject ("abc", TEMP) Return (TEMP) }

	// --- Operands ---

	// Expect: ADDS => Integer 0x1A
	Method (ADDS) { Local0 = "10" Return (Local0 + 10) }
	// Expect: ADDB => Integer 0x302
	Method (ADDB) { Local0 = Buffer () { 1, 3 } Return (Local0 + 1) }
	// Expect: ADDX => Integer 0x1A
	Method (ADDX) { Local0 = "0x10" Return (Local0 + 10) }
	// Expect: ADDP => Error AE_AML_OPERAND_TYPE
	Method (ADDP) { Local0 = Package () { 1 } Return (Local0 + 1) }
	// Expect: ADD0 => Error AE_AML_BUFFER_LIMIT
	Method (ADD0) { Local0 = Buffer (0) {} Return (Local0 + 1) }
	// Expect: ADDE => Integer 0x1
	Method (ADDE) { Local0 = "" Return (Local0 + 1) }

	// --- ToInteger ---

	// Expect: INTD => Integer 0x7B
	Method (INTD) { Local0 = "123" Return (ToInteger (Local0)) }
	// Expect: INTX => Integer 0x123
	Method (INTX) { Local0 = "0x123" Return (ToInteger (Local0)) }
	// Expect: INTO => Integer 0x7B
	Method (INTO) { Local0 = "0123" Return (ToInteger (Local0)) }
	// Expect: INTB => Integer 0x4847464544434241
	Method (INTB) { Return (ToInteger (BUFX)) }
	// Expect: INTE => Integer 0x0
	Method (INTE) { Local0 = "" Return (ToInteger (Local0)) }
	// Expect: INTG => Integer 0xC
	Method (INTG) { Local0 = "12xy" Return (ToInteger (Local0)) }
	// Expect: INTT => Integer 0x0
	Method (INTT) { Local0 = "abc" Return (ToInteger (Local0)) }
	// Expect: INTM => Integer 0x1999999999999999
	Method (INTM) { Local0 = "18446744073709551616" Return (ToInteger (Local0)) }
	// Expect: INTN => Integer 0x1FFFFFFFFFFFFFFF
	Method (INTN) { Local0 = "0x1FFFFFFFFFFFFFFFF" Return (ToInteger (Local0)) }
	// Expect: INTZ => Error AE_AML_BUFFER_LIMIT
	Method (INTZ) { Local0 = Buffer (0) {} Return (ToInteger (Local0)) }
	// Expect: INTP => Error AE_AML_OPERAND_TYPE
	Method (INTP) { Local0 = Package () { 1 } Return (ToInteger (Local0)) }

	// --- ToString, ToDecimalString, ToHexString, ToBuffer ---

	// Expect: STRA => String "ABCDEFGHI"
	Method (STRA) { Return (ToString (BUFX)) }
	// Expect: STR3 => String "ABC"
	Method (STR3) { Return (ToString (BUFX, 3)) }
	// Expect: STR0 => String "ab"
	Method (STR0) { Local0 = Buffer () { 0x61, 0x62, 0, 0x63 } Return (ToString (Local0)) }
	// Expect: STRI => String "CBA"
	Method (STRI) { Local0 = 0x414243 Return (ToString (Local0)) }
	// Expect: DECI => String "3735928559"
	Method (DECI) { Local0 = 0xDEADBEEF Return (ToDecimalString (Local0)) }
	// Expect: DECB => String "65,66,67,68,69,70,71,72,73"
	Method (DECB) { Return (ToDecimalString (BUFX)) }
	// Expect: DECS => String "abc"
	Method (DECS) { Local0 = "abc" Return (ToDecimalString (Local0)) }
	// Expect: DEC0 => String ""
	Method (DEC0) { Local0 = Buffer (0) {} Return (ToDecimalString (Local0)) }
	// Expect: HEXI => String "00000000DEADBEEF"
	Method (HEXI) { Local0 = 0xDEADBEEF Return (ToHexString (Local0)) }
	// Expect: HEXZ => String "0000000000000000"
	Method (HEXZ) { Local0 = 0 Return (ToHexString (Local0)) }
	// Expect: HEXB => String "0x41,0x42,0x43,0x44,0x45,0x46,0x47,0x48,0x49"
	Method (HEXB) { Return (ToHexString (BUFX)) }
	// Expect: HEXS => String "abc"
	Method (HEXS) { Local0 = "abc" Return (ToHexString (Local0)) }
	// Expect: BUFI => Buffer 8: EF BE AD DE 00 00 00 00
	Method (BUFI) { Local0 = 0xDEADBEEF Return (ToBuffer (Local0)) }
	// Expect: BUFT => Buffer 4: 61 62 63 00
	Method (BUFT) { Local0 = "abc" Return (ToBuffer (Local0)) }
	// Expect: BUFE => Buffer 1: 00
	Method (BUFE) { Local0 = "" Return (ToBuffer (Local0)) }
}
