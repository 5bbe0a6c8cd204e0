/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions against a picture of which pixels are in them. */
#include <blend/region.h>

#include "unit.h"

#include <string.h>

#define SIDE 64

struct picture {
	uint8_t inside[SIDE][SIDE];
};

static void picture_set(struct picture *picture, struct blend_rectangle rectangle, uint8_t value)
{
	for (int y = rectangle.top; y < rectangle.bottom; y++) {
		for (int x = rectangle.left; x < rectangle.right; x++)
			picture->inside[y][x] = value;
	}
}

/* Draws the region; its rectangles must not be empty or overlap. */
static void picture_of(const struct blend_region *region, struct picture *picture)
{
	memset(picture, 0, sizeof(*picture));
	EXPECT(region->count <= BLEND_REGION_MAX);
	for (unsigned i = 0; i < region->count; i++) {
		struct blend_rectangle rectangle = region->rectangles[i];

		EXPECT(!blend_rectangle_is_empty(&rectangle));
		EXPECT(rectangle.left >= 0 && rectangle.right <= SIDE);
		EXPECT(rectangle.top >= 0 && rectangle.bottom <= SIDE);
		for (int y = rectangle.top; y < rectangle.bottom; y++) {
			for (int x = rectangle.left; x < rectangle.right; x++)
				EXPECT(!picture->inside[y][x]++);
		}
	}
}

static uint64_t picture_count(const struct picture *picture)
{
	uint64_t count = 0;

	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++)
			count += picture->inside[y][x];
	}
	return count;
}

static struct blend_rectangle random_rectangle(uint64_t *random, unsigned longest)
{
	int x = (int)unit_random_below(random, SIDE);
	int y = (int)unit_random_below(random, SIDE);
	int width = (int)unit_random_below(random, longest);
	int height = (int)unit_random_below(random, longest);

	return blend_rectangle(x, y, width < SIDE - x ? width : SIDE - x,
			       height < SIDE - y ? height : SIDE - y);
}

/* Each pixel of `wanted` is in the region; the same ones if it had room for all pieces. */
static void expect_covers(const struct blend_region *region, const struct picture *wanted,
			  bool exact)
{
	struct picture got;

	picture_of(region, &got);
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			EXPECT(got.inside[y][x] >= wanted->inside[y][x]);
			EXPECT(!exact || got.inside[y][x] == wanted->inside[y][x]);
		}
	}
	EXPECT_EQUAL(blend_region_area(region), picture_count(&got));
}

UNIT_TEST(blend_region, is_exact_while_there_is_room)
{
	uint64_t random = 1;

	for (unsigned round = 0; round < 2000; round++) {
		struct blend_region region = { .count = 0 };
		struct picture wanted = { 0 };

		for (unsigned step = 0; step < 12; step++) {
			struct blend_rectangle rectangle = random_rectangle(&random, 30);

			if (unit_random_below(&random, 3)) {
				blend_region_add(&region, rectangle);
				picture_set(&wanted, rectangle, 1);
			} else if (region.count < BLEND_REGION_MAX / 4) {
				EXPECT(blend_region_subtract(&region, rectangle));
				picture_set(&wanted, rectangle, 0);
			}
		}
		expect_covers(&region, &wanted, true);
	}
}

UNIT_TEST(blend_region, never_loses_what_was_added)
{
	uint64_t random = 2;

	for (unsigned round = 0; round < 200; round++) {
		struct blend_region region = { .count = 0 };
		struct picture wanted = { 0 };

		for (unsigned step = 0; step < 400; step++) {
			struct blend_rectangle rectangle = random_rectangle(&random, 5);

			blend_region_add(&region, rectangle);
			picture_set(&wanted, rectangle, 1);
		}
		expect_covers(&region, &wanted, false);
	}
}

UNIT_TEST(blend_region, says_what_it_could_not_take_away)
{
	struct blend_region region = { .count = 0 };
	struct picture wanted = { 0 };
	bool refused = false;

	blend_region_add(&region, blend_rectangle(0, 0, SIDE, SIDE));
	picture_set(&wanted, blend_rectangle(0, 0, SIDE, SIDE), 1);
	for (int i = 0; i < 16 * 16; i++) {
		struct blend_rectangle hole = blend_rectangle(i % 16 * 4 + 1, i / 16 * 4 + 1, 2, 2);

		if (!blend_region_subtract(&region, hole))
			refused = true;
		picture_set(&wanted, hole, 0);
	}
	EXPECT(refused);
	expect_covers(&region, &wanted, false);
}

UNIT_TEST(blend_region, joins_neighbours)
{
	struct blend_region region = { .count = 0 };

	for (int i = 0; i < SIDE; i++)
		blend_region_add(&region, blend_rectangle(i, 3, 1, 9));
	EXPECT_EQUAL(region.count, 1);
	for (int i = 0; i < SIDE; i++)
		blend_region_add(&region, blend_rectangle(0, 12 + i, SIDE, 1));
	EXPECT_EQUAL(region.count, 1);
	EXPECT_EQUAL(blend_region_area(&region), (9 + SIDE) * SIDE);
	/* What is inside already changes nothing. */
	blend_region_add(&region, blend_rectangle(5, 5, 10, 10));
	EXPECT_EQUAL(region.count, 1);
}

UNIT_TEST(blend_region, intersects_and_tells_overlap)
{
	uint64_t random = 3;

	for (unsigned round = 0; round < 2000; round++) {
		struct blend_region region = { .count = 0 };
		struct blend_rectangle rectangle = random_rectangle(&random, SIDE);
		struct picture before, after, kept = { 0 };

		for (unsigned step = 0; step < 8; step++)
			blend_region_add(&region, random_rectangle(&random, 20));
		picture_of(&region, &before);
		picture_set(&kept, rectangle, 1);
		for (int i = 0; i < SIDE * SIDE; i++)
			kept.inside[i / SIDE][i % SIDE] &= before.inside[i / SIDE][i % SIDE];
		EXPECT(blend_region_overlaps(&region, rectangle) == (picture_count(&kept) != 0));
		blend_region_intersect(&region, rectangle);
		picture_of(&region, &after);
		EXPECT_BYTES(&after, &kept, sizeof(kept));
	}
}

UNIT_TEST(blend_region, keeps_far_coordinates_in_range)
{
	struct blend_region region = { .count = 0 };
	struct blend_rectangle bounds;

	blend_region_add(&region, (struct blend_rectangle){ INT32_MIN, INT32_MIN, INT32_MAX, 5 });
	blend_region_add(&region, (struct blend_rectangle){ 7, 7, 3, 9 });
	bounds = blend_region_bounds(&region);
	EXPECT(bounds.left == -BLEND_COORDINATE_MAX && bounds.right == BLEND_COORDINATE_MAX);
	EXPECT(bounds.top == -BLEND_COORDINATE_MAX && bounds.bottom == 5);
	EXPECT_EQUAL(blend_region_area(&region),
		     (2ull * BLEND_COORDINATE_MAX) * (BLEND_COORDINATE_MAX + 5ull));
}
