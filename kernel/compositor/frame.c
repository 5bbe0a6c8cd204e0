/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From damaged rectangles to bands. */
#include "compositor_priv.h"

/* Columns that wait while one on their left is drawn: each halves what is left of a rectangle. */
#define COLUMNS_MAX 26

/* Draws from the top as many bands as the spans suffice for, and returns where it stopped. */
static int32_t paint_column(struct painter *painter, struct blend_rectangle column)
{
	const struct canvas *canvases = table_collect(column);
	int32_t y = column.top;

	while (y < column.bottom) {
		struct band band = { .left = column.left,
				     .right = column.right,
				     .top = y,
				     .bottom = column.bottom };

		if (!band_build(&band, canvases))
			break;
		paint_band(painter, &band);
		y = band.bottom;
	}
	return y;
}

static void paint_rectangle(struct painter *painter, struct blend_rectangle rectangle)
{
	struct blend_rectangle columns[COLUMNS_MAX];
	unsigned count = 1;

	columns[0] = rectangle;
	while (count > 0) {
		struct blend_rectangle *column = &columns[count - 1];

		column->top = paint_column(painter, *column);
		if (column->top == column->bottom) {
			count--;
			continue;
		}
		/* The left half comes next, on top of the right one. */
		columns[count] = *column;
		columns[count].right = column->left + (column->right - column->left) / 2;
		column->left = columns[count].right;
		count++;
	}
}

void paint_region(struct painter *painter, const struct blend_region *region)
{
	for (unsigned i = 0; i < region->count; i++)
		paint_rectangle(painter, region->rectangles[i]);
	painter->ops->stream_fence();
}
