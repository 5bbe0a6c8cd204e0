// SPDX-License-Identifier: GPL-3.0-or-later
// Part: of load_table.asl
DefinitionBlock ("", "OEM1", 2, "CRYPT", "OEMTABLE", 1)
{
	Name (OEMN, 0x99)
}
