# SPDX-License-Identifier: GPL-3.0-or-later
"""PCI by what firmware's tables say of it."""

from machine import Guest, expect, run_tests, session


def test_host_bridge(guest):
    lines = guest.run("lspci").splitlines()
    expect(lines and "Host bridge" in lines[0], f"lspci begins with {lines[:1]}")


def q35():
    with Guest("q35") as guest:
        run_tests("q35", guest, [test_host_bridge])


def pc():
    with Guest("pc") as guest:
        run_tests("pc", guest, [test_host_bridge])


if __name__ == "__main__":
    session({"q35": q35, "pc": pc})
