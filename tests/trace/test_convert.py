# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of tools/trace on traces made by hand. Prints "PASS name" or "FAIL name: why"."""

import os
import struct
import sys
import traceback
import xml.etree.ElementTree

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(TREE, "tools/trace"))
# pylint: disable=wrong-import-position
import trace_chrome  # noqa: E402
import trace_format  # noqa: E402
import trace_svg  # noqa: E402

KIND = {name: number for number, name in enumerate(trace_format.KINDS)}
IDLE0, IDLE1, A, B = 1, 2, 10, 11
THREADS = {IDLE0: "idle/0", IDLE1: "idle/1", A: "alpha", B: "beta"}


def record(time, cpu, kind, thread, first=0, second=0, detail=0):
    """A record as the kernel writes it."""
    first, second = first & (1 << 64) - 1, second & (1 << 64) - 1
    return trace_format.RECORD.pack(time, thread, cpu, KIND[kind], detail, first, second)


def name_record(time, cpu, thread, name):
    """A record of kind TRACE_NAME."""
    first, second = struct.unpack("<QQ", name.encode().ljust(16, b"\0"))
    return record(time, cpu, "name", thread, first, second)


def header(cpus=2, magic=trace_format.MAGIC, version=1):
    """The header of a trace."""
    return trace_format.HEADER.pack(magic, version, 32, cpus, 0, 10**18)


def trace(*records, threads=None, cpus=2):
    """A trace of these records."""
    return trace_format.Trace(header(cpus) + b"".join(records), threads or THREADS)


def example():
    """A on CPU 0 wakes B on CPU 1, makes a call and sleeps; a token goes from 0 to 1."""
    return trace(
        record(1000, 0, "switch", IDLE0, A, detail=2),
        record(2000, 0, "syscall_enter", A, 1),
        record(2500, 0, "wake", A, B, 1),
        record(2600, 1, "switch", IDLE1, B, detail=2),
        record(2700, 0, "token", A, 1, 7, detail=0),
        record(2800, 1, "token", B, 0, 7, detail=1),
        record(3000, 0, "irq_enter", A, 11),
        record(3200, 0, "irq_leave", A, 11),
        record(4000, 0, "syscall_leave", A, 1, -11),
        record(5000, 0, "switch", A, IDLE0, detail=0),
        record(6000, 1, "fault_enter", B, 0x1000, detail=5),
        record(6500, 1, "fault_leave", B, 0x1000, 0),
    )


def test_turns():
    """Turns have the bounds, CPUs and reasons of the switches."""
    turns = {(turn.cpu, turn.thread): turn for turn in example().turns()}
    assert turns[0, A][2:] == (1000, 5000, "block"), turns
    assert turns[1, IDLE1][2:] == (1000, 2600, "preempt"), turns
    assert turns[1, B][2:] == (2600, 6500, None), turns


def test_spans():
    """Begin and end are paired, by thread or CPU; results may be negative."""
    spans = {span.kind: span for span in example().spans()}
    assert (spans["syscall"].start, spans["syscall"].end) == (2000, 4000)
    assert spans["syscall"].result == -11
    assert (spans["irq"].cpu, spans["irq"].what) == (0, 11)
    assert spans["fault"].end - spans["fault"].start == 500


def test_call_that_never_ends():
    """exit(2) has no end, and does not take one of a later thread of the same number."""
    spans = list(
        trace(
            record(1, 0, "syscall_enter", A, 60),
            record(5, 0, "syscall_enter", A, 1),
            record(6, 0, "syscall_leave", A, 1, 3),
            record(9, 0, "syscall_leave", B, 2, 3),
        ).spans()
    )
    assert [(span.what, span.end) for span in spans] == [(60, None), (1, 6)], spans


def test_names():
    """A name holds from its record on; the first one also before; the list is the last resort."""
    made = trace(name_record(10, 0, A, "old"), name_record(20, 0, A, "sixteen-letters!"))
    assert made.name(A, 5) == "old"
    assert made.name(A, 15) == "old"
    assert made.name(A, 25) == "sixteen-letters!"
    assert made.name(B, 25) == "beta"
    assert made.name(99, 25) == "thread 63"


def test_lost():
    """Nobody is said to have run while records were lost."""
    made = trace(
        record(1000, 0, "switch", IDLE0, A),
        record(9000, 0, "lost", 0, 50),
        record(9500, 0, "switch", B, IDLE0),
    )
    assert made.lost == [50, 0]
    turns = [(turn.thread, turn.start, turn.end) for turn in made.turns()]
    assert (B, 9000, 9500) in turns and all(turn[0] != A for turn in turns), turns


def test_chrome():
    """Slices, marks and arrows are there, at microseconds from the start."""
    content = trace_chrome.to_chrome(example(), {1: "write"})
    events = content["traceEvents"]
    slices = {event["name"]: event for event in events if event["ph"] == "X"}
    assert (slices["alpha"]["ts"], slices["alpha"]["dur"]) == (0, 4)
    assert slices["write"]["args"] == {"result": -11} and slices["write"]["dur"] == 2
    assert slices["write"]["pid"] == trace_chrome.THREADS
    assert not any(name.startswith("idle") for name in slices)
    starts = {(e["cat"], e["id"]): e for e in events if e["ph"] == "s"}
    ends = {(e["cat"], e["id"]): e for e in events if e["ph"] == "f"}
    assert starts.keys() == ends.keys() and len(starts) == 2
    for key, start in starts.items():
        assert (start["tid"], ends[key]["tid"]) == (0, 1) and start["ts"] <= ends[key]["ts"]
    assert any(event["name"] == "token sent" for event in events if event["ph"] == "i")


def test_svg():
    """The picture is well formed, and has a shape for each turn and each arrow."""
    namespace = "{http://www.w3.org/2000/svg}"
    made = trace(name_record(1, 0, A, "<&>"), record(5, 0, "switch", A, IDLE0))
    root = xml.etree.ElementTree.fromstring(trace_svg.to_svg(made).encode())
    assert any("<&>" in (text.text or "") for text in root.iter(f"{namespace}text"))
    root = xml.etree.ElementTree.fromstring(trace_svg.to_svg(example()).encode())
    texts = [text.text for text in root.iter(f"{namespace}text")]
    assert "CPU 1" in texts and "alpha" in texts and "beta" in texts, texts
    assert len(list(root.iter(f"{namespace}circle"))) == 2


def test_disk_requests():
    """A request has a begin and an end, by its latency, on the track of its disk."""
    disk, sector = 8 << 56 | 1 << 48, 0x123456789ABC
    content = trace_chrome.to_chrome(
        trace(
            record(1000, 0, "block", A, disk | sector, 8, detail=1 << 4),
            record(1100, 0, "block", A, disk | sector, 8, detail=1 << 4 | 1),
            record(9000, 1, "block", A, disk | sector, 8 | 5 << 24 | 8000 << 32, detail=1 << 4 | 2),
        ),
        {},
    )
    events = [event for event in content["traceEvents"] if event.get("cat") == "block"]
    begin, end = [next(e for e in events if e["ph"] == phase) for phase in "be"]
    assert begin["name"] == f"write 8 at {sector}" and begin["id"] == end["id"], begin
    assert end["ts"] - begin["ts"] == 8, (begin, end)
    assert end["args"] == {"device": "8:1", "error": 5}, end
    assert [e["name"].split()[0] for e in events if e["ph"] == "i"] == ["queue", "issue"]


def test_empty():
    """A trace without records makes an empty picture."""
    xml.etree.ElementTree.fromstring(trace_svg.to_svg(trace()).encode())
    assert trace_chrome.to_chrome(trace(), {})["otherData"]["records"] == 0


def test_damage():
    """What is no trace is refused."""
    good = header() + record(1, 0, "switch", A, B)
    for bad in (
        b"",
        good[:20],
        good[:-1],
        header(magic=b"nonsense"),
        header(version=2),
        header() + record(1, 5, "switch", A, B),
        header() + bytes(14) + b"\xff" + bytes(17),
    ):
        try:
            trace_format.Trace(bad)
        except trace_format.FormatError:
            continue
        raise AssertionError(f"taken: {bad!r}")


def test_format_of_the_kernel():
    """The kinds are those of the header that the kernel is built with."""
    with open(os.path.join(TREE, "abi/native/trace.h"), encoding="utf-8") as file:
        text = file.read()
    for name, number in KIND.items():
        assert f"TRACE_{name.upper()} = {number}," in text, name
    for kind, events in (
        ("TOKEN", trace_format.TOKEN_EVENTS),
        ("IPI", trace_format.IPI_EVENTS),
        ("BLOCK", trace_format.BLOCK_EVENTS),
    ):
        for number, event in enumerate(events):
            assert f"TRACE_{kind}_{event.upper().replace(' ', '_')} = {number}," in text, event
    calls = trace_format.read_syscall_names(os.path.join(TREE, "abi/linux/syscalls.h"))
    assert calls[0] == "read" and calls[59] == "execve", calls


def main():
    """Runs all tests of this file."""
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"PASS convert.{name[5:]}")
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"FAIL convert.{name[5:]}: {type(error).__name__} at line {place.lineno}: {error}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
