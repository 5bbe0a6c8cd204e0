/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keyboard layouts: what keys mean. A layout is a text file (user/root/usr/share/keymaps; its format is
 * in docs/formats/keymap.md); keymap_parse() compiles it, keymap_press() follows a keyboard
 * through it: modifiers, locks, dead keys. Pure: no locks, no memory but the caller's.
 */
#pragma once

#include <base/types.h>

#define KEYMAP_KEYS   256 /* numbers of ddk/keys.h, which are Linux's */
#define KEYMAP_LEVELS 4   /* plain, shift, AltGr, AltGr and shift */

#define KEYMAP_TEXT_MAX (64u << 10) /* bytes of a layout's text */
#define KEYMAP_NAME_MAX 16          /* of its name, with terminator */

enum keymap_modifiers {
	KEYMAP_SHIFT = 1 << 0,
	KEYMAP_CONTROL = 1 << 1,
	KEYMAP_ALT = 1 << 2,    /* the left one; both, where the layout has no third level */
	KEYMAP_ALT_GR = 1 << 3, /* the right one, where it has */
	KEYMAP_SUPER = 1 << 4,
	KEYMAP_CAPS_LOCK = 1 << 5, /* is on */
	KEYMAP_NUM_LOCK = 1 << 6,
	KEYMAP_SCROLL_LOCK = 1 << 7,
};

#define KEYMAP_DEAD 0x80000000u /* | a combining character: waits for the next one */

/* What a layout may add to the compositions that all have, or change of them. */
#define KEYMAP_COMPOSITIONS 128

struct keymap_composition {
	uint32_t dead, base, result;
};

struct keymap {
	char name[KEYMAP_NAME_MAX];
	bool has_alt_gr; /* some key has a third level */
	/* Unicode, KEYMAP_DEAD | Unicode, or 0: the key has no character there. */
	uint32_t characters[KEYMAP_KEYS][KEYMAP_LEVELS];
	bool letter[KEYMAP_KEYS]; /* caps lock acts as shift does */
	unsigned composition_count;
	struct keymap_composition compositions[KEYMAP_COMPOSITIONS]; /* sorted */
};

/* Compiles `text`. On failure *line is the number of the line that is wrong, and *keymap is undefined.
 * -EINVAL, -E2BIG (the text, or its compositions). */
int must_check keymap_parse(struct keymap *keymap, const char *text, size_t length, unsigned *line);

/* A keyboard as it is now; zeros at first. */
struct keymap_state {
	unsigned modifiers;            /* enum keymap_modifiers */
	uint8_t held[KEYMAP_KEYS / 8]; /* keys that are down */
	uint32_t dead;                 /* pending, 0: none */
};

struct keymap_result {
	unsigned modifiers; /* after the event */
	/* What was typed: 0 to 2 characters (two where a dead key did not match). While control, alt
	 * or super is held they are as without these, but dead keys do not wait: the caller decides
	 * whether that is text. Keys without a character on them (Enter, Tab, ...) give none. */
	unsigned count;
	uint32_t characters[2];
	bool locks_changed; /* the lights are to be set */
};

/* value: 0 up, 1 down, 2 repeated. */
void keymap_press(const struct keymap *keymap, struct keymap_state *state, unsigned key, int value,
		  struct keymap_result *result);

/* What a dead key and a character make, 0: nothing; `dead` is the combining character. The space, and
 * the dead key once more (its own number with KEYMAP_DEAD), make the accent that stands alone. */
uint32_t keymap_compose(const struct keymap *keymap, uint32_t dead, uint32_t base);
