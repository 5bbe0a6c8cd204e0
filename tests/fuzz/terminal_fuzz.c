/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program may write into its terminal: the input goes through libvterm into the grid. A byte
 * 0xff, which UTF-8 lacks, makes the window another size: the two that follow tell which.
 */
#include "../../user/terminal/terminal.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define ROWS    8
#define COLUMNS 20

int64_t clock_ms(void)
{
	return 0;
}

void terminal_fail(const char *what)
{
	(void)what;
	abort();
}

/* Nobody reads the answers, and nobody has selected anything. */
void child_send(struct terminal *terminal, const char *bytes, size_t length)
{
	(void)terminal;
	(void)bytes;
	(void)length;
}

void child_resize(struct terminal *terminal)
{
	(void)terminal;
}

void selection_clear(struct terminal *terminal)
{
	terminal->selection.active = false;
}

static void check_grid(const struct terminal *terminal)
{
	const struct grid *grid = terminal->grid;
	int64_t top = grid_top(grid);
	size_t length;

	for (int row = 0; row < grid_rows(grid); row++) {
		const struct line *line = grid_line(grid, top + row);
		struct grid_span span = grid_dirty(grid, row);

		FUZZ_CHECK(line && line->count >= grid_columns(grid));
		FUZZ_CHECK(span.left >= 0 && span.right <= grid_columns(grid));
	}
	FUZZ_CHECK(terminal->cursor.at.row >= 0 && terminal->cursor.at.col >= 0);
	FUZZ_CHECK(terminal->cursor.at.row < grid_rows(grid));
	FUZZ_CHECK(terminal->cursor.at.col < grid_columns(grid));
	free(grid_text(grid, (struct grid_place){ grid_first(grid), 0 },
		       (struct grid_place){ top + grid_rows(grid), 0 }, &length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct terminal *terminal = calloc(1, sizeof(*terminal));

	emulator_start(terminal, ROWS, COLUMNS);
	while (size > 0) {
		const uint8_t *mark = memchr(data, 0xff, size);
		size_t length = mark ? (size_t)(mark - data) : size;

		feed_write(terminal, (const char *)data, length);
		data += length;
		size -= length;
		if (size < 3)
			break;
		emulator_resize(terminal, 1 + data[1] % 40, 2 + data[2] % 80);
		data += 3;
		size -= 3;
	}
	check_grid(terminal);
	vterm_free(terminal->vterm);
	grid_destroy(terminal->grid);
	free(terminal);
	return 0;
}
