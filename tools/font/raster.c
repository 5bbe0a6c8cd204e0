/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of characters by FreeType. Outlines are fitted to the rows of pixels (FreeType's
 * "light" hinting) but not to columns: horizontal strokes are crisp, and widths stay as the font's designer
 * made them.
 */
#include "font.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include FT_OUTLINE_H

#define LOAD_FLAGS (FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP)

static int round_units(long units)
{
	return (int)((units + 32) >> 6);
}

/* A design length of the face, in 1/64 pixel. */
static long scaled(FT_Face face, long units)
{
	return FT_MulFix(units, face->size->metrics.y_scale);
}

static void raster_open_face(struct raster *raster, const char *path)
{
	FT_Face face;

	if (FT_New_Face(raster->library, path, 0, &face) != 0)
		fail("%s: no font", path);
	if (FT_Set_Char_Size(face, raster->size, raster->size, 72, 72) != 0)
		fail("%s: cannot be scaled", path);
	raster->faces[raster->face_count++] = face;
}

/* The height of a line: the font's, or the one asked for, with what is left shared out. */
static void raster_measure(struct raster *raster, int line_height)
{
	FT_Face face = raster->faces[0];
	long ascender = scaled(face, face->ascender);
	long descender = -scaled(face, face->descender);

	raster->line_height = line_height ? line_height : round_units(ascender + descender);
	raster->ascent = round_units((raster->line_height * 64 + ascender - descender) / 2);
	raster->descent = raster->line_height - raster->ascent;
}

void raster_open(struct raster *raster, char *const *paths, unsigned count, double pixels,
		 bool monospaced, int line_height)
{
	*raster = (struct raster){ .size = (int)lround(pixels * 64) };
	if (FT_Init_FreeType(&raster->library) != 0)
		fail("FreeType does not start");
	for (unsigned i = 0; i < count; i++)
		raster_open_face(raster, paths[i]);
	if (monospaced) {
		FT_Face face = raster->faces[0];

		if (FT_Load_Char(face, 'M', LOAD_FLAGS) != 0)
			fail("%s: no M", paths[0]);
		raster->cell_width = (int)((face->glyph->linearHoriAdvance + 0x8000) >> 16);
	}
	raster_measure(raster, line_height);
}

void raster_close(struct raster *raster)
{
	for (unsigned i = 0; i < raster->face_count; i++)
		FT_Done_Face(raster->faces[i]);
	FT_Done_FreeType(raster->library);
}

FT_Face raster_find(const struct raster *raster, uint32_t code_point, unsigned *index)
{
	for (unsigned i = 0; i < raster->face_count; i++) {
		*index = FT_Get_Char_Index(raster->faces[i], code_point);
		if (*index)
			return raster->faces[i];
	}
	return NULL;
}

/* What stands in for another font in a cell: no wider than it, and in its middle. */
static void outline_fit_cell(const struct raster *raster, FT_Outline *outline, long advance)
{
	long cell = raster->cell_width * 64;

	if (advance > cell) {
		FT_Matrix matrix = { FT_DivFix(cell, advance), 0, 0, 0x10000 };

		FT_Outline_Transform(outline, &matrix);
		advance = cell;
	}
	FT_Outline_Translate(outline, (cell - advance) / 2, 0);
}

bool raster_draw(const struct raster *raster, uint32_t code_point, int shift, struct picture *to,
		 int *advance)
{
	unsigned index;
	FT_Face face = raster_find(raster, code_point, &index);
	FT_GlyphSlot slot;

	if (!face || FT_Load_Glyph(face, index, LOAD_FLAGS) != 0 ||
	    face->glyph->format != FT_GLYPH_FORMAT_OUTLINE)
		return false;
	slot = face->glyph;
	*advance = (int)((slot->linearHoriAdvance + 0x200) >> 10);
	if (raster->cell_width > 0) {
		outline_fit_cell(raster, &slot->outline, *advance);
		*advance = raster->cell_width * 64;
	}
	FT_Outline_Translate(&slot->outline, shift, 0);
	if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0)
		return false;
	*to = (struct picture){
		.width = (int)slot->bitmap.width,
		.height = (int)slot->bitmap.rows,
		.left = slot->bitmap_left,
		.top = slot->bitmap_top,
		.coverage = must_allocate((size_t)slot->bitmap.width * slot->bitmap.rows),
	};
	for (int row = 0; row < to->height; row++)
		memcpy(to->coverage + (size_t)row * slot->bitmap.width,
		       slot->bitmap.buffer + (long)row * slot->bitmap.pitch, slot->bitmap.width);
	return true;
}
