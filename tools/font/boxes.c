/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines and blocks (U+2500 to U+259F) drawn to a cell's very edges, so that they meet those of the next
 * cells whatever the font's own look like.
 */
#include "font.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINES_FIRST  0x2500u
#define BLOCKS_FIRST 0x2580u
#define BLOCKS_LAST  0x259fu
#define SAMPLES      16 /* of a pixel's side, where it is not all or nothing */

/* The four arms of a line, each of them none (0), light (1), heavy (2) or double (3), from
 * U+2500 on: up, right, down, left. Empty: drawn otherwise. */
enum arm {
	ARM_UP,
	ARM_RIGHT,
	ARM_DOWN,
	ARM_LEFT,
};
static const char line_arms[128][5] = {
	"0101", "0202", "1010", "2020", "",     "",     "",     "",     "", "", "", "", /* 2500 */
	"0110", "0210", "0120", "0220", "0011", "0012", "0021", "0022",                 /* 250c */
	"1100", "1200", "2100", "2200", "1001", "1002", "2001", "2002",                 /* 2514 */
	"1110", "1210", "2110", "1120", "2120", "2210", "1220", "2220",                 /* 251c */
	"1011", "1012", "2011", "1021", "2021", "2012", "1022", "2022",                 /* 2524 */
	"0111", "0112", "0211", "0212", "0121", "0122", "0221", "0222",                 /* 252c */
	"1101", "1102", "1201", "1202", "2101", "2102", "2201", "2202",                 /* 2534 */
	"1111", "1112", "1211", "1212", "2111", "1121", "2121", "2112",                 /* 253c */
	"2211", "1122", "1221", "2212", "1222", "2122", "2221", "2222",                 /* 2544 */
	"",     "",     "",     "",     "0303", "3030", "0310", "0130",                 /* 254c */
	"0330", "0013", "0031", "0033", "1300", "3100", "3300", "1003",                 /* 2554 */
	"3001", "3003", "1310", "3130", "3330", "1013", "3031", "3033",                 /* 255c */
	"0313", "0131", "0333", "1303", "3101", "3303", "1313", "3131",                 /* 2564 */
	"3333", "",     "",     "",     "",     "",     "",     "",                     /* 256c */
	"0001", "1000", "0100", "0010", "0002", "2000", "0200", "0020",                 /* 2574 */
	"0201", "1020", "0102", "2010",                                                 /* 257c */
};

/* A cell that is being drawn. */
struct cell {
	int width, height;
	int stroke; /* of a light line */
	uint8_t *coverage;
};

static void cell_fill(const struct cell *cell, int left, int top, int right, int bottom)
{
	left = left < 0 ? 0 : left;
	top = top < 0 ? 0 : top;
	right = right > cell->width ? cell->width : right;
	bottom = bottom > cell->height ? cell->height : bottom;
	for (int y = top; y < bottom && left < right; y++)
		memset(cell->coverage + (size_t)y * (size_t)cell->width + left, 255,
		       (size_t)(right - left));
}

static int line_thickness(const struct cell *cell, int weight)
{
	return weight == 2 ? 3 * cell->stroke : cell->stroke;
}

/* The first pixel of a line of this thickness in the middle of `size` pixels. */
static int line_start(int size, int stroke, int thickness)
{
	return (size - stroke) / 2 - (thickness - stroke) / 2;
}

/*
 * How far a track of an arm reaches beyond the middle. A double line has two tracks, on the `before` and on
 * the other side; a track stops at a double line that leaves on its own side, and runs around one
 * that leaves on the other.
 */
static int track_reach(const struct cell *cell, int opposite, int own_side, int other_side,
		       bool single)
{
	int own = own_side == 3 ? cell->stroke : 0;
	int other = other_side == 3 ? cell->stroke : 0;

	if (single) {
		if (opposite)
			return 0;
		return own_side && other_side ? -(own > other ? own : other) : own + other;
	}
	if (own_side)
		return -own;
	return opposite ? 0 : other;
}

/* Draws one track of an arm: `across` is its first pixel across, `reach` where it ends beyond
 * the middle. */
static void track_draw(const struct cell *cell, enum arm arm, int across, int thickness, int reach,
		       int joint)
{
	bool vertical = arm == ARM_UP || arm == ARM_DOWN;
	int size = vertical ? cell->height : cell->width;
	int middle = line_start(size, cell->stroke, cell->stroke);
	int wide = joint > thickness ? joint : thickness;
	int start = 0;
	int end = size;

	/* The end covers what it meets. */
	if (arm == ARM_UP || arm == ARM_LEFT)
		end = line_start(size, cell->stroke, wide) + wide + reach;
	else
		start = middle - (wide - cell->stroke) / 2 - reach;
	if (vertical)
		cell_fill(cell, across, start, across + thickness, end);
	else
		cell_fill(cell, start, across, end, across + thickness);
}

static void arm_draw(const struct cell *cell, const int weights[4], enum arm arm)
{
	bool vertical = arm == ARM_UP || arm == ARM_DOWN;
	int size = vertical ? cell->width : cell->height;
	int before = weights[vertical ? ARM_LEFT : ARM_UP];
	int after = weights[vertical ? ARM_RIGHT : ARM_DOWN];
	int opposite = weights[(arm + 2) % 4];
	int thickness = line_thickness(cell, weights[arm]);
	int across = line_start(size, cell->stroke, thickness);
	int joint = line_thickness(cell, before == 2 || after == 2 ? 2 : 1);

	if (weights[arm] == 3) {
		track_draw(cell, arm, across - cell->stroke, thickness,
			   track_reach(cell, opposite, before, after, false), joint);
		track_draw(cell, arm, across + cell->stroke, thickness,
			   track_reach(cell, opposite, after, before, false), joint);
	} else if (weights[arm]) {
		track_draw(cell, arm, across, thickness,
			   track_reach(cell, opposite, before, after, true), joint);
	}
}

static void lines_draw(const struct cell *cell, const char *arms)
{
	int weights[4];

	for (int arm = 0; arm < 4; arm++)
		weights[arm] = arms[arm] - '0';
	for (int arm = 0; arm < 4; arm++)
		arm_draw(cell, weights, (enum arm)arm);
}

/* Dashes: U+2504 to U+250B and U+254C to U+254F: pairs of light and heavy, across, then down. */
static void dashes_draw(const struct cell *cell, uint32_t code_point)
{
	int count = code_point >= 0x254c ? 2 : code_point >= 0x2508 ? 4 : 3;
	bool vertical = (code_point & 2) != 0;
	int thickness = line_thickness(cell, code_point & 1 ? 2 : 1);
	int size = vertical ? cell->height : cell->width;
	int across = line_start(vertical ? cell->width : cell->height, cell->stroke, thickness);
	int gap = size / count / 3;

	gap = gap < 1 ? 1 : gap;
	for (int i = 0; i < count; i++) {
		int start = i * size / count;
		int end = (i + 1) * size / count - gap;

		if (vertical)
			cell_fill(cell, across, start, across + thickness, end);
		else
			cell_fill(cell, start, across, end, across + thickness);
	}
}

/* Where a curve runs: true if the point is part of it. */
typedef bool (*curve)(const struct cell *cell, uint32_t code_point, double x, double y);

static void curve_draw(const struct cell *cell, uint32_t code_point, curve inside)
{
	for (int y = 0; y < cell->height; y++) {
		for (int x = 0; x < cell->width; x++) {
			int hits = 0;

			for (int i = 0; i < SAMPLES * SAMPLES; i++)
				hits += inside(cell, code_point, x + (i % SAMPLES + 0.5) / SAMPLES,
					       y + (i / SAMPLES + 0.5) / SAMPLES);
			cell->coverage[y * cell->width + x] =
				(uint8_t)((hits * 255 + SAMPLES * SAMPLES / 2) /
					  (SAMPLES * SAMPLES));
		}
	}
}

/* U+256D to U+2570: from the middle of an edge, a quarter circle, to that of the next. */
static bool arc_inside(const struct cell *cell, uint32_t code_point, double x, double y)
{
	double half = cell->stroke / 2.0;
	double middle_x = (cell->width - cell->stroke) / 2 + half;
	double middle_y = (cell->height - cell->stroke) / 2 + half;
	bool left = code_point == 0x256e || code_point == 0x256f;
	bool up = code_point >= 0x256f;
	double radius = (cell->width - cell->stroke) / 2 - half; /* a pixel short of the edge */
	double right = left ? middle_x - x : x - middle_x;       /* towards its ends */
	double down = up ? middle_y - y : y - middle_y;

	if (right < -half || down < -half)
		return false;
	if (right >= radius)
		return fabs(down) <= half;
	if (down >= radius)
		return fabs(right) <= half;
	return fabs(hypot(radius - right, radius - down) - radius) <= half;
}

/* U+2571 to U+2573, from corner to corner. */
static bool diagonal_inside(const struct cell *cell, uint32_t code_point, double x, double y)
{
	double length = hypot(cell->width, cell->height);
	double falling = (x * cell->height - y * cell->width) / length;
	double rising = ((cell->width - x) * cell->height - y * cell->width) / length;
	double half = cell->stroke / 2.0 + 0.1;

	return (code_point != 0x2572 && fabs(rising) <= half) ||
	       (code_point != 0x2571 && fabs(falling) <= half);
}

/* Quarters of the cell that U+2596 to U+259F fill: upper left 1, upper right 2, lower left 4,
 * lower right 8. */
static const uint8_t block_quarters[10] = { 4, 8, 1, 13, 9, 7, 11, 2, 6, 14 };

static void quarters_draw(const struct cell *cell, unsigned quarters)
{
	int x = (cell->width + 1) / 2;
	int y = (cell->height + 1) / 2;

	for (int i = 0; i < 4; i++) {
		if (quarters & 1u << i)
			cell_fill(cell, i & 1 ? x : 0, i & 2 ? y : 0, i & 1 ? cell->width : x,
				  i & 2 ? cell->height : y);
	}
}

static void block_draw(const struct cell *cell, uint32_t code_point)
{
	int width = cell->width;
	int height = cell->height;
	int eighths = (int)(code_point - 0x2580);

	if (code_point == 0x2580)
		cell_fill(cell, 0, 0, width, (height + 1) / 2);
	else if (code_point <= 0x2588)
		cell_fill(cell, 0, height - (height * eighths + 4) / 8, width, height);
	else if (code_point <= 0x258f)
		cell_fill(cell, 0, 0, (width * (16 - eighths) + 4) / 8, height);
	else if (code_point == 0x2590)
		cell_fill(cell, (width + 1) / 2, 0, width, height);
	else if (code_point <= 0x2593)
		memset(cell->coverage, (int)(code_point - 0x2590) * 64,
		       (size_t)width * (size_t)height);
	else if (code_point == 0x2594)
		cell_fill(cell, 0, 0, width, (height + 4) / 8);
	else if (code_point == 0x2595)
		cell_fill(cell, width - (width + 4) / 8, 0, width, height);
	else
		quarters_draw(cell, block_quarters[code_point - 0x2596]);
}

bool boxes_have(uint32_t code_point)
{
	return code_point >= LINES_FIRST && code_point <= BLOCKS_LAST;
}

void boxes_draw(const struct raster *raster, uint32_t code_point, struct picture *to)
{
	int em = (raster->size + 32) / 64;
	struct cell cell = {
		.width = raster->cell_width,
		.height = raster->line_height,
		.stroke = em < 20 ? 1 : (em + 7) / 14,
	};

	cell.coverage = must_allocate((size_t)cell.width * (size_t)cell.height);
	if (code_point >= BLOCKS_FIRST)
		block_draw(&cell, code_point);
	else if (line_arms[code_point - LINES_FIRST][0])
		lines_draw(&cell, line_arms[code_point - LINES_FIRST]);
	else if (code_point >= 0x2571 && code_point <= 0x2573)
		curve_draw(&cell, code_point, diagonal_inside);
	else if (code_point >= 0x256d && code_point <= 0x2570)
		curve_draw(&cell, code_point, arc_inside);
	else
		dashes_draw(&cell, code_point);
	*to = (struct picture){ cell.width, cell.height, 0, raster->ascent, cell.coverage };
}
