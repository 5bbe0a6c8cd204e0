/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shadows: the coverage of a round corner, made soft by three averages over neighbours in each
 * direction (which comes near to a Gaussian one).
 */
#include <base/string.h>
#include <blend/shadow.h>
#include <blend/surface.h>

#define SIDE_MAX (2 * BLEND_SHADOW_MAX)

/* Replaces `count` values, `stride` bytes apart, by the average over `reach` neighbours on both
 * sides. Before the first all are 0, behind the last all are as that. */
static void line_soften(uint8_t *line, unsigned count, size_t stride, unsigned reach)
{
	uint8_t old[SIDE_MAX] = { 0 };
	unsigned width = 2 * reach + 1;
	unsigned sum = 0;

	for (unsigned i = 0; i < count; i++)
		old[i] = line[i * stride];
	for (unsigned i = 0; i < reach; i++)
		sum += old[i < count ? i : count - 1];
	for (unsigned i = 0; i < count; i++) {
		unsigned enters = i + reach < count ? i + reach : count - 1;

		sum += old[enters];
		if (i > reach)
			sum -= old[i - reach - 1];
		line[i * stride] = (uint8_t)((sum + width / 2) / width);
	}
}

static void draw_corner(struct blend_shadow *shadow, unsigned radius)
{
	uint8_t corner[BLEND_RADIUS_MAX * BLEND_RADIUS_MAX];
	unsigned side = shadow->corner;

	memset(shadow->mask, 0, sizeof(shadow->mask));
	for (unsigned y = shadow->blur; y < side; y++)
		memset(shadow->mask + y * side + shadow->blur, 255, side - shadow->blur);
	blend_corner_mask(corner, radius);
	for (unsigned y = 0; y < radius; y++)
		memcpy(shadow->mask + (shadow->blur + y) * side + shadow->blur, corner + y * radius,
		       radius);
}

static void soften(struct blend_shadow *shadow)
{
	unsigned side = shadow->corner;

	for (unsigned pass = 0; pass < 3; pass++) {
		/* Together they reach as far as the whole blur. */
		unsigned reach = (shadow->blur + pass) / 3;

		for (unsigned i = 0; i < side; i++)
			line_soften(shadow->mask + i * side, side, 1, reach);
		for (unsigned i = 0; i < side; i++)
			line_soften(shadow->mask + i, side, side, reach);
	}
}

void blend_shadow_prepare(struct blend_shadow *shadow, unsigned blur, unsigned radius,
			  uint8_t strength)
{
	if (blur > BLEND_SHADOW_MAX - 1)
		blur = BLEND_SHADOW_MAX - 1;
	if (radius > BLEND_SHADOW_MAX - 1 - blur)
		radius = BLEND_SHADOW_MAX - 1 - blur;
	shadow->blur = blur;
	shadow->corner = 2 * blur + radius + 1;
	draw_corner(shadow, radius);
	soften(shadow);
	for (unsigned i = 0; i < shadow->corner * shadow->corner; i++)
		shadow->mask[i] = blend_multiply(shadow->mask[i], strength);
	for (unsigned y = 0; y < shadow->corner; y++) {
		const uint8_t *row = shadow->mask + y * shadow->corner;
		uint8_t *mirrored = shadow->mirrored + y * shadow->corner;

		for (unsigned x = 0; x < shadow->corner; x++)
			mirrored[x] = row[shadow->corner - 1 - x];
	}
}

/* The row of the corner for a place in a shadow of `size`; false: outside of it. */
static bool shadow_place(const struct blend_shadow *shadow, int32_t at, int32_t size,
			 unsigned *place)
{
	int32_t blur = (int32_t)shadow->blur;
	int32_t before = at + blur;
	int32_t behind = size - 1 - at + blur;
	int32_t nearer = before < behind ? before : behind;

	if (nearer < 0)
		return false;
	*place = (unsigned)nearer < shadow->corner ? (unsigned)nearer : shadow->corner - 1;
	return true;
}

static int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

void blend_shadow_row(const struct blend_shadow *shadow, uint8_t *mask, int32_t x, int32_t y,
		      size_t count, int32_t width, int32_t height)
{
	int32_t side = (int32_t)shadow->corner;
	int32_t blur = (int32_t)shadow->blur;
	int32_t end = x + (int32_t)count;
	/* Where the left part ends and the right one begins: in narrow shadows both in the middle. */
	int32_t left = least(side - blur, (width + 1) / 2);
	int32_t right = most(width - side + blur, left);
	const uint8_t *row, *mirrored;
	unsigned place;
	int32_t at = most(x, -blur);
	int32_t stop;

	if (!shadow_place(shadow, y, height, &place) || at >= end || x >= width + blur) {
		memset(mask, 0, count);
		return;
	}
	row = shadow->mask + place * shadow->corner;
	mirrored = shadow->mirrored + place * shadow->corner;
	memset(mask, 0, (size_t)(at - x));
	stop = least(left, end);
	if (at < stop) {
		memcpy(mask + (at - x), row + at + blur, (size_t)(stop - at));
		at = stop;
	}
	stop = least(right, end);
	if (at < stop) {
		memset(mask + (at - x), row[side - 1], (size_t)(stop - at));
		at = stop;
	}
	stop = least(width + blur, end);
	if (at < stop) {
		memcpy(mask + (at - x), mirrored + (side - (width + blur - at)),
		       (size_t)(stop - at));
		at = stop;
	}
	memset(mask + (at - x), 0, (size_t)(end - at));
}
