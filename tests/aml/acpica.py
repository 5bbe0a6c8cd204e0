# SPDX-License-Identifier: GPL-3.0-or-later
"""ACPICA's tools, and ours: compiling ASL, evaluating methods with both, results in one form.

A result is a line as amlexec prints it: `Integer 0x2A`, `Error AE_NOT_FOUND`, `Nothing` ...; a reference is
`Reference NAME` with the last segment of the path, as acpiexec tells no more.
"""

import os
import re
import subprocess

TIMEOUT = 120
# acpiexec's debugger shows only so much.
UNKNOWN = ("Error AE_BUFFER_OVERFLOW",)
SHOWN_MAX = 120  # characters of a value
COMMANDS_MAX = 1000  # characters: acpiexec takes 1023
# Whose acpiexec the results are measured by: others differ in how they convert.
REFERENCE_VERSION = "20200925"


def is_reference():
    """Whether the acpiexec here is of the version that we are measured by."""
    said = subprocess.run(["acpiexec", "-v"], capture_output=True, text=True, errors="replace",
                          timeout=TIMEOUT, check=False).stdout
    return REFERENCE_VERSION in said


def compile_asl(source, output, *options):
    """Compiles the file `source` to `output`.aml; returns that path. Raises ValueError with iasl's words."""
    done = subprocess.run(["iasl", "-oa", "-ve", *options, "-p", output, source], capture_output=True,
                          text=True, errors="replace", timeout=TIMEOUT, check=False)
    if done.returncode or not os.path.exists(output + ".aml"):
        said = (done.stdout + done.stderr).splitlines()
        errors = [" ".join(said[max(number - 1, 0):number + 1]) for number, line in enumerate(said)
                  if line.startswith("Error")]
        raise ValueError("iasl: " + (errors or said or ["nothing said"])[0])
    return output + ".aml"


# --- amlexec ---------------------------------------------------------------------------------------------

def run_amlexec(program, tables, evaluations, options=()):
    """Evaluates [(path, [argument...])...] in one process: the lines, its standard error, its exit status."""
    command = [program, *options]
    for path, arguments in evaluations:
        command += ["--method", path]
        for argument in arguments:
            command += ["--arg", argument]
    done = subprocess.run(command + list(tables), capture_output=True, text=True, errors="replace",
                          timeout=TIMEOUT, check=False)
    return done.stdout.splitlines(), done.stderr, done.returncode


def as_acpiexec(line):
    """Our result as acpiexec tells it: of references' paths the last segment, strings up to a zero."""
    def shorten(match):
        return "Reference " + re.split(r"[\\.^]", match.group(1))[-1].rstrip("_")

    line = re.sub(r"Reference (\S*?)(?=[,\]]|$)", shorten, line)
    return re.sub(r'(String "(?:[^"\\]|\\[^x"]|\\"|\\x(?!00))*?)\\x00(?:[^"\\]|\\.)*"', r'\1"', line)


# --- acpiexec --------------------------------------------------------------------------------------------

class Dump:
    """acpiexec's dump of an object, read line by line."""

    def __init__(self, lines):
        self.lines = lines
        self.next = 0

    def line(self):
        self.next += 1
        return self.lines[self.next - 1].strip() if self.next <= len(self.lines) else ""

    def value(self):
        line = self.line()
        if match := re.match(r"\[Integer\] = ([0-9A-F]+)$", line):
            return f"Integer 0x{int(match.group(1), 16):X}"
        if match := re.match(r"\[String\] Length \w+ = (\".*\")$", line, re.S):
            # (It extends the sign of bytes.)
            return "String " + re.sub(r"\\xFFFFFF(?=[89A-F])", r"\\x", match.group(1).replace("\\'", "'"))
        if match := re.match(r"\[Buffer\] Length (\w+) = *(.*)$", line):
            return self.buffer(int(match.group(1), 16), match.group(2))
        if match := re.match(r"\[Package\] Contains (\w+) Elements:", line):
            count = int(match.group(1))
            return f"Package {count}: [" + ", ".join(self.value() for _ in range(count)) + "]"
        if line.startswith("[Null Object]"):
            return "Uninitialized"
        if match := re.match(r"\[Object Reference\] = \S+ <Node> +Name (\w+)", line):
            return "Reference " + match.group(1).rstrip("_")
        if match := re.match(r"\[(\w+)\]", line):
            return match.group(1)
        return "Unreadable " + line

    def buffer(self, length, rest):
        data = []
        while len(data) < length:
            match = re.match(r"[0-9A-F]+: ((?:[0-9A-F]{2} )+)", rest)
            if match:
                data += match.group(1).split()
            rest = self.line() if len(data) < length else ""
            if not match and not rest:
                return "Unreadable buffer"
        return f"Buffer {length}:" + "".join(" " + byte for byte in data[:length])


def read_evaluations(output):
    """The results in what acpiexec has printed, in their order."""
    results = []
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if match := re.match(r"Evaluation of \S+ failed with status (\w+)", line):
            results.append("Error " + match.group(1))
        elif line.startswith("No object was returned from evaluation of"):
            results.append("Nothing")
        elif re.match(r"Evaluation of \S+ returned object", line):
            results.append(Dump(lines[number + 1:]).value())
    return results


def take_batch(evaluations):
    """As many of them as a command line takes, and that line."""
    line = ""
    for number, (path, arguments) in enumerate(evaluations):
        command = " ".join(["eval", path, *arguments])
        if len(line) + len(command) > COMMANDS_MAX:
            return number, line
        line += (";" if line else "") + command
    return len(evaluations), line


def run_acpiexec(tables, evaluations):
    """Evaluates what one command line takes with acpiexec, in one process: the results, fewer if it crashed, and
    how many were asked for."""
    count, commands = take_batch(evaluations)
    # -dr: what predefined methods return is not made better.
    done = subprocess.run(["acpiexec", "-dr", "-b", commands, *tables], capture_output=True, text=True,
                          errors="replace", timeout=TIMEOUT, stdin=subprocess.DEVNULL, check=False)
    return read_evaluations(done.stdout)[:count], count


def run_both(program, tables, evaluations):
    """Evaluates with both, so that both have the same behind them: (evaluation, our result, acpiexec's) each; what
    acpiexec crashes on or does not show is left out. Raises ValueError if amlexec fails."""
    while evaluations:
        theirs, count = run_acpiexec(tables, evaluations)
        batch = evaluations[:count]
        ours, said, status = run_amlexec(program, tables, batch)
        if len(ours) < count or status not in (0, 1) or "lost memory" in said:
            raise ValueError(f"amlexec ends with status {status} after {len(ours)} of {count}, from {batch[0][0]} on: "
                             + " | ".join(said.splitlines()[-3:]))
        for evaluation, our, their in zip(batch, ours, theirs):
            if their in UNKNOWN:
                continue
            yield evaluation, as_acpiexec(our), their
        evaluations = evaluations[min(len(theirs) + 1, count):]


def describe(path, ours, theirs):
    """How they differ: a part of long values, from shortly before the difference on."""
    same = len(os.path.commonprefix([ours, theirs]))
    if max(len(ours), len(theirs)) > SHOWN_MAX:
        start = max(same - SHOWN_MAX // 2, 0)
        ours, theirs = (("..." if start else "") + text[start:start + SHOWN_MAX] for text in (ours, theirs))
    return f"{path}: {ours}, not {theirs}"
