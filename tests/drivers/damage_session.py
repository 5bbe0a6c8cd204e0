# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of objects before anything of them runs: damaged ones are refused with the reason, and licences that do not
fit keep a driver out of the kernel. By the library that the kernel has, on this machine (driver-check)."""

import os
import shutil
import subprocess
import tempfile

import objects
from guest import TREE, expect, read_object, report, session

CHECK = os.path.join(TREE, "build/host/bin/driver-check")
SHAKEN = 150
LICENCE = ("LicenseRef-this-text-is-replaced-by-the-tests-with-what-is-to-be-judged-"
           "and-is-long-enough-for-all-of-them")
FREE = ["GPL-3.0-or-later", "GPL-2.0-or-later", "MIT", "(LicenseRef-x OR Apache-2.0) AND ISC",
        "GPL-2.0-only OR GPL-3.0-only", "LGPL-2.1+", "GPL-3.0-or-later WITH GCC-exception-3.1"]
CLOSED = ["LicenseRef-proprietary", "GPL-2.0-only", "GPL-3.0-or-later AND LicenseRef-x", "Proprietary",
          "GPL-3.0-or-later OR", "", "GPL-3.0-or-later AND (MIT", "gpl", "CC-BY-NC-4.0",
          "GPL-3.0-or-later OR MIT) AND (LicenseRef-x", "CDDL-1.0", None]
IMPROPER = ["\u0413PL-3.0-or-later", "GPL-3.0-or-later\n", "\x7f"]  # no text that anybody wrote


def check(content):
    """What the checker prints, and its status."""
    folder = tempfile.mkdtemp(prefix="cryptos.")
    try:
        path = os.path.join(folder, "object")
        with open(path, "wb") as file:
            file.write(content)
        result = subprocess.run([CHECK, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", timeout=60, check=False)
        return result.stdout.replace(path, "it"), result.returncode
    finally:
        shutil.rmtree(folder)


def licensed(licence):
    """An object of that licence; None: it says nothing of one."""
    driver = objects.Object(read_object("licensed"))
    if licence is None:
        objects.drop_relocation(16)(driver)
    else:
        driver.replace(LICENCE, licence)
    return bytes(driver.bytes)


def test_damaged_ones_are_refused():
    for name, content in objects.damaged(read_object("licensed")).items():
        said, status = check(content)
        expect(status == 1, f"{name}: status {status}, {said[:200]!r}")
        expect(len(said.splitlines()[0].split()) > 3, f"{name} is refused without a reason: {said!r}")


def test_shaken_ones_do_no_harm():
    """Some of these may be in order: nothing else may become of them than a verdict."""
    for name, content in objects.shaken(read_object("hostile"), SHAKEN, 20).items():
        said, status = check(content)
        expect(status in (0, 1), f"{name}: status {status}, {said[:200]!r}")


def test_free_licences_lead_to_the_kernel():
    for licence in FREE:
        said, status = check(licensed(licence))
        expect(status == 0 and "only" not in said.split("runs")[1].split(":")[0], f"{licence!r}: {said!r}")


def test_other_licences_do_not():
    for licence in CLOSED:
        said, status = check(licensed(licence))
        expect(status == 0 and "in a driver host only: " in said, f"{licence!r}: {said!r}")


def test_improper_licences_are_refused():
    for licence in IMPROPER:
        said, status = check(licensed(licence))
        expect(status == 1 and "licence" in said, f"{licence!r}: {said!r}")


def host():
    for test in (test_damaged_ones_are_refused, test_shaken_ones_do_no_harm, test_free_licences_lead_to_the_kernel,
                 test_other_licences_do_not, test_improper_licences_are_refused):
        report(f"damage.{test.__name__[len('test_'):]}", test)


session({"host": host})
