/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver objects that came with the kernel's image (build/driver-images.sh). */
#pragma once

#include <base/types.h>

struct driver_image {
	const char *name; /* of the file, without ".drv" */
	const uint8_t *bytes;
	uint64_t length;
};

extern const struct driver_image driver_images[];
extern const uint64_t driver_image_count;
