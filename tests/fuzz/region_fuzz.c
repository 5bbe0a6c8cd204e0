/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Adds rectangles to a region and takes some away, as the input says, and follows in a picture: the
 * region must hold all that was added, and no more where it had room.
 */
#include <base/string.h>
#include <blend/region.h>

#include "fuzz.h"

#define SIDE 48

struct picture {
	uint8_t inside[SIDE][SIDE];
};

static void picture_set(struct picture *picture, struct blend_rectangle area, uint8_t value)
{
	for (int y = area.top; y < area.bottom; y++) {
		for (int x = area.left; x < area.right; x++)
			picture->inside[y][x] = value;
	}
}

/* Fills `wanted` up to what the region holds; what it holds beside is only allowed if `may_grow`. */
static void region_follow(const struct blend_region *region, struct picture *wanted, bool may_grow)
{
	struct picture got = { 0 };
	uint64_t area = 0;

	FUZZ_CHECK(region->count <= BLEND_REGION_MAX);
	for (unsigned i = 0; i < region->count; i++) {
		struct blend_rectangle part = region->rectangles[i];

		FUZZ_CHECK(!blend_rectangle_is_empty(&part));
		FUZZ_CHECK(part.left >= 0 && part.right <= SIDE && part.top >= 0 &&
			   part.bottom <= SIDE);
		picture_set(&got, part, 1);
	}
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			area += got.inside[y][x];
			FUZZ_CHECK(got.inside[y][x] >= wanted->inside[y][x]);
			FUZZ_CHECK(may_grow || got.inside[y][x] == wanted->inside[y][x]);
		}
	}
	/* None is counted twice: they do not overlap. */
	FUZZ_CHECK(area == blend_region_area(region));
	*wanted = got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blend_region region = { .count = 0 };
	struct picture wanted = { 0 };

	for (size_t at = 0; at + 5 <= size && at < 2000; at += 5) {
		struct blend_rectangle area =
			blend_rectangle(data[at + 1] % SIDE, data[at + 2] % SIDE,
					data[at + 3] % SIDE, data[at + 4] % SIDE);
		/* With so many pieces left it need not give way. */
		bool room = region.count < BLEND_REGION_MAX / 5;
		bool complete = true;

		area.right = area.right < SIDE ? area.right : SIDE;
		area.bottom = area.bottom < SIDE ? area.bottom : SIDE;
		switch (data[at] % 4) {
		case 0:
			complete = blend_region_subtract(&region, area);
			picture_set(&wanted, area, 0);
			break;
		case 1:
			blend_region_intersect(&region, area);
			for (int y = 0; y < SIDE; y++) {
				for (int x = 0; x < SIDE; x++)
					wanted.inside[y][x] &= x >= area.left && x < area.right &&
							       y >= area.top && y < area.bottom;
			}
			break;
		default:
			blend_region_add(&region, area);
			picture_set(&wanted, area, 1);
		}
		FUZZ_CHECK(complete || !room);
		region_follow(&region, &wanted, !room);
	}
	return 0;
}
