/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What appears above the windows: launcher, menus, the switcher, notices. */
#include "desktop_priv.h"

void popup_show(struct canvas *canvas, const struct sheet *sheet, int32_t x, int32_t y,
		const struct blend_shadow *shadow, int32_t depth)
{
	const struct blend_rectangle all = blend_surface_bounds(&sheet->surface);
	const int32_t width = rectangle_width(&all), height = rectangle_height(&all);
	struct canvas wanted = {
		.layer = CANVAS_POPUP,
		.x = x,
		.y = y,
		.width = width,
		.height = height,
		.pixels = sheet->surface.pixels,
		.stride = sheet->surface.stride,
		.pixels_width = width,
		.pixels_height = height,
		.scale = 1,
		.opaque = true,
		.alpha = 255,
		.radius = (uint8_t)scaled(FRAME_RADIUS),
		.corners = BLEND_ALL_CORNERS,
		.shadow = shadow,
		.shadow_y = scaled(depth),
		.shadow_width = width,
		.shadow_height = height,
	};

	if (canvas->shown && canvas->x == x && canvas->y == y && canvas->width == width &&
	    canvas->height == height && canvas->pixels == wanted.pixels)
		canvas_damage(canvas, all);
	else
		canvas_replace(canvas, &wanted, NULL);
}
