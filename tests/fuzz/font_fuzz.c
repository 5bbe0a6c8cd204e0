/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the input as a font and looks all its glyphs up. */
#include <font/font.h>

#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct font_mapping *memory;
	struct font font;
	size_t mappings;

	if (font_open(&font, data, size) != 0)
		return 0;
	mappings = font.mapping_count;
	memory = malloc(mappings * sizeof(*memory));
	font_index(&font, memory);
	FUZZ_CHECK(font.mapping_count <= mappings);
	for (size_t i = 0; i < font.mapping_count; i++) {
		FUZZ_CHECK(i == 0 || memory[i - 1].code_point < memory[i].code_point);
		FUZZ_CHECK(font_glyph(&font, memory[i].code_point) == memory[i].glyph);
	}
	for (uint32_t code_point = 0; code_point < 256; code_point++) {
		const uint8_t *rows = font_bitmap(&font, font_glyph(&font, code_point));

		FUZZ_CHECK(rows >= data && rows + font.glyph_size <= data + size);
	}
	free(memory);
	return 0;
}
