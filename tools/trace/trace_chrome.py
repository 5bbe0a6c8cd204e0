# SPDX-License-Identifier: GPL-3.0-or-later
"""A trace in the Chrome trace event format, for chrome://tracing, Perfetto and their like.

Two groups of tracks: a track per CPU with the turns of threads, interrupts, and marks; and a
track per thread with its system calls and page faults. Arrows lead from a wake-up to the turn
that came of it, and along with tokens. Where there were disk requests, a track per disk shows when
each was under way, from its submission to its end.
"""

from trace_format import CPU_UNKNOWN, IPI_EVENTS, TOKEN_EVENTS, block_parts, detail_name

CPUS = 1
THREADS = 2
DISKS = 3


def _time(trace, time):
    """Microseconds since the trace began, as the format wants them."""
    return (time - trace.start) / 1000


def _mark(trace, record, name, arguments):
    return {
        "ph": "i",
        "s": "t",
        "name": name,
        "cat": record.kind,
        "pid": CPUS,
        "tid": record.cpu,
        "ts": _time(trace, record.time),
        "args": arguments,
    }


def _arrow(trace, name, number, begin, end):
    """An arrow from one CPU's track to another's; each end is (record, CPU)."""
    for phase, (time, cpu) in (("s", begin), ("f", end)):
        event = {
            "ph": phase,
            "name": name,
            "cat": name,
            "id": number,
            "pid": CPUS,
            "tid": cpu,
            "ts": _time(trace, time),
        }
        if phase == "f":
            event["bp"] = "e"
        yield event


def _turns(trace):
    for turn in trace.turns():
        if trace.is_idle(turn.thread, turn.end):
            continue
        yield {
            "ph": "X",
            "name": trace.name(turn.thread, turn.end),
            "cat": "run",
            "pid": CPUS,
            "tid": turn.cpu,
            "ts": _time(trace, turn.start),
            "dur": (turn.end - turn.start) / 1000,
            "args": {"thread": f"{turn.thread:08x}", "ended by": turn.reason or "end of trace"},
        }


def _span_name(span, syscalls):
    if span.kind == "syscall":
        return syscalls.get(span.what, f"system call {span.what}")
    if span.kind == "fault":
        return f"fault {span.what:#x}"
    return f"irq {span.what}"


def _spans(trace, syscalls):
    for span in trace.spans():
        event = {
            "name": _span_name(span, syscalls),
            "cat": span.kind,
            "pid": CPUS if span.kind == "irq" else THREADS,
            "tid": span.cpu if span.kind == "irq" else span.thread,
            "ts": _time(trace, span.start),
            "args": {},
        }
        if span.end is None:
            event.update(ph="i", s="t")
        else:
            event.update(ph="X", dur=(span.end - span.start) / 1000)
        if span.result is not None:
            event["args"]["result"] = span.result
        yield event


def _marks(trace):
    for record in trace.records:
        if record.kind == "wake":
            name = trace.name(record.first, record.time)
            yield _mark(trace, record, f"wake {name}", {"to cpu": record.second})
        elif record.kind == "token":
            event = detail_name(TOKEN_EVENTS, record.detail)
            arguments = {"cpu": record.first, "lap": record.second}
            yield _mark(trace, record, f"token {event}", arguments)
        elif record.kind == "ipi":
            event = detail_name(IPI_EVENTS, record.detail)
            arguments = {} if record.first == CPU_UNKNOWN else {"to cpu": record.first}
            yield _mark(trace, record, f"ipi {event}", arguments)
        elif record.kind == "timer":
            late = max(record.time - record.first, 0)
            yield _mark(trace, record, "timer", {"late by ns": late})
        elif record.kind == "lost":
            yield _mark(trace, record, "records lost", {"records": record.first})


def _requests(trace):
    """Requests of disks, which overlap: a begin and an end each."""
    for number, record in enumerate(trace.records):
        if record.kind != "block":
            continue
        block = block_parts(record)
        what = f"{block.operation} {block.count} at {block.sector}"
        if block.event != "complete":
            yield _mark(trace, record, f"{block.event} {what}", {"device": block.device})
            continue
        event = {
            "name": what,
            "cat": "block",
            "id": number,
            "pid": DISKS,
            "tid": int(block.device.replace(":", "0")),
            "args": {"device": block.device, "error": block.error},
        }
        start = max(record.time - block.latency, trace.start)
        yield {**event, "ph": "b", "ts": _time(trace, start)}
        yield {**event, "ph": "e", "ts": _time(trace, record.time)}


def _arrows(trace):
    number = 0
    for wake in trace.wakes():
        if wake.turn:
            number += 1
            begin = (wake.record.time, wake.record.cpu)
            yield from _arrow(trace, "wake", number, begin, (wake.turn.time, wake.turn.cpu))
    for sent, received in trace.tokens():
        number += 1
        begin, end = (sent.time, sent.cpu), (received.time, received.cpu)
        yield from _arrow(trace, "token", number, begin, end)


def _label(pid, name, tid=None, order=None):
    event = {"ph": "M", "name": "process_name", "pid": pid, "args": {"name": name}}
    if tid is not None:
        event.update(name="thread_name", tid=tid)
    yield event
    if order is not None:
        kind = "thread_sort_index" if tid is not None else "process_sort_index"
        yield {"ph": "M", "name": kind, "pid": pid, "tid": tid or 0, "args": {"sort_index": order}}


def _labels(trace, events):
    yield from _label(CPUS, "CPUs", order=CPUS)
    yield from _label(THREADS, "Threads", order=THREADS)
    for cpu in range(trace.cpus):
        yield from _label(CPUS, f"CPU {cpu}", cpu, cpu)
    threads = {event["tid"] for event in events if event["pid"] == THREADS}
    disks = {event["tid"]: event["args"]["device"] for event in events if event["pid"] == DISKS}
    if disks:
        yield from _label(DISKS, "Disks", order=DISKS)
    for disk, name in sorted(disks.items()):
        yield from _label(DISKS, f"disk {name}", disk)
    for thread in sorted(threads):
        yield from _label(THREADS, trace.name(thread, trace.end), thread)


def to_chrome(trace, syscalls):
    """The trace as an object for json.dump(); `syscalls` are names by number."""
    events = [*_turns(trace), *_spans(trace, syscalls), *_marks(trace), *_requests(trace)]
    events += _arrows(trace)
    # Where two begin together, the one that holds the other comes first.
    events.sort(key=lambda event: (event["ts"], -event.get("dur", 0)))
    return {
        "traceEvents": [*_labels(trace, events), *events],
        "displayTimeUnit": "ns",
        "otherData": {
            "cpus": trace.cpus,
            "records": len(trace.records),
            "lost": sum(trace.lost),
            "start ns since boot": trace.start,
            "realtime ns at boot": trace.realtime_ns,
        },
    }
