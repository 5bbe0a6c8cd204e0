# SPDX-License-Identifier: GPL-3.0-or-later
"""Damages tables, and looks whether amlexec and amldump (built with sanitizers) still end as they should.

    damaged.py AMLEXEC AMLDUMP TABLE.aml [COUNT [SEED]]

Prints "PASS name" or "FAIL name: why".
"""

import os
import random
import struct
import subprocess
import sys
import tempfile

HEADER = 36
TIMEOUT = 60


def with_sum(data):
    data[9] = 0
    data[9] = -sum(data) & 0xff
    return bytes(data)


def headers(good):
    """What is refused: (name, bytes, error)."""
    bad_sum = bytearray(good)
    bad_sum[9] ^= 0x55
    longer = bytearray(good)
    struct.pack_into("<I", longer, 4, len(good) + 1)
    shorter = bytearray(good)
    struct.pack_into("<I", shorter, 4, HEADER - 1)
    yield "checksum", bytes(bad_sum), "AE_BAD_CHECKSUM"
    yield "length_beyond_end", with_sum(longer), "AE_INVALID_TABLE_LENGTH"
    yield "length_below_header", with_sum(shorter), "AE_INVALID_TABLE_LENGTH"
    yield "empty", b"", "AE_BAD_HEADER"
    yield "header_cut", good[:20], None
    yield "other_signature", b"XXXX" + good[4:], "AE_NOT_FOUND"


def damage(good, chance):
    """A table whose header is right, and whose code is not."""
    data = bytearray(good)
    kind = chance.randrange(4)
    if kind == 0:
        data = data[:chance.randrange(HEADER, len(data))]
    else:
        for _ in range(chance.choice((1, 1, 2, 5, 20))):
            place = chance.randrange(HEADER, len(data))
            data[place] = chance.getrandbits(8) if kind == 1 else data[place] ^ 1 << chance.randrange(8)
            if kind == 3:
                data[place] = chance.choice((0, 0xff, 0x5b, 0x14, 0x10, 0x11, 0x12, 0x0d, 0x2e, 0x2f, 0x5c, 0xc0, 0x3f))
    struct.pack_into("<I", data, 4, len(data))
    return with_sum(data)


def run(command):
    """What is wrong with how the program ended, and its output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return "does not end", ""
    said = done.stderr.splitlines()
    if done.returncode not in (0, 1) or "lost memory" in done.stderr or "Sanitizer" in done.stderr:
        return f"status {done.returncode}: " + " | ".join(said[:3]), done.stdout
    return None, done.stdout


def methods(amldump, file):
    """Arguments of amlexec that evaluate some of what is there."""
    _, output = run([amldump, file])
    paths = [line.split(" ")[0] for line in output.splitlines()][:400:5]
    return [word for path in paths for word in ("--method", path)]


def main():
    amlexec, amldump, table, *numbers = sys.argv[1:]
    count, seed = [*map(int, numbers), *(150, 1)[len(numbers):]]
    with open(table, "rb") as file:
        good = file.read()
    failures = []
    with tempfile.TemporaryDirectory() as work:
        file = os.path.join(work, "damaged.aml")

        def write(data):
            with open(file, "wb") as out:
                out.write(data)

        for name, data, error in headers(good):
            write(data)
            problem, output = run([amlexec, "--method", "\\_SB_.PCI0", file])
            if problem or error and output != f"Error {error}\n":
                failures.append(f"{name}: {problem or output.strip()}")
        evaluations = methods(amldump, table)
        for number in range(count):
            write(damage(good, random.Random(f"{seed}.{number}")))
            for command in ([amldump, file],
                            [amlexec, "--limit", "operations=100000", "--limit", "loop-ms=5000", *evaluations, file]):
                problem, _ = run(command)
                if problem:
                    failures.append(f"{seed}.{number} {os.path.basename(command[0])}: {problem}")
    print(f"FAIL damaged: {failures[0]}" if failures else "PASS damaged")
    for failure in failures[1:5]:
        print("  " + failure)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
