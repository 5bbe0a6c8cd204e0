#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a trace into what people look at: Chrome's trace format, and a picture of who ran when.

    convert.py [--threads FILE] [--syscalls FILE] [--json FILE] [--svg FILE] TRACE

TRACE is a copy of /scheme/trace/events. With neither --json nor --svg it only counts.
"""

import argparse
import json
import os
import sys
from collections import Counter

from trace_chrome import to_chrome
from trace_format import FormatError, Trace, read_syscall_names, read_threads
from trace_svg import to_svg

SYSCALLS = os.path.join(os.path.dirname(__file__), "../../abi/linux/syscalls.h")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--threads", help="a copy of /scheme/trace/threads")
    parser.add_argument("--syscalls", default=SYSCALLS, help="the list of system calls")
    parser.add_argument("--json", help="where to write Chrome's format")
    parser.add_argument("--svg", help="where to write the picture")
    parser.add_argument("trace", help="a copy of /scheme/trace/events")
    return parser.parse_args()


def summary(trace):
    """What there is, in a line."""
    counts = Counter(record.kind for record in trace.records)
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    return (
        f"{len(trace.records)} records in {(trace.end - trace.start) / 1e6:.3f} ms on "
        f"{trace.cpus} CPUs, {sum(trace.lost)} lost ({kinds})"
    )


def main():
    arguments = parse_arguments()
    try:
        threads = read_threads(arguments.threads) if arguments.threads else {}
        with open(arguments.trace, "rb") as file:
            trace = Trace(file.read(), threads)
        if arguments.json:
            content = to_chrome(trace, read_syscall_names(arguments.syscalls))
            with open(arguments.json, "w", encoding="utf-8") as file:
                json.dump(content, file, separators=(",", ":"))
        if arguments.svg:
            with open(arguments.svg, "w", encoding="utf-8") as file:
                file.write(to_svg(trace))
    except (FormatError, OSError, ValueError) as error:
        sys.exit(f"convert.py: {error}")
    print(summary(trace))


if __name__ == "__main__":
    main()
