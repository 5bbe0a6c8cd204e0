/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keymap.h"

#include <base/format.h>
#include <base/string.h>
#include <ddk/keys.h>

#define ESCAPE "\033"
#define DELETE '\177'

/* Modifier keys, each with its bit in keyboard->held. */
static const struct {
	uint8_t key;
	uint8_t modifier;
} modifier_keys[] = {
	{ KEY_LEFT_SHIFT, KEYBOARD_SHIFT }, { KEY_RIGHT_SHIFT, KEYBOARD_SHIFT },
	{ KEY_LEFT_CTRL, KEYBOARD_CTRL },   { KEY_RIGHT_CTRL, KEYBOARD_CTRL },
	{ KEY_LEFT_ALT, KEYBOARD_ALT },     { KEY_RIGHT_ALT, KEYBOARD_ALT_GRAPH },
};

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
	char number;
	uint8_t otherwise; /* the key that it stands for */
	char application;  /* behind ESC O */
} pad_keys[] = {
	{ KEY_PAD_7, '7', KEY_HOME, 'w' },      { KEY_PAD_8, '8', KEY_UP, 'x' },
	{ KEY_PAD_9, '9', KEY_PAGE_UP, 'y' },   { KEY_PAD_4, '4', KEY_LEFT, 't' },
	{ KEY_PAD_5, '5', KEY_PAD_5, 'u' },     { KEY_PAD_6, '6', KEY_RIGHT, 'v' },
	{ KEY_PAD_1, '1', KEY_END, 'q' },       { KEY_PAD_2, '2', KEY_DOWN, 'r' },
	{ KEY_PAD_3, '3', KEY_PAGE_DOWN, 's' }, { KEY_PAD_0, '0', KEY_INSERT, 'p' },
	{ KEY_PAD_DOT, '.', KEY_DELETE, 'n' },
};

static void put(struct keymap_result *result, const char *text)
{
	size_t length = strlen(text);

	if (result->length + length <= sizeof(result->text)) {
		memcpy(result->text + result->length, text, length);
		result->length += length;
	}
}

static void put_character(struct keymap_result *result, uint32_t character)
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
	} else {
		utf8[0] = (char)(0xe0 | (character >> 12 & 0xf));
		utf8[1] = (char)(0x80 | (character >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (character & 0x3f));
	}
	put(result, utf8);
}

/* Follows modifier keys; true if it was one. */
static bool follow_modifier(struct keyboard *keyboard, unsigned key, int value)
{
	for (size_t i = 0; i < array_length(modifier_keys); i++) {
		if (modifier_keys[i].key != key)
			continue;
		if (value)
			keyboard->held |= (uint8_t)(1 << i);
		else
			keyboard->held &= (uint8_t) ~(1 << i);
		return true;
	}
	return false;
}

static unsigned modifiers_of(const struct keyboard *keyboard)
{
	unsigned modifiers = 0;

	for (size_t i = 0; i < array_length(modifier_keys); i++)
		if (keyboard->held & 1 << i)
			modifiers |= modifier_keys[i].modifier;
	return modifiers;
}

static bool follow_lock(struct keyboard *keyboard, unsigned key, int value)
{
	unsigned lock;

	if (key == KEY_CAPS_LOCK)
		lock = KEYBOARD_CAPS_LOCK;
	else if (key == KEY_NUM_LOCK)
		lock = KEYBOARD_NUM_LOCK;
	else if (key == KEY_SCROLL_LOCK)
		lock = KEYBOARD_SCROLL_LOCK;
	else
		return false;
	if (value == 1)
		keyboard->locks ^= lock;
	return true;
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

static bool is_letter(uint32_t character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* A key with characters on it. */
static bool translate_character(const struct keyboard *keyboard, const struct keymap_entry *entry,
				unsigned modifiers, struct keymap_result *result)
{
	bool shift = modifiers & KEYBOARD_SHIFT;
	uint32_t character;
	int control;

	if (!entry->character[0])
		return false;
	if ((keyboard->locks & KEYBOARD_CAPS_LOCK) && is_letter(entry->character[0]))
		shift = !shift;
	character = entry->character[shift && entry->character[1] ? 1 : 0];
	if (modifiers & KEYBOARD_ALT_GRAPH) {
		uint32_t third = entry->character[shift && entry->character[3] ? 3 : 2];

		/* On a layout without a third level it is just another alt. */
		if (third)
			character = third;
		else
			put(result, ESCAPE);
	}
	if (modifiers & KEYBOARD_ALT)
		put(result, ESCAPE);
	if (modifiers & KEYBOARD_CTRL) {
		control = control_of(character);
		if (control < 0)
			result->length = 0;
		else
			put_character(result, (uint32_t)control);
		return true;
	}
	put_character(result, character);
	return true;
}

static bool translate_cursor(const struct keyboard *keyboard, unsigned key,
			     struct keymap_result *result)
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
		put(result, keyboard->application_cursor ? ESCAPE "O" : ESCAPE "[");
		put_character(result, (uint32_t)letters[i].letter);
		return true;
	}
	return false;
}

/* Function keys and the island of editing keys. */
static bool translate_function(unsigned key, unsigned modifiers, struct keymap_result *result)
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
	if ((modifiers & KEYBOARD_SHIFT) && number + 12 < array_length(function_texts))
		number += 12;
	put(result, ESCAPE);
	put(result, function_texts[number]);
	return true;
}

/* Keys that give one character whatever the layout. */
static bool translate_plain(unsigned key, unsigned modifiers, struct keymap_result *result)
{
	char character;

	switch (key) {
	case KEY_ESCAPE:
		character = '\033';
		break;
	case KEY_BACKSPACE:
		character = modifiers & KEYBOARD_CTRL ? '\b' : DELETE;
		break;
	case KEY_TAB:
		if (modifiers & KEYBOARD_SHIFT)
			put(result, ESCAPE);
		character = '\t';
		break;
	case KEY_ENTER:
	case KEY_PAD_ENTER:
		character = '\r';
		break;
	case KEY_PAD_SLASH:
		character = '/';
		break;
	case KEY_PAD_ASTERISK:
		character = '*';
		break;
	case KEY_PAD_MINUS:
		character = '-';
		break;
	case KEY_PAD_PLUS:
		character = '+';
		break;
	default:
		return false;
	}
	if (modifiers & KEYBOARD_ALT)
		put(result, ESCAPE);
	put_character(result, (uint32_t)(unsigned char)character);
	return true;
}

/* The key pad: true if that was the key's whole meaning, else *key is the key it stands for. */
static bool translate_pad(const struct keyboard *keyboard, unsigned *key, unsigned modifiers,
			  struct keymap_result *result)
{
	for (size_t i = 0; i < array_length(pad_keys); i++) {
		if (pad_keys[i].key != *key)
			continue;
		if (keyboard->locks & KEYBOARD_NUM_LOCK && !(modifiers & KEYBOARD_SHIFT)) {
			put_character(result, (uint32_t)pad_keys[i].number);
			return true;
		}
		if (keyboard->application_keypad) {
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

static enum keyboard_command command_of(unsigned key, unsigned modifiers)
{
	if (modifiers == KEYBOARD_SHIFT && key == KEY_PAGE_UP)
		return KEYBOARD_COMMAND_SCROLL_UP;
	if (modifiers == KEYBOARD_SHIFT && key == KEY_PAGE_DOWN)
		return KEYBOARD_COMMAND_SCROLL_DOWN;
	if (modifiers == (KEYBOARD_CTRL | KEYBOARD_ALT) && key == KEY_DELETE)
		return KEYBOARD_COMMAND_REBOOT;
	return KEYBOARD_COMMAND_NONE;
}

void keymap_translate(struct keyboard *keyboard, const struct keymap_entry map[KEYMAP_KEYS],
		      unsigned key, int value, struct keymap_result *result)
{
	unsigned modifiers;

	*result = (struct keymap_result){ .command = KEYBOARD_COMMAND_NONE };
	if (follow_modifier(keyboard, key, value) || follow_lock(keyboard, key, value) || !value)
		return;
	modifiers = modifiers_of(keyboard);
	if (translate_pad(keyboard, &key, modifiers, result))
		return;
	result->command = command_of(key, modifiers);
	if (result->command != KEYBOARD_COMMAND_NONE)
		return;
	if (key < KEYMAP_KEYS && translate_character(keyboard, &map[key], modifiers, result))
		return;
	if (translate_cursor(keyboard, key, result) || translate_function(key, modifiers, result))
		return;
	translate_plain(key, modifiers, result);
}
