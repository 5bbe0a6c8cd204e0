/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../pointer.h"

#include <unit.h>

#define MILLISECOND 1000000ull

/* How far `count` movements of `counts` each come, one every `interval_ns`. */
static int travel(int counts, int count, uint64_t interval_ns)
{
	struct pointer pointer = { 0 };
	int sum = 0;

	for (int i = 0; i < count; i++) {
		int right = counts, down = 0;

		pointer_accelerate(&pointer, 1000 * MILLISECOND + (uint64_t)i * interval_ns, &right,
				   &down);
		EXPECT_EQUAL(down, 0);
		sum += right;
	}
	return sum;
}

UNIT_TEST(pointer, slow_is_exact)
{
	EXPECT_EQUAL(travel(1, 100, 10 * MILLISECOND), 100);
	EXPECT_EQUAL(travel(-1, 100, 10 * MILLISECOND), -100);
	EXPECT_EQUAL(travel(30, 10, 150 * MILLISECOND), 300);
}

UNIT_TEST(pointer, fast_goes_further)
{
	int fast = travel(60, 100, 10 * MILLISECOND);

	EXPECT(fast > 2 * 6000 && fast <= 5 * 6000 / 2);
	EXPECT_EQUAL(travel(-60, 100, 10 * MILLISECOND), -fast);
	EXPECT(travel(15, 100, 10 * MILLISECOND) > 1500);
	EXPECT(travel(15, 100, 10 * MILLISECOND) < fast / 4);
}

UNIT_TEST(pointer, any_report_is_safe)
{
	static const int extremes[] = { -2147483647 - 1, 2147483647, 0, 1, -1, 8192, -8193 };
	struct pointer pointer = { 0 };
	uint64_t random = 3;

	for (int i = 0; i < 100000; i++) {
		int right = extremes[unit_random_below(&random, array_length(extremes))];
		int down = extremes[unit_random_below(&random, array_length(extremes))];

		pointer_accelerate(&pointer, unit_random_below(&random, 1u << 30), &right, &down);
		EXPECT(right >= -32768 && right <= 32768 && down >= -32768 && down <= 32768);
	}
}
