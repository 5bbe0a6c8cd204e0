// SPDX-License-Identifier: GPL-3.0-or-later
// The order of _REG, _STA and _INI, and where they are not called.
DefinitionBlock ("", "DSDT", 2, "CRYPT", "INIT", 1)
{
	Name (LOGS, "")
	Method (LOGM, 1) { LOGS = Concatenate (LOGS, Arg0) }
	Method (_INI) { LOGM ("root ") }
	Device (\_SB.DEV0)
	{
		Method (_STA) { LOGM ("sta0 ") Return (0x0F) }
		Method (_INI) { LOGM ("ini0 ") }
		Device (SUB0) { Method (_INI) { LOGM ("sub0 ") } }
	}
	Device (\_SB.DEV1)
	{
		// Neither there nor working: nothing beneath is asked.
		Method (_STA) { LOGM ("sta1 ") Return (0) }
		Method (_INI) { LOGM ("ini1 ") }
		Device (SUB1) { Method (_INI) { LOGM ("sub1 ") } }
	}
	Device (\_SB.DEV2)
	{
		// Not there, but working: what is beneath is.
		Method (_STA) { LOGM ("sta2 ") Return (8) }
		Method (_INI) { LOGM ("ini2 ") }
		Device (SUB2) { Method (_INI) { LOGM ("sub2 ") } }
	}
	Device (\_SB.DEV3)
	{
		Name (REGD, 0)
		OperationRegion (ECRM, EmbeddedControl, 0, 0x10)
		Field (ECRM, ByteAcc, NoLock, Preserve) { ECR0, 8 }
		Method (_REG, 2) { If (Arg0 == 3) { REGD = Arg1 } LOGM ("reg3 ") }
	}
	Processor (CPU0, 1, 0, 0) { Method (_INI) { LOGM ("cpu0 ") } }
	ThermalZone (THRM) { Method (_INI) { LOGM ("thrm ") } }
	Scope (\_SB) { Method (_INI) { LOGM ("sb ") } }

	// (acpiexec then asks for _STA once more, to list devices.)
	// Ours: LOGS => String "root sb sta0 ini0 sub0 sta1 sta2 sub2 cpu0 thrm "
	// Expect: \_SB.DEV3.REGD => Integer 0x0
}
