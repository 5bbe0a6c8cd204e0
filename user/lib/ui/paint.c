/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing, within a painter's clip. See paint.h. */
#include <blend/shadow.h>
#include <font/text.h>
#include <string.h>

#include "ui_priv.h"

#define SHADOW_BLUR   20
#define SHADOW_RADIUS 10
#define SHADOW_DOWN   6 /* points that it lies lower */

int ui_line_height(const struct ui *ui, enum ui_font font)
{
	return ui->fonts[font].header->line_height;
}

int ui_text_width(const struct ui *ui, enum ui_font font, const char *text, size_t length)
{
	return font_text_width(&ui->fonts[font], text, length);
}

struct ui_painter ui_painter_within(const struct ui_painter *painter, struct blend_rectangle area)
{
	struct ui_painter inner = *painter;

	inner.clip = blend_rectangle_intersect(painter->clip, area);
	return inner;
}

void ui_paint_fill(struct ui_painter *painter, struct blend_rectangle area, uint32_t colour)
{
	area = blend_rectangle_intersect(area, painter->clip);
	if (blend_rectangle_is_empty(&area))
		return;
	if (blend_alpha(colour) == 255)
		blend_surface_fill(painter->surface, area, colour);
	else if (colour)
		blend_surface_tint(painter->surface, area, colour);
}

void ui_paint_round(struct ui_painter *painter, struct blend_rectangle area, int radius,
		    uint32_t colour)
{
	blend_surface_round(painter->surface, painter->clip, area,
			    radius > 0 ? (unsigned)radius : 0, BLEND_ALL_CORNERS, colour);
}

void ui_paint_outline(struct ui_painter *painter, struct blend_rectangle area, int radius,
		      int width, uint32_t colour)
{
	blend_surface_outline(painter->surface, painter->clip, area,
			      radius > 0 ? (unsigned)radius : 0, (unsigned)width, colour);
}

void ui_paint_line(struct ui_painter *painter, int x1, int y1, int x2, int y2, unsigned width,
		   uint32_t colour)
{
	blend_surface_line(painter->surface, painter->clip, x1, y1, x2, y2, width, colour);
}

void ui_paint_disc(struct ui_painter *painter, int x, int y, int radius, uint32_t colour)
{
	blend_surface_disc(painter->surface, painter->clip, x, y, (unsigned)radius, colour);
}

void ui_paint_stroke(struct ui_painter *painter, int x1, int y1, int x2, int y2, int width,
		     uint32_t colour)
{
	blend_surface_stroke(painter->surface, painter->clip, x1, y1, x2, y2, (unsigned)width,
			     colour);
}

void ui_paint_polygon(struct ui_painter *painter, const struct blend_point *points, unsigned count,
		      uint32_t colour)
{
	blend_surface_polygon(painter->surface, painter->clip, points, count, colour);
}

void ui_paint_text(struct ui_painter *painter, struct blend_rectangle area, enum ui_font font,
		   enum ui_align align, const char *text, uint32_t colour)
{
	const struct font_atlas *atlas = &painter->ui->fonts[font];
	const struct font_atlas_header *header = atlas->header;
	struct ui_painter inner = ui_painter_within(painter, area);
	size_t length = strlen(text);
	int room = area.right - area.left, width = font_text_width(atlas, text, length);
	int x = area.left;
	int base = area.top + (area.bottom - area.top - header->line_height) / 2 + header->ascent;

	if (length == 0 || room <= 0 || blend_rectangle_is_empty(&inner.clip))
		return;
	if (width > room) {
		font_text_draw_fitted(atlas, painter->surface, inner.clip, x, base, room, text,
				      length, colour);
		return;
	}
	if (align == UI_ALIGN_CENTRE)
		x += (room - width) / 2;
	else if (align == UI_ALIGN_RIGHT)
		x += room - width;
	font_text_draw(atlas, painter->surface, inner.clip, x, base, text, length, colour);
}

int ui_paint_text_at(struct ui_painter *painter, int x, int y, enum ui_font font, const char *text,
		     size_t length, uint32_t colour)
{
	const struct font_atlas *atlas = &painter->ui->fonts[font];

	return font_text_draw(atlas, painter->surface, painter->clip, x, y + atlas->header->ascent,
			      text, length, colour);
}

void ui_paint_icon(struct ui_painter *painter, struct blend_rectangle area, enum ui_icon icon,
		   int size, uint32_t colour)
{
	int side = ui_pixels(painter->ui, size);
	int x = area.left + (area.right - area.left - side) / 2;
	int y = area.top + (area.bottom - area.top - side) / 2;

	for (unsigned part = 0; part < ui_icon_parts(icon); part++) {
		uint32_t own;
		const uint8_t *mask = ui_icon_mask(icon, part, side, &own);

		blend_surface_mask(painter->surface, painter->clip, mask, (size_t)side, x, y, side,
				   side, own ? own : colour);
	}
}

void ui_paint_shadow(struct ui_painter *painter, struct blend_rectangle area)
{
	static struct blend_shadow shadow;
	static int prepared; /* for this scale */
	struct ui *ui = painter->ui;
	int blur = ui_pixels(ui, SHADOW_BLUR), down = ui_pixels(ui, SHADOW_DOWN);
	struct blend_rectangle reach = { area.left - blur, area.top - blur + down,
					 area.right + blur, area.bottom + blur + down };
	uint8_t mask[4096];

	if (prepared != ui->scale)
		blend_shadow_prepare(&shadow, (unsigned)blur,
				     (unsigned)ui_pixels(ui, SHADOW_RADIUS), 255);
	prepared = ui->scale;
	reach = blend_rectangle_intersect(reach, painter->clip);
	reach = blend_rectangle_intersect(reach, blend_surface_bounds(painter->surface));
	for (int y = reach.top; y < reach.bottom; y++)
		for (int x = reach.left; x < reach.right; x += (int)sizeof(mask)) {
			int count = reach.right - x;

			if (count > (int)sizeof(mask))
				count = (int)sizeof(mask);
			blend_shadow_row(&shadow, mask, x - area.left, y - area.top - down,
					 (size_t)count, area.right - area.left,
					 area.bottom - area.top);
			blend_best()->over_colour(blend_surface_at(painter->surface, x, y), mask,
						  (size_t)count, ui_colour(ui, UI_COLOUR_SHADOW));
		}
}
