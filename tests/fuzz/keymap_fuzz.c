/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the input as a layout, and types on it. The layout ends at the first byte 0; keys follow. */
#include <keymap/keymap.h>

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_character(uint32_t character)
{
	FUZZ_CHECK(character >= ' ' && character < 0x110000);
}

static void type(const struct keymap *keymap, const uint8_t *keys, size_t count)
{
	struct keymap_state state;

	memset(&state, 0, sizeof(state));
	for (size_t i = 0; i < count; i++) {
		struct keymap_result result;
		int value = keys[i] >> 7 ? (int)(i & 1) + 1 : 0;

		keymap_press(keymap, &state, keys[i] & 0x7f, value, &result);
		FUZZ_CHECK(result.count <= 2);
		for (unsigned j = 0; j < result.count; j++)
			check_character(result.characters[j]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t length = end ? (size_t)(end - data) : size;
	/* In memory of its own, so that reading beyond it is noticed. */
	char *text = malloc(length ? length : 1);
	struct keymap *keymap = malloc(sizeof(*keymap));
	unsigned line;

	memcpy(text, data, length);
	if (keymap_parse(keymap, text, length, &line) == 0) {
		FUZZ_CHECK(memchr(keymap->name, 0, sizeof(keymap->name)));
		FUZZ_CHECK(keymap->composition_count <= KEYMAP_COMPOSITIONS);
		type(keymap, data + length, size - length);
	}
	free(keymap);
	free(text);
	return 0;
}
