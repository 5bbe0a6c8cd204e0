// SPDX-License-Identifier: GPL-3.0-or-later
// When operands are read: names as they are come to, locals and arguments when all are there.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "ORDER", 1)
{
	Name (NUMB, 1)
	Method (SETN) { NUMB = 0x10 Return (0x100) }

	// Expect: NAM1 => Integer 0x101
	Method (NAM1)
	{
		NUMB = 1
		Return (NUMB + SETN ())
	}

	// Expect: NAM2 => Integer 0x110
	Method (NAM2)
	{
		NUMB = 1
		Return (SETN () + NUMB)
	}

	// Expect: NEST => Integer 0x112
	Method (NEST)
	{
		NUMB = 1
		Return (NUMB + (NUMB + (SETN () + NUMB)))
	}

	// Integers are copied as arguments, other data is shared.
	Method (ARGI, 1) { NUMB = 0x11 Return (Arg0) }
	// Expect: ARGX => Integer 0x1
	Method (ARGX)
	{
		NUMB = 1
		Return (ARGI (NUMB))
	}

	Name (BUFF, Buffer () { 1, 2, 3 })
	Method (ARGB, 1) { BUFF [0] = 9 Return (Arg0) }
	// Expect: ARGY => Buffer 3: 09 02 03
	Method (ARGY)
	{
		Return (ARGB (BUFF))
	}

	Method (SETL, 1) { Arg0 = 0x10 Return (0x100) }
	// Expect: LOCL => Integer 0x110
	Method (LOCL)
	{
		Local0 = 1
		Return (Local0 + SETL (RefOf (Local0)))
	}

	OperationRegion (MEM, SystemMemory, 0x1000, 16)
	Field (MEM, ByteAcc, NoLock, Preserve) { FLD0, 8 }
	Method (SETF, 1) { FLD0 = Arg0 Return (0x100) }
	// Expect: FILD => Integer 0x101
	Method (FILD)
	{
		FLD0 = 1
		Return (FLD0 + SETF (2))
	}

	// Expect: PRED => Integer 0x1
	Method (PRED)
	{
		NUMB = 1
		If (NUMB == (SETN () / 0x100))
		{
			Return (1)
		}
		Return (2)
	}

	// Expect: STOR => Integer 0x5
	Method (STOR)
	{
		NUMB = 5
		Local0 = NUMB
		NUMB = 6
		Return (Local0)
	}
}
