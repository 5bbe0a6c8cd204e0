/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gfx/framebuffer.h>

static uint32_t *line_at(const struct framebuffer *framebuffer, uint32_t x, uint32_t y)
{
	return (uint32_t *)(framebuffer->pixels + (size_t)y * framebuffer->stride) + x;
}

void framebuffer_fill(const struct framebuffer *framebuffer, uint32_t x, uint32_t y, uint32_t width,
		      uint32_t height, uint32_t colour)
{
	uint32_t pixel = framebuffer_pixel(framebuffer, colour);

	if (x >= framebuffer->width || y >= framebuffer->height)
		return;
	width = (uint32_t)min_u64(width, framebuffer->width - x);
	height = (uint32_t)min_u64(height, framebuffer->height - y);
	for (uint32_t row = 0; row < height; row++) {
		uint32_t *line = line_at(framebuffer, x, y + row);

		for (uint32_t column = 0; column < width; column++)
			line[column] = pixel;
	}
}

void framebuffer_draw_bitmap(const struct framebuffer *framebuffer, uint32_t x, uint32_t y,
			     const uint8_t *bitmap, size_t stride, uint32_t width, uint32_t height,
			     uint32_t foreground, uint32_t background)
{
	uint32_t on = framebuffer_pixel(framebuffer, foreground);
	uint32_t off = framebuffer_pixel(framebuffer, background);

	for (uint32_t row = 0; row < height; row++, bitmap += stride) {
		uint32_t *line = line_at(framebuffer, x, y + row);

		for (uint32_t column = 0; column < width; column++)
			line[column] = bitmap[column / 8] >> (7 - column % 8) & 1 ? on : off;
	}
}
