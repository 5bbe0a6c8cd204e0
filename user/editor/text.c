/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The buffer with the gap. See text.h. */
#include "text.h"

#include <font/utf8.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096
#define FIRST_LINES 256

bool text_init(struct text *text)
{
	*text = (struct text){
		.bytes = malloc(FIRST_BYTES),
		.capacity = FIRST_BYTES,
		.gap_end = FIRST_BYTES,
		.lines = malloc(FIRST_LINES * sizeof(size_t)),
		.line_capacity = FIRST_LINES,
		.lines_before = 1,
	};
	if (!text->bytes || !text->lines) {
		text_free(text);
		return false;
	}
	text->lines[0] = 0;
	return true;
}

void text_free(struct text *text)
{
	free(text->bytes);
	free(text->lines);
	*text = (struct text){ 0 };
}

size_t text_length(const struct text *text)
{
	return text->capacity - (text->gap_end - text->gap_start);
}

size_t text_line_count(const struct text *text)
{
	return text->lines_before + text->lines_after;
}

size_t text_line_start(const struct text *text, size_t line)
{
	if (line < text->lines_before)
		return text->lines[line];
	line -= text->lines_before;
	return text_length(text) - text->lines[text->line_capacity - text->lines_after + line];
}

size_t text_line_end(const struct text *text, size_t line)
{
	return line + 1 < text_line_count(text) ? text_line_start(text, line + 1) - 1
						: text_length(text);
}

size_t text_line_at(const struct text *text, size_t position)
{
	size_t from = 0, to = text_line_count(text);

	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;

		if (text_line_start(text, middle) <= position)
			from = middle;
		else
			to = middle;
	}
	return from;
}

char text_byte(const struct text *text, size_t position)
{
	if (position >= text->gap_start)
		position += text->gap_end - text->gap_start;
	return text->bytes[position];
}

void text_copy(const struct text *text, size_t from, size_t length, char *to)
{
	size_t before = 0;

	if (from < text->gap_start) {
		before = text->gap_start - from < length ? text->gap_start - from : length;
		memcpy(to, text->bytes + from, before);
	}
	from += before + (text->gap_end - text->gap_start);
	memcpy(to + before, text->bytes + from, length - before);
}

/* --- Changes. --- */

/* Moves the gap, and the lines' beginnings from one side of it to the other. */
static void move_gap(struct text *text, size_t at)
{
	size_t length = text_length(text);

	if (at < text->gap_start) {
		size_t moved = text->gap_start - at;

		memmove(text->bytes + text->gap_end - moved, text->bytes + at, moved);
		text->gap_start -= moved;
		text->gap_end -= moved;
		while (text->lines[text->lines_before - 1] > at)
			text->lines[text->line_capacity - ++text->lines_after] =
				length - text->lines[--text->lines_before];
	} else {
		size_t moved = at - text->gap_start;

		memmove(text->bytes + text->gap_start, text->bytes + text->gap_end, moved);
		text->gap_start += moved;
		text->gap_end += moved;
		while (text->lines_after) {
			size_t start =
				length - text->lines[text->line_capacity - text->lines_after];

			if (start > at)
				break;
			text->lines_after--;
			text->lines[text->lines_before++] = start;
		}
	}
}

static bool make_room(struct text *text, size_t needed)
{
	size_t behind = text->capacity - text->gap_end, capacity = text->capacity;
	char *bytes;

	if (text->gap_end - text->gap_start >= needed)
		return true;
	if (needed > SIZE_MAX / 4 - capacity)
		return false;
	capacity += capacity / 2 + needed;
	bytes = realloc(text->bytes, capacity);
	if (!bytes)
		return false;
	memmove(bytes + capacity - behind, bytes + text->gap_end, behind);
	text->bytes = bytes;
	text->gap_end = capacity - behind;
	text->capacity = capacity;
	return true;
}

static bool make_line_room(struct text *text, size_t needed)
{
	size_t used = text_line_count(text), capacity = text->line_capacity;
	size_t *lines;

	if (capacity - used >= needed)
		return true;
	if (needed > SIZE_MAX / 32 - capacity)
		return false;
	capacity += capacity / 2 + needed;
	lines = realloc(text->lines, capacity * sizeof(*lines));
	if (!lines)
		return false;
	memmove(lines + capacity - text->lines_after,
		lines + text->line_capacity - text->lines_after,
		text->lines_after * sizeof(*lines));
	text->lines = lines;
	text->line_capacity = capacity;
	return true;
}

static size_t count_line_feeds(const char *bytes, size_t length)
{
	const char *end = bytes + length;
	size_t count = 0;

	while (bytes < end && (bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
		bytes++;
		count++;
	}
	return count;
}

bool text_replace(struct text *text, size_t at, size_t removed, const char *bytes, size_t inserted)
{
	size_t length = text_length(text);

	if (!make_room(text, inserted) || !make_line_room(text, count_line_feeds(bytes, inserted)))
		return false;
	move_gap(text, at);
	while (text->lines_after &&
	       length - text->lines[text->line_capacity - text->lines_after] <= at + removed)
		text->lines_after--;
	text->gap_end += removed;
	memcpy(text->bytes + text->gap_start, bytes, inserted);
	for (size_t i = 0; i < inserted; i++)
		if (bytes[i] == '\n')
			text->lines[text->lines_before++] = at + i + 1;
	text->gap_start += inserted;
	return true;
}

/* --- Characters and words. --- */

static size_t decode(const struct text *text, size_t position, uint32_t *character)
{
	char bytes[UTF8_BYTES_MAX];
	size_t room = text_length(text) - position;

	if (room > sizeof(bytes))
		room = sizeof(bytes);
	text_copy(text, position, room, bytes);
	return utf8_decode(bytes, room, character);
}

size_t text_next(const struct text *text, size_t position)
{
	uint32_t character;

	if (position >= text_length(text))
		return position;
	return position + decode(text, position, &character);
}

size_t text_previous(const struct text *text, size_t position)
{
	for (size_t back = 1; back <= UTF8_BYTES_MAX && back <= position; back++)
		if (utf8_is_boundary(text_byte(text, position - back)) &&
		    text_next(text, position - back) == position)
			return position - back;
	return position ? position - 1 : 0;
}

/* Line feeds are a kind of their own: a word does not go beyond its line. */
static int kind_of(char byte)
{
	if (byte == '\n')
		return 3;
	if (byte == ' ' || byte == '\t' || byte == '\r')
		return 0;
	if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	    (byte >= 'A' && byte <= 'Z') || byte == '_' || (uint8_t)byte >= 0x80)
		return 1;
	return 2;
}

size_t text_word_edge(const struct text *text, size_t position, bool forwards)
{
	size_t length = text_length(text);
	int kind;

	if (forwards) {
		if (position == length)
			return position;
		kind = kind_of(text_byte(text, position++));
		while (kind != 3 && position < length && kind_of(text_byte(text, position)) == kind)
			position++;
		return position;
	}
	if (position == 0)
		return 0;
	kind = kind_of(text_byte(text, --position));
	while (kind != 3 && position > 0 && kind_of(text_byte(text, position - 1)) == kind)
		position--;
	return position;
}

/* --- Finding. --- */

static char fold(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

static bool matches(const struct text *text, size_t at, const char *wanted, size_t length,
		    bool any_case)
{
	for (size_t i = 0; i < length; i++) {
		char byte = text_byte(text, at + i);

		if (byte != wanted[i] && !(any_case && fold(byte) == fold(wanted[i])))
			return false;
	}
	return true;
}

bool text_find(const struct text *text, size_t from, const char *wanted, size_t length,
	       bool forwards, bool any_case, size_t *found)
{
	size_t all = text_length(text);

	if (length == 0 || length > all)
		return false;
	if (forwards) {
		for (size_t at = from; at <= all - length; at++)
			if (matches(text, at, wanted, length, any_case)) {
				*found = at;
				return true;
			}
		return false;
	}
	for (size_t at = from < all - length + 1 ? from : all - length + 1; at-- > 0;)
		if (matches(text, at, wanted, length, any_case)) {
			*found = at;
			return true;
		}
	return false;
}
