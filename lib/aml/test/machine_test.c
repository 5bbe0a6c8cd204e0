/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine under bad conditions: limits, no memory, tables that are cut off or damaged. */
#include <base/types.h>

#include <aml/aml.h>

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/*
 * DefinitionBlock ("", "DSDT", 2, "TEST", "A", 1)
 * {
 *	Method (LOOP) { While (One) { } }
 *	Method (CALL, 1) { Return (CALL (Arg0)) }
 *	Method (GROW) { Local0 = "x" While (One) { Local0 = Concatenate (Local0, Local0) } }
 *	Method (CIRC) { Local0 = RefOf (Local0) Local1 = Package (2) {} Store (Index
 *		(Local1, 0), Index (Local1, 1)) Return (5) }
 *	Method (TEMP) { Name (INNR, 7) Local0 = RefOf (INNR) Return (Local0) }
 *	Method (ARGS, 1) { Arg0 = 9 Return (Arg0) }
 *	Mutex (MTX0, 0)
 *	Method (LOCA) { Acquire (MTX0, 0xFFFF) Return (1) }
 *	Event (EVT0)
 *	Method (WAII) { Return (Wait (EVT0, 50)) }
 *	Method (SLEE) { While (One) { Sleep (2000) } }
 *	OperationRegion (REG0, SystemMemory, 0, 16)
 *	Field (REG0, ByteAcc, NoLock, Preserve) { FLD0, 8, FLD1, 24 }
 *	Device (DEV0) { Name (_ADR, 3) Method (_STA) { Return (15) } Method (_INI) { FLD0
 *		= 0x42 } }
 *	Name (PKG0, Package () { DEV0, LATE, 1, "two", Buffer () { 3 } })
 *	Name (LATE, 4)
 *	Method (READ) { Return (FLD0) }
 * }
 */
static const uint8_t table[] = {
	0x44, 0x53, 0x44, 0x54, 0x3c, 0x01, 0x00, 0x00, 0x02, 0xcf, 0x54, 0x45, 0x53, 0x54, 0x00,
	0x00, 0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x49, 0x4e,
	0x54, 0x4c, 0x25, 0x09, 0x20, 0x20, 0x14, 0x09, 0x4c, 0x4f, 0x4f, 0x50, 0x00, 0xa2, 0x02,
	0x01, 0x14, 0x0c, 0x43, 0x41, 0x4c, 0x4c, 0x01, 0xa4, 0x43, 0x41, 0x4c, 0x4c, 0x68, 0x14,
	0x14, 0x47, 0x52, 0x4f, 0x57, 0x00, 0x70, 0x0d, 0x78, 0x00, 0x60, 0xa2, 0x08, 0x01, 0x70,
	0x73, 0x60, 0x60, 0x00, 0x60, 0x14, 0x1b, 0x43, 0x49, 0x52, 0x43, 0x00, 0x70, 0x71, 0x60,
	0x60, 0x70, 0x12, 0x02, 0x02, 0x61, 0x70, 0x88, 0x61, 0x00, 0x00, 0x88, 0x61, 0x01, 0x00,
	0xa4, 0x0a, 0x05, 0x14, 0x16, 0x54, 0x45, 0x4d, 0x50, 0x00, 0x08, 0x49, 0x4e, 0x4e, 0x52,
	0x0a, 0x07, 0x70, 0x71, 0x49, 0x4e, 0x4e, 0x52, 0x60, 0xa4, 0x60, 0x14, 0x0c, 0x41, 0x52,
	0x47, 0x53, 0x01, 0x70, 0x0a, 0x09, 0x68, 0xa4, 0x68, 0x5b, 0x01, 0x4d, 0x54, 0x58, 0x30,
	0x00, 0x14, 0x10, 0x4c, 0x4f, 0x43, 0x41, 0x00, 0x5b, 0x23, 0x4d, 0x54, 0x58, 0x30, 0xff,
	0xff, 0xa4, 0x01, 0x5b, 0x02, 0x45, 0x56, 0x54, 0x30, 0x14, 0x0f, 0x57, 0x41, 0x49, 0x49,
	0x00, 0xa4, 0x5b, 0x25, 0x45, 0x56, 0x54, 0x30, 0x0a, 0x32, 0x14, 0x0e, 0x53, 0x4c, 0x45,
	0x45, 0x00, 0xa2, 0x07, 0x01, 0x5b, 0x22, 0x0b, 0xd0, 0x07, 0x5b, 0x80, 0x52, 0x45, 0x47,
	0x30, 0x00, 0x00, 0x0a, 0x10, 0x5b, 0x81, 0x10, 0x52, 0x45, 0x47, 0x30, 0x01, 0x46, 0x4c,
	0x44, 0x30, 0x08, 0x46, 0x4c, 0x44, 0x31, 0x18, 0x5b, 0x82, 0x24, 0x44, 0x45, 0x56, 0x30,
	0x08, 0x5f, 0x41, 0x44, 0x52, 0x0a, 0x03, 0x14, 0x09, 0x5f, 0x53, 0x54, 0x41, 0x00, 0xa4,
	0x0a, 0x0f, 0x14, 0x0d, 0x5f, 0x49, 0x4e, 0x49, 0x00, 0x70, 0x0a, 0x42, 0x46, 0x4c, 0x44,
	0x30, 0x08, 0x50, 0x4b, 0x47, 0x30, 0x12, 0x14, 0x05, 0x44, 0x45, 0x56, 0x30, 0x4c, 0x41,
	0x54, 0x45, 0x01, 0x0d, 0x74, 0x77, 0x6f, 0x00, 0x11, 0x03, 0x01, 0x03, 0x08, 0x4c, 0x41,
	0x54, 0x45, 0x0a, 0x04, 0x14, 0x0b, 0x52, 0x45, 0x41, 0x44, 0x00, 0xa4, 0x46, 0x4c, 0x44,
	0x30,
};

static const char *const names[] = {
	"LOOP", "CALL", "GROW", "CIRC", "TEMP", "LOCA", "WAII", "SLEE", "READ", "PKG0", "DEV0",
};

/* --- A host --- */

static size_t allocated;
static uint64_t allocations, failing; /* the number of the one that fails; 0: none does */
static uint64_t time_passed, time_step = 10;
static uint64_t wait_longest = 1000; /* ms */
static unsigned locked;

static void *allocate(const struct aml_host *host, size_t size)
{
	(void)host;
	if (++allocations == failing)
		return NULL;
	allocated += size;
	return malloc(size);
}

static void release(const struct aml_host *host, void *memory, size_t size)
{
	(void)host;
	allocated -= size;
	free(memory);
}

static void lock(const struct aml_host *host)
{
	(void)host;
	EXPECT_EQUAL(locked++, 0);
}

static void unlock(const struct aml_host *host)
{
	(void)host;
	EXPECT_EQUAL(--locked, 0);
}

static int access_space(const struct aml_host *host, struct aml_access *access)
{
	static uint8_t bytes[16];
	int error = 0;

	(void)host;
	if (access->bits != 8 || access->address >= sizeof(bytes))
		error = -AML_E_IO_ERROR;
	else if (access->write)
		bytes[access->address] = (uint8_t)access->value;
	else
		access->value = bytes[access->address];
	return error;
}

static uint64_t now(const struct aml_host *host)
{
	(void)host;
	return time_passed += time_step;
}

static void sleep_ms(const struct aml_host *host, uint64_t ms)
{
	(void)host;
	EXPECT_EQUAL(locked, 0);
	time_passed += ms * 10000;
}

/* Comes back early. */
static void wait_ms(const struct aml_host *host, uint64_t ms)
{
	sleep_ms(host, ms < wait_longest ? ms : wait_longest);
}

static const struct aml_host host = {
	.allocate = allocate,
	.release = release,
	.lock = lock,
	.unlock = unlock,
	.access = access_space,
	.now_100ns = now,
	.sleep_ms = sleep_ms,
	.wait = wait_ms,
};

static const struct aml_limits limits = {
	.memory = 160 << 10,
	.depth = 64,
	.operations = 6000,
	.loop_ms = 1000,
};

static struct aml *start(const void *bytes, size_t size)
{
	struct aml *aml;

	EXPECT_EQUAL(aml_create(&host, &limits, &aml), 0);
	EXPECT_EQUAL(aml_load(aml, bytes, size), 0);
	EXPECT_EQUAL(aml_initialize(aml), 0);
	return aml;
}

static void end(struct aml *aml)
{
	aml_destroy(aml);
	EXPECT_EQUAL(allocated, 0);
}

/* Evaluates by name, with 1 for each argument. What it results in is let go of. */
static int evaluate(struct aml *aml, const char *name)
{
	struct aml_node *node = aml_find(aml, NULL, name);
	struct aml_object *one = aml_make_integer(aml, 1), *result = NULL;
	struct aml_object *arguments[7] = { one, one, one, one, one, one, one };
	int error = -AML_E_NOT_FOUND;

	if (one && node)
		error = aml_evaluate(aml, node, arguments, aml_node_arguments(node), &result);
	aml_put(aml, result);
	aml_put(aml, one);
	return error;
}

static void evaluate_all(struct aml *aml)
{
	for (size_t i = 0; i < array_length(names); i++)
		EXPECT(evaluate(aml, names[i]) <= 0);
}

/* Loads a table with its length and checksum put right, and uses what came of it. */
static void try_table(uint8_t *bytes, size_t size)
{
	struct aml *aml = NULL;
	uint8_t sum = 0;
	int error;

	bytes[4] = (uint8_t)size;
	bytes[5] = (uint8_t)(size >> 8);
	bytes[9] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[9] = (uint8_t)-sum;
	if (!aml_create(&host, &limits, &aml)) {
		/* Whether or not it is any good, there may be something. */
		error = aml_load(aml, bytes, size);
		EXPECT(error <= 0);
		EXPECT_EQUAL(aml_initialize(aml), 0);
		evaluate_all(aml);
		aml_destroy(aml);
	}
	EXPECT_EQUAL(allocated, 0);
}

/* --- Tests --- */

UNIT_TEST(aml_machine, limits)
{
	struct aml *aml = start(table, sizeof(table));

	EXPECT_STRING(aml_error_name(evaluate(aml, "LOOP")), "AE_LIMIT");
	EXPECT_STRING(aml_error_name(evaluate(aml, "CALL")), "AE_STACK_OVERFLOW");
	EXPECT_STRING(aml_error_name(evaluate(aml, "GROW")), "AE_NO_MEMORY");
	EXPECT_STRING(aml_error_name(evaluate(aml, "SLEE")), "AE_LIMIT");
	/* None of them leaves anything behind that others meet. */
	EXPECT_EQUAL(evaluate(aml, "READ"), 0);
	end(aml);
}

/* A loop may be faster than the clock. */
UNIT_TEST(aml_machine, clock_stands_still)
{
	struct aml *aml = start(table, sizeof(table));

	time_step = 0;
	for (unsigned i = 0; i < 2; i++, time_passed++)
		EXPECT_STRING(aml_error_name(evaluate(aml, "LOOP")), "AE_LIMIT");
	time_step = 10;
	end(aml);
}

/* What a wait takes of the limit is what passed, however often the host comes back. */
UNIT_TEST(aml_machine, waits_to_the_end)
{
	struct aml *aml = start(table, sizeof(table));
	uint64_t before = time_passed;

	wait_longest = 1;
	EXPECT_EQUAL(evaluate(aml, "WAII"), 0);
	EXPECT(time_passed - before >= 50 * 10000);
	wait_longest = 1000;
	end(aml);
}

UNIT_TEST(aml_machine, headers)
{
	uint8_t bytes[sizeof(table)];
	struct aml *aml = start(table, sizeof(table));

	memcpy(bytes, table, sizeof(table));
	bytes[40] ^= 1;
	EXPECT_STRING(aml_error_name(aml_load(aml, bytes, sizeof(bytes))), "AE_BAD_CHECKSUM");
	EXPECT_STRING(aml_error_name(aml_load(aml, table, 35)), "AE_INVALID_TABLE_LENGTH");
	EXPECT_STRING(aml_error_name(aml_load(aml, table, sizeof(table) - 1)),
		      "AE_INVALID_TABLE_LENGTH");
	/* A second time: its names are there already, and are left out. */
	EXPECT_EQUAL(aml_load(aml, table, sizeof(table)), 0);
	EXPECT_EQUAL(evaluate(aml, "READ"), 0);
	end(aml);
}

UNIT_TEST(aml_machine, initialized)
{
	struct aml *aml = start(table, sizeof(table));
	uint64_t value = 0;

	/* _INI has been called, and what a package named before it was there is known. */
	EXPECT_EQUAL(aml_evaluate_integer(aml, NULL, "READ", &value), 0);
	EXPECT_EQUAL(value, 0x42);
	EXPECT_EQUAL(aml_evaluate_integer(aml, aml_find(aml, NULL, "\\DEV0"), "_ADR", &value), 0);
	EXPECT_EQUAL(value, 3);
	end(aml);
}

UNIT_TEST(aml_machine, instances)
{
	struct aml *one = start(table, sizeof(table)), *other = start(table, sizeof(table));

	EXPECT_EQUAL(evaluate(one, "CIRC"), 0);
	EXPECT_EQUAL(evaluate(other, "READ"), 0);
	aml_destroy(one);
	EXPECT_EQUAL(evaluate(other, "LOCA"), 0);
	end(other);
}

UNIT_TEST(aml_machine, cut_off)
{
	uint8_t bytes[sizeof(table)];

	for (size_t size = 36; size <= sizeof(table); size++) {
		memcpy(bytes, table, sizeof(table));
		try_table(bytes, size);
	}
}

UNIT_TEST(aml_machine, damaged)
{
	uint8_t bytes[sizeof(table)];

	/* Of each byte a bit, and not the same in bytes beside each other. */
	for (size_t at = 36; at < sizeof(table); at++) {
		memcpy(bytes, table, sizeof(table));
		bytes[at] ^= (uint8_t)(1u << at % 7);
		try_table(bytes, sizeof(table));
	}
}

UNIT_TEST(aml_machine, no_memory)
{
	uint8_t bytes[sizeof(table)];

	memcpy(bytes, table, sizeof(table));
	failing = 0;
	for (uint64_t number = 1; number < 600; number++) {
		allocations = 0;
		failing = number;
		try_table(bytes, sizeof(table));
	}
}
