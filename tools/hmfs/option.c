/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of programs and of their commands, short and long. */
#include <string.h>

#include "program.h"

void options_begin(struct option_reader *reader, int count, char **arguments)
{
	*reader = (struct option_reader){ .count = count, .next = 1, .arguments = arguments };
}

static const char *next_letter(struct option_reader *reader)
{
	snprintf(reader->name, sizeof(reader->name), "-%c", *reader->letters);
	reader->letters++;
	return reader->name + 1;
}

const char *options_next(struct option_reader *reader)
{
	const char *argument, *value;
	size_t length;

	if (reader->value_of)
		die_of_usage("%s takes no value", reader->name);
	if (reader->letters && *reader->letters)
		return next_letter(reader);
	if (reader->next >= reader->count)
		return NULL;
	argument = reader->arguments[reader->next];
	if (argument[0] != '-' || !argument[1])
		return NULL;
	reader->next++;
	if (strcmp(argument, "--") == 0)
		return NULL;
	if (argument[1] != '-') {
		reader->letters = argument + 1;
		return next_letter(reader);
	}
	value = strchr(argument, '=');
	length = value ? (size_t)(value - argument) : strlen(argument);
	snprintf(reader->name, sizeof(reader->name), "%.*s", (int)length, argument);
	reader->value_of = value ? value + 1 : NULL;
	return reader->name + 2;
}

const char *option_value(struct option_reader *reader)
{
	const char *value = reader->value_of;

	if (!value && reader->letters && *reader->letters) {
		value = reader->letters;
		reader->letters = NULL;
	}
	if (!value) {
		if (reader->next >= reader->count)
			die_of_usage("%s needs a value", reader->name);
		value = reader->arguments[reader->next++];
	}
	reader->value_of = NULL;
	return value;
}

void option_unknown(struct option_reader *reader)
{
	die_of_usage("unknown option %s", reader->name);
}

bool option_is(const char *option, const char *letter, const char *word)
{
	return (letter && strcmp(option, letter) == 0) || strcmp(option, word) == 0;
}
