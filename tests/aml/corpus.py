# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the tests of a folder of ASL files, and compares with what acpiexec says of them.

    corpus.py AMLEXEC FOLDER [NAME...]

Comments of a file tell what is expected:

    // Expect: PATH [ARGUMENT...] => LINE    what amlexec prints, and acpiexec says
    // Ours: PATH [ARGUMENT...] => LINE      the same, but acpiexec says something else (a comment tells why)
    // Says: TEXT                            a line of amlexec's standard error
    // With: NAME                            the table of NAME.asl is loaded behind
    // Options: OPTION...                    of amlexec; acpiexec is not asked
    // Part: of what another file needs; not a test

Prints "PASS name" or "FAIL name: why". An acpiexec of another version than acpica.py names is not asked.
"""

import concurrent.futures
import os
import shlex
import sys
import tempfile

import acpica


class Case:
    def __init__(self, folder, name):
        self.name = name
        self.source = os.path.join(folder, name + ".asl")
        self.expected = []  # (path, arguments, line, acpiexec says the same)
        self.says, self.parts, self.options = [], [], []
        self.is_part = False
        with open(self.source, encoding="utf-8") as file:
            for line in file:
                self.read(line.strip())

    def read(self, line):
        kind, _, text = line.partition(": ")
        if kind in ("// Expect", "// Ours"):
            call, _, result = text.partition(" => ")
            path, *arguments = shlex.split(call, posix=False)
            self.expected.append((path, [unquote(argument) for argument in arguments], result,
                                  kind == "// Expect"))
        elif kind == "// Says":
            self.says.append(text)
        elif kind == "// With":
            self.parts.append(text)
        elif kind == "// Options":
            self.options += shlex.split(text)
        elif kind == "// Part":
            self.is_part = True


def unquote(argument):
    """'...' holds what has blanks; double quotes are part of a string's notation."""
    return argument[1:-1] if argument[:1] == "'" else argument


def check_amlexec(case, program, tables):
    lines, said, status = acpica.run_amlexec(program, tables, [row[:2] for row in case.expected], case.options)
    problems = []
    for number, (path, _, wanted, _) in enumerate(case.expected):
        got = lines[number] if number < len(lines) else "no line"
        if got != wanted:
            problems.append(f"{path}: {got}, not {wanted}")
    for text in case.says:
        if text not in said.splitlines():
            problems.append(f"does not say: {text}")
    wanted_status = int(any(row[2].startswith("Error") for row in case.expected))
    if status != wanted_status:
        problems.append(f"status {status}: " + " | ".join(said.splitlines()[-3:]))
    return problems


def check_acpiexec(case, tables):
    same = [] if case.options else [row for row in case.expected if row[3]]
    problems = []
    while same:
        results, count = acpica.run_acpiexec(tables, [row[:2] for row in same])
        for (path, _, wanted, _), got in zip(same, results):
            if got != acpica.as_acpiexec(wanted):
                problems.append(f"acpiexec says of {path}: {got}, not {wanted}")
        if len(results) < count:
            problems.append(f"acpiexec crashes on {same[len(results)][0]}")
        same = same[count:]
    return problems


def run(case, folder, program, work, ask_acpiexec):
    try:
        tables = [acpica.compile_asl(os.path.join(folder, name + ".asl"),
                                     os.path.join(work, f"{case.name}-{name}"))
                  for name in [case.name, *case.parts]]
        problems = check_amlexec(case, program, tables)
        return problems + check_acpiexec(case, tables) if ask_acpiexec else problems
    except (ValueError, OSError, acpica.subprocess.TimeoutExpired) as error:
        return [str(error)]


def main():
    program, folder, *names = sys.argv[1:]
    names = names or sorted(name[:-4] for name in os.listdir(folder) if name.endswith(".asl"))
    cases = [case for case in (Case(folder, name) for name in names) if not case.is_part]
    failed = False
    ask = acpica.is_reference()
    # acpiexec waits a second at its end: several at a time.
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = pool.map(lambda case: run(case, folder, program, work, ask), cases)
        for case, problems in zip(cases, results):
            print(f"FAIL {case.name}: {problems[0]}" if problems else f"PASS {case.name}", flush=True)
            for problem in problems[1:]:
                print("  " + problem)
            failed |= bool(problems)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
