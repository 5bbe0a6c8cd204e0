/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simple compositor that tests compare with, and random numbers that are the same each time. */
#pragma once

#include "compositor_priv.h"

struct reference_random {
	uint32_t state;
};

uint32_t reference_next(struct reference_random *random);
/* From 0 to limit - 1. */
uint32_t reference_below(struct reference_random *random, uint32_t limit);

/* What is seen at (x, y) of the plane of canvases as table_collect() gives them. */
uint32_t reference_pixel(const struct canvas *canvases, int32_t x, int32_t y);
