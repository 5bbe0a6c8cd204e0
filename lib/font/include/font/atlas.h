/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Atlases: the anti-aliased glyphs of one font in one size, rasterised at build time
 * (tools/font). A file that lies in memory, as its header below says; it is checked when it is opened,
 * nothing of it is trusted later.
 */
#pragma once

#include <base/types.h>

#define FONT_ATLAS_MAGIC   0x534c5441u /* "ATLS" */
#define FONT_ATLAS_VERSION 1

/* Little-endian, packed by nature. The ranges follow, then the glyphs, then the coverage. */
struct font_atlas_header {
	/* 0x00 */ uint32_t magic;
	/* 0x04 */ uint32_t version;
	/* 0x08 */ uint32_t size;        /* of all, in bytes */
	/* 0x0c */ uint16_t pixels;      /* the size of the font: pixels per em */
	/* 0x0e */ uint16_t line_height; /* pixels from one line to the next */
	/* 0x10 */ int16_t ascent;       /* pixels from the top of the line to the base line */
	/* 0x12 */ int16_t descent;      /* pixels from the base line down, positive */
	/* 0x14 */ uint16_t cell_width;  /* of a monospaced font; 0: proportional */
	/* 0x16 */ uint16_t phases;      /* pictures of each glyph, see below */
	/* 0x18 */ uint32_t range_count;
	/* 0x1c */ uint32_t glyph_count;
	/* 0x20 */ uint32_t kerning_count; /* pairs, behind the glyphs, ascending */
	/* 0x24 */ uint32_t replacement;   /* the glyph of what the font lacks; visible */
	/* 0x28 */ char name[24];          /* terminated */
};
_Static_assert(sizeof(struct font_atlas_header) == 0x40, "the header's size");

/* A font whose glyphs stand at any place has several pictures of each, `phases` entries one after the
 * other: picture n belongs to pens whose place is n / phases pixels right of a whole one. */
#define FONT_PHASES_MAX 8

/* No picture is larger, in pixels; nothing stands further from its pen. */
#define FONT_ATLAS_SIDE_MAX 512

/* Code points first .. first + count - 1 have the glyphs `glyph` and following; ascending. */
struct font_atlas_range {
	uint32_t first, count, glyph;
};

struct font_glyph {
	uint32_t offset;        /* of its coverage, `width` bytes a row, behind the tables */
	uint16_t width, height; /* of the bitmap */
	int16_t left, top;      /* of the bitmap: right of the pen, above the base line */
	int16_t advance;        /* of the pen, in 1/64 pixel */
	uint16_t reserved;
};
_Static_assert(sizeof(struct font_glyph) == 16, "a glyph's size");

struct font_kerning {
	uint16_t left, right; /* glyphs */
	int16_t adjustment;   /* 1/64 pixel */
	uint16_t reserved;
};

struct font_atlas {
	const struct font_atlas_header *header;
	const struct font_atlas_range *ranges;
	const struct font_glyph *glyphs;
	const struct font_kerning *kerning;
	const uint8_t *coverage;
};

/* Checks the `size` bytes at `bytes` (aligned to 4), which stay there while it is used. -EINVAL. */
int must_check font_atlas_open(struct font_atlas *atlas, const void *bytes, size_t size);
/* The number of a code point's glyph (below glyph_count), or of the replacement. */
uint32_t font_atlas_index(const struct font_atlas *atlas, uint32_t code_point);
bool font_atlas_has(const struct font_atlas *atlas, uint32_t code_point);
/* How two glyphs that follow each other move closer, in 1/64 pixel. */
int font_atlas_kerning(const struct font_atlas *atlas, uint32_t left, uint32_t right);

/* The glyph of a code point, or the replacement: its picture at a whole pixel. */
static inline const struct font_glyph *font_atlas_glyph(const struct font_atlas *atlas,
							uint32_t code_point)
{
	return &atlas->glyphs[font_atlas_index(atlas, code_point) * atlas->header->phases];
}

static inline const uint8_t *font_atlas_coverage(const struct font_atlas *atlas,
						 const struct font_glyph *glyph)
{
	return atlas->coverage + glyph->offset;
}
