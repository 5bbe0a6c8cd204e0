# SPDX-License-Identifier: GPL-3.0-or-later
"""A QEMU that is driven through QMP: keys go in, the screen is read."""

import json
import os
import socket
import subprocess
import time

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


class Machine:
    def __init__(self, command, work, font):
        self.work, self.font = work, font
        socket_path = os.path.join(work, "qmp")
        self.errors = open(os.path.join(work, "qemu.err"), "wb")
        self.process = subprocess.Popen(
            command + ["-display", "none", "-qmp", f"unix:{socket_path},server=on,wait=off",
                       "-serial", f"file:{os.path.join(work, 'serial')}"],
            stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        self.stream = self._connect(socket_path)
        self._receive()  # the greeting
        self.command("qmp_capabilities")

    def _connect(self, path):
        for _ in range(100):
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(path)
                return connection.makefile("rw")
            except OSError:
                connection.close()
                time.sleep(0.1)
        raise RuntimeError("QEMU does not start")

    def _receive(self):
        line = self.stream.readline()
        if not line:
            raise RuntimeError("QEMU has gone")
        return json.loads(line)

    def command(self, name, **arguments):
        self.stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            answer = self._receive()
            if "error" in answer:
                raise RuntimeError(f"{name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

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
        path = os.path.join(self.work, "screen.ppm")
        self.command("screendump", filename=path)
        return Screen(path)

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

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()
