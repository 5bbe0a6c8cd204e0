/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of keys in layouts: what stands on them on a keyboard of the United States. Only keys that
 * may have characters have one.
 */
#include "keymap_priv.h"

#include <base/string.h>
#include <ddk/keys.h>

static const struct {
	const char *name;
	uint8_t key;
} keys[] = {
	{ "grave", KEY_GRAVE },
	{ "minus", KEY_MINUS },
	{ "equal", KEY_EQUAL },
	{ "left_bracket", KEY_LEFT_BRACKET },
	{ "right_bracket", KEY_RIGHT_BRACKET },
	{ "semicolon", KEY_SEMICOLON },
	{ "apostrophe", KEY_APOSTROPHE },
	{ "backslash", KEY_BACKSLASH },
	{ "102nd", KEY_102ND },
	{ "comma", KEY_COMMA },
	{ "dot", KEY_DOT },
	{ "slash", KEY_SLASH },
	{ "space", KEY_SPACE },
	{ "pad_0", KEY_PAD_0 },
	{ "pad_1", KEY_PAD_1 },
	{ "pad_2", KEY_PAD_2 },
	{ "pad_3", KEY_PAD_3 },
	{ "pad_4", KEY_PAD_4 },
	{ "pad_5", KEY_PAD_5 },
	{ "pad_6", KEY_PAD_6 },
	{ "pad_7", KEY_PAD_7 },
	{ "pad_8", KEY_PAD_8 },
	{ "pad_9", KEY_PAD_9 },
	{ "pad_dot", KEY_PAD_DOT },
	{ "pad_slash", KEY_PAD_SLASH },
	{ "pad_asterisk", KEY_PAD_ASTERISK },
	{ "pad_minus", KEY_PAD_MINUS },
	{ "pad_plus", KEY_PAD_PLUS },
};

/* Rows of keys that are numbered one after the other, each named by one character. */
static const struct {
	const char *names;
	uint8_t first;
} rows[] = {
	{ "1234567890", KEY_1 },
	{ "qwertyuiop", KEY_Q },
	{ "asdfghjkl", KEY_A },
	{ "zxcvbnm", KEY_Z },
};

unsigned keymap_key_named(const char *name, size_t length)
{
	for (size_t i = 0; length == 1 && i < array_length(rows); i++) {
		const char *found = strchr(rows[i].names, name[0]);

		if (found && *found)
			return rows[i].first + (unsigned)(found - rows[i].names);
	}
	for (size_t i = 0; i < array_length(keys); i++)
		if (strlen(keys[i].name) == length && !memcmp(keys[i].name, name, length))
			return keys[i].key;
	return KEY_NONE;
}
