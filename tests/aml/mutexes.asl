// SPDX-License-Identifier: GPL-3.0-or-later
// Mutexes, their order, events, the global lock.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "MUTEX", 1)
{
	Mutex (MTX0, 0)
	Mutex (MTX1, 1)
	Mutex (MTX5, 5)
	Event (EVT0)

	// Expect: TAKE => Integer 0x0
	Method (TAKE) { Local0 = Acquire (MTX0, 0xFFFF) Release (MTX0) Return (Local0) }
	// The owner takes it again.
	// Expect: TWIC => Integer 0x0
	Method (TWIC)
	{
		Acquire (MTX0, 0xFFFF)
		Local0 = Acquire (MTX0, 0)
		Release (MTX0)
		Release (MTX0)
		Return (Local0)
	}
	// Expect: RISE => Integer 0x0
	Method (RISE)
	{
		Acquire (MTX1, 0xFFFF)
		Local0 = Acquire (MTX5, 0xFFFF)
		Release (MTX5)
		Release (MTX1)
		Return (Local0)
	}
	// Expect: FALL => Error AE_AML_MUTEX_ORDER
	Method (FALL)
	{
		Acquire (MTX5, 0xFFFF)
		Acquire (MTX1, 0xFFFF)
		Return (0)
	}
	// What a method leaves is held until the outermost one returns.
	// Expect: LEFT => Error AE_AML_MUTEX_ORDER
	Method (KEEP) { Acquire (MTX5, 0xFFFF) Return (1) }
	Method (LEFT) { KEEP () Return (Acquire (MTX1, 10)) }
	// Expect: NOTA => Error AE_AML_MUTEX_NOT_ACQUIRED
	Method (NOTA) { Release (MTX0) Return (0) }
	// Expect: TYPE => Integer 0x9
	Method (TYPE) { Return (ObjectType (MTX0)) }
	// Expect: WRON => Error AE_AML_OPERAND_TYPE
	Method (WRON) { Local0 = 5 Return (Acquire (Local0, 0)) }

	// While something higher is held, not even that.
	// Expect: AGAI => Error AE_AML_MUTEX_ORDER
	Method (SERA, 1, Serialized, 1)
	{
		If (Arg0 == 0) { Acquire (MTX5, 0xFFFF) Return (SERA (1)) }
		Return (Arg0)
	}
	Method (AGAI) { Return (SERA (0)) }

	// Those of one level are released in any order; the level goes down with the last.
	Mutex (MT5B, 5)
	Mutex (MT5C, 5)
	// Expect: ANYO => Integer 0x0
	Method (ANYO)
	{
		Acquire (MTX5, 0xFFFF)
		Acquire (MT5B, 0xFFFF)
		Acquire (MT5C, 0xFFFF)
		Release (MTX5)
		Release (MT5B)
		Release (MT5C)
		Return (Acquire (MTX1, 0xFFFF))
	}
	// Expect: ANYB => Integer 0x0
	Method (ANYB)
	{
		Acquire (MTX1, 0xFFFF)
		Acquire (MTX5, 0xFFFF)
		Acquire (MTX5, 0xFFFF)
		Acquire (MT5B, 0xFFFF)
		Release (MTX5)
		Release (MTX5)
		Release (MT5B)
		Release (MTX1)
		Return (Acquire (MTX0, 0xFFFF))
	}
	// Expect: LOWF => Error AE_AML_MUTEX_ORDER
	Method (LOWF) { Acquire (MTX1, 0xFFFF) Acquire (MTX5, 0xFFFF) Release (MTX1) Return (0) }
	// A method's level is what was before it again, though it leaves a mutex of its own.
	Method (OWN5, 0, Serialized, 5) { Acquire (MT5B, 0xFFFF) Return (0) }
	// Expect: LEVE => Error AE_AML_MUTEX_ORDER
	Method (LEVE) { OWN5 () Acquire (MTX1, 0xFFFF) Release (MTX1) Release (MT5B) Return (0) }
	// Expect: HAND => Error AE_AML_MUTEX_ORDER
	Method (HAND)
	{
		OWN5 ()
		Acquire (MTX5, 0xFFFF)
		Release (MT5B)
		Release (MTX5)
		Return (0)
	}

	// A method that makes names is serialized by itself, and has no level: what it leaves counts no more.
	Method (NAM5) { Name (INNR, 5) Acquire (MTX5, 0xFFFF) Return (INNR) }
	// Expect: NAMH => Integer 0x5
	Method (NAMH) { Acquire (MT5B, 0xFFFF) Return (NAM5 ()) }
	// Expect: NAML => Integer 0x0
	Method (NAML) { NAM5 () Return (Acquire (MTX1, 10)) }
	Method (NAMA) { Acquire (MTX5, 0xFFFF) Name (INNR, 5) Return (INNR) }
	// Expect: NAMB => Integer 0x0
	Method (NAMB) { NAMA () Return (Acquire (MTX1, 10)) }
	Method (NAMC, 1) { If (Arg0 == 0) { Return (NAMC (1)) } Name (INNR, 6) Return (INNR) }
	// Expect: NAMD => Integer 0x6
	Method (NAMD) { Return (NAMC (0)) }

	// Expect: SIGN => Integer 0x0
	Method (SIGN) { Reset (EVT0) Signal (EVT0) Return (Wait (EVT0, 0)) }
	// Expect: WAIF => Integer 0xFFFFFFFFFFFFFFFF
	Method (WAIF) { Reset (EVT0) Return (Wait (EVT0, 5)) }
	// Each signal lets one through.
	// Expect: COUN => Package 3: [Integer 0x0, Integer 0x0, Integer 0xFFFFFFFFFFFFFFFF]
	Method (COUN)
	{
		Reset (EVT0)
		Signal (EVT0)
		Signal (EVT0)
		Local0 = Package (3) {}
		Local0 [0] = Wait (EVT0, 0)
		Local0 [1] = Wait (EVT0, 0)
		Local0 [2] = Wait (EVT0, 0)
		Return (Local0)
	}
	// Expect: RESE => Integer 0xFFFFFFFFFFFFFFFF
	Method (RESE) { Signal (EVT0) Reset (EVT0) Return (Wait (EVT0, 0)) }
	// Expect: TYPV => Integer 0x7
	Method (TYPV) { Return (ObjectType (EVT0)) }
	// Expect: GLOB => Integer 0x0
	Method (GLOB) { Local0 = Acquire (\_GL, 0xFFFF) Release (\_GL) Return (Local0) }
	// Expect: TYPG => Integer 0x9
	Method (TYPG) { Return (ObjectType (\_GL)) }

	// A serialised method with a level holds it like a mutex.
	Method (SER5, 0, Serialized, 5) { Return (6) }
	Method (SER1, 0, Serialized, 1) { Return (SER5 ()) }
	Method (SERX, 0, Serialized, 7) { Return (SER1 ()) }
	// Expect: SERU => Integer 0x6
	Method (SERU) { Return (SER1 ()) }
	// Expect: SERD => Error AE_AML_MUTEX_ORDER
	Method (SERD) { Return (SERX ()) }
	// Itself it may call.
	// Expect: SERR => Integer 0x3
	Method (SERC, 1, Serialized) { If (Arg0 < 3) { Return (SERC (Arg0 + 1)) } Return (Arg0) }
	Method (SERR) { Return (SERC (0)) }
}
