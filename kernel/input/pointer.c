/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pointer.h"

#define SECOND_NS 1000000000ull
#define ONE       256 /* the factor 1 */

/* Up to SPEED_SLOW (counts in a second) a count is a pixel; from SPEED_FAST on it is LARGEST. */
#define SPEED_SLOW 400
#define SPEED_FAST 3000
#define LARGEST    (5 * ONE / 2)
/* What comes after a pause begins slowly. */
#define PAUSE_NS (SECOND_NS / 10)
/* Mice report so often, at most; what comes at shorter intervals was held up on its way. */
#define INTERVAL_NS_MIN (SECOND_NS / 1000)
#define COUNTS_MAX      8192 /* of one report: more is nonsense, and could overflow */

static int clip(int counts)
{
	if (counts > COUNTS_MAX)
		return COUNTS_MAX;
	return counts < -COUNTS_MAX ? -COUNTS_MAX : counts;
}

/* The length of the movement, a little too long for diagonals. */
static unsigned length_of(int x, int y)
{
	unsigned across = (unsigned)(x < 0 ? -x : x), down = (unsigned)(y < 0 ? -y : y);

	return across > down ? across + down / 2 : down + across / 2;
}

static int factor_of(unsigned speed)
{
	if (speed <= SPEED_SLOW)
		return ONE;
	if (speed >= SPEED_FAST)
		return LARGEST;
	return ONE + (int)((speed - SPEED_SLOW) * (LARGEST - ONE) / (SPEED_FAST - SPEED_SLOW));
}

/* The whole pixels of a sum, whose rest stays for the next time. */
static int take_whole(int *rest, int counts, int factor)
{
	int sum = *rest + counts * factor, whole = sum / ONE;

	*rest = sum - whole * ONE;
	return whole;
}

void pointer_accelerate(struct pointer *pointer, uint64_t now_ns, int *right, int *down)
{
	uint64_t interval = now_ns - pointer->last_ns;
	int x = clip(*right), y = clip(*down), factor;
	unsigned speed;

	if (interval > PAUSE_NS) {
		pointer->speed = 0;
		pointer->rest_x = pointer->rest_y = 0;
		interval = PAUSE_NS;
	}
	speed = (unsigned)(length_of(x, y) * SECOND_NS / max_u64(interval, INTERVAL_NS_MIN));
	pointer->speed = (pointer->speed + (unsigned)min_u64(speed, 4 * SPEED_FAST)) / 2;
	pointer->last_ns = now_ns;
	factor = factor_of(pointer->speed);
	*right = take_whole(&pointer->rest_x, x, factor);
	*down = take_whole(&pointer->rest_y, y, factor);
}
