// SPDX-License-Identifier: GPL-3.0-or-later
// Buttons and a lid in the name space. Methods that the tests call press them; where the lid is, is a name.
DefinitionBlock ("", "SSDT", 2, "CRYPTO", "BUTTONS", 1)
{
    Scope (\_SB)
    {
        Device (LID0)
        {
            Name (_HID, EisaId ("PNP0C0D"))
            Name (OPEN, One)
            Method (_LID) { Return (OPEN) }
            Method (MOVE, 1) { OPEN = Arg0 Notify (LID0, 0x80) }
            // Not the button's to answer.
            Method (TELL, 1) { Notify (LID0, Arg0) }
        }

        Device (SLPB)
        {
            Name (_HID, EisaId ("PNP0C0E"))
            Method (PUSH, 1) { Notify (SLPB, Arg0) }
        }

        Device (PWRB)
        {
            Name (_HID, EisaId ("PNP0C0C"))
            Method (PUSH, 1) { Notify (PWRB, Arg0) }
        }

        // One that says nothing of its lid is no lid.
        Device (LID1)
        {
            Name (_HID, EisaId ("PNP0C0D"))
        }
    }
}
