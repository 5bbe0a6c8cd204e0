/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys send, as terminfo's "linux" has it. */
#include "../keymap.h"

#include <ddk/keys.h>
#include <unit.h>

#include <string.h>

static struct keyboard keyboard;
static struct keymap_result result;

static void start(void)
{
	memset(&keyboard, 0, sizeof(keyboard));
}

static void key(unsigned number, int value)
{
	keymap_translate(&keyboard, keymap_us, number, value, &result);
}

/* The text that pressing a key gives, with the modifiers that are down. */
static const char *press(unsigned number)
{
	static char text[KEYMAP_TEXT_MAX + 1];

	key(number, 1);
	memcpy(text, result.text, result.length);
	text[result.length] = '\0';
	key(number, 0);
	EXPECT_EQUAL(result.length, 0);
	/* The text of the press, not of the release. */
	return text;
}

UNIT_TEST(keymap, characters)
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

UNIT_TEST(keymap, caps_lock_is_for_letters)
{
	start();
	press(KEY_CAPS_LOCK);
	EXPECT_EQUAL(keyboard.locks, KEYBOARD_CAPS_LOCK);
	key(KEY_CAPS_LOCK, 2); /* held down: no change */
	EXPECT_EQUAL(keyboard.locks, KEYBOARD_CAPS_LOCK);
	EXPECT_STRING(press(KEY_Q), "Q");
	EXPECT_STRING(press(KEY_1), "1");
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_STRING(press(KEY_Q), "q");
	key(KEY_LEFT_SHIFT, 0);
	press(KEY_CAPS_LOCK);
	EXPECT_STRING(press(KEY_Q), "q");
}

UNIT_TEST(keymap, control_and_alt)
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
	EXPECT_EQUAL(result.command, KEYBOARD_COMMAND_REBOOT);
	key(KEY_LEFT_CTRL, 0);
	EXPECT_STRING(press(KEY_X), "\033x");
	EXPECT_STRING(press(KEY_ENTER), "\033\r");
	key(KEY_LEFT_ALT, 0);
	key(KEY_RIGHT_ALT, 1);
	EXPECT_STRING(press(KEY_X), "\033x");
}

UNIT_TEST(keymap, function_keys)
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
	EXPECT_EQUAL(result.command, KEYBOARD_COMMAND_SCROLL_UP);
	EXPECT_EQUAL(result.length, 0);
	key(KEY_PAGE_DOWN, 1);
	EXPECT_EQUAL(result.command, KEYBOARD_COMMAND_SCROLL_DOWN);
}

UNIT_TEST(keymap, pad_and_modes)
{
	start();
	EXPECT_STRING(press(KEY_PAD_8), "\033[A");
	EXPECT_STRING(press(KEY_PAD_5), "\033[G");
	keyboard.application_cursor = true;
	EXPECT_STRING(press(KEY_LEFT), "\033OD");
	EXPECT_STRING(press(KEY_PAD_8), "\033OA");
	keyboard.application_keypad = true;
	EXPECT_STRING(press(KEY_PAD_8), "\033Ox");
	press(KEY_NUM_LOCK);
	EXPECT_STRING(press(KEY_PAD_8), "8");
	EXPECT_STRING(press(KEY_PAD_DOT), ".");
}

UNIT_TEST(keymap, any_key_is_safe)
{
	uint64_t random = 7;

	start();
	for (int i = 0; i < 200000; i++) {
		key((unsigned)unit_random_below(&random, KEY_COUNT + 100),
		    (int)unit_random_below(&random, 3));
		EXPECT(result.length <= KEYMAP_TEXT_MAX);
	}
}

UNIT_TEST(keymap, third_level)
{
	static const struct keymap_entry map[KEYMAP_KEYS] = {
		[KEY_E] = { { 'e', 'E', 0x20ac, 0xa2 } },
	};

	start();
	keymap_translate(&keyboard, map, KEY_RIGHT_ALT, 1, &result);
	keymap_translate(&keyboard, map, KEY_E, 1, &result);
	EXPECT_EQUAL(result.length, 3);
	EXPECT_BYTES(result.text, "\xe2\x82\xac", 3);
	keymap_translate(&keyboard, map, KEY_LEFT_SHIFT, 1, &result);
	keymap_translate(&keyboard, map, KEY_E, 1, &result);
	EXPECT_EQUAL(result.length, 2);
	EXPECT_BYTES(result.text, "\xc2\xa2", 2);
}
