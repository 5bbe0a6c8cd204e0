/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arithmetic of single pixels: what all tables of functions agree with. */
#pragma once

#include <blend/blend.h>

/* Each of the four bytes times `factor`. */
static inline uint32_t pixel_multiply(uint32_t pixel, uint32_t factor)
{
	/* Two bytes at a time, each with 8 bits of space above it. */
	uint32_t low = (pixel & 0x00ff00ff) * factor + 0x00800080;
	uint32_t high = (pixel >> 8 & 0x00ff00ff) * factor + 0x00800080;

	low = (low + (low >> 8 & 0x00ff00ff)) >> 8 & 0x00ff00ff;
	high = (high + (high >> 8 & 0x00ff00ff)) & 0xff00ff00;
	return low | high;
}

/* Each of the four bytes added, at most 255. */
static inline uint32_t pixel_add(uint32_t a, uint32_t b)
{
	uint32_t low = (a & 0x00ff00ff) + (b & 0x00ff00ff);
	uint32_t high = (a >> 8 & 0x00ff00ff) + (b >> 8 & 0x00ff00ff);

	/* A carry into bit 8 becomes 0xff below it. */
	low |= 0x01000100 - (low >> 8 & 0x00010001);
	high |= 0x01000100 - (high >> 8 & 0x00010001);
	return (low & 0x00ff00ff) | (high & 0x00ff00ff) << 8;
}

static inline uint32_t pixel_over(uint32_t to, uint32_t from)
{
	return pixel_add(from, pixel_multiply(to, 255 - blend_alpha(from)));
}

/* The byte between two, `weight` of 256 from the first. */
static inline uint32_t pixel_between(uint32_t a, uint32_t b, uint32_t weight)
{
	uint32_t low = (a & 0x00ff00ff) * (256 - weight) + (b & 0x00ff00ff) * weight;
	uint32_t high = (a >> 8 & 0x00ff00ff) * (256 - weight) + (b >> 8 & 0x00ff00ff) * weight;

	return (low >> 8 & 0x00ff00ff) | (high & 0xff00ff00);
}

static inline uint32_t pixel_swapped(uint32_t pixel)
{
	return (pixel & 0xff00ff00) | (pixel >> 16 & 0xff) | (pixel & 0xff) << 16;
}
