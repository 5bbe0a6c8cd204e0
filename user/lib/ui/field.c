/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text fields: one line that can be changed. See controls.h. */
#include <font/text.h>
#include <font/utf8.h>
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

#define FIELD_HEIGHT 30 /* points */
#define FIELD_PAD    9
#define TEXT_MAX     65536 /* bytes */

struct field {
	struct ui_widget widget;
	char *text, *hint;
	size_t length, room;
	size_t cursor, anchor; /* bytes; what lies between them is selected */
	int scroll;            /* pixels that the text is moved to the left */
	ui_action enter, escape;
	void *enter_argument, *escape_argument;
};

static void field_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, 80);
	*height = ui_pixels(widget->ui, FIELD_HEIGHT);
}

static struct blend_rectangle text_area(const struct field *field)
{
	struct blend_rectangle area = field->widget.area;
	int height = ui_pixels(field->widget.ui, FIELD_HEIGHT);

	area.top += (area.bottom - area.top - height) / 2;
	area.bottom = area.top + height;
	return ui_inset(area, ui_pixels(field->widget.ui, FIELD_PAD), 0);
}

static int offset_of(const struct field *field, size_t position)
{
	return ui_text_width(field->widget.ui, UI_FONT_NORMAL, field->text, position);
}

/* Moves the text so that the cursor can be seen. */
static void scroll_to_cursor(struct field *field)
{
	struct blend_rectangle area = text_area(field);
	int room = area.right - area.left - ui_pixels(field->widget.ui, 2);
	int at = offset_of(field, field->cursor), all = offset_of(field, field->length);

	if (room < 1)
		return;
	if (at - field->scroll > room)
		field->scroll = at - room;
	if (at < field->scroll)
		field->scroll = at;
	if (field->scroll > all - room)
		field->scroll = all - room > 0 ? all - room : 0;
}

static void draw_selection(const struct field *field, struct ui_painter *painter,
			   struct blend_rectangle area)
{
	size_t from = field->cursor < field->anchor ? field->cursor : field->anchor;
	size_t to = field->cursor < field->anchor ? field->anchor : field->cursor;
	int left = area.left - field->scroll, margin = ui_pixels(field->widget.ui, 5);

	if (from == to)
		return;
	ui_paint_fill(painter,
		      (struct blend_rectangle){ left + offset_of(field, from), area.top + margin,
						left + offset_of(field, to), area.bottom - margin },
		      ui_colour(field->widget.ui, ui_widget_has_focus(&field->widget)
							  ? UI_COLOUR_SELECTION
							  : UI_COLOUR_SELECTION_DIM));
}

static void draw_edge(const struct field *field, struct ui_painter *painter)
{
	struct ui *ui = field->widget.ui;
	bool focus = ui_widget_has_focus(&field->widget);
	struct blend_rectangle area = ui_inset(text_area(field), -ui_pixels(ui, FIELD_PAD), 0);
	int radius = ui_pixels(ui, 6), line = ui_pixels(ui, focus ? 2 : 1);

	ui_paint_round(painter, area, radius,
		       ui_colour(ui, focus ? UI_COLOUR_ACCENT : UI_COLOUR_BORDER));
	ui_paint_round(painter, ui_inset(area, line, line), radius - line,
		       ui_colour(ui, UI_COLOUR_VIEW));
}

static void field_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	struct field *field = (struct field *)widget;
	struct ui *ui = widget->ui;
	struct blend_rectangle area = text_area(field);
	struct ui_painter inner = ui_painter_within(painter, ui_inset(area, -ui_pixels(ui, 2), 0));
	int line_height = ui_line_height(ui, UI_FONT_NORMAL);
	int top = area.top + (area.bottom - area.top - line_height) / 2;

	draw_edge(field, painter);
	if (field->length == 0 && field->hint)
		ui_paint_text(&inner, area, UI_FONT_NORMAL, UI_ALIGN_LEFT, field->hint,
			      ui_colour(ui, UI_COLOUR_TEXT_DISABLED));
	draw_selection(field, &inner, area);
	ui_paint_text_at(
		&inner, area.left - field->scroll, top, UI_FONT_NORMAL, field->text, field->length,
		ui_colour(ui, widget->disabled ? UI_COLOUR_TEXT_DISABLED : UI_COLOUR_TEXT));
	if (ui_widget_has_focus(widget)) {
		int x = area.left - field->scroll + offset_of(field, field->cursor);

		ui_paint_fill(
			&inner,
			blend_rectangle(x, top, ui_pixels(ui, 1) + ui->scale / 2, line_height),
			ui_colour(ui, UI_COLOUR_TEXT));
	}
}

static size_t previous_character(const struct field *field, size_t position)
{
	while (position > 0 && !utf8_is_boundary(field->text[--position]))
		;
	return position;
}

static size_t next_character(const struct field *field, size_t position)
{
	if (position < field->length)
		position++;
	while (position < field->length && !utf8_is_boundary(field->text[position]))
		position++;
	return position;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '/' || byte == '.' || byte == '-' || byte == '_';
}

static size_t word_edge(const struct field *field, size_t position, bool forwards)
{
	const char *text = field->text;

	if (forwards) {
		while (position < field->length && is_blank(text[position]))
			position++;
		while (position < field->length && !is_blank(text[position]))
			position++;
		return position;
	}
	while (position > 0 && is_blank(text[position - 1]))
		position--;
	while (position > 0 && !is_blank(text[position - 1]))
		position--;
	return position;
}

/* Puts text in the place of what is selected. */
static void replace_selection(struct field *field, const char *text, size_t length)
{
	size_t from = field->cursor < field->anchor ? field->cursor : field->anchor;
	size_t to = field->cursor < field->anchor ? field->anchor : field->cursor;
	size_t total = field->length - (to - from) + length;

	if (total > TEXT_MAX)
		return;
	if (total + 1 > field->room) {
		field->room = 2 * total + 32;
		field->text = ui_reallocate(field->text, field->room);
	}
	memmove(field->text + from + length, field->text + to, field->length - to + 1);
	memcpy(field->text + from, text, length);
	field->length = total;
	field->cursor = field->anchor = from + length;
}

static void after_change(struct field *field)
{
	scroll_to_cursor(field);
	ui_widget_damage(&field->widget);
	ui_widget_act(&field->widget);
}

static void move_cursor(struct field *field, size_t position, bool select)
{
	field->cursor = position;
	if (!select)
		field->anchor = position;
	scroll_to_cursor(field);
	ui_widget_damage(&field->widget);
}

static void select_all(struct field *field)
{
	field->anchor = 0;
	move_cursor(field, field->length, true);
}

static void copy_selection(struct field *field, bool cut)
{
	size_t from = field->cursor < field->anchor ? field->cursor : field->anchor;
	size_t to = field->cursor < field->anchor ? field->anchor : field->cursor;

	if (from == to)
		return;
	if (ui_clipboard_set(field->widget.ui, field->text + from, to - from) && cut) {
		replace_selection(field, "", 0);
		after_change(field);
	}
}

static void paste(struct field *field)
{
	size_t length;
	char *text = ui_clipboard_get(field->widget.ui, &length);

	if (!text)
		return;
	length = strcspn(text, "\r\n");
	replace_selection(field, text, length);
	free(text);
	after_change(field);
}

static bool field_control_key(struct field *field, const struct ui_event *event)
{
	switch (event->character) {
	case 'a':
		select_all(field);
		return true;
	case 'c':
	case 'x':
		copy_selection(field, event->character == 'x');
		return true;
	case 'v':
		paste(field);
		return true;
	}
	return false;
}

static void erase(struct field *field, size_t to)
{
	if (field->cursor == field->anchor)
		field->cursor = to;
	if (field->cursor == field->anchor)
		return;
	replace_selection(field, "", 0);
	after_change(field);
}

static bool field_key(struct field *field, const struct ui_event *event)
{
	bool shift = event->modifiers & UI_SHIFT, control = event->modifiers & UI_CONTROL;
	size_t at = field->cursor;

	if (event->modifiers & (UI_ALT | UI_SUPER))
		return false;
	switch (event->key) {
	case ORBITAL_KEY_LEFT:
		move_cursor(field,
			    control ? word_edge(field, at, false) : previous_character(field, at),
			    shift);
		return true;
	case ORBITAL_KEY_RIGHT:
		move_cursor(field, control ? word_edge(field, at, true) : next_character(field, at),
			    shift);
		return true;
	case ORBITAL_KEY_HOME:
		move_cursor(field, 0, shift);
		return true;
	case ORBITAL_KEY_END:
		move_cursor(field, field->length, shift);
		return true;
	case ORBITAL_KEY_BACKSPACE:
		erase(field, control ? word_edge(field, at, false) : previous_character(field, at));
		return true;
	case ORBITAL_KEY_DELETE:
		erase(field, control ? word_edge(field, at, true) : next_character(field, at));
		return true;
	case ORBITAL_KEY_ENTER:
	case ORBITAL_KEY_PAD_ENTER:
		if (!field->enter)
			return false;
		field->enter(field->enter_argument);
		return true;
	case ORBITAL_KEY_ESCAPE:
		if (!field->escape)
			return false;
		field->escape(field->escape_argument);
		return true;
	}
	return control && field_control_key(field, event);
}

static size_t position_at(const struct field *field, int x)
{
	const struct font_atlas *atlas = ui_font(field->widget.ui, UI_FONT_NORMAL);
	int offset = x - text_area(field).left + field->scroll;
	size_t before = offset > 0 ? font_text_fit(atlas, field->text, field->length, offset) : 0;
	size_t after = next_character(field, before);

	/* The nearer edge of the character that was hit. */
	if (offset - offset_of(field, before) > offset_of(field, after) - offset)
		return after;
	return before;
}

static void field_press(struct field *field, const struct ui_event *event)
{
	size_t position = position_at(field, event->x);

	if (event->clicks == 2) {
		field->anchor = word_edge(field, position, false);
		move_cursor(field, word_edge(field, position, true), true);
	} else if (event->clicks == 3) {
		select_all(field);
	} else {
		move_cursor(field, position, event->modifiers & UI_SHIFT);
	}
}

static void menu_cut(void *argument)
{
	copy_selection(argument, true);
}

static void menu_copy(void *argument)
{
	copy_selection(argument, false);
}

static void menu_paste(void *argument)
{
	paste(argument);
}

static void menu_select_all(void *argument)
{
	select_all(argument);
}

static void show_menu(struct field *field, const struct ui_event *event)
{
	bool none = field->cursor == field->anchor;
	const struct ui_menu_item items[] = {
		{ "Cut", UI_ICON_CUT, "Ctrl+X", menu_cut, none, false },
		{ "Copy", UI_ICON_COPY, "Ctrl+C", menu_copy, none, false },
		{ "Paste", UI_ICON_PASTE, "Ctrl+V", menu_paste, false, false },
		{ 0 },
		{ "Select all", UI_ICON_NONE, "Ctrl+A", menu_select_all, field->length == 0,
		  false },
	};

	ui_menu_show(field->widget.ui, event->x, event->y, items, 5, field);
}

static bool field_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct field *field = (struct field *)widget;
	char bytes[UTF8_BYTES_MAX];

	switch (event->type) {
	case UI_EVENT_KEY:
		return field_key(field, event);
	case UI_EVENT_TEXT:
		replace_selection(field, bytes, utf8_encode(bytes, event->character));
		after_change(field);
		return true;
	case UI_EVENT_PRESS:
		if (event->button == UI_BUTTON_LEFT)
			field_press(field, event);
		else if (event->button == UI_BUTTON_MIDDLE)
			paste(field);
		else
			show_menu(field, event);
		return true;
	case UI_EVENT_MOVE:
		if (widget->pressed && (event->held & UI_BUTTON_LEFT) &&
		    widget->ui->click.count == 1)
			move_cursor(field, position_at(field, event->x), true);
		return true;
	default:
		return false;
	}
}

static void field_layout(struct ui_widget *widget)
{
	scroll_to_cursor((struct field *)widget);
}

static void field_destroy(struct ui_widget *widget)
{
	free(((struct field *)widget)->text);
	free(((struct field *)widget)->hint);
}

struct ui_widget *ui_text_field(struct ui_widget *parent, const char *text)
{
	static const struct ui_class field_class = {
		.name = "text field",
		.measure = field_measure,
		.layout = field_layout,
		.draw = field_draw,
		.event = field_event,
		.destroy = field_destroy,
		.focusable = true,
		.pointer = ORBITAL_POINTER_TEXT,
	};
	struct field *field =
		(struct field *)ui_widget_create(parent, &field_class, sizeof(*field));

	ui_text_field_set_text(&field->widget, text);
	return &field->widget;
}

const char *ui_text_field_text(const struct ui_widget *widget)
{
	return ((const struct field *)widget)->text;
}

void ui_text_field_set_text(struct ui_widget *widget, const char *text)
{
	struct field *field = (struct field *)widget;

	free(field->text);
	field->text = ui_copy_text(text);
	field->length = strlen(field->text);
	field->room = field->length + 1;
	field->anchor = field->length;
	move_cursor(field, field->length, false);
}

void ui_text_field_set_hint(struct ui_widget *widget, const char *hint)
{
	struct field *field = (struct field *)widget;

	free(field->hint);
	field->hint = ui_copy_text(hint);
	ui_widget_damage(widget);
}

void ui_text_field_select(struct ui_widget *widget, size_t from, size_t to)
{
	struct field *field = (struct field *)widget;

	field->anchor = from < field->length ? from : field->length;
	move_cursor(field, to < field->length ? to : field->length, true);
}

void ui_text_field_on_enter(struct ui_widget *widget, ui_action action, void *argument)
{
	((struct field *)widget)->enter = action;
	((struct field *)widget)->enter_argument = argument;
}

void ui_text_field_on_escape(struct ui_widget *widget, ui_action action, void *argument)
{
	((struct field *)widget)->escape = action;
	((struct field *)widget)->escape_argument = argument;
}
