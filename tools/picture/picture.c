/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the pictures that the system comes with, so that no file of them needs to be kept:
 *
 *	picture dawn|night|rings FILE.jpg|FILE.png
 *
 * "dawn" and "night" are mountains behind each other, paler the farther they are; "rings" has
 * transparent parts.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

#define WIDTH        1280
#define HEIGHT       800
#define RANGES       6
#define SIDE         288  /* of the rings */
#define STAR_CELL    12.0 /* pixels */
#define SAMPLES      3    /* each way, for smooth edges */
#define JPEG_QUALITY 88

struct colour {
	double red, green, blue;
};

struct scene {
	struct colour zenith, horizon, sun, far, near;
	double sun_x, sun_y, sun_radius;
	bool stars;
};

static const struct scene dawn = {
	.zenith = { 0.36, 0.47, 0.80 },
	.horizon = { 1.00, 0.80, 0.62 },
	.sun = { 1.00, 0.95, 0.82 },
	.far = { 0.80, 0.62, 0.66 },
	.near = { 0.12, 0.13, 0.26 },
	.sun_x = 0.66,
	.sun_y = 0.40,
	.sun_radius = 0.045,
};

static const struct scene night = {
	.zenith = { 0.03, 0.05, 0.14 },
	.horizon = { 0.16, 0.30, 0.46 },
	.sun = { 0.95, 0.96, 1.00 },
	.far = { 0.16, 0.27, 0.40 },
	.near = { 0.02, 0.03, 0.07 },
	.sun_x = 0.24,
	.sun_y = 0.22,
	.sun_radius = 0.035,
	.stars = true,
};

static struct colour mix(struct colour a, struct colour b, double part)
{
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	return (struct colour){ a.red + (b.red - a.red) * part,
				a.green + (b.green - a.green) * part,
				a.blue + (b.blue - a.blue) * part };
}

/* From 0 to 1, the same for the same numbers. */
static double noise_at(uint32_t x, uint32_t seed)
{
	uint32_t hash = x * 0x9e3779b1u ^ seed * 0x85ebca6bu;

	hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
	hash = (hash ^ hash >> 12) * 0x297a2d39u;
	return (double)(hash ^ hash >> 15) / UINT32_MAX;
}

static double smooth_noise(double x, uint32_t seed)
{
	double whole = floor(x), part = x - whole;

	part = part * part * (3 - 2 * part);
	return noise_at((uint32_t)(int32_t)whole, seed) * (1 - part) +
	       noise_at((uint32_t)(int32_t)whole + 1, seed) * part;
}

/* The height of a range's crest at x, in parts of the picture from above. */
static double crest(double x, int range)
{
	double height = 0, size = 0.5, frequency = 2.5 + 0.7 * range;

	for (uint32_t octave = 0; octave < 7; octave++) {
		height += size * smooth_noise(x * frequency, (uint32_t)range * 16 + octave + 1);
		size /= 2;
		frequency *= 2.05;
	}
	return 0.46 + 0.085 * range + (0.5 - height) * (0.34 - 0.02 * range);
}

/* How bright it is: in a few of the cells a small disc. */
static double star_at(double x, double y)
{
	uint32_t cell = (uint32_t)x * 4099 + (uint32_t)y;
	double chance = noise_at(cell, 77), radius = 0.06 + 0.10 * noise_at(cell, 78);

	if (chance < 0.985)
		return 0;
	return hypot(x - floor(x) - 0.5, y - floor(y) - 0.5) < radius
		       ? 0.3 + 0.7 * noise_at(cell, 79)
		       : 0;
}

static struct colour sky(const struct scene *scene, double x, double y)
{
	struct colour colour = mix(scene->zenith, scene->horizon, pow(y / 0.62, 1.2));
	double dx = (x - scene->sun_x) * WIDTH / HEIGHT, dy = y - scene->sun_y;
	double distance = sqrt(dx * dx + dy * dy);
	double star = scene->stars ? star_at(x * WIDTH / STAR_CELL, y * HEIGHT / STAR_CELL) : 0;

	colour = mix(colour, (struct colour){ 1, 1, 1 }, star * (0.62 - y) * 1.6);
	colour = mix(colour, scene->sun, 0.55 * exp(-distance * 6));
	if (distance < scene->sun_radius)
		colour = scene->sun;
	return colour;
}

static struct colour scene_at(const struct scene *scene, double x, double y)
{
	for (int range = RANGES - 1; range >= 0; range--) {
		double top = crest(x, range), depth = (y - 0.40 - 0.085 * range) * 1.9;
		double nearness = (double)range / (RANGES - 1);
		struct colour colour = mix(scene->far, scene->near, nearness);

		if (y >= top) /* haze lies in the valleys */
			return mix(colour, mix(scene->horizon, scene->far, nearness),
				   depth * (1 - nearness) * 0.9);
	}
	return sky(scene, x, y);
}

static uint8_t byte(double value)
{
	return value <= 0 ? 0 : value >= 1 ? 255 : (uint8_t)(value * 255 + 0.5);
}

static int write_scene(const struct scene *scene, const char *path)
{
	uint8_t *pixels = malloc((size_t)WIDTH * HEIGHT * 3), *pixel = pixels;

	for (int y = 0; pixels && y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			struct colour sum = { 0, 0, 0 };

			for (int i = 0; i < SAMPLES * SAMPLES; i++) {
				struct colour colour = scene_at(
					scene, (x + (i % SAMPLES + 0.5) / SAMPLES) / WIDTH,
					(y + ((double)(i / SAMPLES) + 0.5) / SAMPLES) / HEIGHT);

				sum.red += colour.red;
				sum.green += colour.green;
				sum.blue += colour.blue;
			}
			*pixel++ = byte(sum.red / (SAMPLES * SAMPLES));
			*pixel++ = byte(sum.green / (SAMPLES * SAMPLES));
			*pixel++ = byte(sum.blue / (SAMPLES * SAMPLES));
		}
	return pixels && stbi_write_jpg(path, WIDTH, HEIGHT, 3, pixels, JPEG_QUALITY);
}

/* Rings of all hues, of which the edges are soft, and nothing between them. */
static int write_rings(const char *path)
{
	uint8_t *pixels = malloc((size_t)SIDE * SIDE * 4), *pixel = pixels;

	for (int y = 0; pixels && y < SIDE; y++)
		for (int x = 0; x < SIDE; x++) {
			double dx = x - SIDE / 2.0 + 0.5, dy = y - SIDE / 2.0 + 0.5;
			double distance = hypot(dx, dy) / (SIDE / 2.0);
			double turn = atan2(dy, dx) + distance * 4;
			double ring = 0.5 - 0.5 * cos(distance * 6.2831853 * 5);
			double alpha = (ring - 0.45) * 6;

			*pixel++ = byte(0.55 + 0.45 * cos(turn));
			*pixel++ = byte(0.55 + 0.45 * cos(turn - 2.0944));
			*pixel++ = byte(0.55 + 0.45 * cos(turn + 2.0944));
			*pixel++ = byte(distance > 0.98 ? 0 : alpha);
		}
	return pixels && stbi_write_png(path, SIDE, SIDE, 4, pixels, SIDE * 4);
}

int main(int count, char **arguments)
{
	int written = 0;

	if (count == 3 && strcmp(arguments[1], "dawn") == 0)
		written = write_scene(&dawn, arguments[2]);
	else if (count == 3 && strcmp(arguments[1], "night") == 0)
		written = write_scene(&night, arguments[2]);
	else if (count == 3 && strcmp(arguments[1], "rings") == 0)
		written = write_rings(arguments[2]);
	else
		fprintf(stderr, "usage: picture dawn|night|rings FILE\n");
	return written ? 0 : 1;
}
