# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers as objects in the kernel: exchanged under load, unloaded, loaded again; what may not run there does not."""

import os
import tempfile

from guest import TREE, Drivers, expect, run_tests, session

NVME = os.path.join(TREE, "build/x86_64/release/drivers/nvme.drv")
LICENCE = b"GPL-3.0-or-later"


def refused(guest, command):
    _, status = guest.try_run(f"drivers {command}")
    expect(status != 0, f"drivers {command} was done")


def test_restarts_under_load(guest):
    guest.start_verifying("/dev/nvme0n1")
    for _ in range(5):
        guest.wait_progress(by=20)
        guest.run("drivers restart nvme")
    guest.wait_progress(by=20)
    guest.finish_verifying()


def test_code_is_what_was_loaded(guest):
    guest.run("drivers check")


def test_proprietary_stays_outside(guest):
    guest.run("drivers unload nvme")
    guest.run("[ ! -e /dev/nvme0n1 ]")
    guest.run("drivers load /x/proprietary.drv")
    guest.run("[ ! -e /dev/nvme0n1 ]")
    refused(guest, "move nvme kernel")
    guest.run("grep -q '^nvme.user.user' /scheme/sys/drivers")
    guest.run("drivers unload nvme")


def test_damaged_is_refused(guest):
    refused(guest, "load /x/damaged.drv")
    refused(guest, "load /etc/passwd")


def test_loads_again(guest):
    guest.run("drivers load /x/nvme.drv")
    refused(guest, "load /x/nvme.drv")
    guest.wait_for("ls /dev/nvme0n1", "^/dev/nvme0n1$")
    guest.run("drivers check")


def loader():
    with tempfile.TemporaryDirectory() as folder:
        with open(NVME, "rb") as file:
            good = file.read()
        files = {"/x/nvme.drv": NVME}
        for name, content in {"proprietary": good.replace(LICENCE, b"LicenseRef-vendo"),
                              "damaged": good[:len(good) // 2]}.items():
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(content)
            files[f"/x/{name}.drv"] = path
        with Drivers(disks=["nvme"], files=files, cpus=2) as guest:
            run_tests("loader", guest, [test_restarts_under_load, test_code_is_what_was_loaded,
                                        test_proprietary_stays_outside, test_damaged_is_refused, test_loads_again])


session({"loader": loader})
