// SPDX-License-Identifier: GPL-3.0-or-later
// Part: of scoping_tables.asl
DefinitionBlock ("", "SSDT", 2, "CRYPT", "SCOPTWO", 1)
{
	External (\_SB.FRST, DeviceObj)
	Device (\_SB.LATE) { Name (VALU, 2) }
	Scope (\_SB.FRST) { Name (ADDE, 5) }
	Scope (\_SB.LATE) { Device (DEEP) { Name (DEPT, 3) } }
}
