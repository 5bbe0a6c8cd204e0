/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formatted output, compared with the C library's. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renamed.h"
#include "unit.h"

/* The formats are made at random. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define OUTPUT 256

/* Expects the same text and length from both. */
static void check_same(const char *format, ...)
{
	char got[OUTPUT];
	char wanted[OUTPUT];
	va_list arguments;
	int wanted_length;
	int length;

	va_start(arguments, format);
	wanted_length = vsnprintf(wanted, sizeof(wanted), format, arguments);
	va_end(arguments);
	va_start(arguments, format);
	length = base_vsnprintf(got, sizeof(got), format, arguments);
	va_end(arguments);
	if (strcmp(got, wanted) != 0 || length != wanted_length)
		unit_fail(__FILE__, __LINE__, "\"%s\": \"%s\" (%d), not \"%s\" (%d)", format, got,
			  length, wanted, wanted_length);
}

static int64_t interesting_number(uint64_t *seed)
{
	static const int64_t numbers[] = {
		0,   1,     -1,     7,     8,       127,     128,      -128,      255,
		256, 32767, -32768, 65535, INT_MAX, INT_MIN, UINT_MAX, INT64_MAX, INT64_MIN
	};

	if (unit_random_below(seed, 2))
		return numbers[unit_random_below(seed, sizeof(numbers) / sizeof(*numbers))];
	return (int64_t)(unit_random(seed) >> unit_random_below(seed, 64));
}

/* Makes "%" with flags out of `allowed`, width and precision; returns where it ends. */
static char *random_prefix(char *to, const char *allowed, uint64_t *seed)
{
	*to++ = '%';
	for (; *allowed; allowed++) {
		if (unit_random_below(seed, 3) == 0)
			*to++ = *allowed;
	}
	if (unit_random_below(seed, 2))
		to += sprintf(to, "%u", 1 + (unsigned)unit_random_below(seed, 40));
	if (unit_random_below(seed, 3) == 0)
		to += sprintf(to, ".%u", (unsigned)unit_random_below(seed, 40));
	else if (unit_random_below(seed, 10) == 0)
		*to++ = '.';
	return to;
}

UNIT_TEST(format, random_numbers)
{
	uint64_t seed = 1;
	char format[64];

	for (unsigned round = 0; round < 200000; round++) {
		static const char *const lengths[] = { "hh", "h", "", "l", "ll", "z", "t", "j" };
		unsigned length = (unsigned)unit_random_below(&seed, 8);
		int64_t number = interesting_number(&seed);
		char *end = random_prefix(format, "-0+ #", &seed);

		sprintf(end, "%s%c", lengths[length], "diuxXo"[unit_random_below(&seed, 6)]);
		if (length < 3)
			check_same(format, (int)number);
		else
			check_same(format, number);
	}
}

UNIT_TEST(format, random_strings)
{
	uint64_t seed = 2;
	char format[64];
	char text[40];

	for (unsigned round = 0; round < 50000; round++) {
		size_t length = unit_random_below(&seed, sizeof(text));
		char *end = random_prefix(format, "-", &seed);

		memset(text, 'a' + (int)unit_random_below(&seed, 26), length);
		text[length] = '\0';
		strcpy(end, "s");
		check_same(format, text);
		if (!strchr(format, '.')) {
			strcpy(end, "c");
			check_same(format, 'x');
			strcpy(end, "p");
			check_same(format, (void *)(uintptr_t)(unit_random(&seed) | 1));
		}
	}
}

UNIT_TEST(format, stars)
{
	for (int width = -12; width <= 12; width++) {
		for (int precision = -3; precision <= 12; precision++) {
			char got[OUTPUT];
			char wanted[OUTPUT];

			snprintf(wanted, OUTPUT, "[%*.*d|%*.*s]", width, precision, -42, width,
				 precision, "string");
			base_snprintf(got, OUTPUT, "[%*.*d|%*.*s]", width, precision, -42, width,
				      precision, "string");
			EXPECT_STRING(got, wanted);
		}
	}
}

UNIT_TEST(format, several_arguments)
{
	check_same("%s: %d%% of %lu (%#x) %c%c|%5s|%-5s|", "disk", 99, 123456789012ul, 0xbeefu, 'o',
		   'k', "ab", "cd");
	check_same("plain%s", "");
}

/* The buffer ends at every place; nothing is written beyond it. */
UNIT_TEST(format, truncates)
{
	for (size_t size = 0; size < 20; size++) {
		char *got = malloc(size);
		char wanted[20];

		EXPECT_EQUAL(base_snprintf(got, size, "%s-%05d", "abcdef", 42), 12);
		snprintf(wanted, size, "%s-%05d", "abcdef", 42);
		if (size > 0)
			EXPECT_STRING(got, wanted);
		free(got);
	}
	EXPECT_EQUAL(base_snprintf(NULL, 0, "%d", 12345), 5);
}

static const char *formatted(const char *format, ...)
{
	static char text[OUTPUT];
	va_list arguments;

	va_start(arguments, format);
	base_vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return text;
}

UNIT_TEST(format, where_the_standard_leaves_it_open)
{
	EXPECT_STRING(formatted("%s", NULL), "(null)");
	EXPECT_STRING(formatted("%p", NULL), "0x0");
	EXPECT_STRING(formatted("%y %d", 5), "%y 5");
	EXPECT_STRING(formatted("100%"), "100%");
	EXPECT_STRING(formatted("%-5"), "%-5");
	EXPECT_STRING(formatted("%l"), "%l");
}

UNIT_TEST(format, string_without_terminator)
{
	char *text = malloc(3);

	memcpy(text, "abc", 3);
	EXPECT_STRING(formatted("%.3s", text), "abc");
	EXPECT_STRING(formatted("%.2s", text), "ab");
	free(text);
}

UNIT_TEST(format, huge_width)
{
	EXPECT_EQUAL(base_snprintf(NULL, 0, "%1000000d", 1), 1000000);
	EXPECT_EQUAL(base_snprintf(NULL, 0, "%.1000000d", 1), 1000000);
}

/* A sink that counts its calls and bytes. */
struct counting_sink {
	struct format_sink sink;
	size_t bytes;
};

static void counting_write(struct format_sink *sink, const char *text, size_t length)
{
	struct counting_sink *to = container_of(sink, struct counting_sink, sink);

	EXPECT(length > 0 && text);
	to->bytes += length;
}

static size_t count(struct counting_sink *to, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = format_to_sink(&to->sink, format, arguments);
	va_end(arguments);
	return length;
}

UNIT_TEST(format, sink)
{
	struct counting_sink to = { .sink = { .write = counting_write } };

	EXPECT_EQUAL(count(&to, "%s%5d%%", "abc", 7), 9);
	EXPECT_EQUAL(to.bytes, 9);
	EXPECT_EQUAL(count(&to, "%s", ""), 0);
	EXPECT_EQUAL(to.bytes, 9);
}
