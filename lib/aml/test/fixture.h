/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An instance for tests: it has memory of 256 bytes for every address space, and writes down how that is
 * accessed. What it allocated must be free again at the end.
 */
#pragma once

#include "../src/aml_priv.h"

extern struct aml *aml;

/* Bytes at addresses 0 to 255 of all spaces. */
extern uint8_t fixture_memory[256];
/* "R1@10=ff" for each byte-wide read of 0xff at 0x10, "W4@..." for dwords written; separated by spaces. */
extern char fixture_log[512];

/* `bits`: of integers, 64 or 32. */
void fixture_start(unsigned bits);
void fixture_end(void);

/* References that fixture_end() drops. */
struct aml_object *fixture_integer(uint64_t value);
struct aml_object *fixture_string(const char *text);
struct aml_object *fixture_buffer(const void *bytes, size_t length);
struct aml_object *fixture_keep(struct aml_object *object);

/* Expects an object to look so: "Integer 2A", "String text", "Buffer 01 02". It is kept. */
void fixture_expect(const char *file, int line, struct aml_object *object, const char *wanted);
#define EXPECT_OBJECT(object, wanted) fixture_expect(__FILE__, __LINE__, object, wanted)

/* Calls a function whose last argument is `&made`, and expects its error (0: none) or its object. */
#define EXPECT_MADE(call, wanted)            \
	do {                                 \
		made = NULL;                 \
		EXPECT_EQUAL(-(call), 0);    \
		EXPECT_OBJECT(made, wanted); \
	} while (0)
#define EXPECT_ERROR(call, error) EXPECT_STRING(aml_error_name(call), aml_error_name(AML_E_##error))
