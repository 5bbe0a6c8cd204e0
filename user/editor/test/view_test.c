/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The editor's view, typed into and clicked at. */
#include "../view.h"

#include <stdlib.h>
#include <string.h>
#include <ui/test/bench.h>
#include <unit.h>

static struct ui *ui;
static struct view *view;

static void start(const char *text)
{
	ui = bench_open();
	view = view_create(ui_root(ui));
	view_set_bar(view, ui_scroll_bar(ui_root(ui), false));
	view_set_text(view, text, strlen(text));
	history_mark_saved(&view->history);
	view->colours = true;
	ui_widget_focus(&view->widget);
	bench_draw(ui);
}

static void expect_text(const char *wanted)
{
	size_t length = text_length(&view->text);
	char *bytes = calloc(1, length + 1);

	text_copy(&view->text, 0, length, bytes);
	EXPECT_STRING(bytes, wanted);
	free(bytes);
}

static void keys(unsigned modifiers, unsigned key, unsigned times)
{
	while (times--)
		bench_key(ui, modifiers, key);
}

UNIT_TEST(editor_view, typing)
{
	start("");
	bench_type(ui, "one");
	keys(0, ORBITAL_KEY_ENTER, 1);
	keys(0, ORBITAL_KEY_TAB, 1);
	bench_type(ui, "two");
	keys(0, ORBITAL_KEY_ENTER, 1); /* which indents, too */
	bench_type(ui, "3");
	expect_text("one\n\ttwo\n\t3");
	keys(0, ORBITAL_KEY_UP, 1);
	keys(0, ORBITAL_KEY_HOME, 1);
	keys(0, ORBITAL_KEY_DELETE, 2);
	keys(0, ORBITAL_KEY_HOME, 1);
	keys(0, ORBITAL_KEY_BACKSPACE, 1);
	expect_text("one\to\n\t3");
	EXPECT(!history_is_saved(&view->history));
	while (history_can_undo(&view->history))
		view_undo(view);
	expect_text("");
	EXPECT(history_is_saved(&view->history));
	ui_close(ui);
}

UNIT_TEST(editor_view, moving_and_selecting)
{
	start("first line\nx\nthird  line = 3\n");
	keys(0, ORBITAL_KEY_END, 1);
	keys(0, ORBITAL_KEY_DOWN, 2); /* past a short line, to the column it wants */
	EXPECT_EQUAL(view->cursor, 13 + 10);
	keys(UI_CONTROL, ORBITAL_KEY_LEFT, 2);
	EXPECT_EQUAL(view->cursor, 13);
	keys(UI_CONTROL | UI_SHIFT, ORBITAL_KEY_RIGHT, 1);
	bench_letter(ui, UI_CONTROL, 'x');
	expect_text("first line\nx\nline = 3\n");
	keys(UI_CONTROL, ORBITAL_KEY_HOME, 1);
	bench_letter(ui, UI_CONTROL, 'v');
	expect_text("third  first line\nx\nline = 3\n");
	bench_letter(ui, UI_CONTROL, 'a');
	EXPECT_EQUAL(view_selection_end(view), text_length(&view->text));
	keys(0, ORBITAL_KEY_TAB, 1);
	expect_text("\tthird  first line\n\tx\n\tline = 3\n");
	keys(UI_SHIFT, ORBITAL_KEY_TAB, 1);
	expect_text("third  first line\nx\nline = 3\n");
	view_undo(view); /* all of the lines at once */
	expect_text("\tthird  first line\n\tx\n\tline = 3\n");
	ui_close(ui);
}

/* What the clipboard does not take stays in the text. */
UNIT_TEST(editor_view, cutting)
{
	char large[sizeof(fake_window.clipboard) + 1];

	start("some words");
	keys(UI_SHIFT, ORBITAL_KEY_RIGHT, 5);
	bench_letter(ui, UI_CONTROL, 'x');
	expect_text("words");
	EXPECT_STRING(fake_window.clipboard, "some ");
	ui_close(ui);
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	start(large);
	bench_letter(ui, UI_CONTROL, 'a');
	bench_letter(ui, UI_CONTROL, 'x');
	expect_text(large);
	EXPECT_STRING(fake_window.clipboard, "some ");
	ui_close(ui);
}

UNIT_TEST(editor_view, the_pointer)
{
	struct blend_rectangle area;

	start("some words\nhere");
	area = view->widget.area;
	for (int x = area.left; x < area.right; x += 5) {
		size_t hit = view_hit(view, x, area.top + 10);

		EXPECT(hit <= 10);
		if (hit == 7) {
			bench_click_at(ui, x, area.top + 10, UI_BUTTON_LEFT);
			EXPECT_EQUAL(view->cursor, 7);
			bench_click_at(ui, x, area.top + 10, UI_BUTTON_LEFT);
			EXPECT_EQUAL(view_selection_start(view), 5);
			EXPECT_EQUAL(view_selection_end(view), 10);
			break;
		}
	}
	EXPECT_EQUAL(view_hit(view, area.right, area.bottom - 1), 15);
	EXPECT_EQUAL(view_hit(view, area.left, area.top - 500), 0);
	ui_close(ui);
}

UNIT_TEST(editor_view, replacing_all)
{
	start("aXbxc");
	EXPECT_EQUAL(view_replace_all(view, "x", 1, "xx", 2), 2);
	expect_text("axxbxxc");
	view_undo(view);
	expect_text("aXbxc");
	ui_close(ui);
}

/* A change draws its line, not the window. */
UNIT_TEST(editor_view, draws_what_changed)
{
	uint64_t all, line;

	start("a\nb\nc\n");
	ui_widget_damage(&view->widget);
	all = bench_draw(ui);
	bench_type(ui, "x");
	line = bench_draw(ui);
	EXPECT(line > 0 && line < all / 8);
	EXPECT_EQUAL(bench_draw(ui), 0);
	ui_close(ui);
}

UNIT_TEST(editor_view, any_input)
{
	static const unsigned pressed[] = {
		ORBITAL_KEY_LEFT,   ORBITAL_KEY_RIGHT, ORBITAL_KEY_UP,      ORBITAL_KEY_DOWN,
		ORBITAL_KEY_HOME,   ORBITAL_KEY_END,   ORBITAL_KEY_TAB,     ORBITAL_KEY_BACKSPACE,
		ORBITAL_KEY_DELETE, ORBITAL_KEY_ENTER, ORBITAL_KEY_PAGE_UP, ORBITAL_KEY_PAGE_DOWN,
	};
	static const char original[] = "\xff\xfe\t=\n[a] # b\n\n\tx = \"y\n\xe2\x82\xac\n";
	uint64_t random = 23;

	start(original);
	view_set_wanted(view, "x", 1);
	for (int i = 0; i < 3000; i++) {
		unsigned modifiers = (unsigned)unit_random_below(&random, 4);
		char letter[2] = { "ax\t =#\"[x"[unit_random_below(&random, 9)], '\0' };

		switch (unit_random_below(&random, 5)) {
		case 0:
			bench_click_at(ui, (int)unit_random_below(&random, 640),
				       (int)unit_random_below(&random, 480), UI_BUTTON_LEFT);
			break;
		case 1:
			bench_type(ui, letter);
			break;
		case 2:
			bench_letter(ui, UI_CONTROL, "acxv"[unit_random_below(&random, 4)]);
			break;
		default:
			bench_key(ui, modifiers,
				  pressed[unit_random_below(&random, array_length(pressed))]);
		}
		if (i % 8 == 0)
			bench_draw(ui);
		/* Pasting what was copied doubles it: that is enough of it. */
		if (text_length(&view->text) > 20000)
			view_erase(view, 0, text_length(&view->text) - 100);
		EXPECT(view->cursor <= text_length(&view->text) &&
		       view->anchor <= text_length(&view->text));
	}
	while (history_can_undo(&view->history))
		view_undo(view);
	expect_text(original);
	ui_close(ui);
}
