/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: the control of scheme `trace:`, and reading while every CPU records. */
#include "trace_priv.h"

#include <base/errno.h>
#include <core/ktest.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#define PATIENCE_NS (20 * NS_PER_SECOND)
#define WRITES      4000
/* Of a kind that is not enabled, so that nobody else writes it. */
#define KIND    TRACE_FAULT_LEAVE
#define PATTERN 0x9e3779b97f4a7c15ull

static _Atomic unsigned writers_left;

/* Records numbers in rising order, each with its own product. */
static void write_many(void *argument)
{
	unsigned cpu = (unsigned)(uintptr_t)argument;

	if (thread_set_affinity(thread_current(), (uint64_t)1 << cpu) == 0)
		for (uint64_t i = 1; i <= WRITES; i++)
			trace_record(KIND, 0, i, i * PATTERN);
	writers_left--;
}

struct seen {
	uint64_t last[CPU_MAX]; /* the newest number read from each CPU */
	uint64_t records, lost;
	bool right;
};

static void look_at(struct seen *seen, const struct trace_record *record)
{
	if (record->kind == TRACE_LOST) {
		seen->lost += record->first;
		return;
	}
	if (record->kind != KIND)
		return;
	seen->right &= record->second == record->first * PATTERN;
	seen->right &= record->first > seen->last[record->cpu];
	seen->last[record->cpu] = record->first;
	seen->records++;
}

static void read_all(struct trace_stream *stream, struct seen *seen)
{
	struct trace_record record;

	trace_stream_extend(stream);
	mutex_lock(&trace_lock);
	while (trace_stream_next(stream, &record))
		look_at(seen, &record);
	mutex_unlock(&trace_lock);
}

/* One writer on each CPU, in rings that they fill many times over. */
static void storm(struct trace_stream *stream, struct seen *seen)
{
	uint64_t end = clock_deadline_after(PATIENCE_NS);

	writers_left = cpu_count();
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		if (thread_spawn("tracer", write_many, (void *)(uintptr_t)cpu)) {
			ktest_expect(!"memory for a thread");
			writers_left--;
		}
	}
	while (writers_left && clock_monotonic_ns() < end) {
		read_all(stream, seen);
		thread_yield();
	}
	ktest_expect(writers_left == 0);
	read_all(stream, seen);
}

KTEST(trace, reading_while_all_record)
{
	struct seen seen = { .right = true };
	struct trace_stream *stream;

	ktest_expect(trace_control("off clear") == 0);
	ktest_expect(trace_control("token records 256") == 0);
	stream = trace_stream_create();
	ktest_expect(stream != NULL);
	if (stream)
		storm(stream, &seen);
	ktest_expect(seen.right);
	ktest_expect(seen.records > 0);
	for (unsigned cpu = 0; stream && cpu < cpu_count(); cpu++)
		ktest_expect(seen.last[cpu] == WRITES);
	/* Names of threads are recorded, too. */
	ktest_expect(seen.records + seen.lost >= (uint64_t)WRITES * cpu_count());
	kfree(stream);
	ktest_expect(trace_control("off") == 0);
	ktest_expect(trace_control("clear records 8192") == 0);
}

static uint64_t written_by_all(void)
{
	struct trace_statistics statistics;
	uint64_t written = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		trace_read_statistics(cpu, &statistics);
		written += statistics.written;
	}
	return written;
}

KTEST(trace, control_takes_words)
{
	struct trace_statistics statistics;

	ktest_expect(trace_control("off clear records 8192") == 0);
	ktest_expect(trace_control("records 16") == 0);
	ktest_expect(trace_control("switch wake\n") == 0);
	ktest_expect(trace_kinds() == (1u << TRACE_SWITCH | 1u << TRACE_WAKE | 1u << TRACE_NAME));
	trace_read_statistics(0, &statistics);
	ktest_expect(statistics.capacity == 16);
	/* What is wrong changes nothing. */
	ktest_expect(trace_control("irq nonsense") == -EINVAL);
	ktest_expect(trace_control("on off") == -EINVAL);
	ktest_expect(trace_control("records") == -EINVAL);
	ktest_expect(trace_control("records 8") == -EINVAL);
	ktest_expect(trace_control("records 99999999999999999999") == -EINVAL);
	ktest_expect(trace_control("a-word-that-is-longer-than-any") == -EINVAL);
	ktest_expect(trace_control("records 64") == -EBUSY);
	ktest_expect(trace_kinds() == (1u << TRACE_SWITCH | 1u << TRACE_WAKE | 1u << TRACE_NAME));
	ktest_expect(trace_control("") == 0);
	ktest_expect(trace_control("off") == 0);
	ktest_expect(trace_kinds() == 0);
	/* The names of threads, at least. */
	ktest_expect(written_by_all() > 0);
	ktest_expect(trace_control("clear records 8192") == 0);
	trace_read_statistics(0, &statistics);
	ktest_expect(statistics.capacity == 0);
}
