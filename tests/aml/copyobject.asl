// SPDX-License-Identifier: GPL-3.0-or-later
// CopyObject, ObjectType, SizeOf, and what Store does between kinds of objects.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "COPYOBJ", 1)
{
	Name (NUMB, 5)
	Name (TEXT, "text")
	Name (BUFF, Buffer () { 1, 2, 3 })
	Name (PACK, Package () { 1, "two" })
	Device (DEV0) {}
	Mutex (MTX0, 0)
	Event (EVT0)
	Method (MTHD) { Return (7) }
	OperationRegion (REGN, SystemMemory, 0x1000, 0x10)
	Field (REGN, ByteAcc, NoLock, Preserve) { FLD0, 8 }
	CreateByteField (BUFF, 0, BFLD)

	// Expect: TYPE => Package 12: [Integer 0x0, Integer 0x1, Integer 0x2, Integer 0x3, Integer 0x4, Integer 0x5, Integer 0x6, Integer 0x7, Integer 0x8, Integer 0x9, Integer 0xA, Integer 0xE]
	Method (TYPE, 0, Serialized)
	{
		Local0 = Package (12) {}
		Local0 [0] = ObjectType (Local1)
		Local0 [1] = ObjectType (NUMB)
		Local0 [2] = ObjectType (TEXT)
		Local0 [3] = ObjectType (BUFF)
		Local0 [4] = ObjectType (PACK)
		Local0 [5] = ObjectType (FLD0)
		Local0 [6] = ObjectType (DEV0)
		Local0 [7] = ObjectType (EVT0)
		Local0 [8] = ObjectType (MTHD)
		Local0 [9] = ObjectType (MTX0)
		Local0 [10] = ObjectType (REGN)
		Local0 [11] = ObjectType (BFLD)
		Return (Local0)
	}
	// Expect: SIZS => Package 3: [Integer 0x4, Integer 0x3, Integer 0x2]
	Method (SIZS)
	{
		Local0 = Package (3) {}
		Local0 [0] = SizeOf (TEXT)
		Local0 [1] = SizeOf (BUFF)
		Local0 [2] = SizeOf (PACK)
		Return (Local0)
	}
	// Expect: SIZN 5 => Integer 0x8
	Method (SIZN, 1) { Return (SizeOf (Arg0)) }
	// Expect: SIZR => Integer 0x4
	Method (SIZR) { Local0 = RefOf (TEXT) Local1 = RefOf (Local0) Return (SizeOf (Local1)) }

	// A name takes the other type.
	// Expect: TOTX => Package 2: [String "new", Integer 0x2]
	Method (TOTX, 0, Serialized)
	{
		Name (TEMP, 5)
		CopyObject ("new", TEMP)
		Local0 = Package (2) {}
		Local0 [0] = TEMP
		Local0 [1] = ObjectType (TEMP)
		Return (Local0)
	}
	// Expect: TOPK => Package 2: [Integer 0x1, String "two"]
	Method (TOPK, 0, Serialized) { Name (TEMP, 5) CopyObject (PACK, TEMP) Return (TEMP) }
	// Expect: DEEP => Package 2: [Integer 0x1, String "two"]
	Method (DEEP, 0, Serialized)
	{
		Name (TEMP, 5)
		CopyObject (PACK, TEMP)
		TEMP [0] = 99
		Return (PACK)
	}
	// Expect: TOLO => String "text"
	Method (TOLO) { CopyObject (TEXT, Local0) Return (Local0) }
	// Expect: COPM => Integer 0x7
	Method (COPM, 0, Serialized) { Name (TEMP, 5) CopyObject (MTHD, TEMP) Return (TEMP) }
	// Expect: COPF => Integer 0x1
	Method (COPF, 0, Serialized) { Name (TEMP, 5) FLD0 = 0x33 CopyObject (FLD0, TEMP) Return (ObjectType (TEMP)) }
	// Expect: UNIN 0 => Error AE_AML_UNINITIALIZED_LOCAL
	Method (UNIN, 1) { If (Arg0) { Local1 = 1 } Local0 = Local1 Return (Local0) }
	// Expect: EMPT => Integer 0x0
	Method (EMPT)
	{
		Local0 = Package (1) {}
		Return (ObjectType (Local0 [0]))
	}
	// Expect: PINT => Integer 0x1
	Method (PINT) { Local0 = PACK [0] Return (ObjectType (Local0)) }
	// Expect: BINT => Integer 0xE
	Method (BINT) { Local0 = BUFF [0] Return (ObjectType (Local0)) }
	// Expect: SINT => Integer 0xE
	Method (SINT) { Local0 = TEXT [0] Return (ObjectType (Local0)) }
	// Expect: RINT => Integer 0x8
	Method (RINT) { Local0 = RefOf (MTHD) Return (ObjectType (Local0)) }
	// Expect: LOCR => Integer 0x2
	Method (LOCR) { Local0 = "x" Local1 = RefOf (Local0) Return (ObjectType (Local1)) }

	// DerefOf a method's name is the method: what it is copied to is called by its name.
	Name (MADE, 0)
	Name (COPD, 0)
	// Expect: METY => Integer 0x8
	Method (METY) { CopyObject (DerefOf (RefOf (MTHD)), MADE) Return (ObjectType (MADE)) }
	// Expect: METC => Integer 0x7
	Method (METC) { CopyObject (DerefOf (RefOf (MTHD)), MADE) Return (MADE) }
	// Expect: MADE => Integer 0x7
	// Expect: METS => Integer 0xE
	Method (METS) { CopyObject (DerefOf (RefOf (MTHD)), MADE) Local0 = MADE + MADE Return (Local0) }
	// Expect: METO => Integer 0x1
	Method (METO)
	{
		CopyObject (DerefOf (RefOf (MTHD)), MADE)
		CopyObject (MADE, COPD)
		Return (ObjectType (COPD))
	}
	// Expect: METL => Integer 0x7
	Method (METL)
	{
		Local0 = RefOf (MTHD)
		CopyObject (DerefOf (Local0), Local1)
		CopyObject (Local1, COPD)
		Return (COPD)
	}
	// Expect: METN => Error AE_AML_OPERAND_TYPE
	Method (METN) { Local0 = RefOf (MTHD) Local1 = DerefOf (Local0) Return (Local1) }
	// Expect: METR => Error AE_TYPE
	Method (METR) { Return (DerefOf (RefOf (MTHD))) }
	// Expect: METX => String "[Method Object]"
	Method (METX) { Return (Concatenate (DerefOf (RefOf (MTHD)), "")) }
	Name (NAMS, Package () { MTHD, DEV0 })
	// Expect: PNAM => Reference \MTHD
	Method (PNAM) { Return (NAMS [0]) }
	// Expect: PDER => Error AE_TYPE
	Method (PDER) { Return (DerefOf (DerefOf (NAMS [0]))) }

	// Expect: PCOP => Integer 0x7
	Method (PCOP) { CopyObject (DerefOf (NAMS [0]), MADE) Return (MADE) }

	// What has no value is no result.
	// Expect: RMTX => Error AE_TYPE
	Method (RMTX) { Return (MTX0) }
	// Expect: REVT => Error AE_TYPE
	Method (REVT) { Return (EVT0) }
	// Expect: RREG => Error AE_TYPE
	Method (RREG) { Return (REGN) }
	// Expect: RFLD => Error AE_TYPE
	Method (RFLD) { Return (RefOf (FLD0)) }
	// Expect: RDEV => Error AE_TYPE
	Method (RDEV) { Local0 = RefOf (DEV0) Return (Local0) }
	// Expect: RPCK => Error AE_TYPE
	Method (RPCK) { Local0 = Package (2) {} Return (Local0 [1]) }
	// Expect: RNUM => Integer 0x5
	Method (RNUM) { Return (RefOf (NUMB)) }
}
