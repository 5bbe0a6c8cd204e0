/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desktop's parts draw with: texts in its fonts, icons. Boot thread only (vector registers). */
#pragma once

#include <blend/surface.h>
#include <font/ui_fonts.h>

/* Takes the fonts of that scale. Without them there is no text. */
void draw_set_scale(unsigned scale);

/* A line of text, as much of it as fits, in the middle of the height of `area`; colours are
 * 0xAARRGGBB. */
void draw_text(const struct blend_surface *to, struct blend_rectangle area, enum ui_font font,
	       const char *text, uint32_t colour);
void draw_text_centered(const struct blend_surface *to, struct blend_rectangle area,
			enum ui_font font, const char *text, uint32_t colour);
int32_t draw_text_width(enum ui_font font, const char *text);

/* Rectangles with round corners. */
void draw_round(const struct blend_surface *to, struct blend_rectangle area, int32_t radius,
		uint32_t colour);

/* Replaces what is there. */
void draw_fill(const struct blend_surface *to, struct blend_rectangle area, uint32_t colour);

/* A picture by its name (session.h), in a square. */
void draw_icon(const struct blend_surface *to, struct blend_rectangle square, const char *name);

/* Symbols of one colour, in a square. */
enum symbol {
	SYMBOL_LAUNCHER,
	SYMBOL_CLOSE,
	SYMBOL_MAXIMIZE,
	SYMBOL_RESTORE,
	SYMBOL_MINIMIZE,
	SYMBOL_SEARCH,
	SYMBOL_POWER,
	SYMBOL_RESTART,
	SYMBOL_SLEEP,
	SYMBOL_SUN,
	SYMBOL_MOON,
};
void draw_symbol(const struct blend_surface *to, struct blend_rectangle square, enum symbol symbol,
		 uint32_t colour);

/* A picture in memory of its own, for a canvas. */
struct sheet {
	struct blend_surface surface;
	size_t room; /* pixels allocated */
};

/* For how many pixels a sheet that is to have so many gets memory. */
size_t sheet_room(size_t pixels);
/* Makes it that large; its pixels are undefined. False: out of memory, it is as it was. */
bool sheet_resize(struct sheet *sheet, int32_t width, int32_t height);
void sheet_free(struct sheet *sheet);
