/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts, round rectangles and pictures in memory, for all that the desktop shows. */
#include "draw.h"

#include <base/string.h>
#include <core/log.h>
#include <font/text.h>
#include <mm/phys/kernel_map.h>

#define SHEET_LARGE (1 << 20) /* pixels */

static struct font_atlas atlases[2]; /* by enum ui_font */
static bool fonts_open;

void draw_set_scale(unsigned scale)
{
	fonts_open = ui_font_open(&atlases[UI_FONT_SANS], UI_FONT_SANS, scale) == 0 &&
		     ui_font_open(&atlases[UI_FONT_BOLD], UI_FONT_BOLD, scale) == 0;
	if (!fonts_open)
		log_error("desktop", "its fonts are damaged: there is no text");
}

int32_t draw_text_width(enum ui_font font, const char *text)
{
	return fonts_open ? font_text_width(&atlases[font], text, strlen(text)) : 0;
}

/* The base line of a text whose capitals are in the middle of the area's height. */
static int32_t base_line(const struct font_atlas *atlas, struct blend_rectangle area)
{
	/* Capitals are about 0.7 em high. */
	int32_t capital = (atlas->header->pixels * 182 + 128) / 256;

	return (area.top + area.bottom + capital) / 2;
}

void draw_text(const struct blend_surface *to, struct blend_rectangle area, enum ui_font font,
	       const char *text, uint32_t colour)
{
	if (fonts_open && area.right > area.left)
		font_text_draw_fitted(&atlases[font], to,
				      blend_rectangle_intersect(area, blend_surface_bounds(to)),
				      area.left, base_line(&atlases[font], area),
				      area.right - area.left, text, strlen(text), colour);
}

void draw_text_centered(const struct blend_surface *to, struct blend_rectangle area,
			enum ui_font font, const char *text, uint32_t colour)
{
	int32_t free = area.right - area.left - draw_text_width(font, text);

	if (free > 0)
		area.left += free / 2;
	draw_text(to, area, font, text, colour);
}

void draw_round(const struct blend_surface *to, struct blend_rectangle area, int32_t radius,
		uint32_t colour)
{
	blend_surface_round(to, blend_surface_bounds(to), area, (unsigned)radius, BLEND_ALL_CORNERS,
			    blend_premultiply(colour));
}

void draw_fill(const struct blend_surface *to, struct blend_rectangle area, uint32_t colour)
{
	blend_surface_fill(to, area, blend_premultiply(colour));
}

size_t sheet_room(size_t pixels)
{
	/* What grows, as title bars do, grows again. */
	return pixels < SHEET_LARGE ? pixels + pixels / 4 : pixels;
}

bool sheet_resize(struct sheet *sheet, int32_t width, int32_t height)
{
	size_t pixels = (size_t)width * (size_t)height;

	if (pixels > sheet->room) {
		size_t room = sheet_room(pixels);
		uint32_t *memory = kernel_vmalloc(room * sizeof(*memory));

		if (!memory)
			return false;
		kernel_vfree(sheet->surface.pixels);
		sheet->surface.pixels = memory;
		sheet->room = room;
	}
	sheet->surface.width = width;
	sheet->surface.height = height;
	sheet->surface.stride = (uint32_t)width;
	return true;
}

void sheet_free(struct sheet *sheet)
{
	kernel_vfree(sheet->surface.pixels);
	*sheet = (struct sheet){ 0 };
}
