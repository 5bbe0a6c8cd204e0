/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours of configuration files; each line by itself. See highlight.h. */
#include "highlight.h"

#include <string.h>

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_word(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       byte == '_' || byte == '-' || byte == '.' || (uint8_t)byte >= 0x80;
}

static size_t mark(uint8_t *kinds, size_t from, size_t to, enum highlight kind)
{
	memset(kinds + from, kind, to - from);
	return to;
}

/* The end of the string that begins at `at`: behind its quote, or the line's end. */
static size_t string_end(const char *line, size_t length, size_t at)
{
	char quote = line[at++];

	while (at < length && line[at] != quote)
		at += line[at] == '\\' ? 2 : 1;
	return at < length ? at + 1 : length;
}

/* The end of the name at `at`, if one is there with a = or : behind it; else `at`. */
static size_t name_end(const char *line, size_t length, size_t at)
{
	size_t end = at, next;

	while (end < length && is_word(line[end]))
		end++;
	next = end;
	while (next < length && is_blank(line[next]))
		next++;
	if (next < length && (line[next] == '=' || (line[next] == ':' && next == end)))
		return end;
	return at;
}

void highlight_line(const char *line, size_t length, uint8_t *kinds)
{
	size_t at = 0;

	memset(kinds, HIGHLIGHT_NONE, length);
	while (at < length && is_blank(line[at]))
		at++;
	if (at < length && line[at] == '[' && memchr(line + at, ']', length - at)) {
		const char *end = memchr(line + at, ']', length - at);

		at = mark(kinds, at, (size_t)(end - line) + 1, HIGHLIGHT_SECTION);
	} else if (at < length && line[at] == ';') {
		mark(kinds, at, length, HIGHLIGHT_COMMENT);
		return;
	}
	at = mark(kinds, at, name_end(line, length, at), HIGHLIGHT_NAME);
	while (at < length) {
		bool starts = at == 0 || !is_word(line[at - 1]);
		size_t from = at;

		if (line[at] == '#' && (at == 0 || is_blank(line[at - 1]))) {
			mark(kinds, at, length, HIGHLIGHT_COMMENT);
			return;
		}
		if (line[at] == '"' || (line[at] == '\'' && starts)) {
			at = mark(kinds, at, string_end(line, length, at), HIGHLIGHT_STRING);
		} else if (starts && is_word(line[at])) {
			while (at < length && is_word(line[at]))
				at++;
			if (is_digit(line[from]))
				mark(kinds, from, at, HIGHLIGHT_NUMBER);
		} else {
			at++;
		}
	}
}

bool highlight_is_for(const char *path)
{
	static const char *const sentences[] = { ".txt", ".md", ".log", ".rst", ".html" };
	const char *name = strrchr(path, '/');
	const char *end;

	name = name ? name + 1 : path;
	end = strrchr(name, '.');
	if (strcmp(name, "README") == 0 || strcmp(name, "LICENSE") == 0)
		return false;
	for (size_t i = 0; end && i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strcmp(end, sentences[i]) == 0)
			return false;
	return true;
}
