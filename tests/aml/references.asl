// SPDX-License-Identifier: GPL-3.0-or-later
// RefOf, DerefOf, CondRefOf, Index, and what stores through references do.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "REFER", 1)
{
	Name (NUM, 0x11)
	Name (TXT, "text")
	Name (BUF, Buffer () { 1, 2, 3, 4 })
	Name (PKG, Package () { 10, "ten", Package () { 1, 2, 3 }, Buffer () { 9, 8 } })
	Device (DEV) { Name (INN, 0x22) }

	// Expect: DERE => Integer 0x11
	Method (DERE) { Local0 = RefOf (NUM) Return (DerefOf (Local0)) }
	// Expect: WRIT => Error AE_AML_OPERAND_TYPE
	Method (WRIT)
	{
		Name (TEMP, 5)
		Local0 = RefOf (TEMP)
		DerefOf (Local0) = 0x99
		Return (TEMP)
	}
	// (A target that is read is none.)
	// A local that holds a reference is replaced.
	// Expect: LOCA => Integer 0x5
	Method (LOCA)
	{
		Name (TEMP, 5)
		Local0 = RefOf (TEMP)
		Local0 = 0x99
		Return (TEMP)
	}
	// An argument that holds one writes through.
	// Expect: ARGU => Integer 0x99
	Method (SETS, 2) { Arg0 = Arg1 }
	Method (ARGU)
	{
		Name (TEMP, 5)
		SETS (RefOf (TEMP), 0x99)
		Return (TEMP)
	}
	// Without conversion to the type that was there.
	// Expect: ARGT => String "abc"
	Method (ARGT)
	{
		Name (TEMP, 5)
		SETS (RefOf (TEMP), "abc")
		Return (TEMP)
	}
	// Expect: ARGL => Integer 0x99
	Method (ARGL)
	{
		Local0 = 5
		SETS (RefOf (Local0), 0x99)
		Return (Local0)
	}
	// Expect: ARGI => Package 2: [Integer 0x1, Integer 0x2]
	Method (ARGI)
	{
		Local0 = Package () { 1, 2 }
		SETS (Index (Local0, 1), 0x99)
		Return (Local0)
	}
	// Expect: BYVA => Integer 0x5
	Method (BYVA)
	{
		Local0 = 5
		SETS (Local0, 0x99)
		Return (Local0)
	}
	// Expect: COND => Package 3: [Integer 0xFFFFFFFFFFFFFFFF, Integer 0x11, Integer 0x0]
	Method (COND)
	{
		Local0 = Package (3) {}
		Local0 [0] = CondRefOf (NUM, Local1)
		Local0 [1] = DerefOf (Local1)
		Local0 [2] = CondRefOf (\NOPE, Local2)
		Return (Local0)
	}
	// Expect: INDP => String "ten"
	Method (INDP) { Local0 = PKG [1] Return (DerefOf (Local0)) }
	// Expect: INDB => Integer 0x3
	Method (INDB) { Local0 = BUF [2] Return (DerefOf (Local0)) }
	// Expect: INDS => Integer 0x78
	Method (INDS) { Local0 = TXT [2] Return (DerefOf (Local0)) }
	// Expect: DEEP => Integer 0x3
	Method (DEEP) { Return (DerefOf (DerefOf (PKG [2]) [2])) }
	// Expect: NAMD => Integer 0x22
	Method (NAMD) { Local0 = "\\DEV.INN" Return (DerefOf (Local0)) }
	// Expect: NAMN => Error AE_NOT_FOUND
	Method (NAMN) { Local0 = "\\DEV.NONE" Return (DerefOf (Local0)) }
	// Expect: SIZE => Integer 0x4
	Method (SIZE) { Local0 = RefOf (PKG) Return (SizeOf (Local0)) }
	// Expect: TYPE => Integer 0x3
	Method (TYPE) { Local0 = RefOf (BUF) Return (ObjectType (Local0)) }
	// Expect: TYPD => Integer 0x6
	Method (TYPD) { Local0 = RefOf (DEV) Return (ObjectType (Local0)) }
	// Expect: TYPI => Integer 0x4
	Method (TYPI) { Local0 = PKG [2] Return (ObjectType (Local0)) }
	// Expect: STOI => Package 4: [Integer 0xA, String "ten", Package 3: [Integer 0x1, Integer 0x2, Integer 0x3], Integer 0x7]
	Method (STOI) { PKG [3] = 7 Return (PKG) }
	// A byte of a buffer takes the lowest 8 bits.
	// Expect: STOB => Buffer 4: 01 78 03 04
	Method (STOB)
	{
		Name (TEMP, Buffer () { 1, 2, 3, 4 })
		TEMP [1] = 0x12345678
		Return (TEMP)
	}
	// Expect: STOS => String "tEst"
	Method (STOS)
	{
		Name (TEMP, "test")
		TEMP [1] = 0x45
		Return (TEMP)
	}
	// Expect: INCI => Error AE_AML_OPERAND_TYPE
	Method (INCI)
	{
		Local0 = Package () { 10 }
		Local1 = Local0 [0]
		Increment (DerefOf (Local1))
		Return (DerefOf (Local0 [0]))
	}
	// Expect: OUTS => Error AE_AML_PACKAGE_LIMIT
	Method (OUTS) { Return (DerefOf (PKG [4])) }
	// Expect: OUTB => Error AE_AML_BUFFER_LIMIT
	Method (OUTB) { Return (DerefOf (BUF [4])) }
	// Expect: OUTT => Error AE_AML_STRING_LIMIT
	Method (OUTT) { Return (DerefOf (TXT [9])) }
	// Expect: DINT => Error AE_TYPE
	Method (DINT) { Local0 = 5 Return (DerefOf (Local0)) }
}
