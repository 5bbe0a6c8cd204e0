/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Mandelbrot set, drawn by a worker pool: a program that scales with the machine without
 * making a thread.
 *
 *	pooldemo [-w COLUMNS] [-h ROWS] [-i ITERATIONS] [-o FILE]
 *
 * draws the picture with one worker and with as many as the kernel gives, and prints it as text,
 * the time that each took, and what the kernel says of the pool. With -o the picture goes to FILE
 * as a PPM. Exit status 0 if both pictures are the same.
 */
#include <errno.h>
#include <pool.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Numbers have 28 fraction bits: their products fit into 64. */
#define FRACTION 28
#define ONE      ((int64_t)1 << FRACTION)

struct picture {
	unsigned columns, rows, iterations;
	uint16_t *points; /* after how many iterations each escaped */
};

static unsigned escape_time(int64_t x, int64_t y, unsigned limit)
{
	int64_t a = 0, b = 0;

	for (unsigned i = 0; i < limit; i++) {
		int64_t aa = a * a >> FRACTION, bb = b * b >> FRACTION;

		if (aa + bb > 4 * ONE)
			return i;
		b = (a * b >> (FRACTION - 1)) + y;
		a = aa - bb + x;
	}
	return limit;
}

/* A piece of the loop over the rows; runs in a worker. */
static void draw_rows(uint64_t first, uint64_t end, void *argument)
{
	const struct picture *picture = argument;

	for (uint64_t row = first; row < end; row++) {
		int64_t y = ((int64_t)row * 5 * ONE / 2) / picture->rows - 5 * ONE / 4;

		for (unsigned column = 0; column < picture->columns; column++) {
			int64_t x =
				((int64_t)column * 7 * ONE / 2) / picture->columns - 5 * ONE / 2;

			picture->points[row * picture->columns + column] =
				(uint16_t)escape_time(x, y, picture->iterations);
		}
	}
}

struct result {
	uint64_t microseconds;
	unsigned workers;
	struct pool_status status;
};

static uint64_t now_microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Draws with at most `workers` workers, 0: as the kernel likes. */
static bool draw(struct picture *picture, unsigned workers, struct result *result)
{
	struct pool *pool = pool_open(workers);
	uint64_t start;
	bool drawn;

	if (!pool) {
		fprintf(stderr, "pooldemo: no pool: %s\n", strerror(errno));
		return false;
	}
	start = now_microseconds();
	drawn = pool_parallel_for(pool, 0, picture->rows, 1, draw_rows, picture) == 0;
	result->microseconds = now_microseconds() - start;
	result->workers = pool_workers(pool);
	if (!drawn)
		fprintf(stderr, "pooldemo: %s\n", strerror(errno));
	drawn = drawn && pool_read_status(pool, &result->status) == 0;
	pool_close(pool);
	return drawn;
}

static void print_text(const struct picture *picture)
{
	static const char shades[] = " .:-=+*%@";
	const unsigned count = sizeof(shades) - 1;

	for (unsigned row = 0; row < picture->rows; row++) {
		for (unsigned column = 0; column < picture->columns; column++) {
			unsigned time = picture->points[row * picture->columns + column];

			putchar(time == picture->iterations ? '#' : shades[time % count]);
		}
		putchar('\n');
	}
}

static bool write_ppm(const struct picture *picture, const char *path)
{
	FILE *file = fopen(path, "w");
	bool written;

	if (!file) {
		fprintf(stderr, "pooldemo: %s: %s\n", path, strerror(errno));
		return false;
	}
	fprintf(file, "P6\n%u %u\n255\n", picture->columns, picture->rows);
	for (size_t i = 0; i < (size_t)picture->columns * picture->rows; i++) {
		unsigned time = picture->points[i];
		bool inside = time == picture->iterations;

		fputc(inside ? 0 : (int)(time * 7 & 255), file);
		fputc(inside ? 0 : (int)(time * 5 & 255), file);
		fputc(inside ? 0 : (int)(128 + (time * 3 & 127)), file);
	}
	written = !ferror(file);
	return fclose(file) == 0 && written;
}

static void print_result(const char *name, const struct result *result)
{
	printf("%-11s %7llu us, %u of %u workers busy at a time, %u gave way to others\n", name,
	       (unsigned long long)result->microseconds, result->status.peak, result->workers,
	       result->status.yielded);
}

static bool run(struct picture *picture, const char *path)
{
	size_t size = (size_t)picture->columns * picture->rows * sizeof(*picture->points);
	uint16_t *alone = malloc(size);
	struct result one, all;
	bool good;

	picture->points = calloc(1, size);
	if (!alone || !picture->points) {
		fprintf(stderr, "pooldemo: out of memory\n");
		return false;
	}
	good = draw(picture, 1, &one);
	memcpy(alone, picture->points, size);
	memset(picture->points, 0, size);
	good = good && draw(picture, 0, &all);
	if (!good)
		return false;
	good = path ? write_ppm(picture, path) : true;
	if (!path)
		print_text(picture);
	print_result("one worker:", &one);
	print_result("the pool:", &all);
	printf("%.2f times as fast; the kernel made the threads, this program none\n",
	       (double)one.microseconds / (double)(all.microseconds ? all.microseconds : 1));
	if (memcmp(alone, picture->points, size) != 0) {
		fprintf(stderr, "pooldemo: the two pictures differ\n");
		good = false;
	}
	free(alone);
	free(picture->points);
	return good;
}

static unsigned number(const char *text, unsigned most)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (value == 0 || value > most) {
		fprintf(stderr, "pooldemo: %s is not a number from 1 to %u\n", text, most);
		exit(2);
	}
	return (unsigned)value;
}

int main(int count, char **arguments)
{
	struct picture picture = { .columns = 78, .rows = 36, .iterations = 60000 };
	const char *path = NULL;
	int option;

	while ((option = getopt(count, arguments, "w:h:i:o:")) != -1) {
		switch (option) {
		case 'w':
			picture.columns = number(optarg, 8192);
			break;
		case 'h':
			picture.rows = number(optarg, 8192);
			break;
		case 'i':
			picture.iterations = number(optarg, 65535);
			break;
		case 'o':
			path = optarg;
			break;
		default:
			fprintf(stderr, "usage: pooldemo [-w COLUMNS] [-h ROWS] [-i ITERATIONS] "
					"[-o FILE]\n");
			return 2;
		}
	}
	return run(&picture, path) ? 0 : 1;
}
