/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mouse. It selects, scrolls and pastes; if a program has asked for it (and Shift is not held), the
 * program is told instead.
 */
#include "terminal.h"

#include <stdlib.h>

#define BUTTON_LEFT   1u
#define BUTTON_MIDDLE 2u
#define BUTTON_RIGHT  4u
#define DOUBLE_MS     400
#define WHEEL_LINES   3
#define WHEEL_UP      4 /* as libvterm numbers it */
#define WHEEL_DOWN    5

static bool is_programs(const struct terminal *terminal)
{
	return terminal->mouse_mode != VTERM_PROP_MOUSE_NONE &&
	       !(terminal->modifiers & VTERM_MOD_SHIFT) && terminal->view == 0;
}

static int clamp(int value, int most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

/* The cell under the pointer; `half`: the border between two that is nearest. */
static struct grid_place pointer_place(const struct terminal *terminal, bool half)
{
	int margin = PADDING * (int)terminal->scale;
	int x = terminal->pointer_x - margin + (half ? terminal->cell_width / 2 : 0);
	int columns = grid_columns(terminal->grid);
	int row = clamp((terminal->pointer_y - margin) / terminal->cell_height,
			grid_rows(terminal->grid) - 1);

	return (struct grid_place){
		.line = grid_top(terminal->grid) - terminal->view + row,
		.column = clamp(x / terminal->cell_width, half ? columns : columns - 1),
	};
}

void selection_clear(struct terminal *terminal)
{
	if (terminal->selection.active)
		terminal->redraw_all = true;
	terminal->selection = (struct selection){ 0 };
}

/* What is selected around a place, by the selection's unit. */
static void selection_unit(const struct terminal *terminal, struct grid_place at,
			   struct grid_place *from, struct grid_place *to)
{
	*from = *to = at;
	if (terminal->selection.unit == SELECT_WORDS) {
		grid_word(terminal->grid, at, from, to);
	} else if (terminal->selection.unit == SELECT_LINES) {
		from->column = 0;
		to->column = grid_columns(terminal->grid);
	}
}

static void selection_extend(struct terminal *terminal)
{
	struct selection *selection = &terminal->selection;
	struct grid_place from, to;

	selection_unit(terminal, pointer_place(terminal, selection->unit == SELECT_CHARACTERS),
		       &from, &to);
	selection->from =
		grid_place_compare(from, selection->anchor) < 0 ? from : selection->anchor;
	selection->to =
		grid_place_compare(to, selection->anchor_end) > 0 ? to : selection->anchor_end;
	selection->active = grid_place_compare(selection->from, selection->to) < 0;
	terminal->redraw_all = true;
}

/* How often the button was pressed here in a row. */
static int count_clicks(struct terminal *terminal)
{
	struct grid_place place = pointer_place(terminal, false);
	int64_t now = clock_ms();

	if (now - terminal->clicked_at > DOUBLE_MS ||
	    grid_place_compare(place, terminal->clicked) != 0 || terminal->clicks == 3)
		terminal->clicks = 0;
	terminal->clicked_at = now;
	terminal->clicked = place;
	return ++terminal->clicks;
}

static void selection_start(struct terminal *terminal)
{
	static const enum selecting units[3] = { SELECT_CHARACTERS, SELECT_WORDS, SELECT_LINES };
	struct selection *selection = &terminal->selection;

	if (terminal->modifiers & VTERM_MOD_SHIFT && selection->active) {
		selection->moving = true;
		selection_extend(terminal);
		return;
	}
	selection_clear(terminal);
	selection->unit = units[count_clicks(terminal) - 1];
	selection->moving = true;
	selection_unit(terminal, pointer_place(terminal, selection->unit == SELECT_CHARACTERS),
		       &selection->anchor, &selection->anchor_end);
	selection_extend(terminal);
}

static void selection_finish(struct terminal *terminal)
{
	struct selection *selection = &terminal->selection;
	size_t length;
	char *text;

	selection->moving = false;
	if (!selection->active)
		return;
	text = grid_text(terminal->grid, selection->from, selection->to, &length);
	if (!text)
		return;
	free(terminal->selected);
	terminal->selected = text;
	terminal->selected_length = length;
}

static void tell_program(struct terminal *terminal, int button, bool pressed)
{
	struct grid_place place = pointer_place(terminal, false);

	vterm_mouse_move(terminal->vterm, (int)(place.line - grid_top(terminal->grid)),
			 place.column, (VTermModifier)terminal->modifiers);
	if (button)
		vterm_mouse_button(terminal->vterm, button, pressed,
				   (VTermModifier)terminal->modifiers);
}

void pointer_moved(struct terminal *terminal, int x, int y)
{
	terminal->pointer_x = x;
	terminal->pointer_y = y;
	if (terminal->selection.moving) {
		if (y < 0)
			terminal_scroll(terminal, 1);
		else if (y >= terminal->window->height)
			terminal_scroll(terminal, -1);
		selection_extend(terminal);
	} else if (is_programs(terminal)) {
		tell_program(terminal, 0, false);
	}
}

void pointer_button(struct terminal *terminal, unsigned buttons)
{
	unsigned pressed = buttons & ~terminal->buttons;
	unsigned released = terminal->buttons & ~buttons;

	terminal->buttons = buttons;
	if (terminal->selection.moving) {
		if (released & BUTTON_LEFT)
			selection_finish(terminal);
		return;
	}
	if (is_programs(terminal)) {
		static const unsigned order[3] = { BUTTON_LEFT, BUTTON_MIDDLE, BUTTON_RIGHT };

		for (int i = 0; i < 3; i++) {
			if ((pressed | released) & order[i])
				tell_program(terminal, i + 1, (pressed & order[i]) != 0);
		}
		return;
	}
	if (pressed & BUTTON_LEFT)
		selection_start(terminal);
	else if (pressed & BUTTON_MIDDLE && terminal->selected)
		terminal_paste_text(terminal, terminal->selected, terminal->selected_length);
	else if (pressed & BUTTON_MIDDLE)
		terminal_paste(terminal);
}

void pointer_wheel(struct terminal *terminal, int steps)
{
	bool up = steps > 0;
	int count = clamp(abs(steps), 32);

	if (is_programs(terminal)) {
		for (int i = 0; i < count; i++)
			tell_program(terminal, up ? WHEEL_UP : WHEEL_DOWN, true);
	} else if (grid_is_alternate(terminal->grid)) {
		/* Editors and pagers without a mouse scroll by keys. */
		for (int i = 0; i < count * WHEEL_LINES; i++)
			vterm_keyboard_key(terminal->vterm, up ? VTERM_KEY_UP : VTERM_KEY_DOWN,
					   VTERM_MOD_NONE);
	} else {
		terminal_scroll(terminal, (int64_t)(up ? count : -count) * WHEEL_LINES);
	}
}
