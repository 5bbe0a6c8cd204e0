/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions: adding and taking away rectangles, in a bounded number of pieces. */
#include <blend/region.h>

static struct blend_rectangle rectangle_clamp(struct blend_rectangle rectangle)
{
	static const struct blend_rectangle all = { -BLEND_COORDINATE_MAX, -BLEND_COORDINATE_MAX,
						    BLEND_COORDINATE_MAX, BLEND_COORDINATE_MAX };

	return blend_rectangle_intersect(rectangle, all);
}

static bool rectangle_overlaps(const struct blend_rectangle *a, const struct blend_rectangle *b)
{
	return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static bool rectangle_contains(const struct blend_rectangle *outer,
			       const struct blend_rectangle *inner)
{
	return outer->left <= inner->left && outer->right >= inner->right &&
	       outer->top <= inner->top && outer->bottom >= inner->bottom;
}

static uint64_t rectangle_area(const struct blend_rectangle *rectangle)
{
	return (uint64_t)(rectangle->right - rectangle->left) *
	       (uint64_t)(rectangle->bottom - rectangle->top);
}

/* What of `from` lies outside of `hole`, which it overlaps: above, below, left, right. */
static unsigned rectangle_split(struct blend_rectangle from, const struct blend_rectangle *hole,
				struct blend_rectangle pieces[4])
{
	unsigned count = 0;

	if (from.top < hole->top) {
		pieces[count] = from;
		pieces[count++].bottom = hole->top;
		from.top = hole->top;
	}
	if (from.bottom > hole->bottom) {
		pieces[count] = from;
		pieces[count++].top = hole->bottom;
		from.bottom = hole->bottom;
	}
	if (from.left < hole->left) {
		pieces[count] = from;
		pieces[count++].right = hole->left;
	}
	if (from.right > hole->right) {
		pieces[count] = from;
		pieces[count++].left = hole->right;
	}
	return count;
}

static void region_remove(struct blend_region *region, unsigned index)
{
	region->rectangles[index] = region->rectangles[--region->count];
}

/* True if the two are one rectangle together. */
static bool rectangles_join(const struct blend_rectangle *a, const struct blend_rectangle *b)
{
	if (a->left == b->left && a->right == b->right)
		return a->bottom == b->top || b->bottom == a->top;
	if (a->top == b->top && a->bottom == b->bottom)
		return a->right == b->left || b->right == a->left;
	return false;
}

/* Puts in a rectangle that overlaps none, together with what it continues. There is room. */
static void region_put(struct blend_region *region, struct blend_rectangle rectangle)
{
	for (unsigned i = 0; i < region->count;) {
		if (rectangles_join(&region->rectangles[i], &rectangle)) {
			rectangle = blend_rectangle_unite(rectangle, region->rectangles[i]);
			region_remove(region, i);
			i = 0;
		} else {
			i++;
		}
	}
	region->rectangles[region->count++] = rectangle;
}

/* The pieces of `rectangle` that the region lacks; false if they are more than there is room for. */
static bool region_find_missing(const struct blend_region *region, struct blend_rectangle rectangle,
				struct blend_region *missing)
{
	missing->count = 1;
	missing->rectangles[0] = rectangle;
	for (unsigned i = 0; i < region->count; i++) {
		if (!blend_region_subtract(missing, region->rectangles[i]))
			return false;
	}
	return region->count + missing->count <= BLEND_REGION_MAX;
}

/* Takes out the rectangle that grows least when it is united with this one; returns the union. */
static struct blend_rectangle region_absorb_neighbour(struct blend_region *region,
						      struct blend_rectangle rectangle)
{
	struct blend_rectangle best = rectangle;
	uint64_t least = UINT64_MAX;
	unsigned at = 0;

	for (unsigned i = 0; i < region->count; i++) {
		struct blend_rectangle both =
			blend_rectangle_unite(region->rectangles[i], rectangle);
		uint64_t grown = rectangle_area(&both) - rectangle_area(&region->rectangles[i]);

		if (grown < least) {
			least = grown;
			best = both;
			at = i;
		}
	}
	region_remove(region, at);
	return best;
}

void blend_region_add(struct blend_region *region, struct blend_rectangle rectangle)
{
	struct blend_region missing;

	rectangle = rectangle_clamp(rectangle);
	if (blend_rectangle_is_empty(&rectangle))
		return;
	for (;;) {
		for (unsigned i = 0; i < region->count;) {
			if (rectangle_contains(&region->rectangles[i], &rectangle))
				return;
			if (rectangle_contains(&rectangle, &region->rectangles[i]))
				region_remove(region, i);
			else
				i++;
		}
		if (region_find_missing(region, rectangle, &missing))
			break;
		rectangle = region_absorb_neighbour(region, rectangle);
	}
	for (unsigned i = 0; i < missing.count; i++)
		region_put(region, missing.rectangles[i]);
}

bool blend_region_subtract(struct blend_region *region, struct blend_rectangle rectangle)
{
	bool complete = true;

	if (blend_rectangle_is_empty(&rectangle))
		return true;
	/* Pieces that are put behind the others do not overlap it: they are looked at in vain. */
	for (unsigned i = 0; i < region->count;) {
		struct blend_rectangle pieces[4];
		unsigned count;

		if (!rectangle_overlaps(&region->rectangles[i], &rectangle)) {
			i++;
			continue;
		}
		count = rectangle_split(region->rectangles[i], &rectangle, pieces);
		if (region->count - 1 + count > BLEND_REGION_MAX) {
			complete = false;
			i++;
			continue;
		}
		region_remove(region, i);
		for (unsigned piece = 0; piece < count; piece++)
			region->rectangles[region->count++] = pieces[piece];
	}
	return complete;
}

void blend_region_intersect(struct blend_region *region, struct blend_rectangle rectangle)
{
	for (unsigned i = 0; i < region->count;) {
		region->rectangles[i] = blend_rectangle_intersect(region->rectangles[i], rectangle);
		if (blend_rectangle_is_empty(&region->rectangles[i]))
			region_remove(region, i);
		else
			i++;
	}
}

bool blend_region_overlaps(const struct blend_region *region, struct blend_rectangle rectangle)
{
	if (blend_rectangle_is_empty(&rectangle))
		return false;
	for (unsigned i = 0; i < region->count; i++) {
		if (rectangle_overlaps(&region->rectangles[i], &rectangle))
			return true;
	}
	return false;
}

struct blend_rectangle blend_region_bounds(const struct blend_region *region)
{
	struct blend_rectangle bounds = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < region->count; i++)
		bounds = blend_rectangle_unite(bounds, region->rectangles[i]);
	return bounds;
}

uint64_t blend_region_area(const struct blend_region *region)
{
	uint64_t area = 0;

	for (unsigned i = 0; i < region->count; i++)
		area += rectangle_area(&region->rectangles[i]);
	return area;
}
