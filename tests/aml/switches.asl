// SPDX-License-Identifier: GPL-3.0-or-later
// Switch, which iasl makes of While and Match.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "SWITCH", 1)
{
	Method (NUMB, 1, Serialized)
	{
		Switch (ToInteger (Arg0)) {
			Case (1) { Return ("one") }
			Case (Package () { 2, 3, 4 }) { Return ("few") }
			Case (5) { Local0 = "five" }
			Default { Local0 = "many" }
		}
		Return (Local0)
	}
	// Expect: NUMB 1 => String "one"
	// Expect: NUMB 3 => String "few"
	// Expect: NUMB 5 => String "five"
	// Expect: NUMB 9 => String "many"
	Method (TEXT, 1, Serialized)
	{
		Switch (ToString (Arg0)) {
			Case ("red") { Return (1) }
			Case ("green") { Return (2) }
			Default { Return (0) }
		}
	}
	// Expect: TEXT '"red"' => Integer 0x1
	// Expect: TEXT '"green"' => Integer 0x2
	// Expect: TEXT '"blue"' => Integer 0x0
	Method (NEST, 2, Serialized)
	{
		Local0 = 0
		While (Local0 < 10) {
			Switch (Arg0) {
				Case (1) {
					Switch (Arg1) {
						Case (1) { Return (11) }
						Case (2) { Break }
					}
					Return (19)
				}
				Default { Return (99) }
			}
			Local0++
		}
		Return (Local0)
	}
	// Expect: NEST 1 1 => Integer 0xB
	// Expect: NEST 1 2 => Integer 0x13
	// Expect: NEST 2 1 => Integer 0x63
}
