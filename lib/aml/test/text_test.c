/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values to text and back. */
#include "fixture.h"

#include <aml/text.h>
#include <base/format.h>
#include <string.h>
#include <unit.h>

struct buffer_sink {
	struct format_sink sink;
	char text[2048];
	size_t length;
};

static struct buffer_sink output;

static void write_output(struct format_sink *sink, const char *text, size_t length)
{
	(void)sink;
	EXPECT(length < sizeof(output.text) - output.length);
	memcpy(output.text + output.length, text, length);
	output.length += length;
	output.text[output.length] = 0;
}

static const char *print(const struct aml_object *object)
{
	output.sink.write = write_output;
	output.length = 0;
	aml_print(&output.sink, object);
	return output.text;
}

static int parse(const char *text, struct aml_object **made, const char **rest)
{
	const char *why = NULL;
	int error;

	*rest = text;
	error = aml_parse(aml, rest, made, &why);
	EXPECT(!error == (why == NULL) && !error == (*made != NULL));
	return error;
}

static void expect_text(const char *text, const char *wanted, const char *wanted_rest)
{
	struct aml_object *made;
	const char *rest;

	EXPECT_EQUAL(-parse(text, &made, &rest), 0);
	EXPECT_STRING(print(made), wanted);
	EXPECT_STRING(rest, wanted_rest);
	aml_put(aml, made);
}

static void expect_refused(const char *text, int error)
{
	struct aml_object *made;
	const char *rest;

	EXPECT_EQUAL(-parse(text, &made, &rest), error);
}

UNIT_TEST(aml_text, single_values)
{
	fixture_start(64);
	expect_text("42", "Integer 0x2A", "");
	expect_text("0XfF ", "Integer 0xFF", " ");
	expect_text("010, 1", "Integer 0xA", ", 1");
	expect_text("18446744073709551615", "Integer 0xFFFFFFFFFFFFFFFF", "");
	expect_text("\"a\\\"\\\\ b\" c", "String \"a\\\"\\\\ b\"", " c");
	expect_text("\"\t\xe9\"", "String \"\\t\\xE9\"", "");
	expect_text("()", "Buffer 0:", "");
	expect_text("(1 0x2 ff,00) 3", "Buffer 4: 01 02 FF 00", " 3");
	EXPECT_STRING(print(NULL), "Nothing");
	fixture_end();
}

UNIT_TEST(aml_text, packages)
{
	fixture_start(64);
	expect_text("[]", "Package 0: []", "");
	expect_text("[ 1 , \"]\" [ ] (01) ]x",
		    "Package 4: [Integer 0x1, String \"]\", Package 0: [], Buffer 1: 01]", "x");
	expect_text("[[[2] 3]]", "Package 1: [Package 2: [Package 1: [Integer 0x2], Integer 0x3]]",
		    "");
	fixture_end();
}

UNIT_TEST(aml_text, uninitialised_elements)
{
	fixture_start(64);
	EXPECT_STRING(print(fixture_keep(aml_make_package(aml, 2))),
		      "Package 2: [Uninitialized, Uninitialized]");
	fixture_end();
}

UNIT_TEST(aml_text, refused)
{
	static const char *const texts[] = {
		"",       "x",  "-1",   "12x", "0x",         "0xg",  "\"a",
		"\"a\\",  "(1", "(1 g", "100", "[",          "[1",   "[1 [2]",
		"[1 (2]", "[)", "[x]",  "[1)", "[\"a\" (zz", "[1]2", "99999999999999999999",
		"(1ff)"
	};

	fixture_start(64);
	for (size_t i = 0; i < array_length(texts); i++) {
		struct aml_object *made;
		const char *rest;
		int error = parse(texts[i], &made, &rest);

		if (!error) {
			EXPECT(!strcmp(texts[i], "100") || !strcmp(texts[i], "[1]2"));
			aml_put(aml, made);
		}
	}
	expect_refused("[1 (2]", AML_E_BAD_CHARACTER);
	expect_refused("99999999999999999999", AML_E_BAD_CHARACTER);
	fixture_end();
}

UNIT_TEST(aml_text, depth)
{
	char text[2 * AML_TEXT_DEPTH + 8];

	fixture_start(64);
	for (unsigned depth = AML_TEXT_DEPTH; depth <= AML_TEXT_DEPTH + 1; depth++) {
		struct aml_object *made;
		const char *rest;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = 0;
		EXPECT_EQUAL(-parse(text, &made, &rest), depth > AML_TEXT_DEPTH ? AML_E_LIMIT : 0);
		if (made)
			EXPECT(strlen(print(made)) > depth);
		aml_put(aml, made);
	}
	fixture_end();
}

/* What is too deep to be shown is left out. */
UNIT_TEST(aml_text, deeper_than_shown)
{
	struct aml_object *object = NULL;

	fixture_start(64);
	for (unsigned i = 0; i < AML_TEXT_DEPTH + 2; i++) {
		struct aml_object *package = aml_make_package(aml, 1);

		aml_set_element(aml, package, 0, object);
		object = package;
	}
	EXPECT(strstr(print(object), "Package 1: [...]]") != NULL);
	aml_put(aml, object);
	fixture_end();
}
