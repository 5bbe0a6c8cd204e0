# SPDX-License-Identifier: GPL-3.0-or-later
"""A viewer (RFB 3.8) that looks at nothing, and asks for a screen of another size."""

import socket
import struct
import time

SECURITY_NONE = 1
SET_ENCODINGS, UPDATE_REQUEST, SET_DESKTOP_SIZE = 2, 3, 251
ENCODING_RAW, ENCODING_EXTENDED_SIZE = 0, -308


class Viewer:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self._receive(12)
        self.socket.sendall(b"RFB 003.008\n")
        self._receive(self._receive(1)[0])
        self.socket.sendall(bytes([SECURITY_NONE]))
        self._receive(4)
        self.socket.sendall(b"\1")  # others may look, too
        name_length, = struct.unpack(">20xI", self._receive(24))
        self._receive(name_length)
        self.socket.sendall(struct.pack(">BxHii", SET_ENCODINGS, 2, ENCODING_RAW,
                                        ENCODING_EXTENDED_SIZE))
        self.socket.sendall(struct.pack(">BBHHHH", UPDATE_REQUEST, 0, 0, 0, 8, 8))
        time.sleep(0.5)

    def _receive(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise RuntimeError("QEMU's VNC server has gone")
            data += more
        return data

    def ask_size(self, width, height):
        self.socket.sendall(
            struct.pack(">BxHHBx", SET_DESKTOP_SIZE, width, height, 1)
            + struct.pack(">IHHHHI", 0, 0, 0, width, height, 0))
