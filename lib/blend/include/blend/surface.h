/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Surfaces: pictures in memory that can be drawn into, in rectangles and shapes instead of rows. All
 * functions clip to the surface and, where they have one, to `clip`. As those of blend.h they use
 * vector registers. Colours are premultiplied unless a name says otherwise.
 */
#pragma once

#include <blend/blend.h>
#include <blend/rectangle.h>

struct blend_surface {
	uint32_t *pixels;
	int32_t width, height;
	uint32_t stride; /* pixels from one row to the next */
};

static inline struct blend_rectangle blend_surface_bounds(const struct blend_surface *surface)
{
	return (struct blend_rectangle){ 0, 0, surface->width, surface->height };
}

static inline uint32_t *blend_surface_at(const struct blend_surface *surface, int32_t x, int32_t y)
{
	return surface->pixels + (size_t)y * surface->stride + x;
}

/* Replaces what is there. */
void blend_surface_fill(const struct blend_surface *to, struct blend_rectangle area,
			uint32_t pixel);
/* OVER what is there. */
void blend_surface_tint(const struct blend_surface *to, struct blend_rectangle area,
			uint32_t colour);
/* Replaces what is there by shades between two colours, from the top of `area` to its bottom, without
 * visible steps. */
void blend_surface_gradient(const struct blend_surface *to, struct blend_rectangle clip,
			    struct blend_rectangle area, uint32_t upper, uint32_t lower);
/* Copies `from`, its upper left corner at (x, y) of `to`; `over`: blends. */
void blend_surface_draw(const struct blend_surface *to, struct blend_rectangle clip,
			const struct blend_surface *from, int32_t x, int32_t y, bool over);
/* Scales all of `from` to fill `area`; `smooth`: bilinear, else the nearest pixel. */
void blend_surface_scale(const struct blend_surface *to, struct blend_rectangle clip,
			 struct blend_rectangle area, const struct blend_surface *from,
			 bool smooth);
/* Coverage of `stride` bytes a row, as glyphs have it, in one colour. */
void blend_surface_mask(const struct blend_surface *to, struct blend_rectangle clip,
			const uint8_t *mask, size_t stride, int32_t x, int32_t y, int32_t width,
			int32_t height, uint32_t colour);

/* Which corners are round. */
enum blend_corners {
	BLEND_TOP_LEFT = 1 << 0,
	BLEND_TOP_RIGHT = 1 << 1,
	BLEND_BOTTOM_LEFT = 1 << 2,
	BLEND_BOTTOM_RIGHT = 1 << 3,
	BLEND_ALL_CORNERS = 15,
};

#define BLEND_RADIUS_MAX 64

/* The coverage of a round corner: radius * radius bytes, of the upper left one (mirror it for the
 * others), anti-aliased. */
void blend_corner_mask(uint8_t *mask, unsigned radius);
/* A filled rectangle with round corners, and the outline of one, `width` pixels wide, inside of
 * `area`. */
void blend_surface_round(const struct blend_surface *to, struct blend_rectangle clip,
			 struct blend_rectangle area, unsigned radius, unsigned corners,
			 uint32_t colour);
void blend_surface_outline(const struct blend_surface *to, struct blend_rectangle clip,
			   struct blend_rectangle area, unsigned radius, unsigned width,
			   uint32_t colour);

/* What follows has coordinates in 1/16 pixel: pixel (x, y) is the square from (16 x, 16 y) to
 * (16 x + 16, 16 y + 16). All is anti-aliased. What has coordinates beyond BLEND_POINT_MAX is not
 * drawn. */
#define BLEND_POINT_MAX (1 << 20)

/* A line of any direction, `width` pixels wide, with round ends; and one whose width is in 1/16 pixel,
 * too. */
void blend_surface_line(const struct blend_surface *to, struct blend_rectangle clip, int32_t x1,
			int32_t y1, int32_t x2, int32_t y2, unsigned width, uint32_t colour);
void blend_surface_stroke(const struct blend_surface *to, struct blend_rectangle clip, int32_t x1,
			  int32_t y1, int32_t x2, int32_t y2, unsigned width, uint32_t colour);
/* A filled circle; the radius is in 1/16 pixel as well. */
void blend_surface_disc(const struct blend_surface *to, struct blend_rectangle clip, int32_t x,
			int32_t y, unsigned radius, uint32_t colour);

struct blend_point {
	int32_t x, y;
};

/* A filled polygon whose edges do not cross each other. */
void blend_surface_polygon(const struct blend_surface *to, struct blend_rectangle clip,
			   const struct blend_point *points, unsigned count, uint32_t colour);
