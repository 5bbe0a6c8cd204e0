/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objects that the tests are given (build/driver.mk), and who supplies what they need. */
#pragma once

#include <drv/object.h>

struct driver_image {
	const char *name;
	const uint8_t *bytes;
	uint64_t length;
};

extern const struct driver_image driver_images[];
extern const uint64_t driver_image_count;

/* The image of that name; the test fails if there is none. */
const struct driver_image *image_find(const char *name);
/* An address for each export of the kit: the host's function where there is one, or one where nothing is. */
uint64_t image_export(void *context, const char *name);

/* An object in memory of the host. */
struct image_loaded {
	struct drv_object object;
	struct driver driver;
	uint8_t *memory;
	size_t length;
	struct drv_load load;
	const char *reason, *missing;
};

/* Opens and loads it, each segment with its own protection: what drv_load() says. The test fails if it cannot be
 * opened. */
int image_load(struct image_loaded *loaded, const void *bytes, size_t length);
void image_unload(struct image_loaded *loaded);
