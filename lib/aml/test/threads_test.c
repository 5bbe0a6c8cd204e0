/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several threads in evaluations: while one sleeps, another comes in. Here the other one is played by the same
 * thread, from inside the host's sleep, under another number.
 */
#include <base/types.h>

#include <aml/aml.h>

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/*
 * DefinitionBlock ("", "DSDT", 2, "TEST", "A", 1)
 * {
 *	Method (SLEE) { Sleep (1) Local0 = 0 While (Local0 < 9) { Local0++ } Return (Local0) }
 *	Method (LOOP) { While (One) { } }
 *	Method (NAMD) { Name (INNR, 7) Sleep (1) Return (INNR) }
 * }
 */
static const uint8_t table[] = {
	0x44, 0x53, 0x44, 0x54, 0x5e, 0x00, 0x00, 0x00, 0x02, 0x10, 0x54, 0x45, 0x53, 0x54,
	0x00, 0x00, 0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
	0x49, 0x4e, 0x54, 0x4c, 0x25, 0x09, 0x20, 0x20, 0x14, 0x18, 0x53, 0x4c, 0x45, 0x45,
	0x00, 0x5b, 0x22, 0x0a, 0x01, 0x70, 0x0a, 0x00, 0x60, 0xa2, 0x07, 0x95, 0x60, 0x0a,
	0x09, 0x75, 0x60, 0xa4, 0x60, 0x14, 0x09, 0x4c, 0x4f, 0x4f, 0x50, 0x00, 0xa2, 0x02,
	0x01, 0x14, 0x16, 0x4e, 0x41, 0x4d, 0x44, 0x00, 0x08, 0x49, 0x4e, 0x4e, 0x52, 0x0a,
	0x07, 0x5b, 0x22, 0x0a, 0x01, 0xa4, 0x49, 0x4e, 0x4e, 0x52,
};

static struct aml *aml;
static size_t allocated;
static uint64_t running, threads; /* the thread, and how many there are to be */
static const char *comes;         /* what the next one evaluates */
static const char *became;        /* the error's name that it ended with */

static void *allocate(const struct aml_host *host, size_t size)
{
	(void)host;
	allocated += size;
	return malloc(size);
}

static void release(const struct aml_host *host, void *memory, size_t size)
{
	(void)host;
	allocated -= size;
	free(memory);
}

static int access_space(const struct aml_host *host, struct aml_access *access)
{
	(void)host;
	(void)access;
	return -AML_E_IO_ERROR;
}

static uint64_t thread(const struct aml_host *host)
{
	(void)host;
	return running;
}

static int evaluate(const char *name, uint64_t *value)
{
	return aml_evaluate_integer(aml, NULL, name, value);
}

static void sleep_ms(const struct aml_host *host, uint64_t ms)
{
	uint64_t value;

	(void)host;
	(void)ms;
	if (running == threads)
		return;
	running++;
	became = aml_error_name(evaluate(comes, &value));
	running--;
}

static void wait_ms(const struct aml_host *host, uint64_t ms)
{
	(void)host;
	(void)ms;
}

static const struct aml_host host = {
	.allocate = allocate,
	.release = release,
	.access = access_space,
	.thread = thread,
	.sleep_ms = sleep_ms,
	.wait = wait_ms,
};

static void start(uint64_t count, const char *name)
{
	static const struct aml_limits limits = { .operations = 100000 };

	running = 1;
	threads = count;
	comes = name;
	EXPECT_EQUAL(aml_create(&host, &limits, &aml), 0);
	EXPECT_EQUAL(aml_load(aml, table, sizeof(table)), 0);
}

static void end(void)
{
	aml_destroy(aml);
	EXPECT_EQUAL(allocated, 0);
}

UNIT_TEST(aml_threads, operations_are_each_ones_own)
{
	uint64_t value = 0;

	start(2, "LOOP");
	EXPECT_EQUAL(evaluate("SLEE", &value), 0);
	EXPECT_EQUAL(value, 9);
	EXPECT_STRING(became, "AE_LIMIT");
	end();
}

/* What counts is how deep a thread is in. */
UNIT_TEST(aml_threads, many_at_once)
{
	uint64_t value = 0;

	start(100, "SLEE");
	EXPECT_EQUAL(evaluate("SLEE", &value), 0);
	EXPECT_EQUAL(value, 9);
	end();
}

/* Methods that make names are serialized, though nothing says so. */
UNIT_TEST(aml_threads, names_of_methods)
{
	uint64_t value = 0;

	start(2, "NAMD");
	EXPECT_EQUAL(evaluate("NAMD", &value), 0);
	EXPECT_EQUAL(value, 7);
	/* The other one waited as long as it could. */
	EXPECT_STRING(became, "AE_TIME");
	threads = 1;
	EXPECT_EQUAL(evaluate("NAMD", &value), 0);
	end();
}
