/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From damaged rectangles to bands. */
#include "compositor_priv.h"

/* Columns that wait while one on their left is drawn: each halves what is left of a rectangle. */
#define COLUMNS_MAX 26

/* Where so many canvases may be seen, few rows are looked at together, so that each band has to do with
 * those near it alone. */
#define CROWD      64
#define CROWD_ROWS 32

/* How far down the canvases of a column are collected together. */
static int32_t stripe_end(struct blend_rectangle column, const struct canvas *canvases)
{
	unsigned count = 0;

	for (; canvases && count <= CROWD; canvases = canvases->next_below)
		count++;
	if (count <= CROWD || column.bottom - column.top <= CROWD_ROWS)
		return column.bottom;
	return column.top + CROWD_ROWS;
}

/* Draws bands from the top of the column on, and moves it down. False: there are not enough spans for
 * the next one. */
static bool paint_stripe(struct painter *painter, struct blend_rectangle *column)
{
	struct blend_rectangle stripe = *column;
	const struct canvas *canvases = table_collect(stripe);

	stripe.bottom = stripe_end(stripe, canvases);
	if (stripe.bottom < column->bottom)
		canvases = table_collect(stripe);
	while (column->top < stripe.bottom) {
		struct band band = { .left = stripe.left,
				     .right = stripe.right,
				     .top = column->top,
				     .bottom = stripe.bottom };

		if (!band_build(&band, canvases))
			return false;
		paint_band(painter, &band);
		column->top = band.bottom;
	}
	return true;
}

static void paint_rectangle(struct painter *painter, struct blend_rectangle rectangle)
{
	struct blend_rectangle columns[COLUMNS_MAX];
	unsigned count = 1;

	columns[0] = rectangle;
	while (count > 0) {
		struct blend_rectangle *column = &columns[count - 1];

		if (paint_stripe(painter, column)) {
			count -= column->top == column->bottom;
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
