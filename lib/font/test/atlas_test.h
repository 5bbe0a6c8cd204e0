/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small atlas made by hand, for the tests of lib/font. */
#pragma once

#include <font/atlas.h>

/* 'A' (2 x 2, advance 3), 'B' (1 x 3, below the line as well), and U+FFFD (4 x 4); "AB" are 1 closer.
 * Each in two phases, which are told by their first byte. */
struct small_atlas {
	struct font_atlas_header header;
	struct font_atlas_range ranges[2];
	struct font_glyph glyphs[6];
	struct font_kerning kerning[2];
	uint8_t coverage[48];
};

void small_atlas_make(struct small_atlas *small);
