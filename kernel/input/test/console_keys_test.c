/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys send, as terminfo's "linux" has it. */
#include "../console_keys.h"

#include <ddk/keys.h>
#include <keymap/keymap.h>
#include <unit.h>

#include <stdio.h>
#include <string.h>

static struct keymap keymap;
static struct keymap_state keyboard;
static unsigned mode;
static struct console_keys_result result;

/* With the layout of the United States, and what `more` says. */
static void start_with(const char *more)
{
	FILE *file = fopen("user/root/usr/share/keymaps/us", "r");
	char text[8192];
	size_t length;
	unsigned line;

	EXPECT(file != NULL);
	length = fread(text, 1, sizeof(text) / 2, file);
	fclose(file);
	memcpy(text + length, more, strlen(more));
	EXPECT_EQUAL(keymap_parse(&keymap, text, length + strlen(more), &line), 0);
	memset(&keyboard, 0, sizeof(keyboard));
	mode = 0;
}

static void start(void)
{
	start_with("");
}

static void key(unsigned number, int value)
{
	struct input_event event = { .kind = INPUT_KEY, .code = number, .value = value };
	struct keymap_result typed;

	keymap_press(&keymap, &keyboard, number, value, &typed);
	event.modifiers = typed.modifiers;
	event.character_count = typed.count;
	memcpy(event.characters, typed.characters, sizeof(event.characters));
	console_keys_translate(&event, mode, &result);
}

/* The text that pressing a key gives, with the modifiers that are down. */
static const char *press(unsigned number)
{
	static char text[CONSOLE_TEXT_MAX + 1];

	key(number, 1);
	memcpy(text, result.text, result.length);
	text[result.length] = '\0';
	key(number, 0);
	EXPECT_EQUAL(result.length, 0);
	/* The text of the press, not of the release. */
	return text;
}

UNIT_TEST(console_keys, characters)
{
	start();
	EXPECT_STRING(press(KEY_A), "a");
	EXPECT_STRING(press(KEY_SPACE), " ");
	EXPECT_STRING(press(KEY_ENTER), "\r");
	EXPECT_STRING(press(KEY_BACKSPACE), "\177");
	EXPECT_STRING(press(KEY_ESCAPE), "\033");
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_STRING(press(KEY_A), "A");
	EXPECT_STRING(press(KEY_1), "!");
	EXPECT_STRING(press(KEY_TAB), "\033\t");
	key(KEY_RIGHT_SHIFT, 1);
	key(KEY_LEFT_SHIFT, 0);
	EXPECT_STRING(press(KEY_A), "A"); /* the other one is still down */
	key(KEY_RIGHT_SHIFT, 0);
	EXPECT_STRING(press(KEY_A), "a");
	key(KEY_A, 2);
	EXPECT_EQUAL(result.length, 1); /* repeats */
}

UNIT_TEST(console_keys, caps_lock_is_for_letters)
{
	start();
	press(KEY_CAPS_LOCK);
	EXPECT_EQUAL(keyboard.modifiers, KEYMAP_CAPS_LOCK);
	key(KEY_CAPS_LOCK, 2); /* held down: no change */
	EXPECT_EQUAL(keyboard.modifiers, KEYMAP_CAPS_LOCK);
	EXPECT_STRING(press(KEY_Q), "Q");
	EXPECT_STRING(press(KEY_1), "1");
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_STRING(press(KEY_Q), "q");
	key(KEY_LEFT_SHIFT, 0);
	press(KEY_CAPS_LOCK);
	EXPECT_STRING(press(KEY_Q), "q");
}

UNIT_TEST(console_keys, control_and_alt)
{
	start();
	key(KEY_LEFT_CTRL, 1);
	EXPECT_STRING(press(KEY_C), "\003");
	EXPECT_STRING(press(KEY_LEFT_BRACKET), "\033");
	EXPECT_STRING(press(KEY_BACKSLASH), "\034");
	EXPECT_STRING(press(KEY_SLASH), "\177");
	EXPECT_STRING(press(KEY_BACKSPACE), "\b");
	key(KEY_SPACE, 1);
	EXPECT_EQUAL(result.length, 1);
	EXPECT_EQUAL(result.text[0], 0);
	key(KEY_EQUAL, 1);
	EXPECT_EQUAL(result.length, 0);
	key(KEY_LEFT_ALT, 1);
	EXPECT_STRING(press(KEY_C), "\033\003");
	key(KEY_DELETE, 1);
	EXPECT(result.is_command && result.command == INPUT_REBOOT);
	key(KEY_LEFT_CTRL, 0);
	EXPECT_STRING(press(KEY_X), "\033x");
	EXPECT_STRING(press(KEY_ENTER), "\033\r");
	key(KEY_LEFT_ALT, 0);
	key(KEY_RIGHT_ALT, 1);
	EXPECT_STRING(press(KEY_X), "\033x");
}

UNIT_TEST(console_keys, function_keys)
{
	start();
	EXPECT_STRING(press(KEY_F1), "\033[[A");
	EXPECT_STRING(press(KEY_F5), "\033[[E");
	EXPECT_STRING(press(KEY_F6), "\033[17~");
	EXPECT_STRING(press(KEY_F10), "\033[21~");
	EXPECT_STRING(press(KEY_F12), "\033[24~");
	EXPECT_STRING(press(KEY_HOME), "\033[1~");
	EXPECT_STRING(press(KEY_PAGE_UP), "\033[5~");
	EXPECT_STRING(press(KEY_PAGE_DOWN), "\033[6~");
	EXPECT_STRING(press(KEY_UP), "\033[A");
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_STRING(press(KEY_F1), "\033[25~");
	EXPECT_STRING(press(KEY_F8), "\033[34~");
	EXPECT_STRING(press(KEY_F12), "\033[24~");
	key(KEY_PAGE_UP, 1);
	EXPECT(result.is_command && result.command == INPUT_SCROLL_UP);
	EXPECT_EQUAL(result.length, 0);
	key(KEY_PAGE_DOWN, 1);
	EXPECT(result.is_command && result.command == INPUT_SCROLL_DOWN);
	key(KEY_PAD_9, 1);
	EXPECT(result.is_command && result.command == INPUT_SCROLL_UP);
}

UNIT_TEST(console_keys, pad_and_modes)
{
	start();
	EXPECT_STRING(press(KEY_PAD_8), "\033[A");
	EXPECT_STRING(press(KEY_PAD_5), "\033[G");
	mode = INPUT_APPLICATION_CURSOR;
	EXPECT_STRING(press(KEY_LEFT), "\033OD");
	EXPECT_STRING(press(KEY_PAD_8), "\033OA");
	mode |= INPUT_APPLICATION_KEYPAD;
	EXPECT_STRING(press(KEY_PAD_8), "\033Ox");
	press(KEY_NUM_LOCK);
	EXPECT_STRING(press(KEY_PAD_8), "8");
	EXPECT_STRING(press(KEY_PAD_DOT), ".");
}

UNIT_TEST(console_keys, any_key_is_safe)
{
	uint64_t random = 7;

	start();
	for (int i = 0; i < 200000; i++) {
		key((unsigned)unit_random_below(&random, KEY_COUNT + 100),
		    (int)unit_random_below(&random, 3));
		EXPECT(result.length <= CONSOLE_TEXT_MAX);
	}
}

UNIT_TEST(console_keys, third_level_and_dead_keys)
{
	start_with("key e e E \xe2\x82\xac U+1F600\nkey grave dead:acute ~\n");
	key(KEY_RIGHT_ALT, 1);
	EXPECT_STRING(press(KEY_E), "\xe2\x82\xac");
	EXPECT_STRING(press(KEY_X), "x"); /* not another alt: it has a meaning here */
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_STRING(press(KEY_E), "\xf0\x9f\x98\x80");
	key(KEY_LEFT_SHIFT, 0);
	key(KEY_RIGHT_ALT, 0);
	EXPECT_STRING(press(KEY_GRAVE), "");
	EXPECT_STRING(press(KEY_A), "\xc3\xa1");
	EXPECT_STRING(press(KEY_GRAVE), "");
	EXPECT_STRING(press(KEY_X), "\xc2\xb4x");
	/* Control does not wait for what comes next. */
	press(KEY_GRAVE);
	key(KEY_LEFT_CTRL, 1);
	EXPECT_STRING(press(KEY_C), "\003");
}
