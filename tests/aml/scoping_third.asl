// SPDX-License-Identifier: GPL-3.0-or-later
// Part: of scoping_tables.asl
DefinitionBlock ("", "SSDT", 2, "CRYPT", "SCOPTHR", 1)
{
	External (\_SB.FRST, DeviceObj)
	Method (\THRD, 1) { Return (Arg0 + 10) }
	Name (\_SB.FRST.VALU, 99)
	Name (\BEHI, 4)
}
