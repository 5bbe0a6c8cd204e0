/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regions: sets of pixels, kept as rectangles that do not overlap. They hold at most
 * BLEND_REGION_MAX of them, without any memory beside: what would need more becomes larger (where
 * pixels may be added) or is left as it was (where they may not).
 */
#pragma once

#include <blend/rectangle.h>

#define BLEND_REGION_MAX 64

struct blend_region {
	unsigned count;
	struct blend_rectangle rectangles[BLEND_REGION_MAX];
};

static inline void blend_region_clear(struct blend_region *region)
{
	region->count = 0;
}

/* Adds a rectangle; where there is no room for the pieces, neighbours are united, and the region
 * holds pixels that nobody added. */
void blend_region_add(struct blend_region *region, struct blend_rectangle rectangle);
/* Takes a rectangle away. Where there is no room for the pieces, some of it stays: false. */
bool blend_region_subtract(struct blend_region *region, struct blend_rectangle rectangle);
/* Keeps what lies in the rectangle. */
void blend_region_intersect(struct blend_region *region, struct blend_rectangle rectangle);
bool blend_region_overlaps(const struct blend_region *region, struct blend_rectangle rectangle);
/* The smallest rectangle around it. */
struct blend_rectangle blend_region_bounds(const struct blend_region *region);
uint64_t blend_region_area(const struct blend_region *region);
