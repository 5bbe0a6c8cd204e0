/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../highlight.h"

#include <stdlib.h>
#include <string.h>
#include <unit.h>

/* The kinds as letters. */
static const char *kinds_of(const char *line)
{
	static char letters[128];
	size_t length = strlen(line);
	/* Of their own, so that what is touched beyond is noticed. */
	uint8_t *kinds = malloc(length + !length);
	char *copy = malloc(length + !length);

	memcpy(copy, line, length);
	highlight_line(copy, length, kinds);
	for (size_t i = 0; i < length; i++)
		letters[i] = "-cSnsd"[kinds[i]];
	letters[length] = '\0';
	free(copy);
	free(kinds);
	return letters;
}

UNIT_TEST(editor_highlight, lines)
{
	EXPECT_STRING(kinds_of(""), "");
	EXPECT_STRING(kinds_of("# x=1"), "ccccc");
	EXPECT_STRING(kinds_of("  # x"), "--ccc");
	EXPECT_STRING(kinds_of("; x"), "ccc");
	EXPECT_STRING(kinds_of("[a b] # c"), "SSSSS-ccc");
	EXPECT_STRING(kinds_of("[a"), "--");
	EXPECT_STRING(kinds_of("port = 80"), "nnnn---dd");
	EXPECT_STRING(kinds_of("a.b: x"), "nnn---");
	EXPECT_STRING(kinds_of("a#b"), "---");
	EXPECT_STRING(kinds_of("x=\"a\\\"b\" 1"), "n-ssssss-d");
	EXPECT_STRING(kinds_of("x=\"a"), "n-ss");
	EXPECT_STRING(kinds_of("x=\"a\\"), "n-sss");
	EXPECT_STRING(kinds_of("don't"), "-----");
	EXPECT_STRING(kinds_of("echo 'a' v2"), "-----sss---");
}

UNIT_TEST(editor_highlight, names_of_files)
{
	EXPECT(highlight_is_for("/etc/profile"));
	EXPECT(highlight_is_for("/etc.d/x.conf"));
	EXPECT(!highlight_is_for("/root/README"));
	EXPECT(!highlight_is_for("notes.txt"));
}

UNIT_TEST(editor_highlight, any_line)
{
	static const char letters[] = "a1 \t\"'#;[]=:\\\xc3-";
	uint64_t random = 5;
	char line[64];

	for (int i = 0; i < 50000; i++) {
		size_t length = unit_random_below(&random, sizeof(line));

		for (size_t j = 0; j < length; j++)
			line[j] = letters[unit_random_below(&random, sizeof(letters) - 1)];
		line[length ? length - 1 : 0] = '\0';
		(void)kinds_of(line);
	}
}
