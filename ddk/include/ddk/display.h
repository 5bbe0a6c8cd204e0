/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class interface: displays, as frame buffers that are shown as they are written. */
#pragma once

#include <ddk/io.h>

/* Pixels of 32 bits. */
struct ddk_display {
	struct ddk_region pixels; /* mapped write-combining; stays mapped */
	uint32_t width, height;
	uint32_t stride; /* bytes from one line to the next, at least 4 * width */
	bool red_first;  /* bytes red, green, blue, unused; else blue, green, red, unused */
};

/* False if the machine has a screen in use already (firmware's, or another driver's): a driver
 * then leaves the mode of its display as it is and its device alone. */
bool ddk_display_is_needed(const struct device *device);
/* Shows the console there. Thread context; for good. -EINVAL (makes no sense), -ENOMEM. */
int must_check ddk_display_add(struct device *device, const struct ddk_display *display);
