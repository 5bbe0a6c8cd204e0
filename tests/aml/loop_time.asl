// SPDX-License-Identifier: GPL-3.0-or-later
// A loop that mostly sleeps ends as well, by its time.
// Options: --limit loop-ms=5000
DefinitionBlock ("", "DSDT", 2, "CRYPT", "LOOPTIME", 1)
{
	// Expect: SLEE => Error AE_AML_LOOP_TIMEOUT
	Method (SLEE) { While (One) { Sleep (1000) } Return (1) }
	// Expect: FEWW => Integer 0x3
	Method (FEWW) { Local0 = 0 While (Local0 < 3) { Sleep (1000) Local0++ } Return (Local0) }
}
