/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A display in memory for tests, beside those that the machine has. */
#pragma once

#include "compositor_priv.h"

#define MEMORY_WIDTH  97
#define MEMORY_HEIGHT 83
/* Its mode 1. */
#define MEMORY_SMALL_WIDTH  61
#define MEMORY_SMALL_HEIGHT 40

/* Rows of MEMORY_WIDTH pixels, in each mode. */
extern uint32_t memory_pixels[MEMORY_WIDTH * MEMORY_HEIGHT];
/* How many pixels were flushed. */
extern uint64_t memory_flushed;

/* Runs `test` with the compositor in front, on this display among others, with its lock held. */
void memory_display_run(void (*test)(void));
/* Where it is on the plane: the last of the displays. */
struct blend_rectangle memory_display_area(void);
/* Without the compositor's lock. */
void memory_display_set_mode(unsigned mode);
/* How many pixels differ from what the canvases show. */
unsigned memory_display_count_wrong(void);
