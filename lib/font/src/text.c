/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text: a pen walks along the base line in 1/64 pixel, and each glyph's picture is laid over the surface
 * where the pen stands, row by row.
 *
 * Blending happens in the numbers of the pixels, which are not light: at half coverage, light
 * on dark comes out too dark, and so too thin. The lighter the colour, the more its partial coverage is
 * raised: c + c * (1 - c) * lightness / 2.
 */
#include <blend/blend.h>
#include <font/text.h>
#include <font/utf8.h>

#define ELLIPSIS       0x2026u
#define PEN_UNITS      64
#define PEN_MAXIMUM    ((int64_t)BLEND_COORDINATE_MAX * PEN_UNITS)
#define LIGHTNESS_NONE 32 /* below it, colours need no help */

/* What text is drawn with. */
struct text_ink {
	const struct blend_ops *ops;
	const struct blend_surface *to;
	struct blend_rectangle clip;
	uint32_t colour;   /* premultiplied */
	uint32_t strength; /* of the correction: 0, or up to 128 */
};

static uint32_t colour_lightness(uint32_t colour)
{
	uint32_t red = colour >> 16 & 0xff;
	uint32_t green = colour >> 8 & 0xff;
	uint32_t blue = colour & 0xff;

	return (2 * red + 5 * green + blue) / 8;
}

static struct text_ink text_ink(const struct blend_surface *to, struct blend_rectangle clip,
				uint32_t colour)
{
	uint32_t lightness = colour_lightness(colour);

	return (struct text_ink){
		.ops = blend_best(),
		.to = to,
		.clip = blend_rectangle_intersect(clip, blend_surface_bounds(to)),
		.colour = blend_premultiply(colour),
		.strength = lightness < LIGHTNESS_NONE ? 0 : lightness / 2,
	};
}

static void coverage_correct(uint8_t *to, const uint8_t *from, int32_t count, uint32_t strength)
{
	for (int32_t i = 0; i < count; i++) {
		uint32_t coverage = from[i];

		to[i] = (uint8_t)(coverage + (coverage * (255 - coverage) * strength >> 16));
	}
}

/* Lays a picture over the surface, its pen at (x, y). */
static void ink_glyph(const struct text_ink *ink, const struct font_atlas *atlas,
		      const struct font_glyph *glyph, int32_t x, int32_t y)
{
	struct blend_rectangle area =
		blend_rectangle(x + glyph->left, y - glyph->top, glyph->width, glyph->height);
	struct blend_rectangle seen = blend_rectangle_intersect(area, ink->clip);
	const uint8_t *coverage = font_atlas_coverage(atlas, glyph);
	uint8_t corrected[FONT_ATLAS_SIDE_MAX];
	int32_t count = seen.right - seen.left;

	if (blend_rectangle_is_empty(&seen))
		return;
	coverage += (size_t)(seen.top - area.top) * glyph->width + (seen.left - area.left);
	for (int32_t row = seen.top; row < seen.bottom; row++, coverage += glyph->width) {
		const uint8_t *mask = coverage;

		if (ink->strength > 0) {
			coverage_correct(corrected, coverage, count, ink->strength);
			mask = corrected;
		}
		ink->ops->over_colour(blend_surface_at(ink->to, seen.left, row), mask,
				      (size_t)count, ink->colour);
	}
}

/* A pen on its way along a text. */
struct text_pen {
	const struct font_atlas *atlas;
	int64_t place; /* 1/64 pixel, right of where it began */
	uint32_t last; /* the glyph before; glyph_count: none */
};

static struct text_pen pen_start(const struct font_atlas *atlas)
{
	return (struct text_pen){ .atlas = atlas, .last = atlas->header->glyph_count };
}

/* Takes the next character's glyph; `place` is where that stands then. */
static uint32_t pen_next(struct text_pen *pen, uint32_t code_point)
{
	uint32_t glyph = font_atlas_index(pen->atlas, code_point);

	if (pen->atlas->header->kerning_count > 0 && pen->last < pen->atlas->header->glyph_count)
		pen->place += font_atlas_kerning(pen->atlas, pen->last, glyph);
	pen->last = glyph;
	return glyph;
}

static void pen_advance(struct text_pen *pen, uint32_t glyph)
{
	pen->place += pen->atlas->glyphs[glyph * pen->atlas->header->phases].advance;
}

/* The pixel that a place is in. */
static int32_t place_pixel(int64_t place)
{
	return (int32_t)((place - (place & (PEN_UNITS - 1))) / PEN_UNITS);
}

static int32_t pen_pixels(const struct text_pen *pen, int64_t more)
{
	int64_t place = pen->place + more;

	if (place > PEN_MAXIMUM)
		place = PEN_MAXIMUM;
	return place_pixel(place);
}

/* Draws a glyph at the pen, which began at `x`. */
static void pen_draw(const struct text_pen *pen, const struct text_ink *ink, uint32_t glyph,
		     int32_t x, int32_t y)
{
	unsigned phases = pen->atlas->header->phases;
	int64_t place = pen->place + PEN_UNITS / 2 / phases;
	unsigned phase = (unsigned)(place & (PEN_UNITS - 1)) * phases / PEN_UNITS;

	if (place >= PEN_MAXIMUM || place < -PEN_MAXIMUM)
		return;
	ink_glyph(ink, pen->atlas, &pen->atlas->glyphs[glyph * phases + phase],
		  x + place_pixel(place), y);
}

/* Walks the text, and draws it if there is `ink`. */
static struct text_pen text_walk(const struct font_atlas *atlas, const struct text_ink *ink,
				 int32_t x, int32_t y, const char *text, size_t length)
{
	struct text_pen pen = pen_start(atlas);

	while (length > 0) {
		uint32_t code_point;
		size_t used = utf8_decode(text, length, &code_point);
		uint32_t glyph = pen_next(&pen, code_point);

		if (ink)
			pen_draw(&pen, ink, glyph, x, y);
		pen_advance(&pen, glyph);
		text += used;
		length -= used;
	}
	return pen;
}

int32_t font_text_draw(const struct font_atlas *atlas, const struct blend_surface *to,
		       struct blend_rectangle clip, int32_t x, int32_t y, const char *text,
		       size_t length, uint32_t colour)
{
	struct text_ink ink = text_ink(to, clip, colour);
	struct text_pen pen = text_walk(atlas, &ink, x, y, text, length);

	return x + pen_pixels(&pen, PEN_UNITS / 2);
}

int32_t font_text_width(const struct font_atlas *atlas, const char *text, size_t length)
{
	struct text_pen pen = text_walk(atlas, NULL, 0, 0, text, length);

	return pen_pixels(&pen, PEN_UNITS - 1);
}

size_t font_text_fit(const struct font_atlas *atlas, const char *text, size_t length, int32_t width)
{
	struct text_pen pen = pen_start(atlas);
	size_t fits = 0;

	while (fits < length) {
		uint32_t code_point;
		size_t used = utf8_decode(text + fits, length - fits, &code_point);

		pen_advance(&pen, pen_next(&pen, code_point));
		if (pen_pixels(&pen, PEN_UNITS - 1) > width)
			break;
		fits += used;
	}
	return fits;
}

int32_t font_text_draw_fitted(const struct font_atlas *atlas, const struct blend_surface *to,
			      struct blend_rectangle clip, int32_t x, int32_t y, int32_t width,
			      const char *text, size_t length, uint32_t colour)
{
	const struct font_glyph *ellipsis = font_atlas_glyph(atlas, ELLIPSIS);
	struct text_ink ink;
	struct text_pen pen;
	uint32_t glyph;
	size_t fits;

	if (font_text_fit(atlas, text, length, width) == length)
		return font_text_draw(atlas, to, clip, x, y, text, length, colour);
	if (clip.right > x + width)
		clip.right = x + width;
	ink = text_ink(to, clip, colour);
	width -= (ellipsis->advance + PEN_UNITS - 1) / PEN_UNITS;
	fits = font_text_fit(atlas, text, length, width);
	while (fits > 0 && text[fits - 1] == ' ')
		fits--;
	pen = text_walk(atlas, &ink, x, y, text, fits);
	glyph = pen_next(&pen, ELLIPSIS);
	pen_draw(&pen, &ink, glyph, x, y);
	pen_advance(&pen, glyph);
	return x + pen_pixels(&pen, PEN_UNITS / 2);
}

void font_glyph_draw(const struct font_atlas *atlas, const struct blend_surface *to,
		     struct blend_rectangle clip, int32_t x, int32_t y, uint32_t code_point,
		     uint32_t colour)
{
	struct text_ink ink = text_ink(to, clip, colour);

	ink_glyph(&ink, atlas, font_atlas_glyph(atlas, code_point), x, y);
}
