/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures in files, through stb_image, see image.h. */
#include "image.h"

#include <blend/blend.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "decode.h"

#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_MAX_DIMENSIONS DECODE_SIDE_MAX
#include <stb/stb_image.h>

bool image_has_name(const char *name)
{
	static const char *const endings[] = { ".png", ".jpg", ".jpeg", ".bmp" };
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0)
			return true;
	}
	return false;
}

/* From red, green, blue, alpha as bytes, in place. */
static bool convert(uint32_t *pixels, size_t count)
{
	bool has_alpha = false;

	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[4];

		memcpy(bytes, &pixels[i], sizeof(bytes));
		has_alpha |= bytes[3] != 255;
		pixels[i] = blend_premultiply((uint32_t)bytes[3] << 24 | (uint32_t)bytes[0] << 16 |
					      (uint32_t)bytes[1] << 8 | bytes[2]);
	}
	return has_alpha;
}

bool image_decode(struct image *image, const uint8_t *bytes, size_t size)
{
	int width, height, channels;
	uint8_t *decoded;

	if (size > INT_MAX ||
	    !stbi_info_from_memory(bytes, (int)size, &width, &height, &channels) || width < 1 ||
	    height < 1 || width > DECODE_SIDE_MAX || height > DECODE_SIDE_MAX ||
	    (uint64_t)width * (uint64_t)height > DECODE_PIXELS_MAX)
		return false;
	decoded = stbi_load_from_memory(bytes, (int)size, &width, &height, &channels, 4);
	if (!decoded)
		return false;
	image->width = width;
	image->height = height;
	image->pixels = (uint32_t *)(void *)decoded;
	image->has_alpha = convert(image->pixels, (size_t)width * (size_t)height);
	return true;
}
