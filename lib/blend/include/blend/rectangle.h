/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rectangles, half open: a pixel (x, y) is inside if left <= x < right and top <= y < bottom. */
#pragma once

#include <base/types.h>

/* Coordinates lie within +-BLEND_COORDINATE_MAX, so that sums and differences never overflow. */
#define BLEND_COORDINATE_MAX (1 << 24)

struct blend_rectangle {
	int32_t left, top, right, bottom;
};

static inline struct blend_rectangle blend_rectangle(int32_t x, int32_t y, int32_t width,
						     int32_t height)
{
	return (struct blend_rectangle){ x, y, x + width, y + height };
}

static inline bool blend_rectangle_is_empty(const struct blend_rectangle *rectangle)
{
	return rectangle->left >= rectangle->right || rectangle->top >= rectangle->bottom;
}

static inline struct blend_rectangle blend_rectangle_intersect(struct blend_rectangle a,
							       struct blend_rectangle b)
{
	return (struct blend_rectangle){
		a.left > b.left ? a.left : b.left,
		a.top > b.top ? a.top : b.top,
		a.right < b.right ? a.right : b.right,
		a.bottom < b.bottom ? a.bottom : b.bottom,
	};
}

/* The smallest one that holds both; one that is empty does not count. */
static inline struct blend_rectangle blend_rectangle_unite(struct blend_rectangle a,
							   struct blend_rectangle b)
{
	if (blend_rectangle_is_empty(&a))
		return b;
	if (blend_rectangle_is_empty(&b))
		return a;
	return (struct blend_rectangle){
		a.left < b.left ? a.left : b.left,
		a.top < b.top ? a.top : b.top,
		a.right > b.right ? a.right : b.right,
		a.bottom > b.bottom ? a.bottom : b.bottom,
	};
}
