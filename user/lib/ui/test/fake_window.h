/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows without a desktop: pixels in memory, and events that a test makes. */
#pragma once

#include <window.h>

struct fake_window {
	unsigned scale;      /* of windows that are opened from here on; 0: 1 */
	struct window *last; /* the one that was opened last */
	uint64_t shown;      /* pixels that were shown since the test set this to 0 */
	unsigned pointer;    /* what it looks like */
	char clipboard[4096];
};

extern struct fake_window fake_window;

/* An event that the window's next read gives. */
void fake_window_send(int64_t code, int64_t a, int64_t b);
/* Writes what the window shows to a file, as a PPM picture. */
void fake_window_save(const char *path);
