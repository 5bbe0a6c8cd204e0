/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fonts made by hand, damaged ones, and the host's. */
#include <base/errno.h>
#include <base/string.h>
#include <font/font.h>

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Opens a copy of exact size, which stays allocated: the sanitizer then sees all reads. */
static int open_copy(struct font *font, const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size);
	int result;

	memcpy(copy, bytes, size);
	result = font_open(font, copy, size);
	if (result < 0)
		free(copy);
	return result;
}

static void open_and_index(struct font *font, const void *bytes, size_t size)
{
	EXPECT_EQUAL(open_copy(font, bytes, size), 0);
	font_index(font, malloc(font->mapping_count * sizeof(struct font_mapping)));
}

static void font_free(struct font *font, size_t header_size)
{
	free((void *)font->mappings);
	free((void *)(font->glyphs - header_size));
}

/* Two glyphs of 10 by 3 pixels. Glyph 0: 'A', U+0391, and a sequence; 1: '?', 'A'. */
static const char psf2[] = "\x72\xb5\x4a\x86"
			   "\0\0\0\0\x20\0\0\0\1\0\0\0\2\0\0\0\6\0\0\0\3\0\0\0\xa\0\0\0"
			   "\x80\x40\x11\x22\x33\xc0"
			   "\xff\xff\0\0\xff\xff"
			   "A\xce\x91\xfe"
			   "BC\xff"
			   "?A\xff";

#define PSF2_SIZE (sizeof(psf2) - 1)

UNIT_TEST(font, psf2)
{
	struct font font;

	open_and_index(&font, psf2, PSF2_SIZE);
	EXPECT(font.glyph_count == 2 && font.width == 10 && font.height == 3 && font.stride == 2);
	EXPECT_EQUAL(font.mapping_count, 3);
	EXPECT_EQUAL(font_glyph(&font, 'A'), 0);
	EXPECT_EQUAL(font_glyph(&font, 0x391), 0);
	EXPECT_EQUAL(font_glyph(&font, '?'), 1);
	EXPECT_EQUAL(font_glyph(&font, 'B'), 1); /* only in a sequence: replaced */
	EXPECT(font_has_glyph(&font, 'A') && !font_has_glyph(&font, 'C'));
	EXPECT_BYTES(font_bitmap(&font, 0), "\x80\x40\x11\x22\x33\xc0", 6);
	EXPECT_BYTES(font_bitmap(&font, 1), "\xff\xff\0\0\xff\xff", 6);
	font_free(&font, 32);
}

UNIT_TEST(font, psf2_without_table)
{
	struct font font;
	char bytes[PSF2_SIZE];

	memcpy(bytes, psf2, PSF2_SIZE);
	bytes[12] = 0;
	EXPECT_EQUAL(open_copy(&font, bytes, 32 + 12), 0);
	EXPECT_EQUAL(font.mapping_count, 0);
	font_index(&font, NULL);
	EXPECT_EQUAL(font_glyph(&font, 1), 1);
	EXPECT_EQUAL(font_glyph(&font, 2), 0);
	EXPECT(!font_has_glyph(&font, 2));
	font_free(&font, 32);
}

UNIT_TEST(font, psf2_cut_short)
{
	struct font font;

	for (size_t size = 0; size < PSF2_SIZE; size++)
		EXPECT_EQUAL(open_copy(&font, psf2, size), -EINVAL);
}

static int with_word(size_t offset, uint32_t value)
{
	char bytes[PSF2_SIZE];
	struct font font;
	int result;

	memcpy(bytes, psf2, PSF2_SIZE);
	memcpy(bytes + offset, &value, 4);
	result = open_copy(&font, bytes, PSF2_SIZE);
	if (result == 0)
		font_free(&font, 32);
	return result;
}

UNIT_TEST(font, psf2_hostile_fields)
{
	EXPECT_EQUAL(with_word(0, 0x864ab573), -EINVAL);
	EXPECT_EQUAL(with_word(4, 1), -EINVAL);
	EXPECT_EQUAL(with_word(8, 31), -EINVAL);
	EXPECT_EQUAL(with_word(8, 0xffffffff), -EINVAL);
	EXPECT_EQUAL(with_word(16, 0), -EINVAL);
	EXPECT_EQUAL(with_word(16, 0xffffffff), -EINVAL);
	EXPECT_EQUAL(with_word(16, 0x2aaaaaab), -EINVAL);
	EXPECT_EQUAL(with_word(20, 7), -EINVAL);
	EXPECT_EQUAL(with_word(20, 0), -EINVAL);
	EXPECT_EQUAL(with_word(24, 0), -EINVAL);
	EXPECT_EQUAL(with_word(24, 0x80000003), -EINVAL);
	EXPECT_EQUAL(with_word(28, 0), -EINVAL);
	EXPECT_EQUAL(with_word(28, 0xfffffff9), -EINVAL);
	EXPECT_EQUAL(with_word(28, 9), 0);
	/* The table: a continuation byte alone, and a sequence that is cut. */
	EXPECT_EQUAL(with_word(44, 0xfe91ce80), -EINVAL);
	EXPECT_EQUAL(with_word(44, 0xfe41ce41), -EINVAL);
}

UNIT_TEST(font, random_mutations)
{
	uint64_t seed = 1;
	unsigned opened = 0;

	for (unsigned round = 0; round < 50000; round++) {
		char bytes[PSF2_SIZE];
		struct font_mapping *memory;
		struct font font;

		memcpy(bytes, psf2, PSF2_SIZE);
		for (unsigned i = 0; i <= round % 3; i++)
			bytes[unit_random_below(&seed, PSF2_SIZE)] = (char)unit_random(&seed);
		if (open_copy(&font, bytes, PSF2_SIZE) < 0)
			continue;
		memory = malloc(font.mapping_count * sizeof(*memory));
		font_index(&font, memory);
		for (uint32_t code_point = 0; code_point < 0x500; code_point++)
			EXPECT(font_glyph(&font, code_point) < font.glyph_count);
		opened++;
		free(memory);
		free((void *)(font.glyphs - (uint8_t)bytes[8] - (uint8_t)bytes[9] * 256));
	}
	EXPECT(opened > 1000);
}

UNIT_TEST(font, psf1)
{
	static char bytes[4 + 256 * 2 + 256 * 2 + 10];
	size_t size = 4 + 256 * 2;
	struct font font;

	memcpy(bytes, "\x36\x04\x02\x02", 4);
	memcpy(bytes + 4 + 2 * 7, "\x18\x81", 2);
	for (unsigned glyph = 0; glyph < 256; glyph++) {
		if (glyph == 7) {
			memcpy(bytes + size, "\x3b\x26\xfe\xff\x41\0\x01\x03", 8);
			size += 8;
		}
		bytes[size++] = '\xff';
		bytes[size++] = '\xff';
	}
	open_and_index(&font, bytes, size);
	EXPECT(font.glyph_count == 256 && font.width == 8 && font.height == 2);
	EXPECT_EQUAL(font.mapping_count, 1);
	EXPECT_EQUAL(font_glyph(&font, 0x263b), 7);
	EXPECT_EQUAL(font_glyph(&font, 'A'), 0);
	EXPECT_BYTES(font_bitmap(&font, 7), "\x18\x81", 2);
	font_free(&font, 4);
	for (size_t cut = 0; cut < size; cut += 3)
		EXPECT_EQUAL(open_copy(&font, bytes, cut), -EINVAL);
}

/* Reads one of the host's fonts; skips the test where there is none. */
static uint8_t *host_font(const char *name, size_t *size)
{
	char command[256];
	char path[] = "/tmp/font_test.XXXXXX";
	uint8_t *bytes;

	close(mkstemp(path));
	snprintf(command, sizeof(command), "gzip -dc /usr/share/consolefonts/%s.psf.gz 2>&1 > %s",
		 name, path);
	if (system(command) != 0) {
		remove(path);
		unit_skip("the host has no font %s", name);
	}
	bytes = unit_read_file(path, size);
	remove(path);
	return bytes;
}

/* Draws a glyph in text. */
static void draw(const struct font *font, uint32_t code_point, char *text)
{
	const uint8_t *row = font_bitmap(font, font_glyph(font, code_point));

	for (unsigned y = 0; y < font->height; y++, row += font->stride) {
		for (unsigned x = 0; x < font->width; x++)
			*text++ = row[x / 8] >> (7 - x % 8) & 1 ? '#' : '.';
		*text++ = '\n';
	}
	*text = '\0';
}

UNIT_TEST(font, console_font)
{
	static char text[17 * 33 + 1];
	struct font font;
	size_t size;
	uint8_t *bytes = host_font("Uni2-Terminus16", &size);

	open_and_index(&font, bytes, size);
	EXPECT(font.width == 8 && font.height == 16 && font.glyph_count == 512);
	for (uint32_t code_point = 0x20; code_point < 0x7f; code_point++)
		EXPECT(font_has_glyph(&font, code_point));
	EXPECT(font_has_glyph(&font, 0x2500) && font_has_glyph(&font, 0xe9) &&
	       font_has_glyph(&font, 0x416));
	draw(&font, 'L', text);
	EXPECT_STRING(text, "........\n........\n.#......\n.#......\n.#......\n.#......\n"
			    ".#......\n.#......\n.#......\n.#......\n.#......\n.######.\n"
			    "........\n........\n........\n........\n");
	font_free(&font, 4);
	free(bytes);
}

UNIT_TEST(font, large_console_font)
{
	struct font font;
	size_t size;
	uint8_t *bytes = host_font("Uni2-Terminus32x16", &size);

	open_and_index(&font, bytes, size);
	EXPECT(font.width == 16 && font.height == 32 && font.stride == 2);
	EXPECT(font_has_glyph(&font, 'x') && font_glyph(&font, 'x') != font_glyph(&font, 'y'));
	font_free(&font, 32);
	free(bytes);
}
