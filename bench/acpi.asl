// SPDX-License-Identifier: GPL-3.0-or-later
//
// What ./cryptos bench acpi measures: each method does something often, and returns how long that took, in
// units of 100 ns.
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "BENCH", 1)
{
	Scope (\_SB)
	{
		Device (BNCH)
		{
			Name (_HID, "CRYP0001")
			Name (NUMB, 0)
			Name (PACK, Package () { 1, 2, 3, 4, 5, 6, 7, 8 })
			OperationRegion (PORT, SystemIO, 0x80, 1)
			Field (PORT, ByteAcc, NoLock, Preserve) { BYTE, 8 }

			// Locals, arithmetic, a comparison.
			Method (ADDS)
			{
				Local0 = Timer
				Local1 = 0
				Local2 = 0
				While (Local1 < 2000) { Local2 = (Local2 + Local1) ^ 0x55 Local1++ }
				Return (Timer - Local0)
			}
			// Names that are looked up.
			Method (NAMS)
			{
				Local0 = Timer
				NUMB = 0
				While (NUMB < 2000) { NUMB = \_SB.BNCH.NUMB + 1 }
				Return (Timer - Local0)
			}
			Method (CALE, 2) { Return (Arg0 + Arg1) }
			// Calls with arguments.
			Method (CALS)
			{
				Local0 = Timer
				Local1 = 0
				While (Local1 < 2000) { Local1 = CALE (Local1, 1) }
				Return (Timer - Local0)
			}
			// Elements of packages.
			Method (ELEM)
			{
				Local0 = Timer
				Local1 = 0
				Local2 = 0
				While (Local1 < 2000) { Local2 += DerefOf (PACK [Local1 & 7]) Local1++ }
				Return (Timer - Local0)
			}
			// A register of one byte.
			Method (REGS)
			{
				Local0 = Timer
				Local1 = 0
				While (Local1 < 2000) { Local2 = BYTE Local1++ }
				Return (Timer - Local0)
			}
			// Strings that are made.
			Method (TEXT)
			{
				Local0 = Timer
				Local1 = 0
				While (Local1 < 1000) { Local2 = Concatenate ("abc", ToHexString (Local1)) Local1++ }
				Return (Timer - Local0)
			}
		}
	}
}
