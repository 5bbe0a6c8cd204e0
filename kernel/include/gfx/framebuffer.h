/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A frame buffer: pixels that a display shows. It is only ever written, never read: it is
 * mapped write-combining, where reads are slow.
 */
#pragma once

#include <base/types.h>

struct framebuffer {
	uint8_t *pixels; /* mapped; lines of `stride` bytes, pixels of 4 */
	uint32_t width, height, stride;
	bool red_first; /* bytes red, green, blue; else blue, green, red */
};

/* The pixel value of 0xRRGGBB. */
static inline uint32_t framebuffer_pixel(const struct framebuffer *framebuffer, uint32_t colour)
{
	if (!framebuffer->red_first)
		return colour;
	return (colour & 0xff00) | (colour >> 16 & 0xff) | (colour & 0xff) << 16;
}

/* Fills a rectangle, clipped to the screen, with 0xRRGGBB. Any context. */
void framebuffer_fill(const struct framebuffer *framebuffer, uint32_t x, uint32_t y, uint32_t width,
		      uint32_t height, uint32_t colour);
/* Draws a bitmap of `stride` bytes a row, highest bit left, in two colours. The whole of it must
 * lie on the screen. Any context. */
void framebuffer_draw_bitmap(const struct framebuffer *framebuffer, uint32_t x, uint32_t y,
			     const uint8_t *bitmap, size_t stride, uint32_t width, uint32_t height,
			     uint32_t foreground, uint32_t background);
