/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Atlases: one made by hand, damaged ones, and those that the build makes. */
#include <base/errno.h>
#include <base/string.h>
#include <font/atlas.h>

#include "atlas_test.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

UNIT_TEST(atlas, finds)
{
	struct small_atlas small;
	struct font_atlas atlas;

	small_atlas_make(&small);
	EXPECT_EQUAL(font_atlas_open(&atlas, &small, sizeof(small)), 0);
	EXPECT_EQUAL(font_atlas_index(&atlas, 'A'), 0);
	EXPECT_EQUAL(font_atlas_index(&atlas, 'B'), 1);
	EXPECT_EQUAL(font_atlas_index(&atlas, 'C'), 2);
	EXPECT_EQUAL(font_atlas_index(&atlas, 0), 2);
	EXPECT_EQUAL(font_atlas_index(&atlas, UINT32_MAX), 2);
	EXPECT(font_atlas_has(&atlas, 'A') && font_atlas_has(&atlas, 0xfffd));
	EXPECT(!font_atlas_has(&atlas, '@') && !font_atlas_has(&atlas, 'C'));
	EXPECT(font_atlas_glyph(&atlas, 'B') == &small.glyphs[2]);
	EXPECT(font_atlas_coverage(&atlas, font_atlas_glyph(&atlas, 'B')) == small.coverage + 8);
	EXPECT_EQUAL(font_atlas_kerning(&atlas, 0, 1), -64);
	EXPECT_EQUAL(font_atlas_kerning(&atlas, 1, 0), 32);
	EXPECT_EQUAL(font_atlas_kerning(&atlas, 1, 1), 0);
	EXPECT_EQUAL(font_atlas_kerning(&atlas, 0x10000, 1), 0);
}

static void expect_refused(struct small_atlas *small, const char *what)
{
	struct font_atlas atlas;

	if (font_atlas_open(&atlas, small, sizeof(*small)) != -EINVAL)
		unit_fail(__FILE__, __LINE__, "accepted: %s", what);
	small_atlas_make(small);
}

UNIT_TEST(atlas, refuses_headers)
{
	struct small_atlas small;

	small_atlas_make(&small);
	small.header.magic++;
	expect_refused(&small, "magic");
	small.header.version++;
	expect_refused(&small, "version");
	small.header.size++;
	expect_refused(&small, "size beyond the file");
	small.header.size = 20;
	expect_refused(&small, "size below the header's");
	small.header.pixels = 0;
	expect_refused(&small, "pixels");
	small.header.line_height = 0;
	expect_refused(&small, "line height");
	small.header.ascent = -600;
	expect_refused(&small, "ascent");
	small.header.phases = 0;
	expect_refused(&small, "no phases");
	small.header.phases = FONT_PHASES_MAX + 1;
	expect_refused(&small, "phases");
	small.header.replacement = 3;
	expect_refused(&small, "replacement");
	small.header.glyph_count = 0;
	expect_refused(&small, "no glyphs");
	memset(small.header.name, 'x', sizeof(small.header.name));
	expect_refused(&small, "name");
}

UNIT_TEST(atlas, refuses_tables)
{
	struct small_atlas small;

	small_atlas_make(&small);
	small.header.range_count = UINT32_MAX;
	expect_refused(&small, "range count");
	small.header.glyph_count = UINT32_MAX;
	expect_refused(&small, "glyph count");
	small.header.kerning_count = UINT32_MAX;
	expect_refused(&small, "kerning count");
	small.ranges[1].first = 'B';
	expect_refused(&small, "ranges overlap");
	small.ranges[1].first = 0x110000;
	expect_refused(&small, "range beyond Unicode");
	small.ranges[0].count = 0;
	expect_refused(&small, "empty range");
	small.ranges[1].glyph = 3;
	expect_refused(&small, "range's glyph");
	small.ranges[0].count = UINT32_MAX;
	expect_refused(&small, "range's count");
	small.glyphs[5].offset = 33;
	expect_refused(&small, "coverage");
	small.glyphs[0].width = FONT_ATLAS_SIDE_MAX + 1;
	expect_refused(&small, "width");
	small.glyphs[0].left = INT16_MIN;
	expect_refused(&small, "left");
	small.glyphs[0].top = INT16_MAX;
	expect_refused(&small, "top");
	small.glyphs[3].advance = -1;
	expect_refused(&small, "advance");
	small.kerning[1] = small.kerning[0];
	expect_refused(&small, "kerning's order");
	small.kerning[0].adjustment = INT16_MIN;
	expect_refused(&small, "adjustment");
}

UNIT_TEST(atlas, refuses_what_is_short)
{
	struct small_atlas small;
	struct font_atlas atlas;

	small_atlas_make(&small);
	for (size_t size = 0; size < sizeof(small); size++) {
		uint8_t *copy = malloc(size);

		memcpy(copy, &small, size);
		EXPECT_EQUAL(font_atlas_open(&atlas, copy, size), -EINVAL);
		if (size >= sizeof(small.header)) {
			((struct font_atlas_header *)copy)->size = (uint32_t)size;
			EXPECT_EQUAL(font_atlas_open(&atlas, copy, size), -EINVAL);
		}
		free(copy);
	}
}

/* Opens one of the build's. */
static uint8_t *open_built(struct font_atlas *atlas, const char *name)
{
	char path[128];
	uint8_t *bytes;
	size_t size;

	snprintf(path, sizeof(path), "build/host/fonts/%s.atlas", name);
	if (access(path, R_OK) != 0)
		unit_skip("no %s", path);
	bytes = unit_read_file(path, &size);
	EXPECT_EQUAL(font_atlas_open(atlas, bytes, size), 0);
	return bytes;
}

static const char *const built[] = {
	"sans-1x",
	"sans-2x",
	"sans-bold-1x",
	"sans-bold-2x",
	"heading-1x",
	"heading-2x",
	"mono-1x",
	"mono-2x",
	"mono-bold-1x",
	"mono-bold-2x",
	"mono-italic-1x",
	"mono-italic-2x",
	"mono-bold-italic-1x",
	"mono-bold-italic-2x",
};

UNIT_TEST(atlas, built_ones_have_the_letters)
{
	static const uint32_t wanted[] = { ' ',    '~',    0xa0,   0xe9,  0x17e,  0x3b1,
					   0x3c9,  0x410,  0x44f,  0x451, 0x2013, 0x2019,
					   0x2026, 0x20ac, 0x2192, 0xfffd };

	for (size_t i = 0; i < array_length(built); i++) {
		struct font_atlas atlas;
		uint8_t *bytes = open_built(&atlas, built[i]);

		for (size_t k = 0; k < array_length(wanted); k++) {
			if (!font_atlas_has(&atlas, wanted[k]))
				unit_fail(__FILE__, __LINE__, "%s lacks U+%04x", built[i],
					  wanted[k]);
		}
		EXPECT(font_atlas_glyph(&atlas, 0xfffd)->height > 0);
		EXPECT_EQUAL(atlas.header->ascent + atlas.header->descent,
			     atlas.header->line_height);
		free(bytes);
	}
}

/* The coverage of a full cell's pixel. */
static uint8_t cell_at(const struct font_atlas *atlas, uint32_t code_point, unsigned x, unsigned y)
{
	const struct font_glyph *glyph = font_atlas_glyph(atlas, code_point);

	EXPECT_EQUAL(glyph->width, atlas->header->cell_width);
	EXPECT_EQUAL(glyph->height, atlas->header->line_height);
	EXPECT(glyph->left == 0 && glyph->top == atlas->header->ascent);
	return font_atlas_coverage(atlas, glyph)[y * glyph->width + x];
}

/* Lines meet those of the next cell: where one ends at an edge, its partner begins there. */
static void expect_lines_join(const struct font_atlas *atlas)
{
	unsigned right = atlas->header->cell_width - 1u;
	unsigned bottom = atlas->header->line_height - 1u;

	for (unsigned y = 0; y <= bottom; y++) {
		EXPECT_EQUAL(cell_at(atlas, 0x250c, right, y), cell_at(atlas, 0x2500, 0, y));
		EXPECT_EQUAL(cell_at(atlas, 0x256d, right, y), cell_at(atlas, 0x256e, 0, y));
		EXPECT_EQUAL(cell_at(atlas, 0x2554, right, y), cell_at(atlas, 0x2550, 0, y));
		EXPECT_EQUAL(cell_at(atlas, 0x251d, right, y), cell_at(atlas, 0x2501, 0, y));
		EXPECT_EQUAL(cell_at(atlas, 0x2588, right, y), 255);
	}
	for (unsigned x = 0; x <= right; x++) {
		EXPECT_EQUAL(cell_at(atlas, 0x250c, x, bottom), cell_at(atlas, 0x2502, x, 0));
		EXPECT_EQUAL(cell_at(atlas, 0x256d, x, bottom), cell_at(atlas, 0x2570, x, 0));
		EXPECT_EQUAL(cell_at(atlas, 0x2554, x, bottom), cell_at(atlas, 0x2551, x, 0));
		EXPECT_EQUAL(cell_at(atlas, 0x2580, x, 0) + cell_at(atlas, 0x2584, x, 0), 255);
		EXPECT_EQUAL(cell_at(atlas, 0x2591, x, 3) * 2, cell_at(atlas, 0x2592, x, 3));
	}
	EXPECT_EQUAL(cell_at(atlas, 0x2502, 0, 0), 0);
	EXPECT_EQUAL(cell_at(atlas, 0x2571, right, bottom), 0);
}

UNIT_TEST(atlas, lines_join)
{
	static const char *const names[] = { "mono-1x", "mono-2x" };

	for (size_t i = 0; i < array_length(names); i++) {
		struct font_atlas atlas;
		uint8_t *bytes = open_built(&atlas, names[i]);

		expect_lines_join(&atlas);
		for (uint32_t letter = ' '; letter <= '~'; letter++)
			EXPECT_EQUAL(font_atlas_glyph(&atlas, letter)->advance,
				     atlas.header->cell_width * 64);
		free(bytes);
	}
}
