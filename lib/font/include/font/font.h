/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bitmap fonts of the PC Screen Font formats (PSF1 and PSF2) that lie in memory.
 *
 * Interface
 *	struct font font;
 *
 *	result = font_open(&font, bytes, size);
 *	... find memory for font.mapping_count struct font_mapping ...
 *	font_index(&font, memory);
 *	rows = font_bitmap(&font, font_glyph(&font, code_point));
 *
 * The file is checked when it is opened and nothing of it is trusted. It must stay in
 * memory, unchanged, while the font is used.
 */
#pragma once

#include <base/types.h>

#define FONT_GLYPHS_MAX 65536
#define FONT_SIDE_MAX   256 /* pixels, width and height */

struct font_mapping {
	uint32_t code_point;
	uint32_t glyph;
};

struct font {
	const uint8_t *glyphs;
	size_t glyph_count; /* at least 1 */
	unsigned width;     /* pixels */
	unsigned height;    /* pixels */
	size_t stride;      /* bytes of a row of pixels */
	size_t glyph_size;  /* bytes: stride * height */

	/* The file's table of code points, not terminated; NULL where it has none. */
	const uint8_t *table;
	size_t table_size;
	bool table_utf8; /* PSF2; otherwise 16-bit little-endian words */

	/* From font_open(): how many mappings the table holds; font_index() drops doubles. */
	size_t mapping_count;
	const struct font_mapping *mappings; /* ascending by code point */
	size_t replacement;                  /* the glyph of what the font lacks */
};

/* Checks the `size` bytes at `bytes`. Returns 0, or -EINVAL where they are no font or a
 * damaged one. Only font_bitmap() may be used before font_index(). */
int must_check font_open(struct font *font, const void *bytes, size_t size);

/* Builds the table of code points in `memory`, which has room for font->mapping_count
 * entries and stays with the font. A font without a table maps code points to the glyphs of
 * the same number; `memory` may then be NULL. */
void font_index(struct font *font, struct font_mapping *memory);

/* The glyph of `code_point`, or the replacement: that of U+FFFD, of '?', or the first. */
size_t font_glyph(const struct font *font, uint32_t code_point);

/* True if the font has a glyph of its own for `code_point`. */
bool font_has_glyph(const struct font *font, uint32_t code_point);

/* The rows of `glyph` (below glyph_count), `stride` bytes each: the leftmost pixel is the
 * highest bit of the first byte. */
static inline const uint8_t *font_bitmap(const struct font *font, size_t glyph)
{
	return font->glyphs + glyph * font->glyph_size;
}
