/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators, as ACPICA's acpiexec applies them. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unit.h>

static struct aml_object *made;

static uint64_t operate(unsigned opcode, uint64_t a, uint64_t b)
{
	uint64_t result = 0;

	EXPECT_EQUAL(-aml_operate(aml, opcode, a, b, &result), 0);
	return result & aml_integer_mask(aml);
}

UNIT_TEST(aml_operate, integers)
{
	uint64_t result;

	fixture_start(64);
	EXPECT_EQUAL(operate(AML_OPERATOR_ADD, UINT64_MAX, 2), 1);
	EXPECT_EQUAL(operate(AML_OPERATOR_SUBTRACT, 1, 2), UINT64_MAX);
	EXPECT_EQUAL(operate(AML_OPERATOR_MULTIPLY, 1ull << 63, 3), 1ull << 63);
	EXPECT_EQUAL(operate(AML_OPERATOR_SHIFT_LEFT, 1, 63), 1ull << 63);
	EXPECT_EQUAL(operate(AML_OPERATOR_SHIFT_LEFT, 1, 64), 0);
	EXPECT_EQUAL(operate(AML_OPERATOR_SHIFT_RIGHT, UINT64_MAX, 64), 0);
	EXPECT_EQUAL(operate(AML_OPERATOR_NAND, 0xf0, 0x3c), ~0x30ull);
	EXPECT_EQUAL(operate(AML_OPERATOR_NOR, 0xf0, 0x3c), ~0xfcull);
	EXPECT_EQUAL(operate(AML_OPERATOR_XOR, 0xf0, 0x3c), 0xcc);
	EXPECT_EQUAL(operate(AML_OPERATOR_MOD, 17, 5), 2);
	EXPECT_ERROR(aml_operate(aml, AML_OPERATOR_MOD, 17, 0, &result), DIVIDE_BY_ZERO);
	fixture_end();
	fixture_start(32);
	EXPECT_EQUAL(operate(AML_OPERATOR_ADD, UINT32_MAX, 2), 1);
	EXPECT_EQUAL(operate(AML_OPERATOR_SUBTRACT, 1, 2), UINT32_MAX);
	EXPECT_EQUAL(operate(AML_OPERATOR_SHIFT_LEFT, 1, 32), 0);
	EXPECT_EQUAL(operate(AML_OPERATOR_NOR, 0, 0), UINT32_MAX);
	fixture_end();
}

/* "<", "=" or ">". */
static const char *order(struct aml_object *a, struct aml_object *b)
{
	bool less, equal, greater;

	EXPECT_EQUAL(-aml_compare(aml, AML_OPERATOR_LESS, a, b, &less), 0);
	EXPECT_EQUAL(-aml_compare(aml, AML_OPERATOR_EQUAL, a, b, &equal), 0);
	EXPECT_EQUAL(-aml_compare(aml, AML_OPERATOR_GREATER, a, b, &greater), 0);
	EXPECT_EQUAL(less + equal + greater, 1);
	return less ? "<" : equal ? "=" : ">";
}

UNIT_TEST(aml_operate, comparisons)
{
	struct aml_object *package, *ten;
	bool result;

	fixture_start(64);
	ten = fixture_integer(10);
	package = fixture_keep(aml_make_package(aml, 1));
	EXPECT_STRING(order(fixture_string("abcd"), fixture_string("abc")), ">");
	EXPECT_STRING(order(fixture_string("abc"), fixture_string("abd")), "<");
	EXPECT_STRING(order(fixture_string(""), fixture_string("")), "=");
	EXPECT_STRING(order(fixture_buffer("\1\2", 2), fixture_buffer("\1\3\4", 3)), "<");
	EXPECT_STRING(order(fixture_buffer("\xff", 1), fixture_buffer("\1\3\4", 3)), ">");
	/* The second one is converted to the first one's type. */
	EXPECT_STRING(order(ten, fixture_string("A")), "=");
	EXPECT_STRING(order(fixture_string("A"), ten), ">");
	EXPECT_STRING(order(fixture_string("000000000000000A"), ten), "=");
	EXPECT_STRING(order(fixture_buffer("\xa\0\0\0\0\0\0\0", 8), ten), "=");
	EXPECT_STRING(order(fixture_buffer("a", 2), fixture_string("a")), "=");
	EXPECT_ERROR(aml_compare(aml, AML_OPERATOR_EQUAL, package, ten, &result), OPERAND_TYPE);
	EXPECT_ERROR(aml_compare(aml, AML_OPERATOR_EQUAL, ten, package, &result), OPERAND_TYPE);
	EXPECT_ERROR(aml_compare(aml, AML_OPERATOR_EQUAL, ten, fixture_buffer("", 0), &result),
		     BUFFER_LIMIT);
	fixture_end();
}

UNIT_TEST(aml_operate, concatenate)
{
	struct aml_object *package, *empty;

	fixture_start(64);
	empty = fixture_buffer("", 0);
	package = fixture_keep(aml_make_package(aml, 1));
	EXPECT_MADE(aml_concatenate(aml, fixture_integer(1), fixture_string("2"), &made),
		    "Buffer 01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00");
	EXPECT_MADE(aml_concatenate(aml, fixture_string("x"), fixture_buffer("\1\2", 2), &made),
		    "String x0x01 0x02");
	EXPECT_MADE(aml_concatenate(aml, fixture_string("x"), fixture_integer(0xabcd), &made),
		    "String x000000000000ABCD");
	EXPECT_MADE(aml_concatenate(aml, fixture_buffer("\1", 1), fixture_string("ab"), &made),
		    "Buffer 01 61 62 00");
	EXPECT_MADE(aml_concatenate(aml, fixture_buffer("\1", 1), fixture_integer(5), &made),
		    "Buffer 01 05 00 00 00 00 00 00 00");
	EXPECT_MADE(aml_concatenate(aml, fixture_string("a"), package, &made),
		    "String a[Package Object]");
	EXPECT_MADE(aml_concatenate(aml, package, package, &made),
		    "String [Package Object][Package Object]");
	EXPECT_MADE(aml_concatenate(aml, fixture_integer(1), package, &made),
		    "Buffer 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
	EXPECT_MADE(aml_concatenate(aml, empty, empty, &made), "Buffer");
	EXPECT_MADE(aml_concatenate(aml, fixture_string(""), empty, &made), "String ");
	fixture_end();
}

UNIT_TEST(aml_operate, templates)
{
	struct aml_object *one, *two, *empty;

	fixture_start(64);
	empty = fixture_buffer("", 0);
	one = fixture_buffer("\x22\x08\x00\x79\x33", 5);
	two = fixture_buffer("\x22\x10\x00\x79\x00\x99", 6);
	EXPECT_MADE(aml_concatenate_resources(aml, one, two, &made),
		    "Buffer 22 08 00 22 10 00 79 00");
	EXPECT_MADE(aml_concatenate_resources(aml, empty, two, &made), "Buffer 22 10 00 79 00");
	EXPECT_MADE(aml_concatenate_resources(aml, empty, empty, &made), "Buffer 79 00");
	EXPECT_ERROR(aml_concatenate_resources(aml, fixture_buffer("\x79", 1), two, &made),
		     NO_RESOURCE_END_TAG);
	EXPECT_ERROR(aml_concatenate_resources(aml, fixture_buffer("\x22\1\2", 3), two, &made),
		     NO_RESOURCE_END_TAG);
	EXPECT_ERROR(aml_concatenate_resources(aml, two, fixture_buffer("\1\2\3", 3), &made),
		     INVALID_RESOURCE_TYPE);
	EXPECT_ERROR(
		aml_concatenate_resources(aml, fixture_buffer("\x86\1\0\0\x79", 6), two, &made),
		BAD_RESOURCE_LENGTH);
	fixture_end();
}

UNIT_TEST(aml_operate, mid)
{
	struct aml_object *text, *bytes;

	fixture_start(64);
	text = fixture_string("abcdef");
	bytes = fixture_buffer("\1\2\3\4", 4);
	EXPECT_MADE(aml_mid(aml, text, 2, 3, &made), "String cde");
	EXPECT_MADE(aml_mid(aml, text, 6, 3, &made), "String ");
	EXPECT_MADE(aml_mid(aml, text, 5, UINT64_MAX, &made), "String f");
	EXPECT_MADE(aml_mid(aml, text, UINT64_MAX, UINT64_MAX, &made), "String ");
	EXPECT_MADE(aml_mid(aml, bytes, 1, 2, &made), "Buffer 02 03");
	EXPECT_MADE(aml_mid(aml, bytes, 9, 2, &made), "Buffer");
	EXPECT_MADE(aml_mid(aml, fixture_integer(0x1234), 0, 2, &made), "Buffer 34 12");
	fixture_end();
}

static uint64_t match(struct aml_object *package, unsigned operator1, struct aml_object *operand1,
		      unsigned operator2, struct aml_object *operand2, uint64_t start)
{
	uint64_t index = 99;

	EXPECT_EQUAL(
		-aml_match(aml, package, operator1, operand1, operator2, operand2, start, &index),
		0);
	return index;
}

UNIT_TEST(aml_operate, match)
{
	struct aml_object *package, *one, *three;
	uint64_t index;

	fixture_start(64);
	one = fixture_integer(1);
	three = fixture_integer(3);
	package = fixture_keep(aml_make_package(aml, 5));
	aml_set_element(aml, package, 0, aml_make_package(aml, 1));
	for (unsigned at = 1; at < 4; at++)
		aml_set_element(aml, package, at, aml_make_integer(aml, at));
	EXPECT_EQUAL(match(package, AML_MATCH_EQUAL, three, AML_MATCH_TRUE, one, 0), 3);
	EXPECT_EQUAL(match(package, AML_MATCH_EQUAL, three, AML_MATCH_LESS, three, 0), UINT64_MAX);
	EXPECT_EQUAL(match(package, AML_MATCH_GREATER, one, AML_MATCH_LESS, three, 0), 2);
	EXPECT_EQUAL(match(package, AML_MATCH_GREATER_EQUAL, one, AML_MATCH_LESS_EQUAL, three, 2),
		     2);
	EXPECT_EQUAL(match(package, AML_MATCH_TRUE, one, AML_MATCH_TRUE, one, 0), 0);
	EXPECT_EQUAL(match(package, AML_MATCH_TRUE, one, AML_MATCH_TRUE, one, 4), UINT64_MAX);
	EXPECT_EQUAL(match(package, AML_MATCH_EQUAL, fixture_string("0000000000000002"),
			   AML_MATCH_TRUE, one, 0),
		     2);
	EXPECT_ERROR(aml_match(aml, package, AML_MATCH_TRUE, one, AML_MATCH_TRUE, one, 5, &index),
		     PACKAGE_LIMIT);
	EXPECT_ERROR(aml_match(aml, package, 6, one, AML_MATCH_TRUE, one, 0, &index),
		     OPERAND_VALUE);
	fixture_end();
}
