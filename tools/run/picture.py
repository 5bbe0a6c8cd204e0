# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures: reads QEMU's screendumps, writes PNG."""

import struct
import zlib


class Picture:
    """A binary PPM, as QMP's screendump writes it: `pixels` are rows of red, green, blue."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        header = data.split(b"\n", 3)
        if header[0] != b"P6" or len(header) < 4 or header[2] != b"255":
            raise ValueError("not a screendump")
        self.width, self.height = map(int, header[1].split())
        self.pixels = self._without_padding(header[3])
        if len(self.pixels) < 3 * self.width * self.height:
            raise ValueError("half a screendump")

    def _without_padding(self, data):
        """QEMU (7.2) fills rows up to a multiple of 4 bytes."""
        size, padded = 3 * self.width, (3 * self.width + 3) & ~3
        if size == padded or len(data) != padded * self.height:
            return data
        return b"".join(data[at : at + size] for at in range(0, len(data), padded))

    def row(self, y):
        return self.pixels[3 * self.width * y : 3 * self.width * (y + 1)]

    def pixel(self, x, y):
        """(red, green, blue)"""
        at = 3 * (self.width * y + x)
        return tuple(self.pixels[at : at + 3])

    def crop(self, left, top, width, height):
        """The bytes of a rectangle, row after row."""
        return b"".join(self.row(y)[3 * left : 3 * (left + width)]
                        for y in range(top, top + height))

    def _rows_plain(self):
        return b"".join(b"\0" + self.row(y) for y in range(self.height))

    def _rows_filtered(self):
        """Each byte as its difference from the one above (PNG, 9.2, filter 2): for gradients."""
        rows, above = [], bytes(3 * self.width)
        for y in range(self.height):
            row = self.row(y)
            rows.append(b"\2" + bytes((a - b) & 255 for a, b in zip(row, above)))
            above = row
        return b"".join(rows)

    def write_png(self, path):
        body = min((zlib.compress(rows, 9) for rows in
                    (self._rows_plain(), self._rows_filtered())), key=len)
        header = struct.pack(">2I5B", self.width, self.height, 8, 2, 0, 0, 0)
        write_chunks(path, ((b"IHDR", header), (b"IDAT", body)))


def write_chunks(path, chunks):
    """A PNG of these chunks and the one that ends it."""
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in (*chunks, (b"IEND", b"")):
            checksum = zlib.crc32(kind + body)
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum))
