// SPDX-License-Identifier: GPL-3.0-or-later
// Resource templates and ConcatenateResTemplate.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "RESOURCE", 1)
{
	Name (RES0, ResourceTemplate ()
	{
		IO (Decode16, 0x60, 0x60, 1, 1, PORT)
		IRQNoFlags () { 1 }
	})
	Name (RES1, ResourceTemplate ()
	{
		Memory32Fixed (ReadWrite, 0xFED00000, 0x400, MEMF)
		WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0xFF, 0, 0x100)
	})
	// Expect: RES0 => Buffer 13: 47 01 60 00 60 00 01 01 22 02 00 79 00
	// Expect: RES1 => Buffer 30: 86 09 00 01 00 00 D0 FE 00 04 00 00 88 0D 00 02 0C 00 00 00 00 00 FF 00 00 00 00 01 79 00
	// Expect: BOTH => Buffer 41: 47 01 60 00 60 00 01 01 22 02 00 86 09 00 01 00 00 D0 FE 00 04 00 00 88 0D 00 02 0C 00 00 00 00 00 FF 00 00 00 00 01 79 00
	Method (BOTH) { Return (ConcatenateResTemplate (RES0, RES1)) }
	// Expect: NONE => Buffer 13: 47 01 60 00 60 00 01 01 22 02 00 79 00
	Method (NONE) { Local0 = Buffer () { 0x79, 0 } Return (ConcatenateResTemplate (Local0, RES0)) }
	// Expect: EMPT => Buffer 13: 47 01 60 00 60 00 01 01 22 02 00 79 00
	Method (EMPT) { Local0 = Buffer (0) {} Return (ConcatenateResTemplate (Local0, RES0)) }
	// Expect: WRON => Error AE_AML_INVALID_RESOURCE_TYPE
	Method (WRON) { Local0 = Buffer () { 1, 2, 3 } Return (ConcatenateResTemplate (RES0, Local0)) }
	// Expect: SHOR => Error AE_AML_NO_RESOURCE_END_TAG
	Method (SHOR) { Local0 = "" Return (ConcatenateResTemplate (Local0, RES0)) }
	// Expect: TYPE => Error AE_AML_INVALID_RESOURCE_TYPE
	Method (TYPE) { Local0 = 5 Return (ConcatenateResTemplate (RES0, Local0)) }
	// Names within a template are fields of it.
	// Expect: FIEL => Buffer 14: 86 09 00 01 00 00 C0 FE 00 10 00 00 79 00
	Method (FIEL, 0, Serialized)
	{
		Name (TEMP, ResourceTemplate () { Memory32Fixed (ReadWrite, 0, 0, MEM0) })
		CreateDWordField (TEMP, MEM0._BAS, BASE)
		CreateDWordField (TEMP, MEM0._LEN, LENG)
		BASE = 0xFEC00000
		LENG = 0x1000
		Return (TEMP)
	}
}
