/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blending: rows of pixels of 32 bits, ARGB with alpha premultiplied (0xAARRGGBB as a number, blue
 * first in memory).
 *
 * There is one table of functions for each instruction set; all of them give the very same bits:
 *
 *	a * b		means (a * b + 128 + (a * b + 128 >> 8)) >> 8, which is a * b / 255, rounded
 *	from OVER to	means from + to * (255 - alpha of from) for each of the four channels, cut
 *			off at 255 (which premultiplied pixels never reach)
 *
 * The functions use vector registers: in the kernel only threads that own some call them
 * (thread_use_vectors()). Rows may begin at any multiple of 4 bytes; those that are written and
 * those that are read do not overlap, but for `to`, which is both.
 */
#pragma once

#include <base/types.h>

/* How to bring glyphs' coverage onto a background so that light text on dark is as heavy as dark
 * text on light: the coverage is mapped through this table before it is used. */
struct blend_gamma {
	uint8_t coverage[256];
};

struct blend_ops {
	const char *name; /* scalar, sse2, avx2, avx512 */
	void (*fill)(uint32_t *to, size_t count, uint32_t pixel);
	void (*copy)(uint32_t *to, const uint32_t *from, size_t count);
	/* For frame buffers: with streaming stores, past the caches. `stream_swapped` exchanges red
	 * and blue on the way. stream_fence() after the last of them, before somebody is told. */
	void (*stream_fill)(uint32_t *to, size_t count, uint32_t pixel);
	void (*stream_copy)(uint32_t *to, const uint32_t *from, size_t count);
	void (*stream_swapped)(uint32_t *to, const uint32_t *from, size_t count);
	void (*stream_fence)(void);
	/* Copies, with alpha 255 whatever it was: of clients that leave it 0. */
	void (*copy_opaque)(uint32_t *to, const uint32_t *from, size_t count);
	void (*over)(uint32_t *to, const uint32_t *from, size_t count);
	/* Each channel of `from` times `alpha` first. */
	void (*over_alpha)(uint32_t *to, const uint32_t *from, size_t count, uint8_t alpha);
	/* Each channel of `from` times its byte of `mask` first. */
	void (*over_masked)(uint32_t *to, const uint32_t *from, const uint8_t *mask, size_t count);
	/* One (premultiplied) colour, times each byte of `mask`: shapes, shadows, glyphs. */
	void (*over_colour)(uint32_t *to, const uint8_t *mask, size_t count, uint32_t colour);
	/* One colour everywhere. */
	void (*over_fill)(uint32_t *to, size_t count, uint32_t colour);
	/* A row of a picture that is scaled: pixel i is that at `start + i * step` (16.16, inside
	 * [0, from_count << 16)), the nearest one. */
	void (*scale_nearest)(uint32_t *to, size_t count, const uint32_t *from, size_t from_count,
			      uint32_t start, uint32_t step);
	/* The same between the two neighbours in each of the rows `upper` and `lower`, of which the
	 * lower counts `weight` of 256; fractions of positions are cut to 8 bits. At the end of a
	 * row its last pixel is its own neighbour. */
	void (*scale_bilinear)(uint32_t *to, size_t count, const uint32_t *upper,
			       const uint32_t *lower, size_t from_count, uint32_t start,
			       uint32_t step, unsigned weight);
};

/* The best table that the CPU, and the state that is saved of its registers, allows. Any context; finds
 * out the first time. */
const struct blend_ops *blend_best(void);
/* Those that this CPU can run, from the slowest on; NULL past the last one. */
const struct blend_ops *blend_nth(unsigned index);

static inline uint32_t blend_alpha(uint32_t pixel)
{
	return pixel >> 24;
}

static inline uint8_t blend_multiply(uint8_t a, uint8_t b)
{
	uint32_t product = (uint32_t)a * b + 128;

	return (uint8_t)((product + (product >> 8)) >> 8);
}

/* 0xAARRGGBB with its colours multiplied by its alpha. */
static inline uint32_t blend_premultiply(uint32_t colour)
{
	uint8_t alpha = (uint8_t)(colour >> 24);

	return (uint32_t)alpha << 24 |
	       (uint32_t)blend_multiply((uint8_t)(colour >> 16), alpha) << 16 |
	       (uint32_t)blend_multiply((uint8_t)(colour >> 8), alpha) << 8 |
	       blend_multiply((uint8_t)colour, alpha);
}
