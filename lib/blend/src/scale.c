/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scaled pictures. Positions are those of pixels' centres, in 16.16. Pictures that become larger
 * are interpolated between pixels; of those that become smaller each pixel shows the average of
 * all that it stands for.
 */
#include "clip.h"

/* Positions in 16.16 must fit into 32 bits. */
#define SIDE_MAX 65535

/* One direction of scaling. */
struct axis {
	int32_t begin;  /* where the scaled picture begins */
	uint32_t from;  /* pixels of the picture */
	uint32_t count; /* of the scaled one */
	uint32_t step;
};

static struct axis axis_between(int32_t begin, int32_t end, int32_t from)
{
	struct axis axis = { .begin = begin,
			     .from = (uint32_t)from,
			     .count = (uint32_t)(end - begin) };

	axis.step = (uint32_t)(((uint64_t)axis.from << 16) / axis.count);
	return axis;
}

static uint32_t axis_nearest(const struct axis *axis, int32_t at)
{
	return (uint32_t)((uint64_t)(uint32_t)(at - axis->begin) * axis->step + axis->step / 2);
}

/* May lie before the first pixel's centre. */
static int64_t axis_smooth(const struct axis *axis, int32_t at)
{
	return (int64_t)axis_nearest(axis, at) - 0x8000;
}

static void scale_nearest(const struct blend_surface *to, struct blend_rectangle part,
			  const struct blend_surface *from, const struct axis *across,
			  const struct axis *down)
{
	const struct blend_ops *ops = blend_best();

	for (int32_t y = part.top; y < part.bottom; y++) {
		int32_t row = (int32_t)(axis_nearest(down, y) >> 16);

		ops->scale_nearest(blend_surface_at(to, part.left, y),
				   (size_t)(part.right - part.left), blend_surface_at(from, 0, row),
				   across->from, axis_nearest(across, part.left), across->step);
	}
}

static void scale_bilinear(const struct blend_surface *to, struct blend_rectangle part,
			   const struct blend_surface *from, const struct axis *across,
			   const struct axis *down)
{
	const struct blend_ops *ops = blend_best();
	int32_t inside = part.left; /* the first that has a pixel's centre at its left */

	while (inside < part.right && axis_smooth(across, inside) < 0)
		inside++;
	for (int32_t y = part.top; y < part.bottom; y++) {
		int64_t position = axis_smooth(down, y);
		uint32_t at = position < 0 ? 0 : (uint32_t)position;
		int32_t row = (int32_t)(at >> 16);
		const uint32_t *upper = blend_surface_at(from, 0, row);
		const uint32_t *lower = row + 1 < from->height ? upper + from->stride : upper;
		uint32_t *pixels = blend_surface_at(to, 0, y);

		ops->scale_bilinear(pixels + part.left, (size_t)(inside - part.left), upper, lower,
				    across->from, 0, 0, at >> 8 & 0xff);
		if (inside < part.right)
			ops->scale_bilinear(pixels + inside, (size_t)(part.right - inside), upper,
					    lower, across->from,
					    (uint32_t)axis_smooth(across, inside), across->step,
					    at >> 8 & 0xff);
	}
}

/* The pixels of the picture that pixel `at` stands for: at least one. */
static void axis_box(const struct axis *axis, int32_t at, int32_t *begin, int32_t *end)
{
	uint64_t place = (uint32_t)(at - axis->begin);

	*begin = (int32_t)(place * axis->from / axis->count);
	*end = (int32_t)((place + 1) * axis->from / axis->count);
	if (*end <= *begin)
		*end = *begin + 1;
}

static uint32_t box_average(const struct blend_surface *from, struct blend_rectangle box)
{
	uint64_t low = 0, high = 0; /* two sums of 32 bits each */
	uint64_t count = (uint64_t)(box.right - box.left) * (uint64_t)(box.bottom - box.top);
	uint64_t half = count / 2;

	for (int32_t y = box.top; y < box.bottom; y++) {
		const uint32_t *row = blend_surface_at(from, 0, y);

		for (int32_t x = box.left; x < box.right; x++) {
			low += (row[x] & 0xff) | (uint64_t)(row[x] & 0xff0000) << 16;
			high += (row[x] >> 8 & 0xff) | (uint64_t)(row[x] >> 24) << 32;
		}
	}
	return (uint32_t)(((low & UINT32_MAX) + half) / count |
			  ((high & UINT32_MAX) + half) / count << 8 |
			  ((low >> 32) + half) / count << 16 | ((high >> 32) + half) / count << 24);
}

static void scale_average(const struct blend_surface *to, struct blend_rectangle part,
			  const struct blend_surface *from, const struct axis *across,
			  const struct axis *down)
{
	for (int32_t y = part.top; y < part.bottom; y++) {
		struct blend_rectangle box;

		axis_box(down, y, &box.top, &box.bottom);
		for (int32_t x = part.left; x < part.right; x++) {
			axis_box(across, x, &box.left, &box.right);
			*blend_surface_at(to, x, y) = box_average(from, box);
		}
	}
}

void blend_surface_scale(const struct blend_surface *to, struct blend_rectangle clip,
			 struct blend_rectangle area, const struct blend_surface *from, bool smooth)
{
	struct blend_rectangle part = surface_clip(to, clip, area);
	struct axis across, down;

	if (blend_rectangle_is_empty(&part) || from->width < 1 || from->height < 1 ||
	    from->width > SIDE_MAX || from->height > SIDE_MAX)
		return;
	across = axis_between(area.left, area.right, from->width);
	down = axis_between(area.top, area.bottom, from->height);
	if (!smooth)
		scale_nearest(to, part, from, &across, &down);
	else if (across.count < across.from || down.count < down.from)
		scale_average(to, part, from, &across, &down);
	else
		scale_bilinear(to, part, from, &across, &down);
}
