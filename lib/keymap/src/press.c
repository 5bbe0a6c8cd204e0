/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A keyboard followed through its layout. */
#include "keymap_priv.h"

#include <ddk/keys.h>

#define LOCKS (KEYMAP_CAPS_LOCK | KEYMAP_NUM_LOCK | KEYMAP_SCROLL_LOCK)

static const struct {
	uint8_t key;
	uint8_t modifier;
} modifier_keys[] = {
	{ KEY_LEFT_SHIFT, KEYMAP_SHIFT },  { KEY_RIGHT_SHIFT, KEYMAP_SHIFT },
	{ KEY_LEFT_CTRL, KEYMAP_CONTROL }, { KEY_RIGHT_CTRL, KEYMAP_CONTROL },
	{ KEY_LEFT_ALT, KEYMAP_ALT },      { KEY_RIGHT_ALT, KEYMAP_ALT_GR },
	{ KEY_LEFT_META, KEYMAP_SUPER },   { KEY_RIGHT_META, KEYMAP_SUPER },
};

static bool is_held(const struct keymap_state *state, unsigned key)
{
	return state->held[key / 8] & 1 << key % 8;
}

static void follow_held(struct keymap_state *state, unsigned key, bool down)
{
	if (down)
		state->held[key / 8] |= (uint8_t)(1 << key % 8);
	else
		state->held[key / 8] &= (uint8_t) ~(1 << key % 8);
}

static bool is_modifier(unsigned key)
{
	for (size_t i = 0; i < array_length(modifier_keys); i++)
		if (modifier_keys[i].key == key)
			return true;
	return false;
}

static unsigned find_modifiers(const struct keymap *keymap, const struct keymap_state *state)
{
	unsigned modifiers = state->modifiers & LOCKS;

	for (size_t i = 0; i < array_length(modifier_keys); i++) {
		unsigned modifier = modifier_keys[i].modifier;

		if (modifier == KEYMAP_ALT_GR && !keymap->has_alt_gr)
			modifier = KEYMAP_ALT;
		if (is_held(state, modifier_keys[i].key))
			modifiers |= modifier;
	}
	return modifiers;
}

static unsigned lock_of(unsigned key)
{
	if (key == KEY_CAPS_LOCK)
		return KEYMAP_CAPS_LOCK;
	if (key == KEY_NUM_LOCK)
		return KEYMAP_NUM_LOCK;
	return key == KEY_SCROLL_LOCK ? KEYMAP_SCROLL_LOCK : 0;
}

/* Keys of the key pad that move the cursor while num lock is off. */
static bool moves_cursor(unsigned key)
{
	return (key >= KEY_PAD_7 && key <= KEY_PAD_9) || (key >= KEY_PAD_4 && key <= KEY_PAD_6) ||
	       (key >= KEY_PAD_1 && key <= KEY_PAD_DOT);
}

/* What the key gives as things are, perhaps with KEYMAP_DEAD; 0: nothing. */
static uint32_t character_of(const struct keymap *keymap, unsigned key, unsigned modifiers)
{
	const uint32_t *levels = keymap->characters[key];
	bool shift = modifiers & KEYMAP_SHIFT;

	if (moves_cursor(key))
		return !(modifiers & KEYMAP_NUM_LOCK) == shift ? levels[0] : 0;
	if (modifiers & KEYMAP_ALT_GR) {
		/* Caps lock means letters, and what they have there need not be one. */
		if (shift && levels[3])
			return levels[3];
		if (levels[2])
			return levels[2];
	}
	if (keymap->letter[key] && (modifiers & KEYMAP_CAPS_LOCK))
		shift = !shift;
	return shift && levels[1] ? levels[1] : levels[0];
}

static void give(struct keymap_result *result, uint32_t character)
{
	result->characters[result->count++] = character;
}

/* A character, or a dead key, was typed after the pending dead key, if any. */
static void type(const struct keymap *keymap, struct keymap_state *state, uint32_t character,
		 struct keymap_result *result)
{
	const uint32_t dead = state->dead;
	uint32_t composed;

	if (!dead) {
		if (character & KEYMAP_DEAD)
			state->dead = character & ~KEYMAP_DEAD;
		else
			give(result, character);
		return;
	}
	composed = keymap_compose(keymap, dead, character);
	state->dead = 0;
	give(result, composed ? composed : keymap_spacing_of(dead));
	if (composed)
		return;
	if (character & KEYMAP_DEAD)
		state->dead = character & ~KEYMAP_DEAD;
	else
		give(result, character);
}

void keymap_press(const struct keymap *keymap, struct keymap_state *state, unsigned key, int value,
		  struct keymap_result *result)
{
	const unsigned commands = KEYMAP_CONTROL | KEYMAP_ALT | KEYMAP_SUPER;
	unsigned lock = lock_of(key);
	uint32_t character;

	*result = (struct keymap_result){ .count = 0 };
	if (key < KEYMAP_KEYS)
		follow_held(state, key, value != 0);
	if (lock && value == 1) {
		state->modifiers ^= lock;
		result->locks_changed = true;
	}
	state->modifiers = find_modifiers(keymap, state);
	result->modifiers = state->modifiers;
	if (!value || key >= KEYMAP_KEYS || lock || is_modifier(key))
		return;
	character = character_of(keymap, key, state->modifiers);
	if (!character || (state->modifiers & commands))
		state->dead = 0;
	if (!character)
		return;
	if (state->modifiers & commands) {
		give(result, character & KEYMAP_DEAD ? keymap_spacing_of(character & ~KEYMAP_DEAD)
						     : character);
		return;
	}
	/* A dead key that repeats would undo itself. */
	if (!(character & KEYMAP_DEAD) || value == 1)
		type(keymap, state, character, result);
}
