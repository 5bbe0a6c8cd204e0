# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/ddk.md is true: the drivers that it holds compile against the kit alone and can be loaded, and it leaves out no
function."""

import os
import shutil
import subprocess
import tempfile

import tutorial
from guest import TREE, expect, report, session


def build(source, target, *options):
    result = subprocess.run([os.path.join(TREE, "cryptos"), "driver", "build", *options, source, "-o", target],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    expect(result.returncode == 0 and os.path.exists(target), result.stdout[-400:])


def test_drivers_are_built():
    folder = tempfile.mkdtemp(prefix="cryptos.")
    try:
        sources = tutorial.write_sources(folder)
        expect(sorted(sources) == ["edu.c", "small.c"], f"there are {sorted(sources)}")
        for name, path in sources.items():
            target = os.path.join(folder, name[:-2] + ".drv")
            build(path, target, "-Wall", "-Wextra", "-Werror")
            verdict = subprocess.run([os.path.join(TREE, "cryptos"), "driver", "check", target],
                                     stdout=subprocess.PIPE, text=True, check=False)
            expect(verdict.returncode == 0 and "host only" not in verdict.stdout, verdict.stdout)
    finally:
        shutil.rmtree(folder)


def test_all_functions_are_named():
    missing = tutorial.missing_functions()
    expect(not missing, f"without a word: {' '.join(missing)}")


def page():
    for test in (test_drivers_are_built, test_all_functions_are_named):
        report(f"tutorial.{test.__name__[len('test_'):]}", test)


session({"page": page})
