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
	EXPECT(count >= 1);
}
