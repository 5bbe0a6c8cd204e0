# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs generated programs (generate.py) through amlexec and acpiexec, and compares what they return.

    differential.py AMLEXEC FOLDER [TABLES [METHODS [SEED]]]

Prints "PASS name" or "FAIL name: why"; tables in which there is a difference are kept in FOLDER, and
`acpiexec -b "evaluate \\T012" FOLDER/N.aml` shows one again.
"""

import concurrent.futures
import os
import sys

import acpica
import generate

SHOWN_MAX = 5


def compare(program, folder, seed, count):
    """How many methods were compared, and the differences."""
    data, paths = generate.generate_table(seed, count)
    file = os.path.join(folder, f"{seed}.aml")
    with open(file, "wb") as out:
        out.write(data)
    compared, different = 0, []
    try:
        for (path, _), ours, theirs in acpica.run_both(program, [file], [(path, []) for path in paths]):
            compared += 1
            if ours != theirs:
                different.append(acpica.describe(path, ours, theirs))
    except (ValueError, acpica.subprocess.TimeoutExpired) as error:
        different.append(str(error))
    if not different:
        os.remove(file)
    return compared, different


def main():
    program, folder, *numbers = sys.argv[1:]
    tables, methods, first = [*map(int, numbers), *(16, 250, 0)[len(numbers):]]
    os.makedirs(folder, exist_ok=True)
    compared = failed = 0
    # acpiexec waits a second at its end.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        seeds = range(first, first + tables)
        for seed, (count, different) in zip(seeds, pool.map(lambda seed: compare(program, folder, seed, methods), seeds)):
            compared += count
            failed += len(different)
            if different:
                print(f"FAIL generated_{seed}: {len(different)} of {count} differ: {different[0]}", flush=True)
            for line in different[1:SHOWN_MAX]:
                print("  " + line)
    if not failed:
        enough = compared >= tables * methods * 9 // 10
        print(f"PASS generated" if enough else f"FAIL generated: acpiexec answers only {compared} of {tables * methods}")
    print(f"  {compared} methods compared, {failed} differ")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
