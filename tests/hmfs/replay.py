# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays what QEMU's blklogwrites recorded: replay.py BEFORE LOG STATE STATES SEED TOOLS.

Makes so many states that the disk may have been in, each from BEFORE and a prefix of the log: all
writes up to a flush, and of those behind it some, in any order, the last of them perhaps torn at a
sector. Each must be a volume that fsck.hmfs finds nothing wrong with. The log's format is that of
the kernel's dm-log-writes.
"""

import os
import random
import shutil
import struct
import subprocess
import sys

MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


def read_log(path):
    entries = []
    with open(path, "rb") as log:
        magic, _, count, size = struct.unpack("<QQQI", log.read(28))
        assert magic == MAGIC
        place = size
        for _ in range(count):
            log.seek(place)
            sector, sectors, flags, length = struct.unpack("<QQQQ", log.read(32))
            place += size
            data = b""
            if not flags & (DISCARD | MARK) and sectors:
                log.seek(place)
                data = log.read(sectors * size)
                place += sectors * size
            entries.append((sector * size, data, flags))
    return entries


def apply(disk, writes):
    for offset, data, _ in writes:
        disk.seek(offset)
        disk.write(data)


def make_state(before, entries, end, path, chance):
    """The first `end` entries, of which those since the last flush are done in part."""
    shutil.copyfile(before, path)
    flushed = max([i + 1 for i in range(end) if entries[i][2] & (FLUSH | FUA)], default=0)
    # A flush covers what came before it, not the write that it came with, unless that is FUA.
    loose = [entry for entry in entries[flushed:end] if entry[1]]
    if flushed and entries[flushed - 1][1] and not entries[flushed - 1][2] & FUA:
        loose.insert(0, entries[flushed - 1])
        flushed -= 1
    if chance.random() < 0.7:
        loose = [entry for entry in loose if chance.random() < 0.6]
        chance.shuffle(loose)
    if loose and chance.random() < 0.5:
        offset, data, flags = loose[-1]
        loose[-1] = (offset, data[: chance.randrange(len(data) // 512 + 1) * 512], flags)
    with open(path, "r+b") as disk:
        apply(disk, [entry for entry in entries[:flushed] if entry[1]])
        apply(disk, loose)


def main():
    before, log, path, states, seed, tools = sys.argv[1:]
    chance = random.Random(int(seed))
    entries = read_log(log)
    flushes = sum(1 for entry in entries if entry[2] & FLUSH)
    if len(entries) < 100 or flushes < 10:
        sys.exit(f"only {len(entries)} entries, {flushes} flushes")
    for number in range(int(states)):
        end = chance.randrange(len(entries) + 1)
        make_state(before, entries, end, path, chance)
        check = subprocess.run(
            [os.path.join(tools, "fsck.hmfs"), path], capture_output=True, text=True, check=False
        )
        if check.returncode:
            lines = (check.stdout + check.stderr).splitlines()
            sys.exit(f"seed {seed}, state {number}, {end} of {len(entries)}: {lines[:3]}")


main()
