/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel command line. */
#include <base/string.h>
#include <core/command_line.h>

#include "unit.h"

static void set(const char *text)
{
	command_line_set(text, strlen(text));
}

UNIT_TEST(command_line, words)
{
	set("quiet  debug=1 debugger init=/bin/sh");
	EXPECT(command_line_has("quiet") && command_line_has("debug") && command_line_has("init"));
	EXPECT(!command_line_has("qui") && !command_line_has("bugger") && !command_line_has("1"));
}

UNIT_TEST(command_line, values)
{
	char value[8] = "old";

	set("name=first other name=second=x name");
	EXPECT(command_line_get("name", value, sizeof(value)));
	EXPECT_STRING(value, "second="); /* the last one, cut to the buffer */
	set("name");
	EXPECT(!command_line_get("name", value, sizeof(value)));
	EXPECT_STRING(value, "second=");
	set("name=");
	EXPECT(command_line_get("name", value, sizeof(value)));
	EXPECT_STRING(value, "");
}

UNIT_TEST(command_line, numbers)
{
	set("a=12 b=0x1f c=12x d= e=99999999999999999999999");
	EXPECT_EQUAL(command_line_get_u64("a", 7), 12);
	EXPECT_EQUAL(command_line_get_u64("b", 7), 0x1f);
	EXPECT_EQUAL(command_line_get_u64("c", 7), 7);
	EXPECT_EQUAL(command_line_get_u64("d", 7), 7);
	EXPECT_EQUAL(command_line_get_u64("e", 7), 7);
	EXPECT_EQUAL(command_line_get_u64("none", 7), 7);
}

UNIT_TEST(command_line, odd_texts)
{
	static char text[3 * COMMAND_LINE_MAX];

	command_line_set("one\ntwo\0three\tfour", 18);
	EXPECT(command_line_has("two") && command_line_has("three") && command_line_has("four"));
	set("");
	EXPECT(!command_line_has(""));
	memset(text, 'x', sizeof(text));
	command_line_set(text, sizeof(text));
	EXPECT_EQUAL(strlen(command_line_text()), COMMAND_LINE_MAX - 1);
	EXPECT(!command_line_has("x"));
}
