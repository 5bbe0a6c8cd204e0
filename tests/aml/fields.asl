// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of regions: access types, update rules, offsets, bits across units, buffers.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "FIELDS", 1)
{
	OperationRegion (MEM, SystemMemory, 0x100000, 0x100)
	Field (MEM, AnyAcc, NoLock, Preserve)
	{
		ANY0, 8, ANY1, 1, ANY2, 7, ANY3, 16, ANY4, 32, ANY5, 64
	}
	Field (MEM, ByteAcc, NoLock, Preserve)
	{
		Offset (0x20), BYT0, 4, BYT1, 12, BYT2, 24, BYT3, 100
	}
	Field (MEM, WordAcc, NoLock, Preserve)
	{
		Offset (0x40), WOR0, 3, WOR1, 20, , 9, WOR2, 16
	}
	Field (MEM, DWordAcc, NoLock, WriteAsOnes)
	{
		Offset (0x60), ONE0, 8, ONE1, 8, , 16, ONE2, 32
	}
	Field (MEM, QWordAcc, NoLock, WriteAsZeros)
	{
		Offset (0x80), ZER0, 8, ZER1, 8, , 48, ZER2, 64
	}
	// What is beneath, by bytes.
	Field (MEM, ByteAcc, NoLock, Preserve)
	{
		Offset (0x20), RAW2, 160, Offset (0x40), RAW4, 64, Offset (0x60), RAW6, 64, Offset (0x80), RAW8, 128
	}
	Field (MEM, DWordAcc, Lock, Preserve) { Offset (0xF0), LCK0, 16, LCK1, 16 }
	Field (MEM, ByteAcc, NoLock, Preserve) { Offset (0xFE), END0, 16 }

	// Expect: ANYS => Package 6: [Integer 0x12, Integer 0x1, Integer 0x55, Integer 0xABCD, Integer 0x89ABCDEF, Integer 0x1122334455667788]
	Method (ANYS)
	{
		ANY0 = 0x12
		ANY1 = 1
		ANY2 = 0x55
		ANY3 = 0xABCD
		ANY4 = 0x89ABCDEF
		ANY5 = 0x1122334455667788
		Local0 = Package (6) {}
		Local0 [0] = ANY0
		Local0 [1] = ANY1
		Local0 [2] = ANY2
		Local0 [3] = ANY3
		Local0 [4] = ANY4
		Local0 [5] = ANY5
		Return (Local0)
	}
	// Expect: BYTS => Buffer 20: DA BC 56 34 12 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 00 00
	Method (BYTS)
	{
		BYT0 = 0xA
		BYT1 = 0xBCD
		BYT2 = 0x123456
		BYT3 = Buffer () { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 }
		Return (RAW2)
	}
	// Expect: BYTR => Package 4: [Integer 0xA, Integer 0xBCD, Integer 0x123456, Buffer 13: 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D]
	Method (BYTR)
	{
		BYTS ()
		Local0 = Package (4) {}
		Local0 [0] = BYT0
		Local0 [1] = BYT1
		Local0 [2] = BYT2
		Local0 [3] = BYT3
		Return (Local0)
	}
	// Expect: WORS => Integer 0xFFFF007FFFFD
	Method (WORS)
	{
		WOR0 = 5
		WOR1 = 0x12345
		WOR2 = 0xFFFF
		WOR1 = 0xFFFFF
		Return (RAW4)
	}
	// Expect: WORR => Integer 0xFFFFF
	Method (WORR) { WORS () Return (WOR1) }
	// Expect: ONEB => Integer 0xFFFFFF12
	Method (ONEB) { ONE0 = 0x12 Return (RAW6) }
	// Expect: ZERS => Buffer 16: 00 34 00 00 00 00 00 00 05 00 00 00 00 00 00 00
	Method (ZERS) { ZER0 = 0x12 ZER2 = 5 ZER1 = 0x34 Return (RAW8) }
	// Expect: LOCS => Integer 0x68AC
	Method (LOCS) { LCK0 = 0x1234 LCK1 = 0x5678 Return (LCK0 + LCK1) }
	// Expect: ENDS => Integer 0xBEEF
	Method (ENDS) { END0 = 0xBEEF Return (END0) }
	// Too large a value is cut, too short a buffer filled.
	// Expect: CUTS => Integer 0x34
	Method (CUTS) { ANY0 = 0x1234 Return (ANY0) }
	// Expect: FILL => Integer 0xBBAA
	Method (FILL) { ANY5 = Buffer () { 0xAA, 0xBB } Return (ANY5) }
	// Expect: TEXT => Integer 0x64636261
	Method (TEXT) { ANY4 = "abcdef" Return (ANY4) }
	// Expect: TYPE => Integer 0x5
	Method (TYPE) { Return (ObjectType (ANY0)) }
	// Expect: SIZE => Error AE_AML_OPERAND_TYPE
	Method (SIZE) { Return (SizeOf (BYT3)) }
	// Expect: INCR => Integer 0x0
	Method (INCR) { ANY0 = 0xFF ANY0++ Return (ANY0) }
	// Expect: LOOP => Integer 0xC
	Method (LOOP)
	{
		ANY3 = 0
		While (ANY3 < 10) { ANY3 += 3 }
		Return (ANY3)
	}
	// Expect: REFE => Integer 0x21
	Method (REFE) { ANY0 = 0x21 Local0 = RefOf (ANY0) Return (DerefOf (Local0)) }
	// Expect: REFW => Integer 0x43
	Method (SETS, 2) { Arg0 = Arg1 }
	Method (REFW) { ANY0 = 0x21 SETS (RefOf (ANY0), 0x43) Return (ANY0) }
}
