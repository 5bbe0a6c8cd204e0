/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PSF fonts: a header, the bitmaps of all glyphs, and optionally a table that gives for each
 * glyph in turn the code points that it shows, then sequences of code points (which are
 * left out here), then a terminator. PSF1 writes the table in 16-bit words, PSF2 in UTF-8.
 */
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>
#include <font/font.h>

#define PSF1_MAGIC         "\x36\x04"
#define PSF1_MODE_512      0x01 /* 512 glyphs, otherwise 256 */
#define PSF1_MODE_TABLE    0x02
#define PSF1_MODE_SEQUENCE 0x04 /* the table has sequences too */
#define PSF1_WIDTH         8
#define PSF1_SEQUENCE      0xfffe
#define PSF1_TERMINATOR    0xffff

#define PSF2_MAGIC      0x864ab572
#define PSF2_FLAG_TABLE 1
#define PSF2_SEQUENCE   0xfe
#define PSF2_TERMINATOR 0xff

struct psf1_header {
	/* 0x00 */ uint8_t magic[2];
	/* 0x02 */ uint8_t mode;
	/* 0x03 */ uint8_t glyph_size;
};

struct psf2_header {
	/* 0x00 */ uint32_t magic;
	/* 0x04 */ uint32_t version;
	/* 0x08 */ uint32_t header_size; /* where the bitmaps begin */
	/* 0x0c */ uint32_t flags;
	/* 0x10 */ uint32_t glyph_count;
	/* 0x14 */ uint32_t glyph_size;
	/* 0x18 */ uint32_t height;
	/* 0x1c */ uint32_t width;
};

_Static_assert(sizeof(struct psf1_header) == 4, "PSF1 header");
_Static_assert(sizeof(struct psf2_header) == 32, "PSF2 header");

/* Takes the file apart after its header has been read into `font`. */
static int font_open_parts(struct font *font, const uint8_t *bytes, size_t size, size_t start,
			   bool has_table)
{
	uint64_t bitmaps;

	if (font->glyph_count == 0 || font->glyph_count > FONT_GLYPHS_MAX || font->width == 0 ||
	    font->width > FONT_SIDE_MAX || font->height == 0 || font->height > FONT_SIDE_MAX)
		return -EINVAL;
	font->stride = (font->width + 7) / 8;
	if (font->glyph_size != font->stride * font->height)
		return -EINVAL;
	bitmaps = font->glyph_count * font->glyph_size;
	if (!range_within(start, bitmaps, size))
		return -EINVAL;
	font->glyphs = bytes + start;
	if (has_table) {
		font->table = font->glyphs + bitmaps;
		font->table_size = size - start - bitmaps;
	}
	return 0;
}

static int font_open_psf1(struct font *font, const uint8_t *bytes, size_t size)
{
	struct psf1_header header;

	memcpy(&header, bytes, sizeof(header));
	font->glyph_count = header.mode & PSF1_MODE_512 ? 512 : 256;
	font->width = PSF1_WIDTH;
	font->height = header.glyph_size;
	font->glyph_size = header.glyph_size;
	return font_open_parts(font, bytes, size, sizeof(header),
			       header.mode & (PSF1_MODE_TABLE | PSF1_MODE_SEQUENCE));
}

static int font_open_psf2(struct font *font, const uint8_t *bytes, size_t size)
{
	struct psf2_header header;

	if (size < sizeof(header))
		return -EINVAL;
	memcpy(&header, bytes, sizeof(header));
	if (header.magic != PSF2_MAGIC || header.version != 0 ||
	    header.header_size < sizeof(header))
		return -EINVAL;
	font->glyph_count = header.glyph_count;
	font->width = header.width;
	font->height = header.height;
	font->glyph_size = header.glyph_size;
	font->table_utf8 = true;
	return font_open_parts(font, bytes, size, header.header_size,
			       header.flags & PSF2_FLAG_TABLE);
}

/* What stands at a place of the table. */
enum table_item {
	TABLE_CODE_POINT,
	TABLE_SEQUENCE,   /* sequences follow */
	TABLE_TERMINATOR, /* the next glyph follows */
	TABLE_END,
	TABLE_DAMAGED,
};

struct table_reader {
	const uint8_t *next;
	const uint8_t *end;
	bool utf8;
};

static enum table_item table_next_word(struct table_reader *reader, uint32_t *code_point)
{
	if (reader->end - reader->next < 2)
		return TABLE_DAMAGED;
	*code_point = reader->next[0] | (uint32_t)reader->next[1] << 8;
	reader->next += 2;
	if (*code_point == PSF1_SEQUENCE)
		return TABLE_SEQUENCE;
	return *code_point == PSF1_TERMINATOR ? TABLE_TERMINATOR : TABLE_CODE_POINT;
}

/* Overlong forms and surrogates do no harm here: they map what nobody looks up. */
static enum table_item table_next_utf8(struct table_reader *reader, uint32_t *code_point)
{
	uint8_t first = *reader->next++;
	unsigned following;

	if (first == PSF2_SEQUENCE)
		return TABLE_SEQUENCE;
	if (first == PSF2_TERMINATOR)
		return TABLE_TERMINATOR;
	if (first < 0x80)
		following = 0;
	else if (first >= 0xc0 && first < 0xe0)
		following = 1;
	else if (first >= 0xe0 && first < 0xf0)
		following = 2;
	else if (first >= 0xf0 && first < 0xf8)
		following = 3;
	else
		return TABLE_DAMAGED;
	*code_point = following ? first & (0x3fu >> following) : first;
	for (; following > 0; following--) {
		if (reader->next == reader->end || (*reader->next & 0xc0) != 0x80)
			return TABLE_DAMAGED;
		*code_point = *code_point << 6 | (*reader->next++ & 0x3f);
	}
	return TABLE_CODE_POINT;
}

static enum table_item table_next(struct table_reader *reader, uint32_t *code_point)
{
	if (reader->next == reader->end)
		return TABLE_END;
	if (reader->utf8)
		return table_next_utf8(reader, code_point);
	return table_next_word(reader, code_point);
}

/* Walks the table: counts the mappings, and stores them if `mappings` is given. The table
 * must end each glyph that it speaks of, and speak of no more than there are. */
static int table_read(const struct font *font, struct font_mapping *mappings, size_t *count)
{
	struct table_reader reader = {
		.next = font->table,
		.end = font->table + font->table_size,
		.utf8 = font->table_utf8,
	};
	uint32_t glyph = 0;
	bool sequence = false;

	*count = 0;
	while (glyph < font->glyph_count) {
		uint32_t code_point;

		switch (table_next(&reader, &code_point)) {
		case TABLE_CODE_POINT:
			if (sequence)
				break;
			if (mappings)
				mappings[*count] = (struct font_mapping){ code_point, glyph };
			++*count;
			break;
		case TABLE_SEQUENCE:
			sequence = true;
			break;
		case TABLE_TERMINATOR:
			sequence = false;
			glyph++;
			break;
		case TABLE_END:
		case TABLE_DAMAGED:
			return -EINVAL;
		}
	}
	return 0;
}

int font_open(struct font *font, const void *bytes, size_t size)
{
	int result;

	*font = (struct font){ 0 };
	if (size < sizeof(struct psf1_header))
		return -EINVAL;
	if (memcmp(bytes, PSF1_MAGIC, sizeof(PSF1_MAGIC) - 1) == 0)
		result = font_open_psf1(font, bytes, size);
	else
		result = font_open_psf2(font, bytes, size);
	if (result < 0 || !font->table)
		return result;
	return table_read(font, NULL, &font->mapping_count);
}

static bool mapping_before(const struct font_mapping *a, const struct font_mapping *b)
{
	if (a->code_point != b->code_point)
		return a->code_point < b->code_point;
	return a->glyph < b->glyph;
}

/* Moves the mapping at `root` down the heap until no child goes after it. */
static void heap_sift(struct font_mapping *mappings, size_t root, size_t count)
{
	struct font_mapping moved = mappings[root];

	while (2 * root + 1 < count) {
		size_t child = 2 * root + 1;

		if (child + 1 < count && mapping_before(&mappings[child], &mappings[child + 1]))
			child++;
		if (!mapping_before(&moved, &mappings[child]))
			break;
		mappings[root] = mappings[child];
		root = child;
	}
	mappings[root] = moved;
}

/* A heap sort: in place, and of the same cost whatever the table holds. */
static void mappings_sort(struct font_mapping *mappings, size_t count)
{
	for (size_t root = count / 2; root > 0; root--)
		heap_sift(mappings, root - 1, count);
	for (size_t last = count; last > 1; last--) {
		struct font_mapping greatest = mappings[0];

		mappings[0] = mappings[last - 1];
		mappings[last - 1] = greatest;
		heap_sift(mappings, 0, last - 1);
	}
}

/* Keeps the first glyph of each code point; returns how many mappings are left. */
static size_t mappings_unite(struct font_mapping *mappings, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || mappings[kept - 1].code_point != mappings[i].code_point)
			mappings[kept++] = mappings[i];
	}
	return kept;
}

/* Finds the glyph of `code_point`. Returns false if there is none. */
static bool font_find(const struct font *font, uint32_t code_point, size_t *glyph)
{
	size_t low = 0;
	size_t high = font->mapping_count;

	if (!font->table) {
		*glyph = code_point;
		return code_point < font->glyph_count;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (font->mappings[middle].code_point < code_point)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == font->mapping_count || font->mappings[low].code_point != code_point)
		return false;
	*glyph = font->mappings[low].glyph;
	return true;
}

void font_index(struct font *font, struct font_mapping *memory)
{
	size_t count;

	if (font->table && table_read(font, memory, &count) == 0) {
		mappings_sort(memory, count);
		font->mappings = memory;
		font->mapping_count = mappings_unite(memory, count);
	}
	if (!font_find(font, 0xfffd, &font->replacement) &&
	    !font_find(font, '?', &font->replacement))
		font->replacement = 0;
}

size_t font_glyph(const struct font *font, uint32_t code_point)
{
	size_t glyph;

	return font_find(font, code_point, &glyph) ? glyph : font->replacement;
}

bool font_has_glyph(const struct font *font, uint32_t code_point)
{
	size_t glyph;

	return font_find(font, code_point, &glyph);
}
