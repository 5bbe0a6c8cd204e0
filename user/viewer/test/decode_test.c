/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding pictures: good ones, damaged ones. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../decode.h"
#include "../image.h"
#include "unit.h"

/* Two by two pixels, 24 bits: red, green; blue, white. The lowest row first. */
static const uint8_t small_bmp[] = {
	'B', 'M', 70, 0, 0,  0, 0,   0, 0, 0,   54,  0,   0, 0, 40, 0, 0,   0, 2,   0, 0, 0, 2, 0,
	0,   0,   1,  0, 24, 0, 0,   0, 0, 0,   16,  0,   0, 0, 0,  0, 0,   0, 0,   0, 0, 0, 0, 0,
	0,   0,   0,  0, 0,  0, 255, 0, 0, 255, 255, 255, 0, 0, 0,  0, 255, 0, 255, 0, 0, 0,
};

UNIT_TEST(viewer, decodes)
{
	struct image image;

	EXPECT(image_decode(&image, small_bmp, sizeof(small_bmp)));
	EXPECT_EQUAL(image.width, 2);
	EXPECT_EQUAL(image.height, 2);
	EXPECT(!image.has_alpha);
	EXPECT_EQUAL(image.pixels[0], 0xffff0000);
	EXPECT_EQUAL(image.pixels[1], 0xff00ff00);
	EXPECT_EQUAL(image.pixels[2], 0xff0000ff);
	EXPECT_EQUAL(image.pixels[3], 0xffffffff);
	free(image.pixels);
}

/* The files of the documentation, with bytes changed and ends cut off. */
UNIT_TEST(viewer, damaged_pictures)
{
	static const char *const names[] = { "docs/images/shell.png" };
	uint64_t random = 7;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t size;
		uint8_t *bytes = unit_read_file(names[i], &size);
		uint8_t *copy = malloc(size);

		for (int round = 0; round < 60; round++) {
			size_t length = size - (round & 1 ? unit_random_below(&random, size) : 0);
			struct image image;

			memcpy(copy, bytes, size);
			for (int j = 0; j < 1 + round / 8; j++)
				copy[unit_random_below(&random, round < 30 ? 64 : size)] =
					(uint8_t)unit_random(&random);
			if (image_decode(&image, copy, length))
				free(image.pixels);
		}
		free(copy);
		free(bytes);
	}
}

static enum decode_state decode_whole(struct decode *decode)
{
	enum decode_state state;

	do {
		struct pollfd poller = { .fd = decode->fd, .events = POLLIN };

		if (poll(&poller, 1, 20000) <= 0)
			unit_fail(__FILE__, __LINE__, "nothing arrives");
		state = decode_continue(decode);
	} while (state == DECODE_RUNS);
	return state;
}

static void write_file(char *path, const void *bytes, size_t size)
{
	int fd = mkstemp(path);

	EXPECT(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	close(fd);
}

UNIT_TEST(viewer, decodes_in_another_process)
{
	struct decode decode = { 0 };
	char good[] = "/tmp/viewer.XXXXXX", bad[] = "/tmp/viewer.XXXXXX";

	write_file(good, small_bmp, sizeof(small_bmp));
	write_file(bad, small_bmp, 40);
	EXPECT_EQUAL(decode_start(&decode, good, -1), 0);
	EXPECT_EQUAL(decode_whole(&decode), DECODE_DONE);
	EXPECT_EQUAL(decode.width, 2);
	EXPECT_EQUAL(decode.pixels[1], 0xff00ff00);
	EXPECT_EQUAL(decode_start(&decode, bad, -1), 0);
	EXPECT_EQUAL(decode_whole(&decode), DECODE_FAILED);
	EXPECT(decode_start(&decode, "/tmp/viewer.none/x", -1) < 0);
	EXPECT_EQUAL(decode_start(&decode, "/tmp", -1), 0);
	EXPECT_EQUAL(decode_whole(&decode), DECODE_FAILED);
	decode_stop(&decode);
	unlink(good);
	unlink(bad);
}
