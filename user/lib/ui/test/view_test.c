/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables, menus, dialogs; and random input to all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ui_priv.h"
#include "bench.h"
#include "unit.h"

#define MANY 1000000

struct rows {
	unsigned asked, activated, selections, menus;
	size_t last;
	unsigned column;
	bool descending;
};

static void rows_cell(void *context, size_t row, unsigned column, struct ui_cell *cell)
{
	struct rows *rows = context;

	rows->asked++;
	snprintf(cell->text, sizeof(cell->text), "%c %zu", column ? 'x' : (char)('a' + row % 26),
		 row);
	cell->icon = column ? UI_ICON_NONE : UI_ICON_FOLDER;
}

static void rows_sort(void *context, unsigned column, bool descending)
{
	((struct rows *)context)->column = column;
	((struct rows *)context)->descending = descending;
}

static void rows_activate(void *context, size_t row)
{
	((struct rows *)context)->activated++;
	((struct rows *)context)->last = row;
}

static void rows_select(void *context)
{
	((struct rows *)context)->selections++;
}

static void rows_menu(void *context, size_t row, int x, int y)
{
	(void)x, (void)y;
	((struct rows *)context)->menus++;
	((struct rows *)context)->last = row;
}

static const struct ui_column columns[] = {
	{ "Name", 0, UI_ALIGN_LEFT, true },
	{ "Size", 100, UI_ALIGN_RIGHT, true },
};

static const struct ui_table_model model = {
	.cell = rows_cell,
	.sort = rows_sort,
	.activate = rows_activate,
	.select = rows_select,
	.menu = rows_menu,
};

static struct ui_widget *make_table(struct ui *ui, struct rows *rows, size_t count)
{
	struct ui_widget *table = ui_table(ui_root(ui), columns, 2, &model, rows);

	ui_table_set_multiple(table, true);
	ui_table_set_rows(table, count, false);
	bench_draw(ui);
	ui_widget_focus(table);
	return table;
}

UNIT_TEST(ui, table_asks_for_what_is_visible)
{
	struct ui *ui = bench_open();
	struct rows rows = { 0 };
	struct ui_widget *table = make_table(ui, &rows, MANY);

	EXPECT(rows.asked > 20 && rows.asked < 100);
	rows.asked = 0;
	bench_key(ui, 0, ORBITAL_KEY_END);
	bench_draw(ui);
	EXPECT_EQUAL(ui_table_current(table), MANY - 1);
	EXPECT(rows.asked > 20 && rows.asked < 100);
	bench_draw(ui);
	rows.asked = 0;
	bench_key(ui, 0, ORBITAL_KEY_UP);
	bench_draw(ui);
	EXPECT(rows.asked <= 8); /* two rows of two columns, and what touches them */
	ui_close(ui);
}

UNIT_TEST(ui, table_selects)
{
	struct ui *ui = bench_open();
	struct rows rows = { 0 };
	struct ui_widget *table = make_table(ui, &rows, 1000);

	bench_key(ui, 0, ORBITAL_KEY_HOME);
	bench_key(ui, 0, ORBITAL_KEY_DOWN);
	bench_key(ui, UI_SHIFT, ORBITAL_KEY_DOWN);
	bench_key(ui, UI_SHIFT, ORBITAL_KEY_DOWN);
	EXPECT_EQUAL(ui_table_selected_count(table), 3);
	EXPECT(ui_table_is_selected(table, 1) && ui_table_is_selected(table, 3));
	bench_letter(ui, UI_CONTROL, 'a');
	EXPECT_EQUAL(ui_table_selected_count(table), 1000);
	ui_table_set_rows(table, 10, true);
	EXPECT_EQUAL(ui_table_selected_count(table), 10);
	ui_table_set_rows(table, 500, true);
	EXPECT_EQUAL(ui_table_selected_count(table), 10);
	ui_table_select(table, 7);
	EXPECT_EQUAL(ui_table_selected_count(table), 1);
	bench_type(ui, "c");
	EXPECT_EQUAL(ui_table_current(table), 28);
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_EQUAL(rows.activated, 1);
	EXPECT_EQUAL(rows.last, 28);
	ui_close(ui);
}

UNIT_TEST(ui, table_by_pointer)
{
	struct ui *ui = bench_open();
	struct rows rows = { 0 };
	struct ui_widget *table = make_table(ui, &rows, 1000);
	int x = table->area.left + 50, y = table->area.top + 28 + 26 * 4 + 5;

	bench_click_at(ui, x, y, UI_BUTTON_LEFT);
	EXPECT_EQUAL(ui_table_current(table), 4);
	bench_click_at(ui, x, y, UI_BUTTON_LEFT);
	EXPECT_EQUAL(rows.activated, 1);
	bench_click_at(ui, x, y + 26, UI_BUTTON_RIGHT);
	EXPECT_EQUAL(rows.menus, 1);
	EXPECT_EQUAL(rows.last, 5);
	bench_click_at(ui, x, table->area.top + 5, UI_BUTTON_LEFT);
	EXPECT(rows.column == 0 && !rows.descending);
	bench_click_at(ui, x, table->area.top + 5, UI_BUTTON_LEFT);
	EXPECT(rows.column == 0 && rows.descending);
	bench_event(ui, ORBITAL_EVENT_SCROLL, 0, -10);
	bench_click_at(ui, x, y, UI_BUTTON_LEFT);
	EXPECT_EQUAL(ui_table_current(table), 34);
	/* Beside the thumb, of the bar at the right: a page further. */
	bench_click_at(ui, table->area.right - 4, table->area.bottom - 4, UI_BUTTON_LEFT);
	bench_click_at(ui, x, y, UI_BUTTON_LEFT);
	EXPECT(ui_table_current(table) > 45);
	ui_close(ui);
}

UNIT_TEST(ui, menu_chooses)
{
	struct ui *ui = bench_open();
	unsigned count = 0;
	const struct ui_menu_item items[] = {
		{ "Nothing", 0, NULL, NULL, true, false },
		{ 0 },
		{ "Count", 0, NULL, bench_count, false, false },
	};
	struct ui_widget *button = ui_button(ui_root(ui), "below", 0);

	bench_draw(ui);
	ui_widget_focus(button);
	ui_menu_show_below(button, items, 3, &count);
	bench_draw(ui);
	bench_key(ui, 0, ORBITAL_KEY_DOWN);
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_EQUAL(count, 1);
	EXPECT(ui_top_layer(ui) == ui->content);
	ui_menu_show(ui, 100, 100, items, 3, &count);
	bench_draw(ui);
	bench_click_at(ui, 120, 100 + 5 + 28 + 9 + 14, UI_BUTTON_LEFT);
	EXPECT_EQUAL(count, 2);
	ui_menu_show(ui, 5000, 5000, items, 3, &count);
	bench_draw(ui);
	bench_click_at(ui, 10, 10, UI_BUTTON_LEFT);
	EXPECT_EQUAL(count, 2);
	EXPECT(ui_top_layer(ui) == ui->content);
	bench_draw(ui);
	EXPECT_EQUAL(bench_draw(ui), 0);
	ui_close(ui);
}

UNIT_TEST(ui, menu_by_one_stroke)
{
	struct ui *ui = bench_open();
	struct ui_widget *field = ui_text_field(ui_root(ui), "text");

	bench_draw(ui);
	bench_move(ui, 40, 10);
	bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_RIGHT, 0);
	bench_draw(ui);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	EXPECT(ui_top_layer(ui) != ui->content);
	bench_key(ui, 0, ORBITAL_KEY_ESCAPE);
	bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_RIGHT, 0);
	bench_draw(ui);
	bench_move(ui, 60, 10 + 5 + 3 * 28 + 9 + 14); /* "Select all" */
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	EXPECT(ui_top_layer(ui) == ui->content);
	bench_type(ui, "x");
	EXPECT_STRING(ui_text_field_text(field), "x");
	ui_close(ui);
}

static void remember_answer(void *argument, int button)
{
	*(int *)argument = button;
}

static void remember_text(void *argument, const char *text)
{
	snprintf(argument, 32, "%s", text);
}

struct asking {
	struct ui *ui;
	int answer;
};

static void ask_more(void *argument, const char *text)
{
	static const char *const buttons[] = { "Cancel", "Replace" };
	struct asking *asking = argument;

	ui_dialog_question(asking->ui, 0, "Replace it?", text, buttons, 2, remember_answer,
			   &asking->answer);
}

/* The key that is still held is not the answer to the question that follows. */
UNIT_TEST(ui, held_keys_answer_once)
{
	struct asking asking = { .ui = bench_open(), .answer = 100 };
	struct ui *ui = asking.ui;
	int64_t enter = ORBITAL_KEY_ENTER;

	ui_dialog_text(ui, "Save as", NULL, "name", "Save", ask_more, &asking);
	bench_draw(ui);
	for (int i = 0; i < 5; i++) {
		bench_event(ui, ORBITAL_EVENT_KEY, 0, enter | ORBITAL_KEY_PRESSED);
		bench_draw(ui);
	}
	EXPECT_EQUAL(asking.answer, 100);
	EXPECT(ui_top_layer(ui) != ui->content);
	bench_event(ui, ORBITAL_EVENT_KEY, 0, enter);
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_EQUAL(asking.answer, 1);
	ui_close(ui);
}

UNIT_TEST(ui, questions_are_answered)
{
	static const char *const buttons[] = { "No", "Yes" };
	struct ui *ui = bench_open();
	struct ui_widget *field = ui_text_field(ui_root(ui), "");
	int answer = 100;

	ui_widget_focus(field);
	ui_dialog_question(ui, UI_ICON_WARNING, "Really?", "A text.", buttons, 2, remember_answer,
			   &answer);
	bench_draw(ui);
	bench_type(ui, "not for the field");
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_EQUAL(answer, 1);
	EXPECT_STRING(ui_text_field_text(field), "");
	EXPECT(ui_widget_has_focus(field));
	ui_dialog_question(ui, 0, "Really?", "", buttons, 2, remember_answer, &answer);
	bench_key(ui, 0, ORBITAL_KEY_ESCAPE);
	EXPECT(answer == UI_DIALOG_CANCELLED);
	ui_dialog_question(ui, 0, "Really?", "", buttons, 2, remember_answer, &answer);
	bench_key(ui, UI_SHIFT, ORBITAL_KEY_TAB);
	bench_key(ui, 0, ORBITAL_KEY_SPACE);
	EXPECT_EQUAL(answer, 0);
	ui_close(ui);
}

UNIT_TEST(ui, text_is_asked_for)
{
	struct ui *ui = bench_open();
	char text[32] = "";

	ui_dialog_text(ui, "Name", NULL, "old", "Rename", remember_text, text);
	bench_draw(ui);
	bench_key(ui, 0, ORBITAL_KEY_BACKSPACE);
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_STRING(text, "");
	bench_type(ui, "new");
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_STRING(text, "new");
	EXPECT(ui_top_layer(ui) == ui->content);
	ui_close(ui);
}

UNIT_TEST(ui, file_is_chosen)
{
	struct ui *ui = bench_open();
	char name[32] = "";

	ui_dialog_choose(ui, UI_CHOOSE_SAVE, "/dev/null", remember_text, name);
	bench_draw(ui);
	bench_letter(ui, UI_CONTROL, 'a');
	bench_type(ui, "new file");
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_STRING(name, "/dev/new file");
	ui_dialog_choose(ui, UI_CHOOSE_SAVE, "/dev/null", remember_text, name);
	bench_draw(ui);
	bench_key(ui, 0, ORBITAL_KEY_ENTER); /* asks whether to replace it */
	EXPECT_STRING(name, "/dev/new file");
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	EXPECT_STRING(name, "/dev/null");
	ui_close(ui);
}

static void ask_something(void *argument)
{
	ui_dialog_text(argument, "Name", "label", "text", "Go", remember_text, (char[32]){ 0 });
}

static void random_event(struct ui *ui, uint64_t *random)
{
	switch (unit_random_below(random, 8)) {
	case 0:
		bench_event(ui, ORBITAL_EVENT_RESIZE, 1 + (int64_t)unit_random_below(random, 700),
			    1 + (int64_t)unit_random_below(random, 500));
		break;
	case 1:
	case 2:
		bench_event(ui, ORBITAL_EVENT_KEY, 0, (int64_t)unit_random_below(random, 512));
		break;
	case 3:
		bench_event(ui, ORBITAL_EVENT_TEXT_INPUT,
			    (int64_t)unit_random_below(random, 0x3000), 0);
		break;
	case 4:
		bench_event(ui, ORBITAL_EVENT_BUTTON, (int64_t)unit_random_below(random, 8), 0);
		break;
	case 5:
		bench_event(ui, ORBITAL_EVENT_SCROLL, (int64_t)unit_random_below(random, 9) - 4,
			    (int64_t)unit_random_below(random, 9) - 4);
		break;
	default:
		bench_move(ui, (int)unit_random_below(random, 700) - 20,
			   (int)unit_random_below(random, 500) - 20);
	}
}

/* Nothing to be seen but what the sanitizers see, and that drawing stays within the window. */
UNIT_TEST(ui, survives_random_input)
{
	static const char *const texts[] = { "one", "two", "three" };
	struct ui *ui = bench_open();
	struct rows rows = { 0 };
	uint64_t random = 20261;
	struct ui_widget *bar = ui_tool_bar(ui_root(ui)), *tabs = ui_tabs(ui_root(ui)), *page;

	ui_on_action(ui_icon_button(bar, UI_ICON_NEW, "A new one"), ask_something, ui);
	ui_choice(bar, texts, 3, 0);
	ui_text_field(bar, "text");
	ui_slider(bar, 10, 5);
	ui_widget_set_grow(tabs, 1);
	page = ui_tabs_add(tabs, "One");
	ui_table_set_rows(ui_table(page, columns, 2, &model, &rows), 300, false);
	page = ui_tabs_add(tabs, "Two");
	page = ui_table(page, columns, 2, &model, &rows);
	ui_table_show_icons(page, true);
	ui_table_set_multiple(page, true);
	ui_table_set_rows(page, 3000, false);
	for (int i = 0; i < 3000; i++) {
		random_event(ui, &random);
		if (i % 4 == 0)
			bench_draw(ui);
	}
	ui_close(ui);
}
