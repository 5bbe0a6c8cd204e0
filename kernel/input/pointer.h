/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pointer acceleration: a hand that moves fast goes further. Pure. */
#pragma once

#include <base/types.h>

struct pointer {
	uint64_t last_ns;   /* of the movement before */
	unsigned speed;     /* counts in a second, smoothed */
	int rest_x, rest_y; /* parts of a pixel that were not told yet, in 1/256 */
};

/* Turns a movement in counts of the device at `now_ns` into one in pixels. */
void pointer_accelerate(struct pointer *pointer, uint64_t now_ns, int *right, int *down);
