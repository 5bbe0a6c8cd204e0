/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layouts that the system has: each can be read, and has all that a system needs to be used. */
#include <ddk/keys.h>
#include <dirent.h>
#include <keymap/keymap.h>
#include <stdio.h>
#include <string.h>
#include <unit.h>

#define FOLDER "user/root/usr/share/keymaps/"

static struct keymap keymap;

static void load(const char *name)
{
	static char text[KEYMAP_TEXT_MAX];
	char path[512];
	size_t length;
	unsigned line;
	FILE *file;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	file = fopen(path, "r");
	EXPECT(file != NULL);
	length = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (keymap_parse(&keymap, text, length, &line) != 0) {
		fprintf(stderr, "%s:%u is wrong\n", path, line);
		EXPECT(false);
	}
	EXPECT_STRING(keymap.name, name);
}

static bool has(uint32_t character)
{
	for (unsigned key = 0; key < KEYMAP_KEYS; key++)
		for (unsigned level = 0; level < KEYMAP_LEVELS; level++) {
			uint32_t value = keymap.characters[key][level];

			if (value == character)
				return true;
			/* With the space bar after it. */
			if ((value & KEYMAP_DEAD) &&
			    keymap_compose(&keymap, value & ~KEYMAP_DEAD, ' ') == character)
				return true;
		}
	return false;
}

UNIT_TEST(layouts, all_of_ascii)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;
	unsigned count = 0;

	EXPECT(folder != NULL);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		load(entry->d_name);
		for (uint32_t character = ' '; character < 0x7f; character++)
			if (!has(character)) {
				fprintf(stderr, "%s lacks %c\n", entry->d_name, (int)character);
				EXPECT(false);
			}
		for (unsigned key = KEY_1; key <= KEY_SLASH; key++)
			if ((key <= KEY_EQUAL || key >= KEY_Q) && key != KEY_ENTER &&
			    key != KEY_LEFT_CTRL && key != KEY_LEFT_SHIFT)
				EXPECT(keymap.characters[key][0] && keymap.characters[key][1]);
		count++;
	}
	closedir(folder);
	EXPECT(count >= 4);
}

static struct keymap_state state;

/* What a key gives, with the modifier that is held (KEY_NONE: none) and after the dead key before. */
static uint32_t press(unsigned modifier, unsigned key)
{
	struct keymap_result result, other;

	if (modifier != KEY_NONE)
		keymap_press(&keymap, &state, modifier, 1, &other);
	keymap_press(&keymap, &state, key, 1, &result);
	keymap_press(&keymap, &state, key, 0, &other);
	if (modifier != KEY_NONE)
		keymap_press(&keymap, &state, modifier, 0, &other);
	return result.count == 1 ? result.characters[0] : 0;
}

UNIT_TEST(layouts, what_is_where)
{
	memset(&state, 0, sizeof(state));
	load("de");
	EXPECT_EQUAL(press(KEY_NONE, KEY_Y), 'z');
	EXPECT_EQUAL(press(KEY_LEFT_SHIFT, KEY_APOSTROPHE), 0xc4);
	EXPECT_EQUAL(press(KEY_RIGHT_ALT, KEY_Q), '@');
	EXPECT_EQUAL(press(KEY_RIGHT_ALT, KEY_E), 0x20ac);
	EXPECT_EQUAL(press(KEY_RIGHT_ALT, KEY_102ND), '|');
	EXPECT_EQUAL(press(KEY_NONE, KEY_GRAVE), 0);
	EXPECT_EQUAL(press(KEY_NONE, KEY_E), 0xea);
	load("fr");
	EXPECT_EQUAL(press(KEY_NONE, KEY_Q), 'a');
	EXPECT_EQUAL(press(KEY_LEFT_SHIFT, KEY_1), '1');
	EXPECT_EQUAL(press(KEY_RIGHT_ALT, KEY_0), '@');
	EXPECT_EQUAL(press(KEY_LEFT_SHIFT, KEY_LEFT_BRACKET), 0);
	EXPECT_EQUAL(press(KEY_NONE, KEY_E), 0xeb);
	load("gb");
	EXPECT_EQUAL(press(KEY_LEFT_SHIFT, KEY_3), 0xa3);
	EXPECT_EQUAL(press(KEY_LEFT_SHIFT, KEY_APOSTROPHE), '@');
	load("es");
	EXPECT_EQUAL(press(KEY_NONE, KEY_SEMICOLON), 0xf1);
	load("se");
	EXPECT_EQUAL(press(KEY_NONE, KEY_LEFT_BRACKET), 0xe5);
	load("ch");
	EXPECT_EQUAL(press(KEY_RIGHT_ALT, KEY_2), '@');
	load("it");
	EXPECT_EQUAL(press(KEY_NONE, KEY_LEFT_BRACKET), 0xe8);
	load("us");
	EXPECT_EQUAL(press(KEY_RIGHT_SHIFT, KEY_2), '@');
}
