/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the drawing functions share: clipping, roots of integers. */
#pragma once

#include <blend/surface.h>

/* What of `area` may be drawn into. */
static inline struct blend_rectangle surface_clip(const struct blend_surface *to,
						  struct blend_rectangle clip,
						  struct blend_rectangle area)
{
	return blend_rectangle_intersect(blend_rectangle_intersect(area, clip),
					 blend_surface_bounds(to));
}

static inline int32_t clamp_i32(int64_t value, int32_t least, int32_t most)
{
	if (value < least)
		return least;
	return value > most ? most : (int32_t)value;
}

/* The largest integer whose square is not above the value. */
static inline uint32_t square_root(uint64_t value)
{
	uint64_t root = 0;
	uint64_t bit;

	if (!value)
		return 0;
	for (bit = 1ull << ((63 - (unsigned)__builtin_clzll(value)) & ~1u); bit; bit >>= 2) {
		if (value >= root + bit) {
			value -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return (uint32_t)root;
}
