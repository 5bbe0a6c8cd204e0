/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal's grid: characters, scrolling, history, sizes, and the text in it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../grid.h"

static const struct cell blank = { .width = 1 };

static void put_text(struct grid *grid, int row, int column, const char *text)
{
	for (; *text; text++, column++)
		grid_put(grid, row, column,
			 &(struct cell){ .character = *text == ' ' ? 0 : (uint32_t)*text,
					 .width = 1 });
}

/* A line feed in the last row. */
static void feed(struct grid *grid)
{
	struct grid_area all = { 0, 0, grid_rows(grid), grid_columns(grid) };

	grid_scroll(grid, all, 1, 0, &blank);
}

static void expect_text(const struct grid *grid, int64_t first, int64_t last, const char *wanted)
{
	size_t length;
	char *text = grid_text(grid, (struct grid_place){ first, 0 },
			       (struct grid_place){ last, grid_columns(grid) }, &length);

	EXPECT_STRING(text, wanted);
	EXPECT_EQUAL(length, strlen(wanted));
	free(text);
}

UNIT_TEST(grid, keeps_what_scrolls_out)
{
	struct grid *grid = grid_create(3, 10);

	put_text(grid, 0, 0, "one");
	put_text(grid, 1, 0, "two");
	put_text(grid, 2, 0, "three");
	feed(grid);
	feed(grid);
	EXPECT_EQUAL(grid_top(grid), 2);
	EXPECT_EQUAL(grid_first(grid), 0);
	expect_text(grid, 0, 4, "one\ntwo\nthree\n\n");
	EXPECT(grid_line(grid, -1) == NULL && grid_line(grid, 5) == NULL);
	EXPECT_EQUAL(grid_line(grid, 0)->count, 3); /* without its blanks */
	grid_clear_history(grid);
	EXPECT_EQUAL(grid_first(grid), 2);
	EXPECT(grid_line(grid, 1) == NULL);
	grid_destroy(grid);
}

UNIT_TEST(grid, history_is_bounded)
{
	struct grid *grid = grid_create(2, 8);
	char text[16];

	for (int i = 0; i < GRID_HISTORY_MAX + 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		put_text(grid, 0, 0, text);
		feed(grid);
	}
	EXPECT_EQUAL(grid_top(grid), GRID_HISTORY_MAX + 100);
	EXPECT_EQUAL(grid_first(grid), 100);
	expect_text(grid, 100, 100, "100");
	expect_text(grid, GRID_HISTORY_MAX + 99, GRID_HISTORY_MAX + 99, "5099");
	grid_destroy(grid);
}

UNIT_TEST(grid, scrolls_areas)
{
	struct grid *grid = grid_create(4, 4);

	for (int row = 0; row < 4; row++)
		put_text(grid, row, 0, (const char *[]){ "aaaa", "bbbb", "cccc", "dddd" }[row]);
	grid_scroll(grid, (struct grid_area){ 1, 0, 3, 4 }, 1, 0, &blank);
	expect_text(grid, 0, 3, "aaaa\ncccc\n\ndddd");
	EXPECT_EQUAL(grid_top(grid), 0); /* none left the screen */
	grid_scroll(grid, (struct grid_area){ 0, 0, 4, 4 }, -1, 0, &blank);
	expect_text(grid, 0, 3, "\naaaa\ncccc\n");
	grid_scroll(grid, (struct grid_area){ 1, 1, 2, 4 }, 0, 2, &blank);
	grid_scroll(grid, (struct grid_area){ 2, 0, 3, 4 }, 0, -1, &blank);
	expect_text(grid, 0, 3, "\naa\n ccc\n");
	grid_scroll(grid, (struct grid_area){ 1, 0, 3, 2 }, 1, 0, &blank);
	expect_text(grid, 0, 3, "\n c\n  cc\n");
	grid_scroll(grid, (struct grid_area){ 0, 0, 4, 4 }, 100, 0, &blank);
	expect_text(grid, 4, 7, "\n\n\n");
	grid_destroy(grid);
}

UNIT_TEST(grid, halves_of_wide_characters_do_not_stay)
{
	struct grid *grid = grid_create(1, 6);
	const struct cell wide = { .character = 0x65e5, .width = 2 };

	grid_put(grid, 0, 0, &wide);
	grid_put(grid, 0, 2, &wide);
	EXPECT_EQUAL(grid_line(grid, 0)->cells[1].width, 0);
	put_text(grid, 0, 1, "x");
	expect_text(grid, 0, 0, " x\xe6\x97\xa5");
	grid_erase(grid, (struct grid_area){ 0, 3, 1, 4 }, &blank);
	expect_text(grid, 0, 0, " x");
	grid_put(grid, 0, 5, &wide); /* does not fit */
	expect_text(grid, 0, 0, " x");
	grid_destroy(grid);
}

UNIT_TEST(grid, resizing_moves_lines_to_the_history_and_back)
{
	struct grid *grid = grid_create(4, 10);

	put_text(grid, 0, 0, "one");
	put_text(grid, 1, 0, "two");
	put_text(grid, 2, 0, "three");
	EXPECT_EQUAL((uint64_t)grid_resize(grid, 3, 10, 2), 0); /* a blank row goes first */
	EXPECT_EQUAL((uint64_t)grid_resize(grid, 1, 10, 2), (uint64_t)-2);
	expect_text(grid, 0, 2, "one\ntwo\nthree");
	EXPECT_EQUAL(grid_top(grid), 2);
	EXPECT_EQUAL((uint64_t)grid_resize(grid, 5, 10, 0), 2);
	EXPECT_EQUAL(grid_top(grid), 0);
	expect_text(grid, 0, 4, "one\ntwo\nthree\n\n");
	EXPECT_EQUAL((uint64_t)grid_resize(grid, 5, 2, 2), 0);
	expect_text(grid, 0, 2, "on\ntw\nth");
	EXPECT_EQUAL((uint64_t)grid_resize(grid, 5, 10, 2), 0);
	expect_text(grid, 0, 2, "one\ntwo\nthree"); /* what was hidden is there again */
	grid_destroy(grid);
}

UNIT_TEST(grid, the_other_screen_has_no_history)
{
	struct grid *grid = grid_create(2, 10);

	put_text(grid, 0, 0, "main");
	feed(grid);
	grid_set_alternate(grid, true);
	EXPECT_EQUAL(grid_first(grid), grid_top(grid));
	put_text(grid, 0, 0, "editor");
	feed(grid);
	EXPECT_EQUAL(grid_top(grid), 1);
	EXPECT(grid_resize(grid, 3, 12, 0) == 0 && grid_resize(grid, 1, 8, 0) == 0);
	grid_set_alternate(grid, false);
	expect_text(grid, 0, 0, "main");
	grid_destroy(grid);
}

UNIT_TEST(grid, joins_wrapped_lines)
{
	struct grid *grid = grid_create(3, 4);

	put_text(grid, 0, 0, "abcd");
	put_text(grid, 1, 0, "ef");
	put_text(grid, 2, 0, "gh");
	grid_set_wrapped(grid, 0, true);
	expect_text(grid, 0, 2, "abcdef\ngh");
	feed(grid);
	expect_text(grid, 0, 2, "abcdef\ngh");
	grid_erase(grid, (struct grid_area){ 0, 0, 1, 4 }, &blank);
	expect_text(grid, 0, 2, "abcd\ngh");
	grid_destroy(grid);
}

UNIT_TEST(grid, finds_words)
{
	struct grid *grid = grid_create(1, 30);
	struct grid_place from, to;

	put_text(grid, 0, 0, "see /etc/fstab, please");
	grid_word(grid, (struct grid_place){ 0, 7 }, &from, &to);
	EXPECT(from.column == 4 && to.column == 14);
	grid_word(grid, (struct grid_place){ 0, 3 }, &from, &to);
	EXPECT(from.column == 3 && to.column == 4);
	grid_destroy(grid);
}

UNIT_TEST(grid, tells_what_changed)
{
	struct grid *grid = grid_create(3, 10);

	grid_clean(grid);
	put_text(grid, 1, 4, "x");
	EXPECT(grid_dirty(grid, 0).left >= grid_dirty(grid, 0).right);
	EXPECT(grid_dirty(grid, 1).left <= 4 && grid_dirty(grid, 1).right >= 5);
	EXPECT(grid_dirty(grid, 1).left >= 3 && grid_dirty(grid, 1).right <= 6);
	grid_touch(grid, (struct grid_area){ -5, -5, 50, 50 });
	EXPECT(grid_dirty(grid, 2).left == 0 && grid_dirty(grid, 2).right == 10);
	grid_destroy(grid);
}

/* Anything at all, within and beyond the edges: the sanitizers watch. */
UNIT_TEST(grid, random_changes)
{
	struct grid *grid = grid_create(10, 20);
	uint64_t state = 7;

	for (int i = 0; i < 40000; i++) {
		int n[6];
		struct cell cell = { .character = 'a', .width = (uint16_t)(1 + i % 2) };

		for (int k = 0; k < 6; k++)
			n[k] = (int)unit_random_below(&state, 34) - 6;
		struct grid_area area = { n[0], n[1], n[2], n[3] };

		switch (unit_random_below(&state, 8)) {
		case 0:
			grid_erase(grid, area, &cell);
			break;
		case 1:
			grid_scroll(grid, area, n[4], n[5], &blank);
			break;
		case 2:
			grid_move(grid, area, (struct grid_area){ n[4], n[5], n[1], n[3] });
			break;
		case 3:
			grid_set_alternate(grid, n[0] & 1);
			break;
		case 4:
			if (i % 16 == 0)
				grid_resize(grid, n[0] + 7, n[1] + 8, n[2] + 6);
			break;
		case 5:
			grid_set_wrapped(grid, n[0], n[1] & 1);
			break;
		default:
			grid_put(grid, n[0], n[1], &cell);
			break;
		}
		if (i % 1000 == 0) {
			size_t length;

			free(grid_text(grid, (struct grid_place){ grid_first(grid), 0 },
				       (struct grid_place){ grid_top(grid) + 9, 3 }, &length));
		}
	}
	grid_destroy(grid);
}
