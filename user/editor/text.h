/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of the editor: bytes in a buffer with a gap where they change, and where lines begin. A line's
 * beginning before the gap is kept as its position, one behind it as its distance from the end, so that
 * a change costs what it changes and not what the file has.
 *
 * Any bytes are a text. What is no UTF-8 counts as characters of a byte or a few each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes;
	size_t capacity, gap_start, gap_end;
	size_t *lines; /* the first `lines_before` and the last `lines_after` of it */
	size_t line_capacity, lines_before, lines_after;
};

/* An empty text. False: no memory. */
bool text_init(struct text *text);
void text_free(struct text *text);

size_t text_length(const struct text *text);
/* At least 1: one more than there are line feeds. */
size_t text_line_count(const struct text *text);
/* Where line `line` (from 0, one that there is) begins, and ends: before its line feed. */
size_t text_line_start(const struct text *text, size_t line);
size_t text_line_end(const struct text *text, size_t line);
/* The line that the position is in. */
size_t text_line_at(const struct text *text, size_t position);

char text_byte(const struct text *text, size_t position);
void text_copy(const struct text *text, size_t from, size_t length, char *to);

/* Puts bytes in the place of `removed` ones at `at`. False, with nothing changed: no memory. */
bool text_replace(struct text *text, size_t at, size_t removed, const char *bytes, size_t inserted);

/* The next and the previous character; the ends stay. */
size_t text_next(const struct text *text, size_t position);
size_t text_previous(const struct text *text, size_t position);
/* The end of the word (or blanks, or signs) that lies there, forwards or backwards. */
size_t text_word_edge(const struct text *text, size_t position, bool forwards);

/* The first match that begins at or after `from`, or backwards the last that begins before it. With
 * `any_case`, letters of ASCII match each other. False: there is none. */
bool text_find(const struct text *text, size_t from, const char *wanted, size_t length,
	       bool forwards, bool any_case, size_t *found);
