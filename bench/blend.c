/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast lib/blend draws on this host, beside pixman and the C library: a picture of 1920 x 1080,
 * one thread, row by row. Prints "name<tab>value<tab>unit" lines:
 *
 *	blend [ROUNDS]
 *	    OPERATION_TABLE     millions of pixels a second, of each table of functions
 *	    OPERATION_NAME      the same of pixman, memcpy and memset
 *	    OPERATION_ratio     how many times faster the best table is
 *
 * All take turns in each round. What counts of each is the round that only a tenth of its rounds were
 * faster than: what else the machine does makes most of them slower.
 */
#include <blend/blend.h>

#include <pixman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WIDTH       1920
#define HEIGHT      1080
#define PIXELS      (WIDTH * HEIGHT)
#define TABLES_MAX  4
#define OTHER       TABLES_MAX /* whom the tables are compared with */
#define FROM_WIDTH  (WIDTH / 2)
#define FROM_HEIGHT (HEIGHT / 2)
#define COLOUR      0x90482410u
#define ALPHA       0xa0
#define BYTES       (PIXELS * sizeof(uint32_t))

static uint32_t *to, *translucent, *window;
static uint8_t *mask;
static pixman_image_t *to_image, *translucent_image, *window_image, *mask_image, *colour_image,
	*alpha_image, *small_image;

/* --- what is measured ----------------------------------------------------------------------- */

static void each_row(void (*draw)(const struct blend_ops *ops, size_t at),
		     const struct blend_ops *ops)
{
	for (size_t y = 0; y < HEIGHT; y++)
		draw(ops, y * WIDTH);
}

static void draw_fill(const struct blend_ops *ops, size_t at)
{
	ops->fill(to + at, WIDTH, COLOUR);
}

static void draw_copy(const struct blend_ops *ops, size_t at)
{
	ops->copy(to + at, translucent + at, WIDTH);
}

static void draw_stream_fill(const struct blend_ops *ops, size_t at)
{
	ops->stream_fill(to + at, WIDTH, COLOUR);
}

static void draw_stream_copy(const struct blend_ops *ops, size_t at)
{
	ops->stream_copy(to + at, translucent + at, WIDTH);
}

static void draw_over(const struct blend_ops *ops, size_t at)
{
	ops->over(to + at, translucent + at, WIDTH);
}

static void draw_over_window(const struct blend_ops *ops, size_t at)
{
	ops->over(to + at, window + at, WIDTH);
}

static void draw_over_alpha(const struct blend_ops *ops, size_t at)
{
	ops->over_alpha(to + at, translucent + at, WIDTH, ALPHA);
}

static void draw_over_masked(const struct blend_ops *ops, size_t at)
{
	ops->over_masked(to + at, translucent + at, mask + at, WIDTH);
}

static void draw_over_colour(const struct blend_ops *ops, size_t at)
{
	ops->over_colour(to + at, mask + at, WIDTH, COLOUR);
}

static void draw_over_fill(const struct blend_ops *ops, size_t at)
{
	ops->over_fill(to + at, WIDTH, COLOUR);
}

static void draw_nearest(const struct blend_ops *ops, size_t at)
{
	ops->scale_nearest(to + at, WIDTH, translucent + at / WIDTH / 2 * FROM_WIDTH, FROM_WIDTH,
			   0x4000, 0x8000);
}

static void draw_bilinear(const struct blend_ops *ops, size_t at)
{
	size_t y = at / WIDTH;
	const uint32_t *upper = translucent + y / 2 * FROM_WIDTH;

	ops->scale_bilinear(to + at, WIDTH, upper, upper + FROM_WIDTH, FROM_WIDTH, 0, 0x8000,
			    y % 2 * 128);
}

static void c_memset(void)
{
	for (size_t y = 0; y < HEIGHT; y++)
		memset(to + y * WIDTH, 0x48, WIDTH * sizeof(uint32_t));
}

static void c_memcpy(void)
{
	for (size_t y = 0; y < HEIGHT; y++)
		memcpy(to + y * WIDTH, translucent + y * WIDTH, WIDTH * sizeof(uint32_t));
}

static void pixman(pixman_image_t *from, pixman_image_t *through)
{
	pixman_image_composite32(PIXMAN_OP_OVER, from, through, to_image, 0, 0, 0, 0, 0, 0, WIDTH,
				 HEIGHT);
}

static void pixman_over(void)
{
	pixman(translucent_image, NULL);
}

static void pixman_over_window(void)
{
	pixman(window_image, NULL);
}

static void pixman_over_alpha(void)
{
	pixman(translucent_image, alpha_image);
}

static void pixman_over_masked(void)
{
	pixman(translucent_image, mask_image);
}

static void pixman_over_colour(void)
{
	pixman(colour_image, mask_image);
}

static void pixman_over_fill(void)
{
	pixman(colour_image, NULL);
}

static void pixman_scale(pixman_filter_t filter)
{
	pixman_image_set_filter(small_image, filter, NULL, 0);
	pixman_image_composite32(PIXMAN_OP_SRC, small_image, NULL, to_image, 0, 0, 0, 0, 0, 0,
				 WIDTH, HEIGHT);
}

static void pixman_nearest(void)
{
	pixman_scale(PIXMAN_FILTER_NEAREST);
}

static void pixman_bilinear(void)
{
	pixman_scale(PIXMAN_FILTER_BILINEAR);
}

static const struct measurement {
	const char *name;
	void (*draw)(const struct blend_ops *ops, size_t at);
	const char *other_name;
	void (*other)(void);
} measurements[] = {
	{ "fill", draw_fill, "memset", c_memset },
	{ "stream_fill", draw_stream_fill, "memset", c_memset },
	{ "copy", draw_copy, "memcpy", c_memcpy },
	{ "stream_copy", draw_stream_copy, "memcpy", c_memcpy },
	{ "over", draw_over, "pixman", pixman_over },
	{ "over_window", draw_over_window, "pixman", pixman_over_window },
	{ "over_alpha", draw_over_alpha, "pixman", pixman_over_alpha },
	{ "over_masked", draw_over_masked, "pixman", pixman_over_masked },
	{ "over_colour", draw_over_colour, "pixman", pixman_over_colour },
	{ "over_fill", draw_over_fill, "pixman", pixman_over_fill },
	{ "scale_nearest", draw_nearest, "pixman", pixman_nearest },
	{ "scale_bilinear", draw_bilinear, "pixman", pixman_bilinear },
};

/* --- measuring ------------------------------------------------------------------------------ */

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *name, const char *whose, double value, const char *unit)
{
	printf("%s_%s\t%.2f\t%s\n", name, whose, value, unit);
	fflush(stdout);
}

static void *memory_allocate(size_t size)
{
	void *memory = aligned_alloc(64, (size + 63) / 64 * 64);

	if (!memory)
		exit(1);
	memset(memory, 0, size);
	return memory;
}

/* Draws once with one of the tables, or, behind the last of them, as the others do. */
static double draw_once(const struct measurement *measurement, unsigned who)
{
	const struct blend_ops *ops = blend_nth(who);
	double begun = seconds_now();

	if (ops) {
		each_row(measurement->draw, ops);
		ops->stream_fence();
	} else {
		measurement->other();
	}
	return seconds_now() - begun;
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a;
	double second = *(const double *)b;

	return (first > second) - (first < second);
}

static void measure(const struct measurement *measurement, unsigned rounds)
{
	double *seconds[TABLES_MAX + 1];
	double rates[TABLES_MAX + 1];
	unsigned tables = 0;

	while (blend_nth(tables))
		tables++;
	for (unsigned who = 0; who <= tables; who++) {
		seconds[who] = memory_allocate(rounds * sizeof(double));
		draw_once(measurement, who);
	}
	for (unsigned round = 0; round < rounds; round++) {
		/* Nobody always comes after the same one, whose traces are in the caches. */
		unsigned first = round / 2 % (tables + 1);

		for (unsigned i = 0; i <= tables; i++) {
			unsigned turn = round & 1 ? i : tables - i;
			unsigned who = (first + turn) % (tables + 1);

			seconds[who][round] = draw_once(measurement, who);
		}
	}
	for (unsigned who = 0; who <= tables; who++) {
		qsort(seconds[who], rounds, sizeof(double), compare);
		rates[who] = PIXELS / seconds[who][rounds / 10] / 1e6;
		free(seconds[who]);
		report(measurement->name,
		       who < tables ? blend_nth(who)->name : measurement->other_name, rates[who],
		       "Mpixel/s");
	}
	report(measurement->name, "ratio", rates[tables - 1] / rates[tables], "times");
}

/* --- what is drawn -------------------------------------------------------------------------- */

static uint32_t random_number(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

/* A window: opaque, but for a margin of shadow and what is outside of it. */
static uint32_t window_pixel(size_t x, size_t y)
{
	size_t margin = x < WIDTH - 1 - x ? x : WIDTH - 1 - x;
	uint32_t shade;

	margin = margin < y ? margin : y;
	margin = margin < HEIGHT - 1 - y ? margin : HEIGHT - 1 - y;
	if (margin < 100)
		return 0;
	shade = random_number() | 0xff000000;
	return margin < 140 ? ((uint32_t)margin - 100) << 26 : shade;
}

static pixman_image_t *image_over(void *bytes, pixman_format_code_t format, int width, int height)
{
	return pixman_image_create_bits(format, width, height, bytes,
					width * (int)PIXMAN_FORMAT_BPP(format) / 8);
}

static pixman_image_t *image_of_colour(uint32_t pixel)
{
	pixman_color_t colour = { .red = (uint16_t)((pixel >> 16 & 0xff) * 257),
				  .green = (uint16_t)((pixel >> 8 & 0xff) * 257),
				  .blue = (uint16_t)((pixel & 0xff) * 257),
				  .alpha = (uint16_t)((pixel >> 24) * 257) };

	return pixman_image_create_solid_fill(&colour);
}

static void pictures_make(void)
{
	pixman_transform_t half;

	to = memory_allocate(BYTES);
	translucent = memory_allocate(BYTES + WIDTH * sizeof(uint32_t));
	window = memory_allocate(BYTES);
	mask = memory_allocate(PIXELS);
	for (size_t i = 0; i < PIXELS; i++) {
		/* Never all of it, and never nothing: nobody can leave the arithmetic out. */
		uint32_t alpha = 1 + random_number() % 254;

		translucent[i] = blend_premultiply((random_number() & 0xffffff) | alpha << 24);
		window[i] = window_pixel(i % WIDTH, i / WIDTH);
		mask[i] = (uint8_t)(1 + random_number() % 254);
		to[i] = random_number() | 0xff000000;
	}
	to_image = image_over(to, PIXMAN_a8r8g8b8, WIDTH, HEIGHT);
	translucent_image = image_over(translucent, PIXMAN_a8r8g8b8, WIDTH, HEIGHT);
	window_image = image_over(window, PIXMAN_a8r8g8b8, WIDTH, HEIGHT);
	mask_image = image_over(mask, PIXMAN_a8, WIDTH, HEIGHT);
	colour_image = image_of_colour(COLOUR);
	alpha_image = image_of_colour((uint32_t)ALPHA << 24);
	small_image = image_over(translucent, PIXMAN_a8r8g8b8, FROM_WIDTH, FROM_HEIGHT);
	pixman_transform_init_scale(&half, pixman_fixed_1 / 2, pixman_fixed_1 / 2);
	pixman_image_set_transform(small_image, &half);
	pixman_image_set_repeat(small_image, PIXMAN_REPEAT_PAD);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 200;

	if (!rounds)
		return 2;

	pictures_make();
	for (size_t i = 0; i < array_length(measurements); i++)
		measure(&measurements[i], rounds);
	return 0;
}
