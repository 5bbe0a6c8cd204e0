/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See bench.h. */
#include "bench.h"

#include "../ui_priv.h"

static const struct {
	unsigned modifier, key;
} keys_of_modifiers[] = {
	{ UI_SHIFT, ORBITAL_KEY_LEFT_SHIFT },
	{ UI_CONTROL, ORBITAL_KEY_CONTROL },
	{ UI_ALT, ORBITAL_KEY_ALT },
};

struct ui *bench_open(void)
{
	return ui_open(&(struct ui_options){ .title = "test", .width = 640, .height = 480 });
}

uint64_t bench_draw(struct ui *ui)
{
	fake_window.shown = 0;
	ui_update(ui);
	ui_widget_free_dead(ui);
	return fake_window.shown;
}

void bench_event(struct ui *ui, int64_t code, int64_t a, int64_t b)
{
	struct orbital_event event = { code, a, b };

	ui_handle_event(ui, &event);
}

static void hold_modifiers(struct ui *ui, unsigned modifiers, unsigned mark)
{
	for (size_t i = 0; i < 3; i++)
		if (modifiers & keys_of_modifiers[i].modifier)
			bench_event(ui, ORBITAL_EVENT_KEY, 0, keys_of_modifiers[i].key | mark);
}

static void press(struct ui *ui, unsigned modifiers, unsigned key, char letter)
{
	hold_modifiers(ui, modifiers, ORBITAL_KEY_PRESSED);
	bench_event(ui, ORBITAL_EVENT_KEY, letter, key | ORBITAL_KEY_PRESSED);
	bench_event(ui, ORBITAL_EVENT_KEY, letter, key);
	hold_modifiers(ui, modifiers, 0);
	ui_widget_free_dead(ui);
}

void bench_key(struct ui *ui, unsigned modifiers, unsigned key)
{
	press(ui, modifiers, key, 0);
}

void bench_letter(struct ui *ui, unsigned modifiers, char letter)
{
	press(ui, modifiers, ORBITAL_KEY_SEMICOLON, letter);
}

void bench_type(struct ui *ui, const char *text)
{
	for (; *text; text++)
		bench_event(ui, ORBITAL_EVENT_TEXT_INPUT, *text, 0);
}

void bench_move(struct ui *ui, int x, int y)
{
	bench_event(ui, ORBITAL_EVENT_MOUSE, x, y);
}

void bench_click_at(struct ui *ui, int x, int y, unsigned button)
{
	bench_move(ui, x, y);
	bench_event(ui, ORBITAL_EVENT_BUTTON, button, 0);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	ui_widget_free_dead(ui);
}

void bench_click(struct ui_widget *widget, unsigned button)
{
	bench_click_at(widget->ui, (widget->area.left + widget->area.right) / 2,
		       (widget->area.top + widget->area.bottom) / 2, button);
}

void bench_count(void *argument)
{
	++*(unsigned *)argument;
}
