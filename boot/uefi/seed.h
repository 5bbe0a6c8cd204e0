/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random seed of the boot contract. */
#pragma once

#include <base/types.h>

/*
 * Fills `seed` (`size` a multiple of 8) from the best source there is: the firmware's random
 * number generator, else the CPU's, else the jitter of timers, which is weak but differs from
 * boot to boot. Returns the source's name.
 */
const char *seed_fill(uint8_t *seed, size_t size);
