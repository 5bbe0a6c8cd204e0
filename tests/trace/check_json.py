# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a trace.json of `./cryptos trace -- sh -c "... | ..."`: check_json.py FILE CPUS.

Prints "PASS name" or "FAIL name: why" for each thing that must hold.
"""

import json
import sys
from collections import defaultdict

CPUS, THREADS = 1, 2
ENOSYS = -38
SLACK = 0.0011  # µs: times are rounded to ns


def check(name, problem):
    """Reports; `problem` is what is wrong, or something false."""
    print(f"FAIL {name}: {problem}" if problem else f"PASS {name}")


def find_overlap(slices):
    """Two slices of one track of which neither holds the other, or None."""
    open_slices = []
    for event in sorted(slices, key=lambda event: (event["ts"], -event["dur"])):
        while open_slices and open_slices[-1]["ts"] + open_slices[-1]["dur"] <= event["ts"] + SLACK:
            open_slices.pop()
        if open_slices:
            holder = open_slices[-1]
            if event["ts"] + event["dur"] > holder["ts"] + holder["dur"] + SLACK:
                return holder, event
        open_slices.append(event)
    return None


def main():
    """Checks the file that the command line names."""
    with open(sys.argv[1], encoding="utf-8") as file:
        content = json.load(file)
    cpus = int(sys.argv[2])
    events = content["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    runs = [event for event in slices if event["cat"] == "run"]
    names = {event["name"] for event in runs}
    calls = {event["name"] for event in slices if event["cat"] == "syscall"}
    tracks = defaultdict(list)
    for event in slices:
        tracks[event["pid"], event["tid"]].append(event)

    check("cpus", content["otherData"]["cpus"] != cpus and content["otherData"])
    check("programs_run", {"seq", "sort", "sh"} - names)
    check("programs_run_on_cpus", {e["tid"] for e in runs} - set(range(cpus)))
    check("calls_have_names", {"execve", "read", "write", "wait4", "exit_group"} - calls - {
        event["name"] for event in events if event["ph"] == "i"})
    unnamed = [e for e in slices if e["name"].startswith("system call ")]
    check("only_unserved_calls_lack_names", [e for e in unnamed if e["args"]["result"] != ENOSYS])
    check("times_are_positive", [e for e in slices if e["ts"] < 0 or e["dur"] < 0][:3])
    check("slices_nest", next(filter(None, map(find_overlap, tracks.values())), None))
    check("woken", not any(e["ph"] == "i" and e["cat"] == "wake" for e in events) and "no wakes")
    starts = {(e["cat"], e["id"]): e["ts"] for e in events if e["ph"] == "s"}
    ends = {(e["cat"], e["id"]): e["ts"] for e in events if e["ph"] == "f"}
    check("arrows_have_two_ends", starts.keys() ^ ends.keys() or not starts and "no arrows")
    check("arrows_lead_forward", [key for key in starts if starts[key] > ends.get(key, 0)])
    check("faults", not any(e["cat"] == "fault" for e in slices) and "none")
    check("nothing_lost", content["otherData"]["lost"])


if __name__ == "__main__":
    main()
