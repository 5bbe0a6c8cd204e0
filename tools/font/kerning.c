/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kerning: the feature "kern" of the OpenType table GPOS, lookups of type 2 (pairs) and those of
 * type 9 that lead to them. Of each pair only the advance of the left glyph counts. Fonts are the
 * build's own; a read outside of the table gives 0 all the same.
 */
#include "font.h"

#include <stdlib.h>

#include FT_TRUETYPE_TABLES_H

#define TAG_GPOS      0x47504f53u
#define TAG_KERN      0x6b65726eu
#define X_ADVANCE     0x0004
#define LOOKUP_PAIRS  2
#define LOOKUP_FAR    9
#define SUBTABLES_MAX 512
#define LEAST         4 /* 1/64 pixel: what is less is not worth a pair */

struct gpos {
	uint8_t *bytes;
	size_t size;
	size_t subtables[SUBTABLES_MAX]; /* of pairs, in the order in which they are asked */
	unsigned subtable_count;
};

static unsigned get16(const struct gpos *gpos, size_t at)
{
	return at + 2 <= gpos->size ? (unsigned)gpos->bytes[at] << 8 | gpos->bytes[at + 1] : 0;
}

static uint32_t get32(const struct gpos *gpos, size_t at)
{
	return (uint32_t)get16(gpos, at) << 16 | get16(gpos, at + 2);
}

static void lookup_collect(struct gpos *gpos, size_t lookup)
{
	unsigned type = get16(gpos, lookup);
	unsigned count = get16(gpos, lookup + 4);

	for (unsigned i = 0; i < count && gpos->subtable_count < SUBTABLES_MAX; i++) {
		size_t subtable = lookup + get16(gpos, lookup + 6 + 2 * i);

		if (type == LOOKUP_FAR && get16(gpos, subtable + 2) == LOOKUP_PAIRS)
			subtable += get32(gpos, subtable + 4);
		else if (type != LOOKUP_PAIRS)
			continue;
		gpos->subtables[gpos->subtable_count++] = subtable;
	}
}

/* The lookups of the first feature "kern"; those of other scripts name the same ones. */
static void gpos_collect(struct gpos *gpos)
{
	size_t features = get16(gpos, 6);
	size_t lookups = get16(gpos, 8);
	unsigned count = get16(gpos, features);

	for (unsigned i = 0; i < count; i++) {
		size_t record = features + 2 + 6 * i;
		size_t feature = features + get16(gpos, record + 4);

		if (get32(gpos, record) != TAG_KERN)
			continue;
		for (unsigned k = 0; k < get16(gpos, feature + 2); k++) {
			unsigned lookup = get16(gpos, feature + 4 + 2 * k);

			lookup_collect(gpos, lookups + get16(gpos, lookups + 2 + 2 * lookup));
		}
		return;
	}
}

/* A glyph's place in a coverage table, or -1. */
static int coverage_index(const struct gpos *gpos, size_t table, unsigned glyph)
{
	unsigned count = get16(gpos, table + 2);
	bool ranges = get16(gpos, table) == 2;

	for (unsigned i = 0; i < count; i++) {
		if (!ranges && get16(gpos, table + 4 + 2 * i) == glyph)
			return (int)i;
		if (ranges && get16(gpos, table + 4 + 6 * i) <= glyph &&
		    glyph <= get16(gpos, table + 6 + 6 * i))
			return (int)(get16(gpos, table + 8 + 6 * i) + glyph -
				     get16(gpos, table + 4 + 6 * i));
	}
	return -1;
}

static unsigned glyph_class(const struct gpos *gpos, size_t table, unsigned glyph)
{
	unsigned first = get16(gpos, table + 2);

	if (get16(gpos, table) == 1)
		return glyph >= first && glyph - first < get16(gpos, table + 4)
			       ? get16(gpos, table + 6 + 2 * (glyph - first))
			       : 0;
	for (unsigned i = 0; i < first; i++) { /* format 2: their number stands there */
		size_t range = table + 4 + 6 * i;

		if (get16(gpos, range) <= glyph && glyph <= get16(gpos, range + 2))
			return get16(gpos, range + 4);
	}
	return 0;
}

/* How many bytes a value of this format has, and where its x advance is among them. */
static size_t value_size(unsigned format)
{
	return 2 * (size_t)__builtin_popcount(format);
}

static int value_advance(const struct gpos *gpos, size_t value, unsigned format)
{
	if (!(format & X_ADVANCE))
		return 0;
	return (int16_t)get16(gpos, value + value_size(format & (X_ADVANCE - 1)));
}

/* One subtable's word on a pair; false: it has none. */
static bool subtable_ask(const struct gpos *gpos, size_t subtable, unsigned left, unsigned right,
			 int *units)
{
	int index = coverage_index(gpos, subtable + get16(gpos, subtable + 2), left);
	unsigned first = get16(gpos, subtable + 4);
	size_t value = value_size(first) + value_size(get16(gpos, subtable + 6));
	size_t set;

	if (index < 0)
		return false;
	if (get16(gpos, subtable) == 2) {
		unsigned row = glyph_class(gpos, subtable + get16(gpos, subtable + 8), left);
		unsigned column = glyph_class(gpos, subtable + get16(gpos, subtable + 10), right);
		unsigned columns = get16(gpos, subtable + 14);

		*units = value_advance(gpos, subtable + 16 + (row * columns + column) * value,
				       first);
		return true;
	}
	set = subtable + get16(gpos, subtable + 10 + 2 * (unsigned)index);
	for (unsigned i = 0; i < get16(gpos, set); i++) {
		size_t pair = set + 2 + i * (2 + value);

		if (get16(gpos, pair) == right) {
			*units = value_advance(gpos, pair + 2, first);
			return true;
		}
	}
	return false;
}

static int pair_units(const struct gpos *gpos, unsigned left, unsigned right)
{
	int units = 0;

	for (unsigned i = 0; i < gpos->subtable_count; i++) {
		if (subtable_ask(gpos, gpos->subtables[i], left, right, &units))
			break;
	}
	return units;
}

/* Letters of one script meet: pairs of `first` to `last`. */
static void pairs_add(const struct gpos *gpos, FT_Face face, struct output *output, uint32_t first,
		      uint32_t last)
{
	for (uint32_t a = first; a <= last; a++) {
		unsigned left = FT_Get_Char_Index(face, a);
		int left_glyph = output_find(output, a);

		for (uint32_t b = first; b <= last && left && left_glyph >= 0; b++) {
			unsigned right = FT_Get_Char_Index(face, b);
			int right_glyph = output_find(output, b);
			int adjustment;

			if (!right || right_glyph < 0)
				continue;
			adjustment = (int)FT_MulFix(pair_units(gpos, left, right),
						    face->size->metrics.x_scale);
			if (abs(adjustment) >= LEAST)
				output_add_kerning(output, (unsigned)left_glyph,
						   (unsigned)right_glyph, adjustment);
		}
	}
}

void kerning_add(const struct raster *raster, struct output *output)
{
	FT_Face face = raster->faces[0];
	FT_ULong size = 0;
	struct gpos gpos = { 0 };

	if (FT_Load_Sfnt_Table(face, TAG_GPOS, 0, NULL, &size) != 0)
		return;
	gpos.bytes = must_allocate(size);
	gpos.size = size;
	if (FT_Load_Sfnt_Table(face, TAG_GPOS, 0, gpos.bytes, &size) == 0) {
		gpos_collect(&gpos);
		pairs_add(&gpos, face, output, 0x20, 0xff);
		pairs_add(&gpos, face, output, 0x386, 0x3ce);
		pairs_add(&gpos, face, output, 0x400, 0x45f);
	}
	free(gpos.bytes);
}
