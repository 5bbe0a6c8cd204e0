# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluates all that the tables of QEMU's machines name, with amlexec and with acpiexec, and compares.

    machines.py AMLEXEC AMLDUMP FOLDER [NAME...]

The machines' regions are simulated by both: zeros, until something is written. The tables are left in FOLDER.
Prints "PASS name" or "FAIL name: why".
"""

import concurrent.futures
import os
import re
import subprocess
import sys

import acpica
import machine_tables

SHOWN_MAX = 5
# Not registers: acpiexec calls each _STA at its start to list devices, which leaves traces in them.
DATA = ("Integer", "String", "Buffer", "Package", "BufferField")


def list_names(amldump, files):
    """[(path, type, arguments)...], in the order of the name space."""
    done = subprocess.run([amldump, *files], capture_output=True, text=True, timeout=acpica.TIMEOUT, check=False)
    if done.returncode:
        raise ValueError("amldump: " + done.stderr.strip())
    for line in done.stdout.splitlines():
        path, kind, *rest = line.split(" ", 2)
        yield path, kind, int(rest[0]) if kind == "Method" else 0


def list_theirs(files):
    """The names of the tables as acpiexec lists them: {path: type}."""
    done = subprocess.run(["acpiexec", "-l", "-b", "namespace", *files], capture_output=True, text=True, check=False,
                          errors="replace", timeout=acpica.TIMEOUT, stdin=subprocess.DEVNULL)
    names, stack = {}, []
    for match in re.finditer(r"^ *(\d+) +(\w{4}) (\w+) ", done.stdout, re.M):
        depth = int(match.group(1))
        stack = [*stack[:depth], match.group(2)]
        names["\\" + ".".join(stack)] = match.group(3)
    return names


def compare_names(names, files):
    ours = {path for path, _, _ in names}
    theirs = {path for path in list_theirs(files) if not path.startswith("\\_TI_")}
    return ([f"{path} is not there" for path in sorted(theirs - ours)]
            + [f"{path} is there" for path in sorted(ours - theirs)])


def arguments_for(path, count):
    """Numbers; _DSM and _OSC get a UUID first, and a package or a buffer at the end."""
    name = path[-4:]
    if name == "_DSM":
        return ["(D0 37 C9 E5 53 35 7A 4D 91 17 EA 4D 19 C3 43 4D)", "1", "0", "[0]"][:count]
    if name == "_OSC":
        return ["(5B 4D DB 33 F7 1F 1C 40 96 57 74 41 C0 3D D7 66)", "1", "3", "(00 00 00 00 1F 00 00 00 1F 00 00 00)"][:count]
    return ["1", "2", "3", "4", "5", "6", "7"][:count]


def check(name, amlexec, amldump, folder):
    """How many names were compared, and what is wrong."""
    files = machine_tables.dump(name, os.path.join(folder, name))
    names = list(list_names(amldump, files))
    problems = compare_names(names, files)
    evaluations = [(path, arguments_for(path, count)) for path, kind, count in names
                   if kind == "Method" or kind in DATA]
    compared = 0
    for (path, _), ours, theirs in acpica.run_both(amlexec, files, evaluations):
        compared += 1
        if ours != theirs:
            problems.append(acpica.describe(path, ours, theirs))
    return compared, problems


def run(name, amlexec, amldump, folder):
    try:
        return check(name, amlexec, amldump, folder)
    except (ValueError, RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return 0, [str(error)]


def main():
    amlexec, amldump, folder, *names = sys.argv[1:]
    names = names or machine_tables.MACHINES
    failed = False
    for name in names:
        if missing := machine_tables.missing_program(name):
            print(f"SKIP machine_{name}: {missing} is missing")
    names = [name for name in names if not machine_tables.missing_program(name)]
    # acpiexec waits a second at its end.
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        results = pool.map(lambda name: run(name, amlexec, amldump, folder), names)
        for name, (compared, problems) in zip(names, results):
            problems = problems if compared or problems else ["nothing is named"]
            print(f"FAIL machine_{name}: {len(problems)}: {problems[0]}" if problems else f"PASS machine_{name}",
                  flush=True)
            for problem in problems[1:SHOWN_MAX]:
                print("  " + problem)
            failed |= bool(problems)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
