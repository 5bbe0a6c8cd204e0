/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "atlas_test.h"

#include <string.h>

void small_atlas_make(struct small_atlas *small)
{
	*small = (struct small_atlas){
		.header = {
			.magic = FONT_ATLAS_MAGIC,
			.version = FONT_ATLAS_VERSION,
			.size = sizeof(*small),
			.pixels = 4,
			.line_height = 5,
			.ascent = 4,
			.descent = 1,
			.phases = 2,
			.range_count = 2,
			.glyph_count = 3,
			.kerning_count = 2,
			.replacement = 2,
			.name = "small",
		},
		.ranges = { { 'A', 2, 0 }, { 0xfffd, 1, 2 } },
		.glyphs = {
			{ 0, 2, 2, 0, 2, 3 * 64, 0 },
			{ 4, 2, 2, 0, 2, 3 * 64, 0 },
			{ 8, 1, 3, 1, 2, 2 * 64 + 32, 0 },
			{ 11, 1, 3, 1, 2, 2 * 64 + 32, 0 },
			{ 14, 4, 4, 0, 4, 5 * 64, 0 },
			{ 32, 4, 4, 0, 4, 5 * 64, 0 },
		},
		.kerning = { { 0, 1, -64, 0 }, { 1, 0, 32, 0 } },
	};
	memset(small->coverage, 255, sizeof(small->coverage));
	small->coverage[4] = 128;
	small->coverage[11] = 128;
	small->coverage[32] = 128;
}
