/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversions, as ACPICA's acpiexec does them. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unit.h>

static struct aml_object *made;

static uint64_t integer(struct aml_object *from, enum aml_conversion how)
{
	uint64_t value = 0;

	EXPECT_EQUAL(-aml_to_integer(aml, from, how, &value), 0);
	return value;
}

UNIT_TEST(aml_convert, strings_to_integers)
{
	static const struct {
		const char *text;
		uint64_t implicit, explicit;
	} cases[] = {
		{ "0x1f", 0x1f, 0x1f },
		{ "0X1F", 0x1f, 0x1f },
		{ "12z", 0x12, 12 },
		{ "1g", 1, 1 },
		{ "", 0, 0 },
		{ "z", 0, 0 },
		{ "0x", 0, 0 },
		{ " \t12", 0x12, 12 },
		{ "abc", 0xabc, 0 },
		{ "00000000000000000000012", 0x12, 12 },
		/* Digits that do not fit are left out. */
		{ "123456789abcdef01", 0x123456789abcdef0, 123456789 },
		{ "0x123456789abcdef01", 0x123456789abcdef0, 0x123456789abcdef0 },
		{ "18446744073709551616", 0x1844674407370955, 1844674407370955161 },
		{ "18446744073709551615", 0x1844674407370955, UINT64_MAX },
	};

	fixture_start(64);
	for (size_t at = 0; at < array_length(cases); at++) {
		struct aml_object *text = fixture_string(cases[at].text);

		EXPECT_EQUAL(integer(text, AML_IMPLICIT), cases[at].implicit);
		EXPECT_EQUAL(integer(text, AML_EXPLICIT), cases[at].explicit);
	}
	fixture_end();
}

UNIT_TEST(aml_convert, to_integers)
{
	uint64_t value;

	fixture_start(64);
	EXPECT_EQUAL(integer(fixture_buffer("\1\2\3\4\5\6\7\x8\x9", 9), AML_EXPLICIT),
		     0x0807060504030201);
	EXPECT_EQUAL(integer(fixture_buffer("\1\2", 2), AML_IMPLICIT), 0x0201);
	EXPECT_ERROR(aml_to_integer(aml, fixture_buffer("", 0), AML_EXPLICIT, &value),
		     BUFFER_LIMIT);
	EXPECT_ERROR(
		aml_to_integer(aml, fixture_keep(aml_make_package(aml, 1)), AML_EXPLICIT, &value),
		OPERAND_TYPE);
	fixture_end();
	fixture_start(32);
	EXPECT_EQUAL(integer(fixture_buffer("\1\2\3\4\5\6", 6), AML_EXPLICIT), 0x04030201);
	EXPECT_EQUAL(integer(fixture_string("123456789"), AML_IMPLICIT), 0x12345678);
	EXPECT_EQUAL(integer(fixture_string("4294967296"), AML_EXPLICIT), 429496729);
	fixture_end();
}

UNIT_TEST(aml_convert, to_strings)
{
	struct aml_object *bytes, *empty, *number;

	fixture_start(64);
	bytes = fixture_buffer("\1\2\3\xfe", 4);
	empty = fixture_buffer("", 0);
	number = fixture_integer(0xabcdef);
	EXPECT_MADE(aml_to_string(aml, number, &made), "String 0000000000ABCDEF");
	EXPECT_MADE(aml_to_string(aml, bytes, &made), "String 0x01 0x02 0x03 0xFE");
	EXPECT_MADE(aml_to_string(aml, empty, &made), "String ");
	EXPECT_MADE(aml_to_hex_string(aml, number, &made), "String 0000000000ABCDEF");
	EXPECT_MADE(aml_to_hex_string(aml, bytes, &made), "String 0x01,0x02,0x03,0xFE");
	EXPECT_MADE(aml_to_hex_string(aml, empty, &made), "String ");
	EXPECT_MADE(aml_to_decimal_string(aml, number, &made), "String 11259375");
	EXPECT_MADE(aml_to_decimal_string(aml, fixture_integer(0), &made), "String 0");
	EXPECT_MADE(aml_to_decimal_string(aml, fixture_integer(UINT64_MAX), &made),
		    "String 18446744073709551615");
	EXPECT_MADE(aml_to_decimal_string(aml, bytes, &made), "String 1,2,3,254");
	EXPECT_MADE(aml_to_decimal_string(aml, empty, &made), "String ");
	EXPECT_MADE(aml_to_decimal_string(aml, fixture_string("abc"), &made), "String abc");
	fixture_end();
	fixture_start(32);
	EXPECT_MADE(aml_to_string(aml, fixture_integer(0xabc), &made), "String 00000ABC");
	fixture_end();
}

UNIT_TEST(aml_convert, to_buffers_and_back)
{
	fixture_start(64);
	EXPECT_MADE(aml_to_buffer(aml, fixture_integer(0xabcd), &made),
		    "Buffer CD AB 00 00 00 00 00 00");
	EXPECT_MADE(aml_to_buffer(aml, fixture_string("abc"), &made), "Buffer 61 62 63 00");
	EXPECT_MADE(aml_to_buffer(aml, fixture_string(""), &made), "Buffer 00");
	EXPECT_MADE(aml_buffer_to_string(aml, fixture_buffer("AB\0C", 4), UINT64_MAX, &made),
		    "String AB");
	EXPECT_MADE(aml_buffer_to_string(aml, fixture_buffer("ABC", 3), 2, &made), "String AB");
	EXPECT_MADE(aml_buffer_to_string(aml, fixture_buffer("ABC", 3), 9, &made), "String ABC");
	EXPECT_MADE(aml_buffer_to_string(aml, fixture_buffer("", 0), 9, &made), "String ");
	EXPECT_MADE(aml_buffer_to_string(aml, fixture_integer(0x4142), UINT64_MAX, &made),
		    "String BA");
	fixture_end();
	fixture_start(32);
	EXPECT_MADE(aml_to_buffer(aml, fixture_integer(1), &made), "Buffer 01 00 00 00");
	fixture_end();
}

/* A stored value becomes what the target is; strings and buffers are changed where they are. */
static void expect_store(struct aml_object *value, struct aml_object *target, const char *wanted)
{
	bool same = aml_object_type(target) != AML_INTEGER;

	EXPECT_MADE(aml_convert_for_store(aml, value, target, &made), wanted);
	EXPECT((made == target) == same);
}

UNIT_TEST(aml_convert, stores)
{
	struct aml_object *number, *bytes, *text;

	fixture_start(64);
	number = fixture_integer(0x0102030405060708);
	bytes = fixture_buffer("\1\2\3\xfe", 4);
	text = fixture_string("abc");
	expect_store(fixture_integer(5), fixture_string("abcd"), "String 0000000000000005");
	expect_store(number, fixture_buffer("zzzz", 4), "Buffer 08 07 06 05");
	expect_store(number, fixture_buffer("zzzzzzzzzz", 10),
		     "Buffer 08 07 06 05 04 03 02 01 00 00");
	expect_store(text, fixture_buffer("zzzzzz", 6), "Buffer 61 62 63 00 00 00");
	expect_store(text, fixture_buffer("zz", 2), "Buffer 61 62");
	expect_store(text, fixture_buffer("", 0), "Buffer 61 62 63 00");
	expect_store(text, number, "Integer ABC");
	expect_store(bytes, number, "Integer FE030201");
	expect_store(bytes, fixture_string(""), "String 0x01 0x02 0x03 0xFE");
	expect_store(bytes, bytes, "Buffer 01 02 03 FE");
	expect_store(text, text, "String abc");
	EXPECT_ERROR(aml_convert_for_store(aml, fixture_buffer("", 0), number, &made),
		     BUFFER_LIMIT);
	EXPECT_ERROR(
		aml_convert_for_store(aml, fixture_keep(aml_make_package(aml, 1)), text, &made),
		OPERAND_TYPE);
	EXPECT_ERROR(
		aml_convert_for_store(aml, number, fixture_keep(aml_make_package(aml, 1)), &made),
		TARGET_TYPE);
	fixture_end();
}

UNIT_TEST(aml_convert, bcd)
{
	uint64_t value;

	fixture_start(64);
	EXPECT_EQUAL(aml_to_bcd(aml, 1234, &value), 0);
	EXPECT_EQUAL(value, 0x1234);
	EXPECT_EQUAL(aml_to_bcd(aml, 9999999999999999, &value), 0);
	EXPECT_EQUAL(value, 0x9999999999999999);
	EXPECT_ERROR(aml_to_bcd(aml, 10000000000000000, &value), AML_NUMERIC_OVERFLOW);
	EXPECT_EQUAL(aml_from_bcd(aml, 0x9999999999999999, &value), 0);
	EXPECT_EQUAL(value, 9999999999999999);
	EXPECT_ERROR(aml_from_bcd(aml, 0x12a, &value), AML_NUMERIC_OVERFLOW);
	fixture_end();
	fixture_start(32);
	EXPECT_EQUAL(aml_to_bcd(aml, 99999999, &value), 0);
	EXPECT_EQUAL(value, 0x99999999);
	EXPECT_ERROR(aml_to_bcd(aml, 100000000, &value), AML_NUMERIC_OVERFLOW);
	fixture_end();
}

/* What would become too long is an error, not an allocation. */
UNIT_TEST(aml_convert, limits)
{
	struct aml_object *large;

	fixture_start(64);
	large = fixture_keep(aml_object_create_data(aml, AML_BUFFER, AML_DATA_MAX / 4));
	EXPECT_ERROR(aml_to_string(aml, large, &made), STRING_LIMIT);
	EXPECT_ERROR(
		aml_concatenate(aml,
				fixture_keep(aml_object_create_data(aml, AML_BUFFER, AML_DATA_MAX)),
				large, &made),
		BUFFER_LIMIT);
	fixture_end();
}
