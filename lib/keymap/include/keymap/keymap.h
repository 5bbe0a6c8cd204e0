/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keyboard layouts: what keys mean. A layout is a text file (user/root/usr/share/keymaps; its format is
 * in docs/formats/keymap.md); keymap_parse() compiles it, keymap_press() follows a keyboard
 * through it: modifiers, locks, dead keys.
 */
#pragma once

#include <base/types.h>

#define KEYMAP_KEYS   256 /* numbers of ddk/keys.h, which are Linux's */
#define KEYMAP_LEVELS 4   /* plain, shift, AltGr, AltGr and shift */

enum keymap_modifiers {
	KEYMAP_SHIFT = 1 << 0,
	KEYMAP_CONTROL = 1 << 1,
	KEYMAP_ALT = 1 << 2, /* the left one */
	KEYMAP_ALT_GR = 1 << 3,
	KEYMAP_SUPER = 1 << 4,
	KEYMAP_CAPS_LOCK = 1 << 5, /* is on */
	KEYMAP_NUM_LOCK = 1 << 6,
	KEYMAP_SCROLL_LOCK = 1 << 7,
};

#define KEYMAP_DEAD 0x80000000u /* | a combining character: waits for the next one */

#define KEYMAP_COMPOSITIONS 512

struct keymap_composition {
	uint32_t dead, base, result;
};

struct keymap {
	char name[16];
	/* Unicode, KEYMAP_DEAD | Unicode, or 0: the key has no character there. */
	uint32_t characters[KEYMAP_KEYS][KEYMAP_LEVELS];
	bool letter[KEYMAP_KEYS]; /* caps lock acts as shift does */
	unsigned composition_count;
	struct keymap_composition compositions[KEYMAP_COMPOSITIONS]; /* sorted */
};

/* Compiles `text`. On failure *line is the number of the line that is wrong, and *keymap is undefined.
 * -EINVAL, -E2BIG. */
int must_check keymap_parse(struct keymap *keymap, const char *text, size_t length, unsigned *line);

/* A keyboard as it is now; zeros at first. */
struct keymap_state {
	unsigned modifiers;            /* enum keymap_modifiers */
	uint8_t held[KEYMAP_KEYS / 8]; /* keys that are down */
	uint32_t dead;                 /* pending, 0: none */
};

struct keymap_result {
	unsigned modifiers; /* after the event */
	/* What was typed: 0 to 2 characters (two where a dead key did not match); none while control
	 * or alt is held is the caller's to decide: they are given as without these. */
	unsigned count;
	uint32_t characters[2];
	bool locks_changed; /* the lights are to be set */
};

/* value: 0 up, 1 down, 2 repeated. */
void keymap_press(const struct keymap *keymap, struct keymap_state *state, unsigned key, int value,
		  struct keymap_result *result);
