/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text and UTF-8, with an atlas made by hand. */
#include <base/string.h>
#include <font/text.h>
#include <font/utf8.h>

#include "atlas_test.h"
#include "unit.h"

#define WIDTH  24
#define HEIGHT 8
#define BLACK  0xff000000u
#define WHITE  0xffffffffu

struct paper {
	struct small_atlas small;
	struct font_atlas atlas;
	uint32_t pixels[(HEIGHT + 2) * WIDTH];
	struct blend_surface surface;
};

/* White, with a row before and one behind the surface that stay as they are. */
static void paper_make(struct paper *paper)
{
	small_atlas_make(&paper->small);
	EXPECT_EQUAL(font_atlas_open(&paper->atlas, &paper->small, sizeof(paper->small)), 0);
	for (size_t i = 0; i < array_length(paper->pixels); i++)
		paper->pixels[i] = WHITE;
	paper->surface = (struct blend_surface){ paper->pixels + WIDTH, WIDTH, HEIGHT, WIDTH };
}

static uint32_t paper_at(const struct paper *paper, int32_t x, int32_t y)
{
	return *blend_surface_at(&paper->surface, x, y);
}

/* How many pixels are not white. */
static unsigned paper_ink(const struct paper *paper)
{
	unsigned count = 0;

	for (size_t i = 0; i < array_length(paper->pixels); i++)
		count += paper->pixels[i] != WHITE;
	return count;
}

static int32_t paper_write(struct paper *paper, int32_t x, int32_t y, const char *text)
{
	return font_text_draw(&paper->atlas, &paper->surface, blend_surface_bounds(&paper->surface),
			      x, y, text, strlen(text), BLACK);
}

UNIT_TEST(text, draws_at_the_pen)
{
	struct paper paper;

	paper_make(&paper);
	EXPECT_EQUAL(paper_write(&paper, 2, 4, "A"), 5);
	EXPECT(paper_at(&paper, 2, 2) == BLACK && paper_at(&paper, 3, 3) == BLACK);
	EXPECT_EQUAL(paper_ink(&paper), 4);
	paper_make(&paper);
	EXPECT_EQUAL(paper_write(&paper, 2, 4, "AB"), 7); /* 3 - 1 + 2.5, rounded */
	EXPECT(paper_at(&paper, 5, 2) == BLACK && paper_at(&paper, 5, 4) == BLACK);
}

UNIT_TEST(text, takes_the_picture_of_the_pens_place)
{
	struct paper paper;

	paper_make(&paper);
	paper_write(&paper, 0, 4, "BB"); /* the second stands at 2.5: left 1, phase 1 */
	EXPECT_EQUAL(paper_at(&paper, 1, 2), BLACK);
	EXPECT_EQUAL(paper_at(&paper, 3, 2), 0xff7f7f7f);
	EXPECT_EQUAL(paper_at(&paper, 3, 3), BLACK);
}

UNIT_TEST(text, clips)
{
	struct paper paper;
	struct blend_rectangle clip = { 1, 1, 3, 3 };

	paper_make(&paper);
	for (int32_t y = -20; y < 20; y++) {
		for (int32_t x = -40; x < 40; x += 3)
			paper_write(&paper, x, y,
				    "ABC\xff"
				    "A");
	}
	for (int32_t x = 0; x < WIDTH; x++)
		EXPECT(paper.pixels[x] == WHITE && paper.pixels[(HEIGHT + 1) * WIDTH + x] == WHITE);
	paper_make(&paper);
	font_text_draw(&paper.atlas, &paper.surface, clip, 0, 4, "\xff", 1, BLACK);
	EXPECT_EQUAL(paper_ink(&paper), 4);
	paper_write(&paper, INT32_MIN / 256, 4, "A");
	paper_write(&paper, INT32_MAX / 256, 4, "A");
	EXPECT_EQUAL(paper_ink(&paper), 4);
}

UNIT_TEST(text, measures_and_fits)
{
	struct paper paper;
	const char *text = "AAA\xe2\x82\xac";

	paper_make(&paper);
	EXPECT_EQUAL(font_text_width(&paper.atlas, "", 0), 0);
	EXPECT_EQUAL(font_text_width(&paper.atlas, "AAA", 3), 9);
	EXPECT_EQUAL(font_text_width(&paper.atlas, "AB", 2), 5);  /* 4.5, rounded up */
	EXPECT_EQUAL(font_text_width(&paper.atlas, text, 6), 14); /* one replacement */
	EXPECT_EQUAL(font_text_fit(&paper.atlas, text, 6, 14), 6);
	EXPECT_EQUAL(font_text_fit(&paper.atlas, text, 6, 13), 3);
	EXPECT_EQUAL(font_text_fit(&paper.atlas, text, 6, 8), 2);
	EXPECT_EQUAL(font_text_fit(&paper.atlas, text, 6, -1), 0);
}

UNIT_TEST(text, ends_with_an_ellipsis_where_it_does_not_fit)
{
	struct paper paper;
	struct blend_rectangle all = { 0, 0, WIDTH, HEIGHT };

	paper_make(&paper);
	font_text_draw_fitted(&paper.atlas, &paper.surface, all, 0, 4, 12, "AAAA", 4, BLACK);
	EXPECT_EQUAL(paper_ink(&paper), 16);
	paper_make(&paper);
	/* Two of them and the replacement, which stands for the ellipsis. */
	EXPECT_EQUAL(font_text_draw_fitted(&paper.atlas, &paper.surface, all, 0, 4, 11, "AAAA", 4,
					   BLACK),
		     11);
	EXPECT_EQUAL(paper_ink(&paper), 4 + 4 + 16);
	paper_make(&paper);
	font_text_draw_fitted(&paper.atlas, &paper.surface, all, 0, 4, 2, "AAAA", 4, BLACK);
	EXPECT_EQUAL(paper_ink(&paper), 2 * 4); /* cut off at its place's end */
}

/* Half covered pixels of light text on dark come out lighter than halfway, never beyond. */
UNIT_TEST(text, corrects_light_colours)
{
	struct paper paper;
	struct blend_rectangle all = { 0, 0, WIDTH, HEIGHT };

	paper_make(&paper);
	for (size_t i = 0; i < array_length(paper.pixels); i++)
		paper.pixels[i] = BLACK;
	font_text_draw(&paper.atlas, &paper.surface, all, 0, 4, "BB", 2, WHITE);
	EXPECT((paper_at(&paper, 3, 2) & 0xff) > 0x90 && (paper_at(&paper, 3, 2) & 0xff) < 0xb0);
	EXPECT_EQUAL(paper_at(&paper, 3, 3), WHITE);
	EXPECT_EQUAL(paper_at(&paper, 0, 2), BLACK);
}

UNIT_TEST(text, draws_single_characters)
{
	struct paper paper;
	struct blend_rectangle all = { 0, 0, WIDTH, HEIGHT };

	paper_make(&paper);
	font_glyph_draw(&paper.atlas, &paper.surface, all, 3, 4, 'A', 0x80000000);
	EXPECT_EQUAL(paper_at(&paper, 3, 2), 0xff7f7f7f);
	EXPECT_EQUAL(paper_ink(&paper), 4);
}

struct utf8_case {
	const char *bytes;
	size_t used;
	uint32_t code_point;
};

UNIT_TEST(utf8, decodes)
{
	static const struct utf8_case cases[] = {
		{ "a", 1, 'a' },
		{ "\xc3\xa9", 2, 0xe9 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\x80", 1, 0xfffd },
		{ "\xc0\xaf", 1, 0xfffd },
		{ "\xe0\x80\xaf", 1, 0xfffd },
		{ "\xed\xa0\x80", 1, 0xfffd },
		{ "\xf4\x90\x80\x80", 1, 0xfffd },
		{ "\xff", 1, 0xfffd },
		{ "\xe2\x82", 2, 0xfffd },
		{ "\xe2\x82z", 2, 0xfffd },
		{ "\xf0\x9f\x98", 3, 0xfffd },
	};

	for (size_t i = 0; i < array_length(cases); i++) {
		uint32_t code_point;

		EXPECT_EQUAL(utf8_decode(cases[i].bytes, strlen(cases[i].bytes), &code_point),
			     cases[i].used);
		EXPECT_EQUAL(code_point, cases[i].code_point);
	}
}

UNIT_TEST(utf8, encodes_what_it_decodes)
{
	char bytes[UTF8_BYTES_MAX];

	for (uint32_t wanted = 0; wanted <= 0x110000; wanted += wanted < 0x3000 ? 1 : 97) {
		uint32_t code_point;
		size_t length = utf8_encode(bytes, wanted);
		bool none = wanted > 0x10ffff || (wanted >= 0xd800 && wanted < 0xe000);

		EXPECT_EQUAL(utf8_decode(bytes, length, &code_point), length);
		EXPECT_EQUAL(code_point, none ? UTF8_REPLACEMENT : wanted);
		EXPECT(utf8_is_boundary(bytes[0]));
		for (size_t i = 1; i < length; i++)
			EXPECT(!utf8_is_boundary(bytes[i]));
	}
}
