/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the input as an atlas and writes with it, its own bytes among others. */
#include <font/text.h>

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define SIDE 40

static void write_with(const struct font_atlas *atlas, const char *text, size_t length)
{
	static uint32_t pixels[SIDE * SIDE];
	struct blend_surface surface = { pixels, SIDE, SIDE, SIDE };
	struct blend_rectangle all = blend_surface_bounds(&surface);
	int32_t width = font_text_width(atlas, text, length);

	FUZZ_CHECK(font_text_fit(atlas, text, length, SIDE) <= length);
	font_text_draw(atlas, &surface, all, 2, 20, text, length, 0xffe0e0e0);
	font_text_draw_fitted(atlas, &surface, all, 2, 20, width / 2, text, length, 0xff202020);
	for (uint32_t code_point = 0; code_point < 256; code_point++)
		font_glyph_draw(atlas, &surface, all, 8, 20, code_point, 0x80ff0000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t *copy = malloc(size + 1);
	struct font_atlas atlas;

	memcpy(copy, data, size);
	if (font_atlas_open(&atlas, copy, size) == 0) {
		for (uint32_t i = 0; i < atlas.header->range_count; i++)
			FUZZ_CHECK(font_atlas_has(&atlas, atlas.ranges[i].first));
		write_with(&atlas, (const char *)data, size < 256 ? size : 256);
		write_with(&atlas, "AB\xef\xbf\xbd ABBA", 9);
	}
	free(copy);
	return 0;
}
