/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Soft shadows of rectangles with round corners, computed once for a radius and blur: one corner,
 * one edge. The row of a shadow of any size is put together from them.
 */
#pragma once

#include <base/types.h>

#define BLEND_SHADOW_MAX 64 /* blur and radius together */

struct blend_shadow {
	unsigned blur; /* how far it reaches beyond the rectangle, on each side */
	unsigned
		corner; /* side of the square `mask`: blur + radius, and what the blur reaches inside */
	/* The upper left corner of a large shadow, from `blur` pixels outside of the rectangle on;
	 * corner rows of corner bytes. The last row and column are the edges' cross sections. */
	uint8_t mask[2 * BLEND_SHADOW_MAX * 2 * BLEND_SHADOW_MAX];
	uint8_t mirrored[2 * BLEND_SHADOW_MAX * 2 * BLEND_SHADOW_MAX]; /* the upper right one */
};

/* `strength`: the coverage (0 to 255) in the middle. */
void blend_shadow_prepare(struct blend_shadow *shadow, unsigned blur, unsigned radius,
			  uint8_t strength);
/* The coverage of `count` pixels from `x` on in row `y` of the shadow of a rectangle of
 * width x height pixels, whose upper left pixel is (0, 0). What is outside is 0. */
void blend_shadow_row(const struct blend_shadow *shadow, uint8_t *mask, int32_t x, int32_t y,
		      size_t count, int32_t width, int32_t height);
