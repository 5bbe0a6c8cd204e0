# SPDX-License-Identifier: GPL-3.0-or-later
"""Damages blocks of a file in a volume: damage.py VOLUME CONTENTS COPIES.

Every fifth block of the contents is looked for in the volume, and a byte of its first copy is changed.
"""

import sys

BLOCK = 4096

with open(sys.argv[2], "rb") as file:
    contents = file.read()
with open(sys.argv[1], "r+b") as volume:
    places = {}
    number = 0
    while block := volume.read(BLOCK):
        places.setdefault(block, number)
        number += 1
    for start in range(0, len(contents) - BLOCK, 5 * BLOCK):
        number = places[contents[start : start + BLOCK]]
        volume.seek(number * BLOCK + 77)
        byte = volume.read(1)[0]
        volume.seek(number * BLOCK + 77)
        volume.write(bytes([byte ^ 1]))
