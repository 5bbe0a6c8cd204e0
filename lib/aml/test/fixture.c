/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

struct aml *aml;
uint8_t fixture_memory[256];
char fixture_log[512];

static struct aml_object *kept[256];
static unsigned kept_count;
static size_t allocated;

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

static void note(const struct aml_access *access)
{
	size_t used = strlen(fixture_log);

	snprintf(fixture_log + used, sizeof(fixture_log) - used, "%s%c%u@%llx=%llx",
		 used == 0 ? "" : " ", access->write ? 'W' : 'R', access->bits / 8,
		 (unsigned long long)access->address, (unsigned long long)access->value);
}

/* Buses answer status 0, length 3, and what was sent, each byte increased by one. */
static void move_buffer(const struct aml_access *access)
{
	for (size_t at = 2; at < access->length; at++)
		access->buffer[at]++;
	access->buffer[0] = 0;
	access->buffer[1] = 3;
}

static int access_space(const struct aml_host *host, struct aml_access *access)
{
	uint64_t at = access->address & 0xff;

	(void)host;
	if (access->buffer != NULL) {
		move_buffer(access);
	} else if (at + access->bits / 8 > sizeof(fixture_memory)) {
		return -AML_E_IO_ERROR;
	} else if (access->write) {
		memcpy(fixture_memory + at, &access->value, access->bits / 8);
	} else {
		access->value = 0;
		memcpy(&access->value, fixture_memory + at, access->bits / 8);
	}
	note(access);
	return 0;
}

static uint64_t now(const struct aml_host *host)
{
	static uint64_t time;

	(void)host;
	return ++time;
}

static void stall(const struct aml_host *host, unsigned us)
{
	(void)host;
	(void)us;
}

static void sleep_ms(const struct aml_host *host, uint64_t ms)
{
	(void)host;
	(void)ms;
}

static void notify(const struct aml_host *host, struct aml_node *node, uint64_t value)
{
	(void)host;
	(void)node;
	(void)value;
}

static void fatal(const struct aml_host *host, unsigned type, unsigned code, uint64_t argument)
{
	(void)host;
	(void)type;
	(void)code;
	(void)argument;
}

static void say(const struct aml_host *host, enum aml_log_level level, const char *text)
{
	(void)host;
	(void)level;
	(void)text;
}

static const struct aml_host host = {
	.allocate = allocate,
	.release = release,
	.access = access_space,
	.now_100ns = now,
	.stall_us = stall,
	.sleep_ms = sleep_ms,
	.notify = notify,
	.fatal = fatal,
	.log = say,
};

void fixture_start(unsigned bits)
{
	/* A DSDT without code: its revision is what tells the width of integers. */
	static uint8_t table[36] = "DSDT\x24";
	static const struct aml_limits limits = { .memory = 8 << 20 };
	uint8_t sum = 0;

	memset(fixture_memory, 0, sizeof(fixture_memory));
	fixture_log[0] = 0;
	EXPECT_EQUAL(-aml_create(&host, &limits, &aml), 0);
	table[8] = bits == 32 ? 1 : 2;
	table[9] = 0;
	for (size_t at = 0; at < sizeof(table); at++)
		sum += table[at];
	table[9] = (uint8_t)-sum;
	EXPECT_EQUAL(-aml_load(aml, table, sizeof(table)), 0);
}

void fixture_end(void)
{
	while (kept_count > 0)
		aml_put(aml, kept[--kept_count]);
	aml_destroy(aml);
	EXPECT_EQUAL(allocated, 0);
}

struct aml_object *fixture_keep(struct aml_object *object)
{
	EXPECT(object != NULL);
	EXPECT(kept_count < array_length(kept));
	return kept[kept_count++] = object;
}

struct aml_object *fixture_integer(uint64_t value)
{
	return fixture_keep(aml_make_integer(aml, value));
}

struct aml_object *fixture_string(const char *text)
{
	return fixture_keep(aml_make_string(aml, text));
}

struct aml_object *fixture_buffer(const void *bytes, size_t length)
{
	return fixture_keep(aml_make_buffer(aml, bytes, length));
}

static void show(const struct aml_object *object, char *text, size_t size)
{
	const uint8_t *bytes;
	size_t length;

	switch (aml_object_type(object)) {
	case AML_INTEGER:
		snprintf(text, size, "Integer %llX", (unsigned long long)aml_integer(object));
		break;
	case AML_STRING:
		bytes = aml_bytes(object, &length);
		EXPECT_EQUAL(bytes[length], 0);
		snprintf(text, size, "String %.*s", (int)length, (const char *)bytes);
		break;
	case AML_BUFFER:
		bytes = aml_bytes(object, &length);
		snprintf(text, size, "Buffer");
		for (size_t at = 0; at < length && 7 + 3 * at + 4 < size; at++)
			snprintf(text + 6 + 3 * at, 4, " %02X", bytes[at]);
		break;
	default:
		snprintf(text, size, "type %u", aml_object_type(object));
		break;
	}
}

void fixture_expect(const char *file, int line, struct aml_object *object, const char *wanted)
{
	char text[1024];

	if (object == NULL)
		unit_fail(file, line, "there is no object");
	show(fixture_keep(object), text, sizeof(text));
	unit_expect_string(file, line, "object", text, wanted);
}
