/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid's contents as text: for the clipboard. */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

#include <font/utf8.h>

struct text {
	char *bytes;
	size_t length, room;
	bool failed;
};

static void text_add(struct text *text, const char *bytes, size_t length)
{
	if (text->room - text->length < length) {
		size_t room = 2 * (text->length + length) + 256;
		char *larger = text->failed ? NULL : realloc(text->bytes, room);

		if (!larger) {
			text->failed = true;
			return;
		}
		text->bytes = larger;
		text->room = room;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static void text_add_cells(struct text *text, const struct line *line, int left, int right)
{
	for (int column = left; column < right; column++) {
		struct cell cell = grid_cell(line, column);
		char bytes[UTF8_BYTES_MAX];

		if (cell.width == 0)
			continue;
		text_add(text, bytes, utf8_encode(bytes, cell.character ? cell.character : ' '));
	}
}

/* Where the line's text ends. */
static int line_end(const struct grid *grid, const struct line *line)
{
	int end = line->count < grid_columns(grid) ? line->count : grid_columns(grid);

	while (end > 0 && line->cells[end - 1].character == 0 && line->cells[end - 1].width != 0)
		end--;
	return end;
}

char *grid_text(const struct grid *grid, struct grid_place from, struct grid_place to,
		size_t *length)
{
	struct text text = { 0 };

	if (from.line < grid_first(grid))
		from = (struct grid_place){ grid_first(grid), 0 };
	for (int64_t number = from.line; number <= to.line; number++) {
		const struct line *line = grid_line(grid, number);
		int left = number == from.line ? from.column : 0;
		int right;

		if (!line)
			break;
		right = line->wrapped ? grid_columns(grid) : line_end(grid, line);
		if (number == to.line && to.column < right)
			right = to.column;
		text_add_cells(&text, line, left, right);
		if (number < to.line && !line->wrapped)
			text_add(&text, "\n", 1);
	}
	text_add(&text, "", 1);
	if (text.failed) {
		free(text.bytes);
		return NULL;
	}
	*length = text.length - 1;
	return text.bytes;
}

/* What belongs to words, names of files and addresses among them. */
static bool is_word(uint32_t character)
{
	if (character >= 0x80)
		return character != 0xa0 && (character < 0x2500 || character > 0x259f);
	return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
	       (character >= 'a' && character <= 'z') ||
	       (character != 0 && strchr("-_./~:@%+#?&=", (int)character));
}

void grid_word(const struct grid *grid, struct grid_place at, struct grid_place *from,
	       struct grid_place *to)
{
	const struct line *line = grid_line(grid, at.line);
	bool word;

	*from = at;
	*to = (struct grid_place){ at.line, at.column + 1 };
	if (!line)
		return;
	word = is_word(grid_cell(line, at.column).character);
	while (word && from->column > 0 && is_word(grid_cell(line, from->column - 1).character))
		from->column--;
	while (word && to->column < grid_columns(grid) &&
	       is_word(grid_cell(line, to->column).character))
		to->column++;
}
