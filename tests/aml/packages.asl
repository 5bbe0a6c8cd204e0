// SPDX-License-Identifier: GPL-3.0-or-later
// Packages: fixed and computed sizes, what is left out, names in them, packages in packages.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "PACKAGE", 1)
{
	Name (NUM, 0x11)
	Name (CNT, 3)
	Device (DEV) { Name (INN, 0x22) }
	Method (CALL) { Return (5) }

	// Names of data are their values, others are references; also those that come later.
	Name (NAMS, Package () { NUM, DEV, CALL, LATE, \DEV.INN })
	Name (LATE, "late")

	// Expect: NAMS => Package 5: [Integer 0x11, Reference \DEV_, Reference \CALL, String "late", Integer 0x22]
	// Expect: LESS => Package 4: [Integer 0x1, Integer 0x2, Uninitialized, Uninitialized]
	Name (LESS, Package (4) { 1, 2 })
	// Expect: VARP => Package 3: [Integer 0x1, Uninitialized, Uninitialized]
	Method (VARP, 0, Serialized)
	{
		Name (TEMP, Package (CNT) { 1 })
		Return (TEMP)
	}
	// Expect: VARL => Package 5: [Integer 0x5, Uninitialized, Uninitialized, Uninitialized, Uninitialized]
	Method (VARL, 0, Serialized)
	{
		Local0 = CNT + 2
		Local1 = Package (Local0) { 5 }
		Return (Local1)
	}
	// Expect: EMPT => Package 0: []
	Name (EMPT, Package () {})
	// Expect: NEST => Package 2: [Package 1: [Package 0: []], Buffer 2: 01 02]
	Name (NEST, Package () { Package () { Package () {} }, Buffer () { 1, 2 } })
	// Expect: LOCA => Package 2: [Integer 0x7, String "seven"]
	Method (LOCA)
	{
		Local0 = Package (2) {}
		Local0 [0] = 7
		Local0 [1] = "seven"
		Return (Local0)
	}
	// Expect: SIZE => Integer 0x4
	Method (SIZE) { Return (SizeOf (LESS)) }
	// A copy is a copy, to its depth.
	// Expect: COPY => Package 2: [Package 1: [Integer 0x1], Integer 0x2]
	Method (COPY)
	{
		Local0 = Package () { Package () { 1 }, 2 }
		Local1 = Local0
		Local2 = Local1 [0]
		DerefOf (Local1 [0]) [0] = 99
		Local1 [1] = 99
		Return (Local0)
	}
	// Expect: UNIN => Error AE_AML_UNINITIALIZED_ELEMENT
	Method (UNIN) { Return (DerefOf (LESS [3])) }
	// Expect: BIGG => Integer 0x100
	Method (BIGG)
	{
		Local0 = Package (256) {}
		Return (SizeOf (Local0))
	}
	// Expect: TOOM => Error AE_AML_PACKAGE_LIMIT
	Method (TOOM) { Local0 = Package (2) { 1, 2 } Local0 [2] = 1 Return (Local0) }
	// What a method returns is an element, not a call.
	// Expect: DYNA => Integer 0x16
	Method (DYNA)
	{
		Local0 = Package () { 1, 2 }
		Local0 [0] = CALL ()
		Local0 [1] = RefOf (NUM)
		Return (DerefOf (Local0 [0]) + DerefOf (DerefOf (Local0 [1])))
	}
	// Expect: WIDE => Package 6: [String "ab", Integer 0x12345678, Integer 0xFFFFFFFFFF, Integer 0x0, Integer 0x1, Integer 0xFFFFFFFFFFFFFFFF]
	Method (WIDE)
	{
		Local0 = Package () { "ab", 0x12345678, 0xFFFFFFFFFF, Zero, One, Ones }
		Return (Local0)
	}
	// A package that is stored to a name replaces what was there.
	// Expect: REPL => Package 2: [Integer 0x2, Integer 0x3]
	Method (REPL, 0, Serialized)
	{
		Name (TEMP, Package () { 1 })
		TEMP = Package () { 2, 3 }
		Return (TEMP)
	}
	// Expect: REPI => Error AE_AML_TARGET_TYPE
	Method (REPI, 0, Serialized)
	{
		Name (TEMP, Package () { 1 })
		Local0 = 5
		TEMP = Local0
		Return (TEMP)
	}
	// Expect: RETE => Package 1: [Package 0: []]
	Method (RETE) { Return (NEST [0]) }
}
