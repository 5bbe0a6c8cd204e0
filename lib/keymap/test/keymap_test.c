/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ddk/keys.h>
#include <errno.h>
#include <keymap/keymap.h>
#include <stdio.h>
#include <string.h>
#include <unit.h>

static struct keymap keymap;
static struct keymap_state state;
static struct keymap_result result;
static unsigned line;

static int parse(const char *text)
{
	memset(&state, 0, sizeof(state));
	return keymap_parse(&keymap, text, strlen(text), &line);
}

static void start(void)
{
	EXPECT_EQUAL(parse("name test\n"
			   "letter q q Q @ \xce\xa9\n"
			   "letter a a A\n"
			   "key 1 1 ! none U+00A1\n"
			   "key equal dead:acute dead:grave\n"
			   "key grave dead:circumflex\n"
			   "key pad_dot ,\n"
			   "compose dead:acute q U+1F600\n"),
		     0);
}

static void key(unsigned number, int value)
{
	keymap_press(&keymap, &state, number, value, &result);
}

/* The one character that a key gives; 0: none. */
static uint32_t press(unsigned number)
{
	uint32_t character;

	key(number, 1);
	EXPECT(result.count <= 1);
	character = result.count ? result.characters[0] : 0;
	key(number, 0);
	EXPECT_EQUAL(result.count, 0);
	return character;
}

UNIT_TEST(keymap, levels)
{
	start();
	EXPECT_STRING(keymap.name, "test");
	EXPECT(keymap.has_alt_gr);
	EXPECT_EQUAL(press(KEY_Q), 'q');
	key(KEY_RIGHT_SHIFT, 1);
	EXPECT_EQUAL(result.modifiers, KEYMAP_SHIFT);
	EXPECT_EQUAL(press(KEY_Q), 'Q');
	EXPECT_EQUAL(press(KEY_1), '!');
	key(KEY_RIGHT_ALT, 1);
	EXPECT_EQUAL(result.modifiers, KEYMAP_SHIFT | KEYMAP_ALT_GR);
	EXPECT_EQUAL(press(KEY_Q), 0x3a9);
	EXPECT_EQUAL(press(KEY_1), 0xa1);
	EXPECT_EQUAL(press(KEY_A), 'A');
	key(KEY_RIGHT_SHIFT, 0);
	EXPECT_EQUAL(press(KEY_Q), '@');
	EXPECT_EQUAL(press(KEY_1), '1'); /* nothing on that level: the plain one */
	key(KEY_RIGHT_ALT, 0);
	EXPECT_EQUAL(result.modifiers, 0);
	EXPECT_EQUAL(press(KEY_SPACE), ' ');
	EXPECT_EQUAL(press(KEY_ENTER), 0);
	EXPECT_EQUAL(press(KEY_B), 0);
}

UNIT_TEST(keymap, right_alt_without_a_third_level)
{
	EXPECT_EQUAL(parse("name plain\nkey a a A\n"), 0);
	key(KEY_RIGHT_ALT, 1);
	EXPECT_EQUAL(result.modifiers, KEYMAP_ALT);
}

UNIT_TEST(keymap, locks)
{
	start();
	key(KEY_CAPS_LOCK, 1);
	EXPECT(result.locks_changed);
	EXPECT_EQUAL(result.modifiers, KEYMAP_CAPS_LOCK);
	key(KEY_CAPS_LOCK, 2);
	EXPECT(!result.locks_changed);
	key(KEY_CAPS_LOCK, 0);
	EXPECT_EQUAL(press(KEY_Q), 'Q');
	EXPECT_EQUAL(press(KEY_1), '1');
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_EQUAL(press(KEY_Q), 'q');
	key(KEY_LEFT_SHIFT, 0);
	key(KEY_RIGHT_ALT, 1);
	EXPECT_EQUAL(press(KEY_Q), '@');
	key(KEY_RIGHT_ALT, 0);
	press(KEY_CAPS_LOCK);
	EXPECT_EQUAL(press(KEY_Q), 'q');
	EXPECT_EQUAL(press(KEY_PAD_7), 0);
	EXPECT_EQUAL(press(KEY_PAD_PLUS), '+');
	press(KEY_NUM_LOCK);
	EXPECT_EQUAL(press(KEY_PAD_7), '7');
	EXPECT_EQUAL(press(KEY_PAD_DOT), ',');
	key(KEY_LEFT_SHIFT, 1);
	EXPECT_EQUAL(press(KEY_PAD_7), 0);
}

UNIT_TEST(keymap, dead_keys)
{
	start();
	EXPECT_EQUAL(press(KEY_EQUAL), 0);
	EXPECT_EQUAL(state.dead, 0x301);
	key(KEY_LEFT_SHIFT, 1); /* which does not end it */
	EXPECT_EQUAL(press(KEY_A), 0xc1);
	key(KEY_LEFT_SHIFT, 0);
	press(KEY_EQUAL);
	EXPECT_EQUAL(press(KEY_SPACE), 0xb4);
	press(KEY_EQUAL);
	EXPECT_EQUAL(press(KEY_EQUAL), 0xb4);
	EXPECT_EQUAL(press(KEY_A), 'a');
	press(KEY_EQUAL);
	EXPECT_EQUAL(press(KEY_Q), 0x1f600); /* its own */
	press(KEY_GRAVE);
	key(KEY_1, 1);
	EXPECT_EQUAL(result.count, 2);
	EXPECT_EQUAL(result.characters[0], '^');
	EXPECT_EQUAL(result.characters[1], '1');
	press(KEY_GRAVE);
	EXPECT_EQUAL(press(KEY_EQUAL), '^'); /* the other one waits now */
	EXPECT_EQUAL(press(KEY_A), 0xe1);
	press(KEY_EQUAL);
	key(KEY_EQUAL, 2);
	EXPECT_EQUAL(result.count, 0); /* held down: it does not undo itself */
	press(KEY_LEFT);
	EXPECT_EQUAL(press(KEY_A), 'a');
	press(KEY_EQUAL);
	key(KEY_LEFT_CTRL, 1);
	EXPECT_EQUAL(press(KEY_A), 'a');
	EXPECT_EQUAL(press(KEY_EQUAL), 0xb4);
	EXPECT_EQUAL(state.dead, 0);
}

UNIT_TEST(keymap, compositions)
{
	start();
	EXPECT_EQUAL(keymap_compose(&keymap, 0x308, 'u'), 0xfc);
	EXPECT_EQUAL(keymap_compose(&keymap, 0x327, 'C'), 0xc7);
	EXPECT_EQUAL(keymap_compose(&keymap, 0x30c, 'z'), 0x17e);
	EXPECT_EQUAL(keymap_compose(&keymap, 0x335, 'l'), 0x142);
	EXPECT_EQUAL(keymap_compose(&keymap, 0x301, 0x3b1), 0x3ac); /* Greek */
	EXPECT_EQUAL(keymap_compose(&keymap, 0x306, 0x438), 0x439); /* Cyrillic */
	EXPECT_EQUAL(keymap_compose(&keymap, 0x308, 'q'), 0);
	EXPECT_EQUAL(keymap_compose(&keymap, 0x1234, 'a'), 0);
}

UNIT_TEST(keymap, refusals)
{
	static const struct {
		const char *text;
		unsigned line;
	} wrong[] = {
		{ "", 0 },
		{ "key a a\n", 1 }, /* without a name */
		{ "name\n", 1 },
		{ "name A\n", 1 },
		{ "name ../x\n", 1 },
		{ "name a b\n", 1 },
		{ "name abcdefghijklmnop\n", 1 },
		{ "name x\nkey\n", 2 },
		{ "name x\nkey a\n", 2 },
		{ "name x\n\nkey enter a\n", 3 },
		{ "name x\n# key\nkey a aa\n", 3 },
		{ "name x\nkey a a b c d e\n", 2 },
		{ "name x\nkey a U+D800\n", 2 },
		{ "name x\nkey a U+110000\n", 2 },
		{ "name x\nkey a U+1\n", 2 },
		{ "name x\nkey a U+000041F\n", 2 },
		{ "name x\nkey a U+00e9\n", 2 },
		{ "name x\nkey a U+001B\n", 2 },
		{ "name x\nkey a \xc3\n", 2 },
		{ "name x\nkey a \xc0\x81\n", 2 },
		{ "name x\nkey a \xff\n", 2 },
		{ "name x\nkey a \xed\xa0\x80\n", 2 },
		{ "name x\nkey a \xc3\xa9\xc3\n", 2 },
		{ "name x\nkey a dead:\n", 2 },
		{ "name x\nkey a dead:parrot\n", 2 },
		{ "name x\ncompose acute a b\n", 2 },
		{ "name x\ncompose dead:acute a\n", 2 },
		{ "name x\nwhat\n", 2 },
	};

	for (size_t i = 0; i < array_length(wrong); i++) {
		EXPECT_EQUAL(parse(wrong[i].text), -EINVAL);
		EXPECT_EQUAL(line, wrong[i].line);
	}
	/* The last line may lack its end, and others have two. */
	EXPECT_EQUAL(parse("name x\r\nkey a # #"), 0);
	EXPECT_EQUAL(keymap.characters[KEY_A][1], '#');
}

UNIT_TEST(keymap, bounds)
{
	static char text[KEYMAP_TEXT_MAX + 1];
	size_t length = 0;

	memset(text, '\n', sizeof(text));
	EXPECT_EQUAL(keymap_parse(&keymap, text, sizeof(text), &line), -E2BIG);
	memcpy(text, "name x", 6);
	EXPECT_EQUAL(keymap_parse(&keymap, text, sizeof(text) - 1, &line), 0);
	length = 7;
	for (unsigned i = 0; i <= KEYMAP_COMPOSITIONS; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "compose dead:acute U+%04X x\n", 0x4000 - i);
	EXPECT_EQUAL(keymap_parse(&keymap, text, length, &line), -E2BIG);
	EXPECT_EQUAL(line, KEYMAP_COMPOSITIONS + 2);
	EXPECT_EQUAL(keymap_parse(&keymap, text, length - 28, &line), 0);
	EXPECT_EQUAL(keymap.composition_count, KEYMAP_COMPOSITIONS);
	for (unsigned i = 0; i < KEYMAP_COMPOSITIONS; i++)
		EXPECT_EQUAL(keymap_compose(&keymap, 0x301, 0x4000 - i), 'x');
}

UNIT_TEST(keymap, any_key_is_safe)
{
	uint64_t random = 7;

	start();
	for (int i = 0; i < 200000; i++) {
		key((unsigned)unit_random_below(&random, KEYMAP_KEYS + 100),
		    (int)unit_random_below(&random, 3));
		EXPECT(result.count <= 2);
	}
}
