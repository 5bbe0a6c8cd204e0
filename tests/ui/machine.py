# SPDX-License-Identifier: GPL-3.0-or-later
"""A QEMU that is driven through QMP: keys go in, the screen is read."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/run"))

import qmp
from screen import Screen

HOLD_MS = 8
PLAIN = {
    " ": "spc", "\n": "ret", "\x1b": "esc", "\t": "tab", "-": "minus", "=": "equal",
    ",": "comma", ".": "dot", "/": "slash", ";": "semicolon", "'": "apostrophe",
    "[": "bracket_left", "]": "bracket_right", "\\": "backslash", "`": "grave_accent",
}
SHIFTED = {
    ":": "semicolon", "_": "minus", "|": "backslash", "$": "4", "?": "slash", "*": "8", "&": "7",
    '"': "apostrophe", ">": "dot", "<": "comma", "+": "equal", "!": "1", "(": "9", ")": "0",
    "%": "5", "#": "3", "@": "2", "~": "grave_accent", "{": "bracket_left", "}": "bracket_right",
}


class Missing(Exception):
    """Something did not appear on the screen."""


class Machine(qmp.Machine):
    def __init__(self, command, work, font):
        super().__init__(command, work)
        self.font = font

    def press(self, *keys):
        """Keys by QEMU's names, together."""
        self.command("send-key", keys=[{"type": "qcode", "data": key} for key in keys],
                     **{"hold-time": HOLD_MS})
        time.sleep(2 * HOLD_MS / 1000)

    def type(self, text):
        for character in text:
            if character in PLAIN:
                self.press(PLAIN[character])
            elif character in SHIFTED:
                self.press("shift", SHIFTED[character])
            elif character.isupper():
                self.press("shift", character.lower())
            else:
                self.press(character)

    def screen(self):
        return Screen(self.dump())

    def rows(self):
        return self.screen().rows(self.font)

    def wait(self, what, shows, seconds=20):
        """Waits until shows(rows) holds; returns the rows."""
        end = time.monotonic() + seconds
        while True:
            try:
                rows = self.rows()
            except ValueError:  # the mode is just being set
                rows = []
            if rows and shows(rows):
                return rows
            if time.monotonic() > end:
                shown = [row for row in rows if row]
                raise Missing(f"{what} does not appear; the screen ends in {shown[-4:]}")
            time.sleep(0.1)
