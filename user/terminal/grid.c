/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid's screens and history, see grid.h. */
#include "grid.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One of the two screens. */
struct screen {
	struct line *lines;
	int count;
};

struct grid {
	int rows, columns;
	struct screen main, alternate;
	bool is_alternate;
	struct grid_span *dirty; /* of each row */
	/* A ring of the lines that left, without the blanks at their ends. */
	struct line history[GRID_HISTORY_MAX];
	int history_next, history_count;
	int64_t left; /* lines that left the screen so far */
};

static struct screen *grid_screen(struct grid *grid)
{
	return grid->is_alternate ? &grid->alternate : &grid->main;
}

static void cells_fill(struct cell *cells, int count, const struct cell *blank)
{
	for (int i = 0; i < count; i++)
		cells[i] = *blank;
}

static const struct cell plain_blank = { .width = 1 };

/* Makes sure that the line has this many cells. */
static bool line_widen(struct line *line, int columns)
{
	struct cell *cells;

	if (line->count >= columns)
		return true;
	cells = realloc(line->cells, (size_t)columns * sizeof(*cells));
	if (!cells)
		return false;
	cells_fill(cells + line->count, columns - line->count, &plain_blank);
	line->cells = cells;
	line->count = columns;
	return true;
}

static void screen_free(struct screen *screen)
{
	for (int i = 0; i < screen->count; i++)
		free(screen->lines[i].cells);
	free(screen->lines);
	*screen = (struct screen){ 0 };
}

/* Makes room for `rows` lines of `columns` cells; there are never less than before. */
static bool screen_reserve(struct screen *screen, int rows, int columns)
{
	struct line *lines;

	if (rows > screen->count) {
		lines = realloc(screen->lines, (size_t)rows * sizeof(*lines));
		if (!lines)
			return false;
		memset(lines + screen->count, 0, (size_t)(rows - screen->count) * sizeof(*lines));
		screen->lines = lines;
		screen->count = rows;
	}
	for (int i = 0; i < screen->count; i++) {
		if (!line_widen(&screen->lines[i], columns))
			return false;
	}
	return true;
}

static bool dirty_reserve(struct grid *grid, int rows)
{
	struct grid_span *dirty = realloc(grid->dirty, (size_t)rows * sizeof(*dirty));

	if (!dirty)
		return false;
	grid->dirty = dirty;
	return true;
}

struct grid *grid_create(int rows, int columns)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->rows = rows;
	grid->columns = columns;
	if (!screen_reserve(&grid->main, rows, columns) ||
	    !screen_reserve(&grid->alternate, rows, columns) || !dirty_reserve(grid, rows)) {
		grid_destroy(grid);
		return NULL;
	}
	grid_touch_all(grid);
	return grid;
}

void grid_destroy(struct grid *grid)
{
	if (!grid)
		return;
	grid_clear_history(grid);
	screen_free(&grid->main);
	screen_free(&grid->alternate);
	free(grid->dirty);
	free(grid);
}

int grid_rows(const struct grid *grid)
{
	return grid->rows;
}

int grid_columns(const struct grid *grid)
{
	return grid->columns;
}

int64_t grid_top(const struct grid *grid)
{
	return grid->left;
}

int64_t grid_first(const struct grid *grid)
{
	return grid->is_alternate ? grid->left : grid->left - grid->history_count;
}

const struct line *grid_line(const struct grid *grid, int64_t number)
{
	const struct screen *screen = grid->is_alternate ? &grid->alternate : &grid->main;
	int64_t row = number - grid->left;

	if (row >= grid->rows || number < grid_first(grid))
		return NULL;
	if (row >= 0)
		return &screen->lines[row];
	return &grid->history[(grid->history_next + row + GRID_HISTORY_MAX) % GRID_HISTORY_MAX];
}

struct cell grid_cell(const struct line *line, int column)
{
	return column < line->count ? line->cells[column] : plain_blank;
}

/* --- history ------------------------------------------------------------------------------- */

static bool cell_is_plain(const struct cell *cell)
{
	return cell->character == 0 && cell->background == COLOUR_DEFAULT &&
	       cell->attributes == 0 && cell->width == 1;
}

/* Keeps a copy of the line; the oldest makes room. A copy for which there is no memory is empty. */
static void history_push(struct grid *grid, const struct line *line)
{
	struct line *kept = &grid->history[grid->history_next];
	int count = line->count < grid->columns ? line->count : grid->columns;

	if (grid->history_count == GRID_HISTORY_MAX)
		free(kept->cells);
	else
		grid->history_count++;
	while (count > 0 && cell_is_plain(&line->cells[count - 1]))
		count--;
	*kept = (struct line){ .wrapped = line->wrapped };
	if (count > 0)
		kept->cells = malloc((size_t)count * sizeof(*kept->cells));
	if (kept->cells) {
		memcpy(kept->cells, line->cells, (size_t)count * sizeof(*kept->cells));
		kept->count = count;
	}
	grid->history_next = (grid->history_next + 1) % GRID_HISTORY_MAX;
	grid->left++;
}

/* Brings the last one back into a line of the screen. */
static void history_pop(struct grid *grid, struct line *line)
{
	struct line *kept;

	grid->history_next = (grid->history_next + GRID_HISTORY_MAX - 1) % GRID_HISTORY_MAX;
	kept = &grid->history[grid->history_next];
	cells_fill(line->cells, line->count, &plain_blank);
	for (int i = 0; i < kept->count && i < line->count; i++)
		line->cells[i] = kept->cells[i];
	line->wrapped = kept->wrapped;
	free(kept->cells);
	*kept = (struct line){ 0 };
	grid->history_count--;
	grid->left--;
}

void grid_clear_history(struct grid *grid)
{
	for (int i = 0; i < GRID_HISTORY_MAX; i++) {
		free(grid->history[i].cells);
		grid->history[i] = (struct line){ 0 };
	}
	grid->history_count = 0;
}

/* --- size ---------------------------------------------------------------------------------- */

static bool line_is_blank(const struct line *line, int columns)
{
	for (int i = 0; i < columns; i++) {
		if (!cell_is_plain(&line->cells[i]))
			return false;
	}
	return true;
}

/* Moves lines first .. last - 1 so that what was at first + by comes first; `by` is negative: down. */
static void lines_rotate(struct line *lines, int first, int last, int by)
{
	int count = last - first;
	struct line *moved = malloc((size_t)count * sizeof(*moved));

	if (!moved)
		return;
	for (int i = 0; i < count; i++)
		moved[i] = lines[first + ((i + by) % count + count) % count];
	memcpy(lines + first, moved, (size_t)count * sizeof(*moved));
	free(moved);
}

/* Less rows: blank ones below the cursor go first, then those at the top leave, up to the cursor's. */
static int main_shrink(struct grid *grid, int rows, int cursor)
{
	struct line *lines = grid->main.lines;
	int used = grid->rows;
	int leaving;

	while (used > rows && used > cursor + 1 && line_is_blank(&lines[used - 1], grid->columns))
		used--;
	leaving = used > rows ? used - rows : 0;
	leaving = leaving > cursor ? cursor : leaving;
	for (int i = 0; i < leaving; i++)
		history_push(grid, &lines[i]);
	if (leaving > 0)
		lines_rotate(lines, 0, grid->main.count, leaving);
	return -leaving;
}

static void line_clear(struct line *line)
{
	cells_fill(line->cells, line->count, &plain_blank);
	line->wrapped = false;
}

/* More rows: those that left come back, blank ones follow. */
static int main_grow(struct grid *grid, int rows)
{
	struct line *lines = grid->main.lines;
	int coming = rows - grid->rows;

	for (int i = grid->rows; i < rows; i++)
		line_clear(&lines[i]);
	if (coming > grid->history_count)
		coming = grid->history_count;
	if (coming > 0)
		lines_rotate(lines, 0, rows, -coming);
	for (int i = coming - 1; i >= 0; i--)
		history_pop(grid, &lines[i]);
	return coming;
}

int grid_resize(struct grid *grid, int rows, int columns, int cursor)
{
	int moved = 0;

	if (!screen_reserve(&grid->main, rows, columns) ||
	    !screen_reserve(&grid->alternate, rows, columns) || !dirty_reserve(grid, rows))
		return INT_MIN;
	for (int i = grid->rows; i < rows; i++)
		line_clear(&grid->alternate.lines[i]);
	if (rows < grid->rows)
		moved = main_shrink(grid, rows, grid->is_alternate ? grid->rows - 1 : cursor);
	else if (rows > grid->rows)
		moved = main_grow(grid, rows);
	grid->rows = rows;
	grid->columns = columns;
	grid_touch_all(grid);
	return grid->is_alternate ? 0 : moved;
}

void grid_set_alternate(struct grid *grid, bool alternate)
{
	if (alternate == grid->is_alternate)
		return;
	grid->is_alternate = alternate;
	for (int i = 0; alternate && i < grid->rows; i++)
		line_clear(&grid->alternate.lines[i]);
	grid_touch_all(grid);
}

bool grid_is_alternate(const struct grid *grid)
{
	return grid->is_alternate;
}

/* --- changes ------------------------------------------------------------------------------- */

static int clamp(int value, int most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

static struct grid_area area_clip(const struct grid *grid, struct grid_area area)
{
	return (struct grid_area){
		clamp(area.top, grid->rows),
		clamp(area.left, grid->columns),
		clamp(area.bottom, grid->rows),
		clamp(area.right, grid->columns),
	};
}

void grid_touch(struct grid *grid, struct grid_area area)
{
	area = area_clip(grid, area);
	for (int row = area.top; row < area.bottom; row++) {
		struct grid_span *span = &grid->dirty[row];

		if (span->left >= span->right) {
			*span = (struct grid_span){ area.left, area.right };
			continue;
		}
		span->left = area.left < span->left ? area.left : span->left;
		span->right = area.right > span->right ? area.right : span->right;
	}
}

void grid_touch_all(struct grid *grid)
{
	for (int row = 0; row < grid->rows; row++)
		grid->dirty[row] = (struct grid_span){ 0, grid->columns };
}

struct grid_span grid_dirty(const struct grid *grid, int row)
{
	return grid->dirty[row];
}

void grid_clean(struct grid *grid)
{
	memset(grid->dirty, 0, (size_t)grid->rows * sizeof(*grid->dirty));
}

/* A character of two cells of which one is overwritten leaves a blank. */
static void line_split_wide(struct line *line, int column)
{
	if (column <= 0 || column >= line->count || line->cells[column].width != 0)
		return;
	line->cells[column].width = 1;
	line->cells[column].character = 0;
	line->cells[column - 1].width = 1;
	line->cells[column - 1].character = 0;
}

void grid_put(struct grid *grid, int row, int column, const struct cell *cell)
{
	int right = column + (cell->width == 2 ? 2 : 1);
	struct line *line;

	if (row < 0 || row >= grid->rows || column < 0 || right > grid->columns)
		return;
	line = &grid_screen(grid)->lines[row];
	line_split_wide(line, column);
	line_split_wide(line, right);
	line->cells[column] = *cell;
	if (cell->width == 2) {
		line->cells[column + 1] = *cell;
		line->cells[column + 1].character = 0;
		line->cells[column + 1].width = 0;
	}
	/* (The neighbours, which may have been halves.) */
	grid_touch(grid, (struct grid_area){ row, column - 1, row + 1, right + 1 });
}

void grid_set_wrapped(struct grid *grid, int row, bool wrapped)
{
	if (row >= 0 && row < grid->rows)
		grid_screen(grid)->lines[row].wrapped = wrapped;
}

void grid_erase(struct grid *grid, struct grid_area area, const struct cell *blank)
{
	area = area_clip(grid, area);
	for (int row = area.top; row < area.bottom; row++) {
		struct line *line = &grid_screen(grid)->lines[row];

		if (area.left >= area.right)
			continue;
		line_split_wide(line, area.left);
		line_split_wide(line, area.right);
		cells_fill(line->cells + area.left, area.right - area.left, blank);
		if (area.right == grid->columns) {
			line->wrapped = false;
			if (line->count > grid->columns) /* what a wider screen would show again */
				cells_fill(line->cells + grid->columns, line->count - grid->columns,
					   &plain_blank);
		}
	}
	grid_touch(grid, area);
}

/* Moves cells inside of one row. */
static void row_shift(struct grid *grid, int row, struct grid_area area, int right,
		      const struct cell *blank)
{
	struct line *line = &grid_screen(grid)->lines[row];
	struct cell *cells = line->cells + area.left;
	int width = area.right - area.left;
	int by = right > width ? width : right < -width ? -width : right;

	line_split_wide(line, area.left);
	line_split_wide(line, area.right);
	if (by >= 0) {
		memmove(cells, cells + by, (size_t)(width - by) * sizeof(*cells));
		cells_fill(cells + width - by, by, blank);
	} else {
		memmove(cells - by, cells, (size_t)(width + by) * sizeof(*cells));
		cells_fill(cells, -by, blank);
	}
}

/* Whole rows: their lines change places. */
static void rows_scroll(struct grid *grid, struct grid_area area, int down,
			const struct cell *blank)
{
	struct line *lines = grid_screen(grid)->lines;
	int height = area.bottom - area.top;
	int by = down > height ? height : down < -height ? -height : down;
	int blank_top = by > 0 ? area.bottom - by : area.top;

	for (int i = 0; i < by && area.top == 0 && !grid->is_alternate; i++)
		history_push(grid, &lines[i]);
	if (by == 1) { /* the one case that must be quick */
		struct line first = lines[area.top];

		memmove(lines + area.top, lines + area.top + 1,
			(size_t)(height - 1) * sizeof(*lines));
		lines[area.bottom - 1] = first;
	} else {
		lines_rotate(lines, area.top, area.bottom, by);
	}
	for (int i = 0; i < abs(by); i++) {
		cells_fill(lines[blank_top + i].cells, lines[blank_top + i].count, blank);
		lines[blank_top + i].wrapped = false;
	}
}

void grid_scroll(struct grid *grid, struct grid_area area, int down, int right,
		 const struct cell *blank)
{
	area = area_clip(grid, area);
	if (area.top >= area.bottom || area.left >= area.right)
		return;
	if (right != 0) {
		for (int row = area.top; row < area.bottom; row++)
			row_shift(grid, row, area, right, blank);
	}
	if (down != 0 && area.left == 0 && area.right == grid->columns) {
		rows_scroll(grid, area, down, blank);
	} else if (down != 0) {
		struct grid_area from = area;
		struct grid_area bare = area;
		int height = area.bottom - area.top;
		int by = down > height ? height : down < -height ? -height : down;

		from.top += by > 0 ? by : 0;
		from.bottom += by < 0 ? by : 0;
		bare.top = by > 0 ? area.bottom - by : area.top;
		bare.bottom = by > 0 ? area.bottom : area.top - by;
		grid_move(grid,
			  (struct grid_area){ from.top - by, area.left, from.bottom - by,
					      area.right },
			  from);
		grid_erase(grid, bare, blank);
	}
	grid_touch(grid, area);
}

void grid_move(struct grid *grid, struct grid_area to, struct grid_area from)
{
	struct line *lines = grid_screen(grid)->lines;
	int height = to.bottom - to.top;
	int width = to.right - to.left;
	bool upwards = to.top <= from.top;

	if (to.top < 0 || from.top < 0 || to.left < 0 || from.left < 0 || to.bottom > grid->rows ||
	    from.top + height > grid->rows || to.right > grid->columns ||
	    from.left + width > grid->columns || width <= 0)
		return;
	for (int i = 0; i < height; i++) {
		int row = upwards ? i : height - 1 - i;

		memmove(lines[to.top + row].cells + to.left,
			lines[from.top + row].cells + from.left,
			(size_t)width * sizeof(struct cell));
	}
	grid_touch(grid, to);
}
