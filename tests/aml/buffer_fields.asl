// SPDX-License-Identifier: GPL-3.0-or-later
// CreateBitField to CreateQWordField, CreateField: windows into buffers.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "BUFFIELD", 1)
{
	Name (BUF, Buffer () { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC })
	CreateByteField (BUF, 1, BYTF)
	CreateWordField (BUF, 1, WORF)
	CreateDWordField (BUF, 2, DWOF)
	CreateQWordField (BUF, 3, QWOF)
	CreateBitField (BUF, 0, BITF)
	CreateField (BUF, 4, 12, ODDF)
	CreateField (BUF, 3, 70, LONF)

	// Expect: BYTF => Integer 0x22
	// Expect: WORF => Integer 0x3322
	// Expect: DWOF => Integer 0x66554433
	// Expect: QWOF => Integer 0xBBAA998877665544
	// Expect: BITF => Integer 0x1
	// Expect: ODDF => Buffer 2: 21 02
	// Expect: LONF => Buffer 9: 42 64 86 A8 CA EC 0E 31 13
	// Expect: TYPE => Integer 0xE
	Method (TYPE) { Return (ObjectType (BYTF)) }
	// Expect: SIZE => Error AE_AML_OPERAND_TYPE
	Method (SIZE) { Return (SizeOf (LONF)) }

	// Expect: WRIT => Buffer 6: 00 34 12 00 00 00
	Method (WRIT, 0, Serialized)
	{
		Name (TEMP, Buffer (6) {})
		CreateWordField (TEMP, 1, FLD)
		FLD = 0x1234
		Return (TEMP)
	}
	// Only the field's bits change.
	// Expect: BITS => Buffer 3: FF 01 FF
	Method (BITS, 0, Serialized)
	{
		Name (TEMP, Buffer () { 0xFF, 0xFF, 0xFF })
		CreateField (TEMP, 9, 7, FLD)
		FLD = 0
		Return (TEMP)
	}
	// Expect: CUTS => Buffer 3: 00 F0 00
	Method (CUTS, 0, Serialized)
	{
		Name (TEMP, Buffer (3) {})
		CreateField (TEMP, 12, 4, FLD)
		FLD = 0x1234F
		Return (TEMP)
	}
	// Expect: TEXT => Buffer 6: 00 61 62 00 00 00
	Method (TEXT, 0, Serialized)
	{
		Name (TEMP, Buffer (6) {})
		CreateField (TEMP, 8, 32, FLD)
		FLD = "ab"
		Return (TEMP)
	}
	// Expect: BUFF => Buffer 6: 29 41 03 00 00 09
	Method (BUFF, 0, Serialized)
	{
		Name (TEMP, Buffer (6) { 9, 9, 9, 9, 9, 9 })
		CreateField (TEMP, 4, 36, FLD)
		FLD = Buffer () { 0x12, 0x34 }
		Return (TEMP)
	}
	// Wider than integers: a buffer is read, and written.
	// Expect: WIDE => Buffer 10: 88 77 66 55 44 33 22 11 00 00
	Method (WIDE, 0, Serialized)
	{
		Name (TEMP, Buffer (12) {})
		CreateField (TEMP, 8, 80, FLD)
		FLD = 0x1122334455667788
		Local0 = FLD
		Return (Local0)
	}
	// A local that holds a buffer.
	// Expect: LOCA => Buffer 4: 00 00 EF 00
	Method (LOCA)
	{
		Local0 = Buffer (4) {}
		CreateByteField (Local0, 2, FLD)
		FLD = 0xBEEF
		Return (Local0)
	}
	// A buffer is stored into a part of itself: byte by byte, each read when the one before is written.
	// Expect: SELF => Buffer 6: 11 12 11 12 11 16
	Method (SELF, 0, Serialized)
	{
		Name (TEMP, Buffer (6) { 0x11, 0x12, 0x13, 0x14, 0x15, 0x16 })
		CreateField (TEMP, 16, 24, FLD)
		FLD = TEMP
		Return (TEMP)
	}
	// Expect: SELB => Buffer 4: 31 42 62 04
	Method (SELB, 0, Serialized)
	{
		Name (TEMP, Buffer (4) { 0x11, 0x12, 0x13, 0x04 })
		CreateField (TEMP, 5, 19, FLD)
		FLD = TEMP
		Return (TEMP)
	}
	// A name's buffer that is stored to is still the same.
	// Expect: STOR => Integer 0x7
	Method (STOR, 0, Serialized)
	{
		Name (TEMP, Buffer (4) { 1, 2, 3, 4 })
		CreateByteField (TEMP, 2, FLD)
		TEMP = Buffer () { 5, 6, 7, 8 }
		Return (FLD)
	}
	// Expect: OUTS => Error AE_AML_BUFFER_LIMIT
	Method (OUTS)
	{
		Local0 = Buffer (4) {}
		CreateWordField (Local0, 3, FLD)
		Return (FLD)
	}
	// Expect: OUTB => Error AE_AML_BUFFER_LIMIT
	Method (OUTB)
	{
		Local0 = Buffer (4) {}
		CreateBitField (Local0, 32, FLD)
		Return (FLD)
	}
	// Expect: NONE => Error AE_AML_OPERAND_VALUE
	Method (NONE)
	{
		Local0 = Buffer (4) {}
		Local1 = 0
		CreateField (Local0, 0, Local1, FLD)
		Return (FLD)
	}
	// Expect: INTE => Integer 0x5
	Method (INTE)
	{
		Local0 = 5
		CreateByteField (Local0, 0, FLD)
		Return (FLD)
	}
	// Expect: STRI => Integer 0x61
	Method (STRI)
	{
		Local0 = "abc"
		CreateByteField (Local0, 0, FLD)
		Return (FLD)
	}
	// Expect: ADDI => Integer 0x23
	Method (ADDI) { Return (BYTF + 1) }
	// Expect: INCR => Buffer 2: 00 01
	Method (INCR, 0, Serialized)
	{
		Name (TEMP, Buffer (2) { 0xFF, 0 })
		CreateWordField (TEMP, 0, FLD)
		FLD++
		Return (TEMP)
	}
	// Expect: REFE => Integer 0x22
	Method (REFE)
	{
		Local0 = RefOf (BYTF)
		Return (DerefOf (Local0))
	}
	// Expect: COPY => Buffer 2: 61 00
	Method (COPY, 0, Serialized)
	{
		Name (TEMP, Buffer (2) {})
		CreateByteField (TEMP, 0, FLD)
		CopyObject ("abc", FLD)
		Return (TEMP)
	}
}
