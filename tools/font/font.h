/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * font-atlas: makes atlases (font/atlas.h) of fonts, with FreeType.
 *
 * main.c reads the options and goes through the characters (subset.c); raster.c draws them
 * with the first of the fonts that has them, boxes.c those that must fill a cell exactly;
 * kerning.c reads the pairs of a font's table GPOS; output.c keeps it all and writes the file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <font/atlas.h>

#include <ft2build.h>
#include FT_FREETYPE_H

#define FONTS_MAX 8

/* One picture. `coverage` belongs to it (malloc). */
struct picture {
	int width, height, left, top;
	uint8_t *coverage;
};

/* The fonts to draw with, and how. */
struct raster {
	FT_Library library;
	FT_Face faces[FONTS_MAX]; /* the first that has a character draws it */
	unsigned face_count;
	int size;            /* 1/64 pixel per em */
	int cell_width;      /* 0: proportional */
	int ascent, descent; /* pixels */
	int line_height;
};

/* Characters from `first` to `last`. */
struct subset_range {
	uint32_t first, last;
	bool shifted; /* a picture for each place of the pen, not one for all */
	bool rare;    /* only in full atlases */
};
extern const struct subset_range subset_ranges[];
extern const size_t subset_range_count;

/* Ends the program with a message. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *must_allocate(size_t size);

/* Opens the fonts; `monospaced` finds the cell. */
void raster_open(struct raster *raster, char *const *paths, unsigned count, double pixels,
		 bool monospaced, int line_height);
void raster_close(struct raster *raster);
/* The face that has the character, NULL: none; `index` is its glyph there. */
FT_Face raster_find(const struct raster *raster, uint32_t code_point, unsigned *index);
/* Draws the character, `shift` (1/64 pixel) right of the pen. False: no font has it. */
bool raster_draw(const struct raster *raster, uint32_t code_point, int shift, struct picture *to,
		 int *advance);

/* True for what boxes_draw() draws: lines and blocks that meet those of the next cell. */
bool boxes_have(uint32_t code_point);
void boxes_draw(const struct raster *raster, uint32_t code_point, struct picture *to);

/* What an atlas is made of. */
struct output;
struct output *output_create(unsigned phases);
void output_destroy(struct output *output);
/* A character's glyph, `phases` pictures of it (which it takes), in ascending order. */
void output_add(struct output *output, uint32_t code_point, struct picture *pictures, int advance);
/* The glyph of a character. -1: none. */
int output_find(const struct output *output, uint32_t code_point);
void output_add_kerning(struct output *output, unsigned left, unsigned right, int adjustment);
void output_write(struct output *output, const struct raster *raster, const char *name,
		  const char *path);

/* Adds the pairs of letters that the first face moves. */
void kerning_add(const struct raster *raster, struct output *output);
