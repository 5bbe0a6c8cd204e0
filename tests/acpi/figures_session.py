# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./cryptos bench acpi measures must stay below its bounds."""

import os
import subprocess

from machine import TREE, Missing, expect, report, session

LOAD_US = 20_000  # guest time, an instruction a nanosecond
CODE_BYTES = 120 << 10
OPERATION = 3000  # instructions; they are some 800


def test_bounds():
    result = subprocess.run([os.path.join(TREE, "cryptos"), "bench", "acpi"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        raise Missing(f"bench acpi: {result.stderr.strip()[-300:]}")
    figures = {name: int(value) for name, value, _ in (line.split("\t") for line in result.stdout.splitlines())}
    expect(0 < figures["load"] < LOAD_US, f"tables are loaded in {figures['load']} us")
    expect(0 < figures["code"] < CODE_BYTES, f"the interpreter has {figures['code']} bytes")
    for name in ("numbers", "names", "calls", "elements", "registers", "strings"):
        expect(0 < figures[name] < OPERATION, f"{name}: {figures[name]} instructions for an operation")


def bounds():
    report("figures.bounds", test_bounds)


if __name__ == "__main__":
    session({"bounds": bounds})
