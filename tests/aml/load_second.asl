// SPDX-License-Identifier: GPL-3.0-or-later
// Part: of load.asl
DefinitionBlock ("", "SSDT", 2, "CRYPT", "SECOND", 1)
{
	External (\FROM, IntObj)
	External (\_SB.BASE, IntObj)
	Name (SECO, 0x5EC0)
	Method (SECM, 1) { Return (Arg0 + 2) }
	Device (\_SB.EXTD) { Name (EXTN, 0x77) }
	If (\_SB.BASE == 3) {
		\FROM = 2
	}
}
