# SPDX-License-Identifier: GPL-3.0-or-later
"""A QEMU that is driven through its machine protocol (QMP)."""

import json
import os
import socket
import subprocess
import time


class Machine:
    """Starts QEMU with a protocol socket and the serial port in a file, in the folder `work`.

    `serial` is another place for the serial port; the file is to hold what goes there, too."""

    def __init__(self, command, work, serial=None):
        self.work = work
        self.serial = os.path.join(work, "serial")
        socket_path = os.path.join(work, "qmp")
        self.errors = open(os.path.join(work, "qemu.err"), "wb")
        self.process = subprocess.Popen(
            command + ["-display", "none", "-qmp", f"unix:{socket_path},server=on,wait=off",
                       "-serial", serial or f"file:{self.serial}"],
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
                if self.process.poll() is not None:
                    break
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

    def log(self):
        """What the machine wrote to its serial port so far."""
        with open(self.serial, encoding="utf-8", errors="replace") as file:
            return file.read()

    def dump(self):
        """The file that shows the screen as it is now, a binary PPM."""
        path = os.path.join(self.work, "screen.ppm")
        self.command("screendump", filename=path)
        return path

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()
