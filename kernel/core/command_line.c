/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <core/command_line.h>

#include <base/string.h>

static char text[COMMAND_LINE_MAX];

void command_line_set(const char *from, size_t length)
{
	length = min_size(length, sizeof(text) - 1);
	memcpy(text, from, length);
	text[length] = '\0';
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || text[i] == '\t' || text[i] == '\0')
			text[i] = ' ';
	}
}

const char *command_line_text(void)
{
	return text;
}

/* The next word at or after `from`, its length in *length; NULL at the end. */
static const char *next_word(const char *from, size_t *length)
{
	while (*from == ' ')
		from++;
	*length = 0;
	while (from[*length] && from[*length] != ' ')
		(*length)++;
	return *length ? from : NULL;
}

static bool word_is(const char *word, size_t length, const char *name)
{
	size_t name_length = strlen(name);

	return length >= name_length && !memcmp(word, name, name_length) &&
	       (length == name_length || word[name_length] == '=');
}

bool command_line_has(const char *name)
{
	size_t length;

	for (const char *word = text; (word = next_word(word, &length)); word += length) {
		if (word_is(word, length, name))
			return true;
	}
	return false;
}

bool command_line_get(const char *name, char *value, size_t size)
{
	size_t length, skip = strlen(name) + 1;
	bool found = false;

	for (const char *word = text; (word = next_word(word, &length)); word += length) {
		size_t count;

		if (!word_is(word, length, name) || length < skip)
			continue;
		count = min_size(length - skip, size - 1);
		memcpy(value, word + skip, count);
		value[count] = '\0';
		found = true;
	}
	return found;
}

uint64_t command_line_get_u64(const char *name, uint64_t fallback)
{
	char value[32];
	uint64_t number;

	if (!command_line_get(name, value, sizeof(value)) || string_to_u64(value, &number))
		return fallback;
	return number;
}
