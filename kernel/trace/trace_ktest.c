/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self tests of tracepoints and rings, on a ring of the test's own. Many writers and a reader at
 * once are tested where there are threads, in kernel/scheme/trace_ktest.c.
 */
#include <arch/irq.h>
#include <base/string.h>
#include <core/ktest.h>
#include <sync/cpu.h>
#include <trace/trace.h>

#define RECORDS 16

static uint64_t memory[(RECORDS + 1) * sizeof(struct trace_record) / sizeof(uint64_t)];

static unsigned long irq_state;

/* Attaches `memory` to this CPU, stays on it undisturbed, and enables `kinds`. False: something is
 * being traced, so that there is nothing to test on. */
static bool begin(uint32_t kinds)
{
	struct trace_statistics statistics;

	irq_state = arch_irq_save();
	trace_read_statistics(cpu_id(), &statistics);
	if (statistics.capacity || sizeof(memory) < trace_buffer_bytes(RECORDS)) {
		ktest_expect(!"a ring of the test's own");
		arch_irq_restore(irq_state);
		return false;
	}
	trace_attach(cpu_id(), memory, RECORDS);
	trace_set_kinds(kinds);
	return true;
}

static void end(void)
{
	trace_set_kinds(0);
	ktest_expect(trace_detach(cpu_id()) == memory);
	arch_irq_restore(irq_state);
}

KTEST(trace, records_what_is_enabled)
{
	uint64_t position = 0, lost = 0, before = arch_clock_ns();
	struct trace_record record;

	if (!begin(1u << TRACE_TOKEN | 1u << TRACE_NAME))
		return;
	trace_fault_enter(0x1000, 1); /* not enabled */
	trace_token(TRACE_TOKEN_SENT, 3, 77);
	trace_name(thread_current(), "a name that is too long");
	ktest_expect(trace_read(cpu_id(), &position, &record, &lost));
	ktest_expect(record.kind == TRACE_TOKEN && record.detail == TRACE_TOKEN_SENT);
	ktest_expect(record.first == 3 && record.second == 77);
	ktest_expect(record.cpu == cpu_id());
	ktest_expect(record.thread == trace_thread_number(thread_current()) && record.thread != 0);
	ktest_expect(record.time >= before && record.time <= arch_clock_ns());
	ktest_expect(trace_read(cpu_id(), &position, &record, &lost));
	ktest_expect(record.kind == TRACE_NAME &&
		     memcmp(record.text, "a name that is too", 16) == 0);
	ktest_expect(!trace_read(cpu_id(), &position, &record, &lost));
	trace_set_kinds(0);
	trace_token(TRACE_TOKEN_LOST, 0, 0);
	ktest_expect(!trace_read(cpu_id(), &position, &record, &lost));
	ktest_expect(lost == 0);
	end();
}

KTEST(trace, oldest_gives_way)
{
	uint64_t position = 0, lost = 0, count = 0;
	struct trace_statistics statistics;
	struct trace_record record;

	if (!begin(1u << TRACE_TOKEN))
		return;
	for (uint64_t lap = 0; lap < 3 * RECORDS + 5; lap++)
		trace_token(TRACE_TOKEN_SENT, 0, lap);
	trace_read_statistics(cpu_id(), &statistics);
	ktest_expect(statistics.capacity == RECORDS && statistics.written == 3 * RECORDS + 5);
	ktest_expect(statistics.lost == 2 * RECORDS + 5);
	for (; trace_read(cpu_id(), &position, &record, &lost); count++)
		ktest_expect(record.second == 2 * RECORDS + 5 + count);
	ktest_expect(count == RECORDS && lost == 2 * RECORDS + 5);
	/* A reader that kept up loses nothing. */
	trace_token(TRACE_TOKEN_SENT, 0, 1000);
	ktest_expect(trace_read(cpu_id(), &position, &record, &lost) && record.second == 1000);
	ktest_expect(lost == 2 * RECORDS + 5);
	end();
}

KTEST(trace, clear_and_detach_forget)
{
	uint64_t position = 0, lost = 0;
	struct trace_statistics statistics;
	struct trace_record record;

	if (!begin(1u << TRACE_TOKEN))
		return;
	trace_token(TRACE_TOKEN_SENT, 0, 1);
	trace_clear(cpu_id());
	ktest_expect(!trace_read(cpu_id(), &position, &record, &lost) && lost == 0);
	trace_token(TRACE_TOKEN_SENT, 0, 2);
	trace_read_statistics(cpu_id(), &statistics);
	ktest_expect(statistics.written == 1 && statistics.lost == 0);
	end();
	/* Enabled without a ring: dropped, and nobody is hurt. */
	trace_set_kinds(1u << TRACE_TOKEN);
	trace_token(TRACE_TOKEN_SENT, 0, 3);
	if (!begin(1u << TRACE_TOKEN))
		return;
	position = 0;
	ktest_expect(!trace_read(cpu_id(), &position, &record, &lost) && lost == 0);
	trace_token(TRACE_TOKEN_SENT, 0, 4);
	ktest_expect(trace_read(cpu_id(), &position, &record, &lost) && record.second == 4);
	end();
}
