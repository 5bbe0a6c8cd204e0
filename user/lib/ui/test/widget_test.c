/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree, layout, damage, and the simple widgets. */
#include <stdlib.h>
#include <string.h>

#include "../ui_priv.h"
#include "bench.h"
#include "unit.h"

UNIT_TEST(ui, idle_draws_nothing)
{
	struct ui *ui = bench_open();
	struct ui_widget *label = ui_label(ui_root(ui), "text");

	EXPECT_EQUAL(bench_draw(ui), 640 * 480);
	EXPECT_EQUAL(bench_draw(ui), 0);
	ui_label_set_text(label, "text");
	EXPECT_EQUAL(bench_draw(ui), 0);
	ui_close(ui);
}

UNIT_TEST(ui, draws_only_what_changed)
{
	struct ui *ui = bench_open();
	struct ui_widget *row = ui_row(ui_root(ui)), *button = ui_button(row, "press", 0);
	struct ui_widget *label = ui_label(row, "12:00");
	uint64_t shown;

	ui_spacer(row);
	bench_draw(ui);
	bench_move(ui, button->area.left + 3, button->area.top + 3);
	shown = bench_draw(ui);
	EXPECT_EQUAL(shown, (uint64_t)ui_width(button) * (uint64_t)ui_height(button));
	ui_label_set_text(label, "12:01");
	shown = bench_draw(ui);
	EXPECT(shown > 0 && shown <= (uint64_t)ui_width(label) * (uint64_t)ui_height(label));
	ui_close(ui);
}

UNIT_TEST(ui, rows_share_what_is_left)
{
	struct ui *ui = bench_open();
	struct ui_widget *row = ui_row(ui_root(ui)), *one = ui_column(row), *two = ui_column(row);
	struct ui_widget *fixed = ui_column(row);

	ui_box_set_spacing(row, 10);
	ui_box_set_padding(row, 5, 7);
	ui_widget_set_minimum(fixed, 110, 20);
	ui_widget_set_grow(one, 1);
	ui_widget_set_grow(two, 3);
	bench_draw(ui);
	EXPECT_EQUAL(ui_width(one), 125);
	EXPECT_EQUAL(ui_width(two), 375);
	EXPECT_EQUAL(ui_width(fixed), 110);
	EXPECT_EQUAL(fixed->area.right, 635);
	EXPECT_EQUAL(fixed->area.top, 7);
	EXPECT_EQUAL(ui_height(row), 34);
	ui_widget_show(one, false);
	bench_draw(ui);
	EXPECT_EQUAL(ui_width(two), 510);
	ui_close(ui);
}

UNIT_TEST(ui, twice_as_large)
{
	struct ui *ui;
	struct ui_widget *button;

	fake_window.scale = 2;
	ui = bench_open();
	button = ui_button(ui_root(ui), "", UI_ICON_HOME);
	EXPECT_EQUAL(bench_draw(ui), 1280 * 960);
	EXPECT_EQUAL(ui_height(button), 60);
	ui_close(ui);
}

UNIT_TEST(ui, button_acts)
{
	struct ui *ui = bench_open();
	unsigned count = 0;
	struct ui_widget *row = ui_row(ui_root(ui)), *button = ui_button(row, "press", 0);

	ui_on_action(button, bench_count, &count);
	bench_draw(ui);
	bench_click(button, UI_BUTTON_LEFT);
	EXPECT_EQUAL(count, 1);
	bench_click(button, UI_BUTTON_RIGHT);
	EXPECT_EQUAL(count, 1);
	/* Let go of beside it. */
	bench_move(ui, button->area.left + 2, button->area.top + 2);
	bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_LEFT, 0);
	bench_move(ui, 500, 400);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	EXPECT_EQUAL(count, 1);
	ui_widget_focus(button);
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	bench_key(ui, 0, ORBITAL_KEY_SPACE);
	EXPECT_EQUAL(count, 3);
	ui_widget_enable(button, false);
	bench_click(button, UI_BUTTON_LEFT);
	EXPECT_EQUAL(count, 3);
	ui_close(ui);
}

UNIT_TEST(ui, tab_goes_around)
{
	struct ui *ui = bench_open();
	struct ui_widget *first = ui_button(ui_root(ui), "1", 0);
	struct ui_widget *hidden = ui_button(ui_root(ui), "2", 0);
	struct ui_widget *row = ui_row(ui_root(ui)), *last = ui_text_field(row, "");

	ui_widget_show(hidden, false);
	bench_key(ui, 0, ORBITAL_KEY_TAB);
	EXPECT(ui_widget_has_focus(first));
	bench_key(ui, 0, ORBITAL_KEY_TAB);
	EXPECT(ui_widget_has_focus(last));
	bench_key(ui, 0, ORBITAL_KEY_TAB);
	EXPECT(ui_widget_has_focus(first));
	bench_key(ui, UI_SHIFT, ORBITAL_KEY_TAB);
	EXPECT(ui_widget_has_focus(last));
	bench_event(ui, ORBITAL_EVENT_FOCUS, 0, 0);
	EXPECT(!ui_widget_has_focus(last));
	ui_close(ui);
}

UNIT_TEST(ui, text_field)
{
	struct ui *ui = bench_open();
	unsigned changes = 0;
	struct ui_widget *field = ui_text_field(ui_root(ui), "one two");

	ui_on_action(field, bench_count, &changes);
	bench_draw(ui);
	ui_widget_focus(field);
	bench_type(ui, "!");
	EXPECT_STRING(ui_text_field_text(field), "one two!");
	bench_key(ui, UI_CONTROL, ORBITAL_KEY_BACKSPACE);
	EXPECT_STRING(ui_text_field_text(field), "one ");
	bench_event(ui, ORBITAL_EVENT_TEXT_INPUT, 0x20ac, 0);
	EXPECT_STRING(ui_text_field_text(field), "one \xe2\x82\xac");
	bench_key(ui, 0, ORBITAL_KEY_LEFT);
	bench_type(ui, "x");
	bench_key(ui, 0, ORBITAL_KEY_DELETE);
	EXPECT_STRING(ui_text_field_text(field), "one x");
	bench_letter(ui, UI_CONTROL, 'a');
	bench_letter(ui, UI_CONTROL, 'x');
	EXPECT_STRING(ui_text_field_text(field), "");
	EXPECT_STRING(fake_window.clipboard, "one x");
	bench_letter(ui, UI_CONTROL, 'v');
	bench_letter(ui, UI_CONTROL, 'v');
	EXPECT_STRING(ui_text_field_text(field), "one xone x");
	EXPECT_EQUAL(changes, 8);
	bench_event(ui, ORBITAL_EVENT_CLIPBOARD, 3, 0); /* as Super+V does */
	EXPECT_STRING(ui_text_field_text(field), "one xone xone x");
	bench_key(ui, UI_SHIFT, ORBITAL_KEY_HOME);
	bench_key(ui, 0, ORBITAL_KEY_BACKSPACE);
	EXPECT_STRING(ui_text_field_text(field), "");
	bench_move(ui, field->area.left + 20, field->area.top + 10);
	EXPECT_EQUAL(fake_window.pointer, ORBITAL_POINTER_TEXT);
	ui_close(ui);
}

UNIT_TEST(ui, text_field_by_pointer)
{
	struct ui *ui = bench_open();
	struct ui_widget *field = ui_text_field(ui_root(ui), "first second third");
	int y;

	bench_draw(ui);
	y = field->area.top + 15;
	bench_move(ui, field->area.left + 9 + ui_text_width(ui, UI_FONT_NORMAL, "first se", 8), y);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 1, 0);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 1, 0);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	bench_type(ui, "2");
	EXPECT_STRING(ui_text_field_text(field), "first 2 third");
	ui_close(ui);
}

UNIT_TEST(ui, slider_follows)
{
	struct ui *ui = bench_open();
	struct ui_widget *slider = ui_slider(ui_root(ui), 100, 10);

	bench_draw(ui);
	bench_click(slider, UI_BUTTON_LEFT);
	EXPECT_EQUAL(ui_slider_value(slider), 50);
	bench_move(ui, 5000, slider->area.top + 2);
	EXPECT_EQUAL(ui_slider_value(slider), 50);
	bench_click_at(ui, slider->area.right - 1, slider->area.top + 2, UI_BUTTON_LEFT);
	EXPECT_EQUAL(ui_slider_value(slider), 100);
	ui_widget_focus(slider);
	bench_key(ui, 0, ORBITAL_KEY_DOWN);
	EXPECT_EQUAL(ui_slider_value(slider), 99);
	ui_close(ui);
}

/* A dialog opens, or it goes, while the button is held. */
UNIT_TEST(ui, nothing_stays_pressed)
{
	struct ui *ui = bench_open();
	struct ui_widget *button = ui_button(ui_root(ui), "press", 0);

	bench_draw(ui);
	bench_move(ui, button->area.left + 2, button->area.top + 2);
	bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_LEFT, 0);
	EXPECT(button->pressed && button->hover);
	ui_dialog_message(ui, UI_ICON_ERROR, "title", "text");
	EXPECT(!button->pressed);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	bench_key(ui, 0, ORBITAL_KEY_ENTER);
	bench_draw(ui);
	bench_move(ui, button->area.left + 3, button->area.top + 2);
	bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_LEFT, 0);
	EXPECT(button->pressed && button->hover);
	ui_widget_show(button, false);
	EXPECT(!button->pressed && !button->hover);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	ui_close(ui);
}

UNIT_TEST(ui, tabs_show_one_page)
{
	struct ui *ui = bench_open();
	unsigned changes = 0;
	struct ui_widget *tabs = ui_tabs(ui_root(ui));
	struct ui_widget *one = ui_tabs_add(tabs, "One"), *two = ui_tabs_add(tabs, "Two");

	ui_on_action(tabs, bench_count, &changes);
	bench_draw(ui);
	EXPECT(!one->hidden && two->hidden);
	bench_click_at(ui, 70, tabs->area.top + 10, UI_BUTTON_LEFT);
	EXPECT(one->hidden && !two->hidden);
	EXPECT_EQUAL(ui_tabs_current(tabs), 1);
	EXPECT_EQUAL(changes, 1);
	ui_close(ui);
}

static void destroy_widget(void *argument)
{
	ui_widget_destroy(argument);
}

UNIT_TEST(ui, destroyed_by_its_own_action)
{
	struct ui *ui = bench_open();
	struct ui_widget *column = ui_column(ui_root(ui)), *button = ui_button(column, "x", 0);

	ui_on_action(button, destroy_widget, column);
	bench_draw(ui);
	bench_click(button, UI_BUTTON_LEFT);
	EXPECT(ui_root(ui)->first == NULL);
	EXPECT(bench_draw(ui) > 0);
	ui_close(ui);
}

UNIT_TEST(ui, shortcuts_by_key_and_letter)
{
	struct ui *ui = bench_open();
	unsigned keys = 0, letters = 0;

	ui_shortcut(ui, UI_CONTROL, ORBITAL_KEY_F5, bench_count, &keys);
	ui_shortcut_letter(ui, UI_CONTROL | UI_SHIFT, 's', bench_count, &letters);
	bench_key(ui, UI_CONTROL, ORBITAL_KEY_F5);
	bench_key(ui, 0, ORBITAL_KEY_F5);
	EXPECT_EQUAL(keys, 1);
	bench_letter(ui, UI_CONTROL | UI_SHIFT, 'S');
	bench_letter(ui, UI_CONTROL, 's');
	EXPECT_EQUAL(letters, 1);
	ui_close(ui);
}

struct stopping {
	struct ui *ui;
	struct ui_timer *timer;
	unsigned calls, once;
};

static void stop_at_three(void *argument)
{
	struct stopping *stopping = argument;

	if (++stopping->calls == 3) {
		ui_timer_stop(stopping->timer);
		ui_timer_start(stopping->ui, 0, false, bench_count, &stopping->once);
		fake_window_send(ORBITAL_EVENT_QUIT, 0, 0);
	}
}

UNIT_TEST(ui, loop_has_timers_and_ends)
{
	struct stopping stopping = { .ui = bench_open() };

	stopping.timer = ui_timer_start(stopping.ui, 1, true, stop_at_three, &stopping);
	EXPECT_EQUAL(ui_run(stopping.ui), 0);
	EXPECT_EQUAL(stopping.calls, 3);
	EXPECT_EQUAL(stopping.once, 1);
	ui_close(stopping.ui);
}

UNIT_TEST(ui, resizes)
{
	struct ui *ui = bench_open();
	struct ui_widget *table;

	ui_tool_bar(ui_root(ui));
	table = ui_button(ui_root(ui), "wide and high", UI_ICON_HOME);
	ui_widget_set_grow(table, 1);
	bench_draw(ui);
	bench_event(ui, ORBITAL_EVENT_RESIZE, 1, 1);
	EXPECT_EQUAL(bench_draw(ui), 1);
	bench_event(ui, ORBITAL_EVENT_RESIZE, 900, 700);
	EXPECT_EQUAL(bench_draw(ui), 900 * 700);
	EXPECT_EQUAL(table->area.bottom, 700);
	ui_close(ui);
}

UNIT_TEST(ui, scale_and_theme_change)
{
	struct ui *ui = bench_open();
	unsigned changes = 0;
	struct ui_widget *button = ui_button(ui_root(ui), "text", 0);

	ui_on_theme(ui, bench_count, &changes);
	bench_draw(ui);
	bench_event(ui, ORBITAL_EVENT_SCALE, 2, 0);
	EXPECT_EQUAL(bench_draw(ui), 1280 * 960);
	EXPECT_EQUAL(ui_height(button), 60);
	bench_event(ui, ORBITAL_EVENT_THEME, 1, 0x112233);
	EXPECT_EQUAL(ui_colour(ui, UI_COLOUR_ACCENT), 0xff112233);
	EXPECT(ui_is_dark(ui));
	EXPECT_EQUAL(changes, 2);
	EXPECT_EQUAL(bench_draw(ui), 1280 * 960);
	ui_close(ui);
}

UNIT_TEST(ui, never_smaller_than_it_can_be)
{
	struct ui *ui = ui_open(&(struct ui_options){
		.width = 300, .height = 5000, .minimum_width = 200, .minimum_height = 100 });
	struct ui_widget *row = ui_row(ui_root(ui));

	bench_draw(ui);
	EXPECT_EQUAL(ui_height(ui_root(ui)), 1200 - 88); /* the display is 1200 high */
	bench_event(ui, ORBITAL_EVENT_RESIZE, 50, 50);
	EXPECT_EQUAL(bench_draw(ui), 50 * 50);
	EXPECT_EQUAL(ui_width(row), 200);
	ui_close(ui);
}
