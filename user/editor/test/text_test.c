/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The editor's text and its history, against strings. */
#include "../history.h"
#include "../text.h"

#include <base/types.h>

#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define MODEL_MAX 4096

static char model[MODEL_MAX + 1];

static void expect_text(const struct text *text, const char *wanted)
{
	size_t length = strlen(wanted);
	char bytes[MODEL_MAX + 1];
	size_t line = 0, start = 0;

	EXPECT_EQUAL(text_length(text), length);
	text_copy(text, 0, length, bytes);
	EXPECT_BYTES(bytes, wanted, length);
	for (size_t i = 0; i <= length; i++) {
		EXPECT_EQUAL(text_line_at(text, i), line);
		if (i < length)
			EXPECT_EQUAL(text_byte(text, i), wanted[i]);
		if (i < length && wanted[i] != '\n')
			continue;
		EXPECT_EQUAL(text_line_start(text, line), start);
		EXPECT_EQUAL(text_line_end(text, line), i);
		start = i + 1;
		line++;
	}
	EXPECT_EQUAL(text_line_count(text), line);
}

static void put(struct text *text, const char *bytes)
{
	EXPECT(text_replace(text, 0, text_length(text), bytes, strlen(bytes)));
}

UNIT_TEST(editor_text, lines)
{
	struct text text;

	EXPECT(text_init(&text));
	expect_text(&text, "");
	put(&text, "one\ntwo\n\nfour");
	expect_text(&text, "one\ntwo\n\nfour");
	EXPECT(text_replace(&text, 3, 5, "", 0));
	expect_text(&text, "one\nfour");
	EXPECT(text_replace(&text, 0, 0, "\n\n", 2));
	expect_text(&text, "\n\none\nfour");
	EXPECT(text_replace(&text, 10, 0, "\n", 1));
	expect_text(&text, "\n\none\nfour\n");
	text_free(&text);
}

UNIT_TEST(editor_text, characters)
{
	struct text text;

	EXPECT(text_init(&text));
	put(&text, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\xc3z");
	static const size_t edges[] = { 0, 1, 3, 6, 10, 11, 12, 13 };
	for (size_t i = 0; i + 1 < array_length(edges); i++) {
		EXPECT_EQUAL(text_next(&text, edges[i]), edges[i + 1]);
		EXPECT_EQUAL(text_previous(&text, edges[i + 1]), edges[i]);
	}
	EXPECT_EQUAL(text_next(&text, 13), 13);
	EXPECT_EQUAL(text_previous(&text, 0), 0);
	text_free(&text);
}

UNIT_TEST(editor_text, words)
{
	struct text text;

	EXPECT(text_init(&text));
	put(&text, "one  two=3\n\nx");
	EXPECT_EQUAL(text_word_edge(&text, 0, true), 3);
	EXPECT_EQUAL(text_word_edge(&text, 3, true), 5);
	EXPECT_EQUAL(text_word_edge(&text, 8, true), 9);
	EXPECT_EQUAL(text_word_edge(&text, 10, true), 11);
	EXPECT_EQUAL(text_word_edge(&text, 13, true), 13);
	EXPECT_EQUAL(text_word_edge(&text, 8, false), 5);
	EXPECT_EQUAL(text_word_edge(&text, 5, false), 3);
	EXPECT_EQUAL(text_word_edge(&text, 0, false), 0);
	text_free(&text);
}

UNIT_TEST(editor_text, finding)
{
	struct text text;
	size_t found;

	EXPECT(text_init(&text));
	put(&text, "Port 22\nport 80");
	EXPECT(text_replace(&text, 4, 0, "", 0)); /* the gap lies in a match */
	EXPECT(text_find(&text, 0, "port", 4, true, false, &found) && found == 8);
	EXPECT(text_find(&text, 0, "port", 4, true, true, &found) && found == 0);
	EXPECT(text_find(&text, 1, "PORT", 4, true, true, &found) && found == 8);
	EXPECT(text_find(&text, 15, "port", 4, false, true, &found) && found == 8);
	EXPECT(text_find(&text, 8, "port", 4, false, true, &found) && found == 0);
	EXPECT(!text_find(&text, 0, "port", 4, false, true, &found));
	EXPECT(!text_find(&text, 9, "port", 4, true, true, &found));
	EXPECT(!text_find(&text, 0, "", 0, true, true, &found));
	EXPECT(text_find(&text, 0, "80", 2, true, true, &found) && found == 13);
	text_free(&text);
}

/* Applies the same to the model. */
static void model_replace(size_t at, size_t removed, const char *bytes, size_t inserted)
{
	size_t length = strlen(model);

	memmove(model + at + inserted, model + at + removed, length - at - removed + 1);
	memcpy(model + at, bytes, inserted);
}

UNIT_TEST(editor_text, any_changes_can_be_undone)
{
	static char before[2000][MODEL_MAX / 8];
	struct history history = { 0 };
	uint64_t random = 11;
	size_t from, to, steps = 0;
	struct text text;

	EXPECT(text_init(&text));
	history_mark_saved(&history);
	model[0] = '\0';
	for (int i = 0; i < 2000; i++) {
		static const char pieces[] = "a\nbc\n\n\xc3\xa9=x yz#\n";
		size_t length = strlen(model), start = unit_random_below(&random, 8);
		size_t at = unit_random_below(&random, length + 1);
		size_t removed = unit_random_below(&random, length - at + 1);
		size_t inserted = unit_random_below(&random, 8);

		removed = length > 300 ? removed : removed % 8 % (length - at + 1);
		strcpy(before[steps++], model);
		history_pause(&history);
		EXPECT(history_change(&history, &text, at, removed, pieces + start, inserted));
		model_replace(at, removed, pieces + start, inserted);
		expect_text(&text, model);
		if (unit_random_below(&random, 4) == 0) {
			EXPECT(history_undo(&history, &text, &from, &to));
			strcpy(model, before[--steps]);
			expect_text(&text, model);
		}
	}
	while (history_undo(&history, &text, &from, &to))
		expect_text(&text, before[--steps]);
	EXPECT_EQUAL(steps, 0);
	EXPECT(history_is_saved(&history));
	while (history_redo(&history, &text, &from, &to))
		;
	expect_text(&text, model);
	EXPECT(!history_is_saved(&history));
	history_free(&history);
	text_free(&text);
}

/* However small they are: there are many of them after "replace all". */
UNIT_TEST(editor_text, changes_take_bounded_memory)
{
	struct history history = { 0 };
	struct text text;
	size_t limit = HISTORY_BYTES_MAX / sizeof(struct history_change);

	EXPECT(text_init(&text));
	for (size_t i = 0; i < limit; i++) {
		EXPECT(history_change(&history, &text, i, 0, "x", 1));
		history_pause(&history);
	}
	EXPECT(history.count < limit / 4 * 3);
	EXPECT(history_can_undo(&history));
	history_free(&history);
	EXPECT_EQUAL(history.bytes, 0);
	text_free(&text);
}

UNIT_TEST(editor_text, typing_is_undone_at_once)
{
	struct history history = { 0 };
	struct text text;
	size_t from, to;

	EXPECT(text_init(&text));
	for (const char *byte = "hello\nyou"; *byte; byte++)
		EXPECT(history_change(&history, &text, text_length(&text), 0, byte, 1));
	EXPECT(history_undo(&history, &text, &from, &to));
	expect_text(&text, "hello\n");
	EXPECT(history_undo(&history, &text, &from, &to));
	EXPECT(history_undo(&history, &text, &from, &to));
	expect_text(&text, "");
	EXPECT(!history_undo(&history, &text, &from, &to));
	while (history_redo(&history, &text, &from, &to))
		;
	expect_text(&text, "hello\nyou");
	for (int i = 0; i < 3; i++) /* backspace */
		EXPECT(history_change(&history, &text, text_length(&text) - 1, 1, "", 0));
	for (int i = 0; i < 2; i++) /* delete */
		EXPECT(history_change(&history, &text, 0, 1, "", 0));
	expect_text(&text, "llo\n");
	EXPECT(history_undo(&history, &text, &from, &to));
	expect_text(&text, "hello\n");
	EXPECT(history_undo(&history, &text, &from, &to));
	expect_text(&text, "hello\nyou");
	EXPECT(from == 6 && to == 9);
	/* Two that belong together. */
	EXPECT(history_change(&history, &text, 0, 1, "H", 1));
	EXPECT(history_change(&history, &text, 6, 1, "Y", 1));
	history_join(&history);
	EXPECT(history_undo(&history, &text, &from, &to));
	expect_text(&text, "hello\nyou");
	EXPECT(history_redo(&history, &text, &from, &to));
	expect_text(&text, "Hello\nYou");
	history_free(&history);
	text_free(&text);
}
