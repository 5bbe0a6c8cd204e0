/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "console_keys.h"

#include <base/string.h>
#include <ddk/keys.h>
#include <keymap/keymap.h>

#define ESCAPE "\033"
#define DELETE '\177'

/* The function keys, in order from F1; those with shift continue where they end. */
static const char *const function_texts[] = {
	"[[A",  "[[B",  "[[C",  "[[D",  "[[E",  "[17~", "[18~", "[19~", "[20~", "[21~",
	"[23~", "[24~", "[25~", "[26~", "[28~", "[29~", "[31~", "[32~", "[33~", "[34~",
};

/* Keys with a fixed sequence after ESC. */
static const struct {
	uint8_t key;
	const char *text;
} editing_texts[] = {
	{ KEY_HOME, "[1~" },    { KEY_INSERT, "[2~" },    { KEY_DELETE, "[3~" }, { KEY_END, "[4~" },
	{ KEY_PAGE_UP, "[5~" }, { KEY_PAGE_DOWN, "[6~" }, { KEY_PAUSE, "[P" },
};

/* What the key pad is with num lock, without, and in application mode. */
static const struct {
	uint8_t key;
	uint8_t otherwise; /* the key that it stands for */
	char application;  /* behind ESC O */
} pad_keys[] = {
	{ KEY_PAD_7, KEY_HOME, 'w' },      { KEY_PAD_8, KEY_UP, 'x' },
	{ KEY_PAD_9, KEY_PAGE_UP, 'y' },   { KEY_PAD_4, KEY_LEFT, 't' },
	{ KEY_PAD_5, KEY_PAD_5, 'u' },     { KEY_PAD_6, KEY_RIGHT, 'v' },
	{ KEY_PAD_1, KEY_END, 'q' },       { KEY_PAD_2, KEY_DOWN, 'r' },
	{ KEY_PAD_3, KEY_PAGE_DOWN, 's' }, { KEY_PAD_0, KEY_INSERT, 'p' },
	{ KEY_PAD_DOT, KEY_DELETE, 'n' },
};

static void put(struct console_keys_result *result, const char *text)
{
	size_t length = strlen(text);

	if (result->length + length <= sizeof(result->text)) {
		memcpy(result->text + result->length, text, length);
		result->length += length;
	}
}

static void put_character(struct console_keys_result *result, uint32_t character)
{
	char utf8[5] = { 0 };

	if (character < 0x80) {
		/* Also zero, which put() would take for the end. */
		if (result->length < sizeof(result->text))
			result->text[result->length++] = (char)character;
		return;
	}
	if (character < 0x800) {
		utf8[0] = (char)(0xc0 | character >> 6);
		utf8[1] = (char)(0x80 | (character & 0x3f));
	} else if (character >= 0x10000) {
		utf8[0] = (char)(0xf0 | (character >> 18 & 7));
		utf8[1] = (char)(0x80 | (character >> 12 & 0x3f));
		utf8[2] = (char)(0x80 | (character >> 6 & 0x3f));
		utf8[3] = (char)(0x80 | (character & 0x3f));
	} else {
		utf8[0] = (char)(0xe0 | (character >> 12 & 0xf));
		utf8[1] = (char)(0x80 | (character >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (character & 0x3f));
	}
	put(result, utf8);
}

/* The control character of a character, or -1. */
static int control_of(uint32_t character)
{
	static const struct {
		char character, control;
	} others[] = {
		{ '2', 0 },   { '3', 033 },    { '4', 034 },    { '5', 035 }, { '6', 036 },
		{ '7', 037 }, { '8', DELETE }, { '/', DELETE }, { '-', 037 }, { '?', DELETE },
		{ ' ', 0 },   { '`', 0 },      { '~', 0 },
	};

	if (character >= 'a' && character <= 'z')
		return (int)character - 'a' + 1;
	if (character >= '@' && character <= '_')
		return (int)character - '@';
	for (size_t i = 0; i < array_length(others); i++)
		if ((uint32_t)others[i].character == character)
			return others[i].control;
	return -1;
}

/* What was typed, as control and alt change it. */
static void translate_characters(const struct input_event *event,
				 struct console_keys_result *result)
{
	for (unsigned i = 0; i < event->character_count; i++) {
		uint32_t character = event->characters[i];

		if (event->modifiers & KEYMAP_CONTROL) {
			int control = control_of(character);

			if (control < 0)
				continue;
			character = (uint32_t)control;
		}
		if (event->modifiers & KEYMAP_ALT)
			put(result, ESCAPE);
		put_character(result, character);
	}
}

static bool translate_cursor(unsigned mode, unsigned key, struct console_keys_result *result)
{
	static const struct {
		uint8_t key;
		char letter;
	} letters[] = {
		{ KEY_UP, 'A' },
		{ KEY_DOWN, 'B' },
		{ KEY_RIGHT, 'C' },
		{ KEY_LEFT, 'D' },
	};

	for (size_t i = 0; i < array_length(letters); i++) {
		if (letters[i].key != key)
			continue;
		put(result, mode & INPUT_APPLICATION_CURSOR ? ESCAPE "O" : ESCAPE "[");
		put_character(result, (uint32_t)letters[i].letter);
		return true;
	}
	return false;
}

/* Function keys and the island of editing keys. */
static bool translate_function(unsigned key, unsigned modifiers, struct console_keys_result *result)
{
	size_t number = array_length(function_texts);

	for (size_t i = 0; i < array_length(editing_texts); i++) {
		if (editing_texts[i].key == key) {
			put(result, ESCAPE);
			put(result, editing_texts[i].text);
			return true;
		}
	}
	if (key >= KEY_F1 && key <= KEY_F10)
		number = key - KEY_F1;
	else if (key == KEY_F11 || key == KEY_F12)
		number = key - KEY_F11 + 10;
	else
		return false;
	/* F13 is shift and F1; there are 20. */
	if ((modifiers & KEYMAP_SHIFT) && number + 12 < array_length(function_texts))
		number += 12;
	put(result, ESCAPE);
	put(result, function_texts[number]);
	return true;
}

/* Keys that give one control character whatever the layout. */
static bool translate_plain(unsigned key, unsigned modifiers, struct console_keys_result *result)
{
	char character;

	switch (key) {
	case KEY_ESCAPE:
		character = '\033';
		break;
	case KEY_BACKSPACE:
		character = modifiers & KEYMAP_CONTROL ? '\b' : DELETE;
		break;
	case KEY_TAB:
		if (modifiers & KEYMAP_SHIFT)
			put(result, ESCAPE);
		character = '\t';
		break;
	case KEY_ENTER:
	case KEY_PAD_ENTER:
		character = '\r';
		break;
	default:
		return false;
	}
	if (modifiers & KEYMAP_ALT)
		put(result, ESCAPE);
	put_character(result, (uint32_t)(unsigned char)character);
	return true;
}

/* The key pad while it has no digits: true if that was the key's whole meaning, else *key is the key it
 * stands for. */
static bool translate_pad(unsigned mode, unsigned *key, struct console_keys_result *result)
{
	for (size_t i = 0; i < array_length(pad_keys); i++) {
		if (pad_keys[i].key != *key)
			continue;
		if (mode & INPUT_APPLICATION_KEYPAD) {
			put(result, ESCAPE "O");
			put_character(result, (uint32_t)pad_keys[i].application);
			return true;
		}
		*key = pad_keys[i].otherwise;
		if (*key != KEY_PAD_5)
			return false;
		put(result, ESCAPE "[G");
		return true;
	}
	return false;
}

/* Shift makes digits of the key pad where num lock is off; here it keeps what the console does with it,
 * which is to scroll. */
static bool is_shifted_pad(unsigned key, unsigned modifiers)
{
	return (modifiers & KEYMAP_SHIFT) && !(modifiers & KEYMAP_NUM_LOCK) &&
	       (key == KEY_PAD_9 || key == KEY_PAD_3);
}

static bool command_of(unsigned key, unsigned modifiers, enum input_command *command)
{
	modifiers &= KEYMAP_SHIFT | KEYMAP_CONTROL | KEYMAP_ALT | KEYMAP_ALT_GR;
	if (modifiers == KEYMAP_SHIFT && key == KEY_PAGE_UP)
		*command = INPUT_SCROLL_UP;
	else if (modifiers == KEYMAP_SHIFT && key == KEY_PAGE_DOWN)
		*command = INPUT_SCROLL_DOWN;
	else if (modifiers == (KEYMAP_CONTROL | KEYMAP_ALT) && key == KEY_DELETE)
		*command = INPUT_REBOOT;
	else
		return false;
	return true;
}

void console_keys_translate(const struct input_event *event, unsigned mode,
			    struct console_keys_result *result)
{
	unsigned key = event->code, modifiers = event->modifiers;

	*result = (struct console_keys_result){ .length = 0 };
	if (!event->value)
		return;
	if (event->character_count && !is_shifted_pad(key, modifiers)) {
		translate_characters(event, result);
		return;
	}
	if (translate_pad(mode, &key, result))
		return;
	result->is_command = command_of(key, modifiers, &result->command);
	if (result->is_command || translate_cursor(mode, key, result) ||
	    translate_function(key, modifiers, result))
		return;
	translate_plain(key, modifiers, result);
}
