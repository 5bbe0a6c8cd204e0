# SPDX-License-Identifier: GPL-3.0-or-later
"""What QEMU's screen shows: pixels, and the console's text read from them.

The console paints whole cells in two colours, so reading is exact: the pattern of a cell is looked
up among the glyphs of the very font that the kernel was built with.
"""

import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/run"))

from picture import Picture, write_chunks

PSF2_MAGIC = 0x864AB572


class Font:
    """A PSF font, 8 pixels wide, of either version."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        if data[:2] == b"\x36\x04":
            mode, size = data[2:4]
            count, start, self.height = 512 if mode & 1 else 256, 4, size
            names = self._names_1(data[start + count * size :])
        else:
            fields = struct.unpack_from("<8I", data)
            magic, _, start, _, count, size, self.height, width = fields
            if magic != PSF2_MAGIC or width != 8:
                raise ValueError(f"{path}: not a PSF font, 8 pixels wide")
            names = data[start + count * size :].split(b"\xff")
            names = [name.split(b"\xfe")[0].decode() for name in names]
        self.width = 8
        self.characters = {}
        for index, name in zip(range(count), names):
            if name:
                glyph = data[start + index * size : start + (index + 1) * size]
                # Glyphs may look alike; ASCII is what tests look for.
                self.characters[glyph] = min(name[0], self.characters.get(glyph, name[0]))
        self.characters[bytes(size)] = " "

    @staticmethod
    def _names_1(table):
        """The single characters of each glyph; 0xfffe begins sequences, 0xffff ends the list."""
        units = [unit for (unit,) in struct.iter_unpack("<H", table)]
        names, name, single = [], "", True
        for unit in units:
            if unit == 0xFFFF:
                names.append(name)
                name, single = "", True
            elif unit == 0xFFFE:
                single = False
            elif single:
                name += chr(unit)
        return names


class Screen(Picture):
    """A screen with text on it."""

    def _cell(self, font, row, column):
        """The bytes of the pixels that differ from the first one, and their inverse."""
        lines = []
        stride = 3 * self.width
        at = row * font.height * stride + column * 3 * font.width
        first = self.pixels[at : at + 3]
        blank = first * font.width
        for _ in range(font.height):
            line = self.pixels[at : at + 3 * font.width]
            bits = 0
            if line != blank:
                for x in range(font.width):
                    bits = bits << 1 | (line[3 * x : 3 * x + 3] != first)
            lines.append(bits)
            at += stride
        return bytes(lines), bytes(255 - bits for bits in lines)

    def rows(self, font):
        """The text, a string for each row without the blanks at its end."""
        rows = []
        size = font.height * 3 * self.width
        for row in range(self.height // font.height):
            strip = self.pixels[row * size : (row + 1) * size]
            if strip == strip[:3] * (size // 3):
                rows.append("")
                continue
            text = ""
            for column in range(self.width // font.width):
                # Whichever colour the first pixel has, the other may be the paper's.
                glyph, inverse = self._cell(font, row, column)
                text += font.characters.get(glyph) or font.characters.get(inverse) or "\ufffd"
            rows.append(text.rstrip())
        return rows

    def write_text_png(self, path):
        """With a palette, which suits text."""
        pixels = [self.pixels[i : i + 3] for i in range(0, 3 * self.width * self.height, 3)]
        palette = sorted(set(pixels))
        if len(palette) > 256:
            raise ValueError("too many colours for a picture of text")
        number = {colour: index for index, colour in enumerate(palette)}
        indices = bytes(number[pixel] for pixel in pixels)
        lines = b"".join(
            b"\0" + indices[y * self.width : (y + 1) * self.width] for y in range(self.height)
        )
        header = struct.pack(">2I5B", self.width, self.height, 8, 3, 0, 0, 0)
        write_chunks(path, ((b"IHDR", header), (b"PLTE", b"".join(palette)),
                            (b"IDAT", zlib.compress(lines, 9))))
