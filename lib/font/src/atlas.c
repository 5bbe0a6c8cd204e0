/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Atlases: all is checked once, when one is opened. A table that follows another begins where that ends;
 * each of them has elements of a multiple of 4 bytes.
 */
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>
#include <font/atlas.h>

#define CODE_POINT_MAX 0x10ffffu

static bool header_is_sound(const struct font_atlas_header *header, size_t size)
{
	return header->magic == FONT_ATLAS_MAGIC && header->version == FONT_ATLAS_VERSION &&
	       header->size >= sizeof(*header) && header->size <= size && header->pixels >= 1 &&
	       header->pixels <= FONT_ATLAS_SIDE_MAX && header->line_height >= 1 &&
	       header->line_height <= FONT_ATLAS_SIDE_MAX &&
	       header->ascent >= -FONT_ATLAS_SIDE_MAX && header->ascent <= FONT_ATLAS_SIDE_MAX &&
	       header->descent >= -FONT_ATLAS_SIDE_MAX && header->descent <= FONT_ATLAS_SIDE_MAX &&
	       header->cell_width <= FONT_ATLAS_SIDE_MAX && header->phases >= 1 &&
	       header->phases <= FONT_PHASES_MAX && header->replacement < header->glyph_count &&
	       memchr(header->name, 0, sizeof(header->name)) != NULL;
}

/* Takes `count` elements of `element` bytes off the file. NULL: they do not fit. */
static const void *table_take(const struct font_atlas_header *header, uint64_t *offset,
			      uint64_t count, size_t element)
{
	const void *table = (const uint8_t *)header + *offset;
	uint64_t bytes;

	if (!checked_mul(count, element, &bytes) || !range_within(*offset, bytes, header->size))
		return NULL;
	*offset += bytes;
	return table;
}

static bool ranges_are_sound(const struct font_atlas *atlas)
{
	uint64_t next = 0;

	for (uint32_t i = 0; i < atlas->header->range_count; i++) {
		const struct font_atlas_range *range = &atlas->ranges[i];

		if (range->first < next || range->count == 0 ||
		    !range_within(range->first, range->count, CODE_POINT_MAX + 1ull) ||
		    !range_within(range->glyph, range->count, atlas->header->glyph_count))
			return false;
		next = (uint64_t)range->first + range->count;
	}
	return true;
}

static bool offset_is_near(int16_t offset)
{
	return offset >= -FONT_ATLAS_SIDE_MAX && offset <= FONT_ATLAS_SIDE_MAX;
}

static bool glyphs_are_sound(const struct font_atlas *atlas, uint64_t coverage_size)
{
	uint64_t count = (uint64_t)atlas->header->glyph_count * atlas->header->phases;

	for (uint64_t i = 0; i < count; i++) {
		const struct font_glyph *glyph = &atlas->glyphs[i];

		if (glyph->width > FONT_ATLAS_SIDE_MAX || glyph->height > FONT_ATLAS_SIDE_MAX ||
		    !offset_is_near(glyph->left) || !offset_is_near(glyph->top) ||
		    glyph->advance < 0 ||
		    !range_within(glyph->offset, (uint64_t)glyph->width * glyph->height,
				  coverage_size))
			return false;
	}
	return true;
}

static uint32_t kerning_key(const struct font_kerning *pair)
{
	return (uint32_t)pair->left << 16 | pair->right;
}

static bool kerning_is_sound(const struct font_atlas *atlas)
{
	for (uint32_t i = 0; i < atlas->header->kerning_count; i++) {
		const struct font_kerning *pair = &atlas->kerning[i];

		if (pair->adjustment < -FONT_ATLAS_SIDE_MAX ||
		    pair->adjustment > FONT_ATLAS_SIDE_MAX ||
		    (i > 0 && kerning_key(pair - 1) >= kerning_key(pair)))
			return false;
	}
	return true;
}

int font_atlas_open(struct font_atlas *atlas, const void *bytes, size_t size)
{
	const struct font_atlas_header *header = bytes;
	uint64_t offset = sizeof(*header);

	if ((uintptr_t)bytes % sizeof(uint32_t) != 0 || size < sizeof(*header) ||
	    !header_is_sound(header, size))
		return -EINVAL;
	*atlas = (struct font_atlas){ .header = header };
	atlas->ranges = table_take(header, &offset, header->range_count, sizeof(*atlas->ranges));
	if (!atlas->ranges)
		return -EINVAL;
	atlas->glyphs = table_take(header, &offset, (uint64_t)header->glyph_count * header->phases,
				   sizeof(*atlas->glyphs));
	if (!atlas->glyphs)
		return -EINVAL;
	atlas->kerning =
		table_take(header, &offset, header->kerning_count, sizeof(*atlas->kerning));
	if (!atlas->kerning)
		return -EINVAL;
	atlas->coverage = (const uint8_t *)bytes + offset;
	if (!ranges_are_sound(atlas) || !glyphs_are_sound(atlas, header->size - offset) ||
	    !kerning_is_sound(atlas))
		return -EINVAL;
	return 0;
}

/* The range with the code point. NULL: none. */
static const struct font_atlas_range *atlas_find(const struct font_atlas *atlas,
						 uint32_t code_point)
{
	uint32_t low = 0;
	uint32_t high = atlas->header->range_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct font_atlas_range *range = &atlas->ranges[middle];

		if (code_point < range->first)
			high = middle;
		else if (code_point - range->first >= range->count)
			low = middle + 1;
		else
			return range;
	}
	return NULL;
}

uint32_t font_atlas_index(const struct font_atlas *atlas, uint32_t code_point)
{
	const struct font_atlas_range *range = atlas_find(atlas, code_point);

	return range ? range->glyph + (code_point - range->first) : atlas->header->replacement;
}

bool font_atlas_has(const struct font_atlas *atlas, uint32_t code_point)
{
	return atlas_find(atlas, code_point) != NULL;
}

int font_atlas_kerning(const struct font_atlas *atlas, uint32_t left, uint32_t right)
{
	uint32_t low = 0;
	uint32_t high = atlas->header->kerning_count;
	uint32_t key = left << 16 | right;

	if (left > UINT16_MAX || right > UINT16_MAX)
		return 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t found = kerning_key(&atlas->kerning[middle]);

		if (found == key)
			return atlas->kerning[middle].adjustment;
		if (found < key)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}
