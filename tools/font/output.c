/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atlas as it grows: glyphs, their pictures (each only once), ranges, kerning; and the file. */
#include "font.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GLYPHS_MAX   8192
#define COVERAGE_MAX (16u << 20)
#define KERNING_MAX  65536
#define HASH_SIZE    65536

struct output {
	unsigned phases;
	uint32_t glyph_count;
	uint32_t code_points[GLYPHS_MAX];
	struct font_glyph glyphs[GLYPHS_MAX * FONT_PHASES_MAX];
	struct font_kerning kerning[KERNING_MAX];
	uint32_t kerning_count;
	uint8_t coverage[COVERAGE_MAX];
	uint32_t coverage_size;
	/* Pictures by what they hold, open addressing: the glyph + 1. */
	uint32_t hash[HASH_SIZE];
};

struct output *output_create(unsigned phases)
{
	struct output *output = must_allocate(sizeof(*output));

	output->phases = phases;
	return output;
}

void output_destroy(struct output *output)
{
	free(output);
}

static uint32_t picture_hash(const uint8_t *bytes, size_t size)
{
	uint32_t hash = 2166136261u;

	while (size-- > 0)
		hash = (hash ^ *bytes++) * 16777619u;
	return hash;
}

/* Where these bytes are, which are added if they are new. */
static uint32_t coverage_place(struct output *output, uint32_t glyph, const uint8_t *bytes,
			       size_t size)
{
	uint32_t slot = picture_hash(bytes, size) % HASH_SIZE;

	for (; output->hash[slot]; slot = (slot + 1) % HASH_SIZE) {
		const struct font_glyph *other = &output->glyphs[output->hash[slot] - 1];

		if ((size_t)other->width * other->height == size &&
		    memcmp(output->coverage + other->offset, bytes, size) == 0)
			return other->offset;
	}
	if (size > COVERAGE_MAX - output->coverage_size)
		fail("more pictures than the program has room for");
	output->hash[slot] = glyph + 1;
	memcpy(output->coverage + output->coverage_size, bytes, size);
	output->coverage_size += (uint32_t)size;
	return output->coverage_size - (uint32_t)size;
}

void output_add(struct output *output, uint32_t code_point, struct picture *pictures, int advance)
{
	if (output->glyph_count == GLYPHS_MAX)
		fail("more glyphs than the program has room for");
	output->code_points[output->glyph_count] = code_point;
	for (unsigned i = 0; i < output->phases; i++) {
		uint32_t number = output->glyph_count * output->phases + i;
		struct font_glyph *glyph = &output->glyphs[number];
		const struct picture *picture = &pictures[i];

		glyph->offset = coverage_place(output, number, picture->coverage,
					       (size_t)picture->width * (size_t)picture->height);
		glyph->width = (uint16_t)picture->width;
		glyph->height = (uint16_t)picture->height;
		glyph->left = (int16_t)picture->left;
		glyph->top = (int16_t)picture->top;
		glyph->advance = (int16_t)advance;
		free(picture->coverage);
	}
	output->glyph_count++;
}

int output_find(const struct output *output, uint32_t code_point)
{
	for (uint32_t i = 0; i < output->glyph_count; i++) {
		if (output->code_points[i] == code_point)
			return (int)i;
	}
	return -1;
}

void output_add_kerning(struct output *output, unsigned left, unsigned right, int adjustment)
{
	if (output->kerning_count == KERNING_MAX)
		fail("more kerning than the program has room for");
	output->kerning[output->kerning_count++] = (struct font_kerning){
		.left = (uint16_t)left,
		.right = (uint16_t)right,
		.adjustment = (int16_t)adjustment,
	};
}

static int kerning_compare(const void *a, const void *b)
{
	const struct font_kerning *x = a;
	const struct font_kerning *y = b;

	if (x->left != y->left)
		return x->left < y->left ? -1 : 1;
	return (x->right > y->right) - (x->right < y->right);
}

/* The runs of code points that follow each other. */
static uint32_t output_ranges(const struct output *output, struct font_atlas_range *ranges)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < output->glyph_count; i++) {
		if (i > 0 && output->code_points[i] == output->code_points[i - 1] + 1)
			ranges[count - 1].count++;
		else
			ranges[count++] = (struct font_atlas_range){ output->code_points[i], 1, i };
	}
	return count;
}

static void must_write(FILE *file, const void *bytes, size_t size, const char *path)
{
	if (size > 0 && fwrite(bytes, size, 1, file) != 1)
		fail("%s: cannot be written", path);
}

void output_write(struct output *output, const struct raster *raster, const char *name,
		  const char *path)
{
	struct font_atlas_range *ranges = must_allocate(GLYPHS_MAX * sizeof(*ranges));
	struct font_atlas_header header = {
		.magic = FONT_ATLAS_MAGIC,
		.version = FONT_ATLAS_VERSION,
		.pixels = (uint16_t)((raster->size + 32) / 64),
		.line_height = (uint16_t)raster->line_height,
		.ascent = (int16_t)raster->ascent,
		.descent = (int16_t)raster->descent,
		.cell_width = (uint16_t)raster->cell_width,
		.phases = (uint16_t)output->phases,
		.range_count = output_ranges(output, ranges),
		.glyph_count = output->glyph_count,
		.kerning_count = output->kerning_count,
	};
	size_t glyphs_size = (size_t)output->glyph_count * output->phases * sizeof(*output->glyphs);
	size_t kerning_size = output->kerning_count * sizeof(*output->kerning);
	int replacement = output_find(output, 0xfffd);
	FILE *file = fopen(path, "wb");

	if (!file)
		fail("%s: cannot be opened", path);
	if (replacement < 0)
		fail("no font has the replacement, U+FFFD");
	header.replacement = (uint32_t)replacement;
	header.size = (uint32_t)(sizeof(header) + header.range_count * sizeof(*ranges) +
				 glyphs_size + kerning_size + output->coverage_size);
	snprintf(header.name, sizeof(header.name), "%s", name);
	qsort(output->kerning, output->kerning_count, sizeof(*output->kerning), kerning_compare);
	must_write(file, &header, sizeof(header), path);
	must_write(file, ranges, header.range_count * sizeof(*ranges), path);
	must_write(file, output->glyphs, glyphs_size, path);
	must_write(file, output->kerning, kerning_size, path);
	must_write(file, output->coverage, output->coverage_size, path);
	if (fclose(file) != 0)
		fail("%s: cannot be written", path);
	free(ranges);
}
