# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a trace (abi/native/trace.h) and tells what ran when.

`Trace` is the records, in order of time, with the names of threads; its methods pair what belongs
together: turns of threads on CPUs, the begin and end of system calls, faults and interrupts, and
wake-ups with the turns that they led to.
"""

import re
import struct
from collections import namedtuple

MAGIC = b"CRYTRACE"
VERSION = 1
HEADER = struct.Struct("<8sIIIIQ")
RECORD = struct.Struct("<QIHBBQQ")

# enum trace_kind, in its order.
KINDS = (
    "switch",
    "wake",
    "token",
    "fault_enter",
    "fault_leave",
    "syscall_enter",
    "syscall_leave",
    "irq_enter",
    "irq_leave",
    "timer",
    "ipi",
    "name",
    "lost",
    "block",
)
# What `detail` means.
SWITCH_REASONS = ("block", "yield", "preempt")
TOKEN_EVENTS = ("sent", "received", "launched", "retired", "lost", "merged", "donated")
BLOCK_EVENTS = ("queue", "issue", "complete")
BLOCK_OPERATIONS = ("read", "write", "flush", "discard", "zeroes")
IPI_EVENTS = ("wake sent", "wake received", "call received")

CPU_UNKNOWN = 0xFFFFFFFF

# A bio's or request's record, in parts; `latency` and `error` are of "complete" only.
Block = namedtuple("Block", "event operation device sector count error latency")
Record = namedtuple("Record", "time thread cpu kind detail first second")
# A time in which a thread ran on a CPU; `reason` is why it ended.
Turn = namedtuple("Turn", "cpu thread start end reason")
# A begin and its end; `what` is a number or address, `result` is None where it never ended.
Span = namedtuple("Span", "kind cpu thread start end what result")
# A wake-up, and the turn that came of it (None: none did).
Wake = namedtuple("Wake", "record thread target turn")


class FormatError(Exception):
    """The file is not a trace, or a damaged one."""


def signed(value):
    """A 64-bit number as the kernel meant it where it may be negative."""
    return value - (1 << 64) if value >> 63 else value


def detail_name(names, detail):
    """What a detail is called, also one that this program does not know."""
    return names[detail] if detail < len(names) else str(detail)


def block_parts(record):
    """What a record of kind "block" says."""
    return Block(
        detail_name(BLOCK_EVENTS, record.detail & 15),
        detail_name(BLOCK_OPERATIONS, record.detail >> 4),
        f"{record.first >> 56}:{record.first >> 48 & 0xFF}",
        record.first & 0xFFFFFFFFFFFF,
        record.second & 0xFFFFFF,
        record.second >> 24 & 0xFF,
        record.second >> 32,
    )


def read_syscall_names(path):
    """The names of system calls from abi/linux/syscalls.h, by number."""
    with open(path, encoding="utf-8") as file:
        calls = re.findall(r"call\((\d+), (\w+)\)", file.read())
    return {int(number): name for number, name in calls}


def read_threads(path):
    """The names of threads at the end of the trace, by number (/scheme/trace/threads)."""
    names = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            number, _, name = line.rstrip("\n").partition(" ")
            names[int(number, 16)] = name
    return names


class Trace:
    """What a machine recorded."""

    def __init__(self, data, threads=None):
        if len(data) < HEADER.size:
            raise FormatError("no trace: it is shorter than a header")
        magic, version, size, self.cpus, _, self.realtime_ns = HEADER.unpack_from(data)
        if magic != MAGIC:
            raise FormatError("not a trace")
        if version != VERSION or size != RECORD.size:
            raise FormatError(f"a trace of version {version}, not {VERSION}")
        if (len(data) - HEADER.size) % RECORD.size:
            raise FormatError("the trace ends within a record")
        records = []
        for time, thread, cpu, kind, detail, first, second in RECORD.iter_unpack(
            data[HEADER.size :]
        ):
            if kind >= len(KINDS) or cpu >= self.cpus:
                raise FormatError(f"record {len(records)} makes no sense")
            records.append(Record(time, thread, cpu, KINDS[kind], detail, first, second))
        # The sort keeps the order of what has the same time.
        self.records = sorted(records, key=lambda record: record.time)
        self.start = self.records[0].time if self.records else 0
        self.end = self.records[-1].time if self.records else 0
        self.lost = [0] * self.cpus
        self._last_names = dict(threads or {})
        self._names = {}
        for record in self.records:
            if record.kind == "lost":
                self.lost[record.cpu] += record.first
            elif record.kind == "name":
                text = struct.pack("<QQ", record.first, record.second).split(b"\0")[0]
                name = text.decode("utf-8", "replace")
                self._names.setdefault(record.thread, []).append((record.time, name))

    def name(self, thread, time):
        """What a thread was called at a time, or else before or after."""
        name = None
        for since, other in self._names.get(thread, ()):
            if since <= time or name is None:
                name = other
        return name or self._last_names.get(thread) or f"thread {thread:x}"

    def is_idle(self, thread, time):
        """True for the thread that a CPU runs when there is none."""
        return self.name(thread, time).startswith("idle/")

    def turns(self):
        """Who ran on which CPU and how long, in order of the ends."""
        since = {}
        running = {}
        for record in self.records:
            if record.kind == "lost":
                # Who ran meanwhile is not known.
                since[record.cpu] = record.time
                running.pop(record.cpu, None)
            elif record.kind == "switch":
                reason = detail_name(SWITCH_REASONS, record.detail)
                start = since.get(record.cpu, self.start)
                yield Turn(record.cpu, record.thread, start, record.time, reason)
                since[record.cpu] = record.time
                running[record.cpu] = record.first
        for cpu, thread in sorted(running.items()):
            yield Turn(cpu, thread, since[cpu], self.end, None)

    def spans(self):
        """System calls and faults by thread, interrupts by CPU, in order of the ends."""
        open_spans = {}
        for record in self.records:
            kind, _, edge = record.kind.partition("_")
            if edge not in ("enter", "leave"):
                continue
            key = (kind, record.cpu if kind == "irq" else record.thread)
            if edge == "enter":
                # One that is open still did not end: the thread did, or records are missing.
                if key in open_spans:
                    yield self._unended(kind, open_spans.pop(key))
                open_spans[key] = record
                continue
            begin = open_spans.pop(key, None)
            if begin and begin.first == record.first:
                result = None if kind == "irq" else signed(record.second)
                yield Span(
                    kind, begin.cpu, begin.thread, begin.time, record.time, begin.first, result
                )
        for (kind, _), record in open_spans.items():
            yield self._unended(kind, record)

    @staticmethod
    def _unended(kind, record):
        return Span(kind, record.cpu, record.thread, record.time, None, record.first, None)

    def wakes(self):
        """Wake-ups with what came of them, in order of the wake-ups."""
        waiting = {}
        wakes = []
        for record in self.records:
            if record.kind == "wake":
                waiting[record.first] = len(wakes)
                wakes.append(Wake(record, record.first, record.second, None))
            elif record.kind == "switch" and record.first in waiting:
                index = waiting.pop(record.first)
                wakes[index] = wakes[index]._replace(turn=record)
        return wakes

    def tokens(self):
        """Tokens that went from CPU to CPU: pairs of records, sent and received."""
        sent = {}
        for record in self.records:
            if record.kind != "token":
                continue
            event = detail_name(TOKEN_EVENTS, record.detail)
            if event == "sent":
                sent[record.first, record.second] = record
            elif event == "received":
                begin = sent.pop((record.cpu, record.second), None)
                if begin:
                    yield begin, record
