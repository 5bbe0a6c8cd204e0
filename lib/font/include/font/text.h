/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text: lines of UTF-8 drawn with an atlas. Bytes that are no UTF-8 show as the replacement.
 * Uses vector registers, as lib/blend does.
 */
#pragma once

#include <blend/surface.h>
#include <font/atlas.h>

/* Draws one line, its pen starting at `x` on the base line `y`; `colour` is 0xAARRGGBB, not
 * premultiplied. Coverage is corrected for how light the colour is, so that light on dark looks as heavy
 * as dark on light. Returns where the pen is then, in pixels, rounded. */
int32_t font_text_draw(const struct font_atlas *atlas, const struct blend_surface *to,
		       struct blend_rectangle clip, int32_t x, int32_t y, const char *text,
		       size_t length, uint32_t colour);
/* How far the pen goes, in pixels, rounded up. */
int32_t font_text_width(const struct font_atlas *atlas, const char *text, size_t length);
/* How many bytes of the text, whole characters, fit into `width` pixels. */
size_t font_text_fit(const struct font_atlas *atlas, const char *text, size_t length,
		     int32_t width);
/* Draws what fits into `width` pixels, with an ellipsis at the end where not all does. */
int32_t font_text_draw_fitted(const struct font_atlas *atlas, const struct blend_surface *to,
			      struct blend_rectangle clip, int32_t x, int32_t y, int32_t width,
			      const char *text, size_t length, uint32_t colour);
/* One character (of a monospaced font: a cell's), whatever its advance is. */
void font_glyph_draw(const struct font_atlas *atlas, const struct blend_surface *to,
		     struct blend_rectangle clip, int32_t x, int32_t y, uint32_t code_point,
		     uint32_t colour);
