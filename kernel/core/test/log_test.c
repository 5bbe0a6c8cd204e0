/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: lines, sinks, the ring. */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <base/string.h>
#include <core/log.h>

#include "unit.h"

/* What the log asks of the machine. */
unsigned long arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(unsigned long state)
{
	(void)state;
}

unsigned arch_cpu_id(void)
{
	return 0;
}

void arch_cpu_relax(void)
{
}

static uint64_t clock = 1234567891;
static uint64_t clock_step; /* per look at it */

uint64_t arch_clock_ns(void)
{
	clock += clock_step;
	return clock;
}

static char debug_console[256];

void arch_debug_write(const char *text, size_t length)
{
	EXPECT(length < sizeof(debug_console));
	memcpy(debug_console, text, length);
	debug_console[length] = '\0';
}

static char seen[4096];
static size_t seen_length;

static void keep(struct log_sink *sink, const char *text, size_t length)
{
	(void)sink;
	EXPECT(seen_length + length < sizeof(seen));
	memcpy(seen + seen_length, text, length);
	seen_length += length;
	seen[seen_length] = '\0';
}

UNIT_TEST(log, lines)
{
	static struct log_sink sink = { .write = keep, .max_level = LOG_NOTICE };

	log_notice("area", "before %d", 1);
	log_debug("area", "not for this sink");
	log_add_sink(&sink);
	EXPECT_STRING(seen, "[    1.234567] <5>area: before 1\n");
	log_error("x", "after\nno line of its own\033[31m");
	EXPECT_STRING(seen + 33, "[    1.234567] <3>x: after?no line of its own?[31m\n");
}

UNIT_TEST(log, long_lines_are_cut)
{
	static char text[3000], line[600];
	uint64_t position = 0;
	size_t length;

	memset(text, 'x', sizeof(text) - 1);
	log_info("area", "%s", text);
	length = log_read(&position, line, sizeof(line));
	EXPECT(length < sizeof(line) && line[length - 1] == '\n');
	EXPECT_EQUAL(position, log_end());
}

UNIT_TEST(log, ring_keeps_the_newest)
{
	char line[64], last[64];
	uint64_t position = 0;
	size_t count, total = 0;

	for (unsigned i = 0; i < 10000; i++)
		log_info("area", "line %u", i);
	while ((count = log_read(&position, line, sizeof(line))) > 0) {
		memcpy(last, line, count);
		total += count;
	}
	EXPECT_EQUAL(total, 65536);
	position = log_end() - 10;
	EXPECT_EQUAL(log_read(&position, line, sizeof(line)), 10);
	EXPECT_BYTES(line, "line 9999\n", 10);
	position = UINT64_MAX;
	EXPECT_EQUAL(log_read(&position, line, sizeof(line)), 0);
}

/* Panics inside a sink: the others still get lines. */
static unsigned broken_calls;

static void write_broken(struct log_sink *sink, const char *text, size_t length)
{
	(void)sink;
	(void)text;
	(void)length;
	if (broken_calls++ > 0)
		return;
	log_enter_panic();
	log_error("panic", "inside");
}

UNIT_TEST(log, a_sink_that_faults_is_left_out)
{
	static struct log_sink broken = { .write = write_broken, .max_level = LOG_INFO };
	static struct log_sink sink = { .write = keep, .max_level = LOG_INFO };

	log_add_sink(&sink);
	log_add_sink(&broken);
	log_info("area", "first");
	EXPECT(log_in_panic());
	EXPECT_EQUAL(broken_calls, 1);
	EXPECT_STRING(seen, "[    1.234567] <6>area: first\n[    1.234567] <3>panic: inside\n");
}

/* The log's lock is held while a sink writes, here by somebody who then logs. */
static void log_inside(struct log_sink *sink, const char *text, size_t length)
{
	(void)sink;
	(void)text;
	(void)length;
	clock_step = 300000000;
	log_error("test", "inside");
	clock_step = 0;
}

UNIT_TEST(log, does_not_wait_for_ever)
{
	static struct log_sink sink = { .write = log_inside, .max_level = LOG_DEBUG };

	log_add_sink(&sink);
	log_error("test", "outside");
	EXPECT_STRING(debug_console, "[    1.534567] <3>test: inside\n");
	/* It is not in the ring, and the lock is as it was. */
	EXPECT_EQUAL(log_end(), strlen("[    1.234567] <3>test: outside\n"));
}
