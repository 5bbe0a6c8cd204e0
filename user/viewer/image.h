/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures in files: PNG, JPEG, BMP. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
	int width, height;
	bool has_alpha;   /* some pixel is not opaque */
	uint32_t *pixels; /* premultiplied ARGB, to be freed */
};

/* False: it is none, or damaged, or beyond the limits of decode.h. */
bool image_decode(struct image *image, const uint8_t *bytes, size_t size);
/* True for names that such files have. */
bool image_has_name(const char *name);
