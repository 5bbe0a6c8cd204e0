// SPDX-License-Identifier: GPL-3.0-or-later
// Terms, blocks and packages in each other, many deep.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "NESTING", 1)
{
	// Expect: SUMM => Integer 0x28
	Method (SUMM)
	{
		Local0 = 1
		Return (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 +
			(Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 +
			(Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 +
			(Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + (Local0 + Local0
			)))))))))))))))))))))))))))))))))))))))
	}
	// Expect: IFIF => Integer 0xC
	Method (IFIF)
	{
		Local0 = 0
		If (One) { Local0++ If (One) { Local0++ If (One) { Local0++ If (One) { Local0++
		If (One) { Local0++ If (One) { Local0++ If (One) { Local0++ If (One) { Local0++
		If (One) { Local0++ If (One) { Local0++ If (One) { Local0++ If (One) { Local0++ }}}}}}}}}}}}
		Return (Local0)
	}
	// Expect: WHIL => Integer 0x100
	Method (WHIL)
	{
		Local0 = 0
		Local1 = 0
		While (Local1 < 4) {
			Local2 = 0
			While (Local2 < 4) {
				Local3 = 0
				While (Local3 < 4) {
					Local4 = 0
					While (Local4 < 4) {
						Local0++
						Local4++
					}
					Local3++
				}
				Local2++
			}
			Local1++
		}
		Return (Local0)
	}
	// Expect: PACK => Package 1: [Package 1: [Package 1: [Package 1: [Package 1: [Package 1: [Integer 0x7]]]]]]
	Name (PACK, Package () { Package () { Package () { Package () { Package () { Package () { 7 } } } } } })
	// Expect: DIGS => Integer 0x7
	Method (DIGS)
	{
		Return (DerefOf (DerefOf (DerefOf (DerefOf (DerefOf (DerefOf (PACK [0]) [0]) [0]) [0]) [0]) [0]))
	}
	// Expect: CALL => Integer 0x40
	Method (COUN, 1)
	{
		If (Arg0 == 0) {
			Return (0)
		}
		Return (COUN (Arg0 - 1) + 1)
	}
	Method (CALL) { Return (COUN (64)) }
}
