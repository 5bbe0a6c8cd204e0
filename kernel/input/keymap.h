/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keymaps: from keys to the characters and escape sequences that Linux's console sends
 * (terminfo's "linux"). Pure: no locks, no devices.
 */
#pragma once

#include <base/types.h>

enum keyboard_modifiers {
	KEYBOARD_SHIFT = 1 << 0,
	KEYBOARD_CTRL = 1 << 1,
	KEYBOARD_ALT = 1 << 2,
	KEYBOARD_ALT_GRAPH = 1 << 3,
};

enum keyboard_locks { /* as the lights are numbered */
		      KEYBOARD_SCROLL_LOCK = 1 << 0,
		      KEYBOARD_NUM_LOCK = 1 << 1,
		      KEYBOARD_CAPS_LOCK = 1 << 2,
};

enum keyboard_command {
	KEYBOARD_COMMAND_NONE,
	KEYBOARD_COMMAND_SCROLL_UP,
	KEYBOARD_COMMAND_SCROLL_DOWN,
	KEYBOARD_COMMAND_REBOOT,
};

struct keyboard {
	uint8_t held; /* modifier keys that are down, see keymap.c */
	unsigned locks;
	bool application_cursor, application_keypad;
};

#define KEYMAP_TEXT_MAX 16

struct keymap_result {
	char text[KEYMAP_TEXT_MAX];
	size_t length;
	enum keyboard_command command;
};

/* What a character key gives: alone, with shift, with alt graph, with both; Unicode, 0: nothing
 * of its own. */
struct keymap_entry {
	uint32_t character[4];
};

#define KEYMAP_KEYS 128
extern const struct keymap_entry keymap_us[KEYMAP_KEYS];

/* Follows a key that went up (0), down (1) or repeats (2); fills `result`. */
void keymap_translate(struct keyboard *keyboard, const struct keymap_entry map[KEYMAP_KEYS],
		      unsigned key, int value, struct keymap_result *result);
