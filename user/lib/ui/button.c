/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buttons of all kinds, and check boxes. See controls.h. */
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

#define BUTTON_HEIGHT 30 /* points, as all below */
#define BUTTON_PAD    14
#define BUTTON_LEAST  76
#define BUTTON_RADIUS 6
#define ICON_SIZE     18
#define ICON_GAP      6
#define BOX_SIDE      16

struct button {
	struct ui_widget widget;
	char *text;
	enum ui_icon icon;
	bool flat, primary, on;
	bool key_down; /* pressed by the space bar */
};

struct check_box {
	struct ui_widget widget;
	char *text;
	bool checked;
};

static void button_measure(struct ui_widget *widget, int *width, int *height)
{
	const struct button *button = (const struct button *)widget;
	int text = ui_text_width(widget->ui, UI_FONT_NORMAL, button->text, strlen(button->text));
	int icon = button->icon ? ui_pixels(widget->ui, ICON_SIZE) : 0;

	*height = ui_pixels(widget->ui, BUTTON_HEIGHT);
	if (!text) { /* a square */
		*width = button->flat ? *height : *height + ui_pixels(widget->ui, 6);
		return;
	}
	*width = text + icon + (icon ? ui_pixels(widget->ui, ICON_GAP) : 0) +
		 2 * ui_pixels(widget->ui, BUTTON_PAD);
	if (*width < ui_pixels(widget->ui, BUTTON_LEAST) && !button->flat)
		*width = ui_pixels(widget->ui, BUTTON_LEAST);
}

/* As high as buttons are, in the middle of a higher row. */
static struct blend_rectangle button_shape(const struct ui_widget *widget)
{
	struct blend_rectangle area = widget->area;
	int height = ui_pixels(widget->ui, BUTTON_HEIGHT);

	if (ui_height(widget) > height) {
		area.top += (ui_height(widget) - height) / 2;
		area.bottom = area.top + height;
	}
	return area;
}

static bool is_down(const struct button *button)
{
	return (button->widget.pressed && button->widget.hover) || button->key_down;
}

static void draw_focus(const struct ui_widget *widget, struct ui_painter *painter,
		       struct blend_rectangle area, int radius)
{
	if (ui_widget_has_focus(widget))
		ui_paint_outline(painter, area, radius, ui_pixels(widget->ui, 2),
				 ui_colour(widget->ui, UI_COLOUR_ACCENT));
}

/* The edge, then the face one point inside of it. */
static void draw_raised(const struct button *button, struct ui_painter *painter,
			struct blend_rectangle area)
{
	struct ui *ui = button->widget.ui;
	int radius = ui_pixels(ui, BUTTON_RADIUS), line = ui_pixels(ui, 1);
	enum ui_colour face = UI_COLOUR_BUTTON;

	if (button->primary && !button->widget.disabled) {
		uint32_t accent = ui_colour(ui, button->widget.hover ? UI_COLOUR_ACCENT_HOVER
								     : UI_COLOUR_ACCENT);

		ui_paint_round(painter, area, radius,
			       is_down(button) ? ui_mix(accent, 0xff000000, 40) : accent);
		return;
	}
	if (!button->widget.disabled && (is_down(button) || button->on))
		face = UI_COLOUR_BUTTON_PRESSED;
	else if (button->widget.hover && !button->widget.disabled)
		face = UI_COLOUR_BUTTON_HOVER;
	ui_paint_round(painter, area, radius, ui_colour(ui, UI_COLOUR_BORDER));
	ui_paint_round(painter, ui_inset(area, line, line), radius - line, ui_colour(ui, face));
}

static void draw_flat(const struct button *button, struct ui_painter *painter,
		      struct blend_rectangle area)
{
	struct ui *ui = button->widget.ui;
	int radius = ui_pixels(ui, BUTTON_RADIUS);

	if (button->on)
		ui_paint_round(painter, area, radius, ui_colour(ui, UI_COLOUR_SELECTION));
	if (button->widget.disabled)
		return;
	if (button->widget.hover)
		ui_paint_round(painter, area, radius, ui_colour(ui, UI_COLOUR_HOVER));
	if (is_down(button))
		ui_paint_round(painter, area, radius, ui_colour(ui, UI_COLOUR_HOVER));
}

static uint32_t button_text_colour(const struct button *button)
{
	if (button->widget.disabled)
		return ui_colour(button->widget.ui, UI_COLOUR_TEXT_DISABLED);
	return ui_colour(button->widget.ui,
			 button->primary ? UI_COLOUR_ACCENT_TEXT : UI_COLOUR_TEXT);
}

static void button_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct button *button = (const struct button *)widget;
	struct blend_rectangle area = button_shape(widget), text_area;
	int text = ui_text_width(widget->ui, UI_FONT_NORMAL, button->text, strlen(button->text));
	int icon = button->icon ? ui_pixels(widget->ui, ICON_SIZE) : 0;
	int gap = text && icon ? ui_pixels(widget->ui, ICON_GAP) : 0;
	int left;

	if (button->flat)
		draw_flat(button, painter, area);
	else
		draw_raised(button, painter, area);
	draw_focus(widget, painter, area, ui_pixels(widget->ui, BUTTON_RADIUS));
	left = area.left + (area.right - area.left - text - gap - icon) / 2;
	text_area = area;
	if (icon) {
		struct blend_rectangle place = { left, area.top, left + icon, area.bottom };

		ui_paint_icon(painter, place, button->icon, ICON_SIZE, button_text_colour(button));
		text_area.left = left + icon + gap;
		ui_paint_text(painter, text_area, UI_FONT_NORMAL, UI_ALIGN_LEFT, button->text,
			      button_text_colour(button));
	} else {
		ui_paint_text(painter, text_area, UI_FONT_NORMAL, UI_ALIGN_CENTRE, button->text,
			      button_text_colour(button));
	}
}

static bool button_key(struct button *button, const struct ui_event *event)
{
	struct ui_widget *widget = &button->widget;

	if (event->modifiers)
		return false;
	if (event->type == UI_EVENT_KEY &&
	    (event->key == ORBITAL_KEY_ENTER || event->key == ORBITAL_KEY_PAD_ENTER)) {
		ui_widget_act(widget);
		return true;
	}
	if (event->key != ORBITAL_KEY_SPACE)
		return false;
	if (event->type == UI_EVENT_KEY_UP && button->key_down)
		ui_widget_act(widget);
	button->key_down = event->type == UI_EVENT_KEY;
	ui_widget_damage(widget);
	return true;
}

static bool button_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct button *button = (struct button *)widget;

	switch (event->type) {
	case UI_EVENT_KEY:
	case UI_EVENT_KEY_UP:
		return button_key(button, event);
	case UI_EVENT_PRESS:
		ui_widget_damage(widget);
		return event->button == UI_BUTTON_LEFT;
	case UI_EVENT_RELEASE:
		ui_widget_damage(widget);
		if (event->button == UI_BUTTON_LEFT &&
		    ui_contains(widget->area, event->x, event->y))
			ui_widget_act(widget);
		return true;
	case UI_EVENT_BLUR:
		button->key_down = false;
		return true;
	case UI_EVENT_ENTER:
	case UI_EVENT_LEAVE:
		ui_widget_damage(widget);
		return true;
	case UI_EVENT_MOVE: {
		bool inside = ui_contains(widget->area, event->x, event->y);

		if (widget->pressed && widget->hover != inside) {
			widget->hover = inside;
			ui_widget_damage(widget);
		}
		return true;
	}
	default:
		return false;
	}
}

static void button_destroy(struct ui_widget *widget)
{
	free(((struct button *)widget)->text);
}

static const struct ui_class button_class = {
	.name = "button",
	.measure = button_measure,
	.draw = button_draw,
	.event = button_event,
	.destroy = button_destroy,
	.focusable = true,
	.tab_only = true,
};

struct ui_widget *ui_button(struct ui_widget *parent, const char *text, enum ui_icon icon)
{
	struct button *button =
		(struct button *)ui_widget_create(parent, &button_class, sizeof(*button));

	button->text = ui_copy_text(text);
	button->icon = icon;
	return &button->widget;
}

struct ui_widget *ui_icon_button(struct ui_widget *parent, enum ui_icon icon, const char *tip)
{
	struct ui_widget *widget = ui_button(parent, "", icon);

	((struct button *)widget)->flat = true;
	ui_widget_set_tip(widget, tip);
	return widget;
}

void ui_button_set(struct ui_widget *widget, const char *text, enum ui_icon icon)
{
	struct button *button = (struct button *)widget;

	free(button->text);
	button->text = ui_copy_text(text);
	button->icon = icon;
	ui_widget_damage(widget);
	ui_widget_relayout(widget);
}

void ui_button_set_primary(struct ui_widget *widget, bool primary)
{
	((struct button *)widget)->primary = primary;
	ui_widget_damage(widget);
}

void ui_button_set_on(struct ui_widget *widget, bool on)
{
	((struct button *)widget)->on = on;
	ui_widget_damage(widget);
}

bool ui_button_is_on(const struct ui_widget *widget)
{
	return ((const struct button *)widget)->on;
}

static void check_box_measure(struct ui_widget *widget, int *width, int *height)
{
	const struct check_box *box = (const struct check_box *)widget;

	*width = ui_pixels(widget->ui, BOX_SIDE + 8 + 4) +
		 ui_text_width(widget->ui, UI_FONT_NORMAL, box->text, strlen(box->text));
	*height = ui_pixels(widget->ui, 24);
}

static void check_box_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct check_box *box = (const struct check_box *)widget;
	struct ui *ui = widget->ui;
	int side = ui_pixels(ui, BOX_SIDE), radius = ui_pixels(ui, 4), line = ui_pixels(ui, 1);
	int top = widget->area.top + (ui_height(widget) - side) / 2;
	struct blend_rectangle square =
		blend_rectangle(widget->area.left + ui_pixels(ui, 2), top, side, side);
	struct blend_rectangle text = widget->area;

	if (box->checked) {
		ui_paint_round(painter, square, radius,
			       ui_colour(ui, widget->disabled ? UI_COLOUR_TEXT_DISABLED
							      : UI_COLOUR_ACCENT));
		ui_paint_icon(painter, square, UI_ICON_CHECK, BOX_SIDE - 2,
			      ui_colour(ui, UI_COLOUR_ACCENT_TEXT));
	} else {
		ui_paint_round(
			painter, square, radius,
			ui_colour(ui, widget->hover ? UI_COLOUR_TEXT_DIM : UI_COLOUR_BORDER));
		ui_paint_round(painter, ui_inset(square, line, line), radius - line,
			       ui_colour(ui, UI_COLOUR_VIEW));
	}
	draw_focus(widget, painter, ui_inset(square, -2 * line, -2 * line), radius + line);
	text.left = square.right + ui_pixels(ui, 8);
	ui_paint_text(painter, text, UI_FONT_NORMAL, UI_ALIGN_LEFT, box->text,
		      ui_colour(ui, widget->disabled ? UI_COLOUR_TEXT_DISABLED : UI_COLOUR_TEXT));
}

static bool check_box_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct check_box *box = (struct check_box *)widget;
	bool use = false;

	switch (event->type) {
	case UI_EVENT_PRESS:
		return event->button == UI_BUTTON_LEFT;
	case UI_EVENT_RELEASE:
		use = ui_contains(widget->area, event->x, event->y);
		break;
	case UI_EVENT_KEY:
		if (event->key != ORBITAL_KEY_SPACE || event->modifiers)
			return false;
		use = true;
		break;
	case UI_EVENT_ENTER:
	case UI_EVENT_LEAVE:
		ui_widget_damage(widget);
		return true;
	default:
		return false;
	}
	if (use) {
		ui_check_box_set(widget, !box->checked);
		ui_widget_act(widget);
	}
	return true;
}

static void check_box_destroy(struct ui_widget *widget)
{
	free(((struct check_box *)widget)->text);
}

struct ui_widget *ui_check_box(struct ui_widget *parent, const char *text, bool checked)
{
	static const struct ui_class check_box_class = {
		.name = "check box",
		.measure = check_box_measure,
		.draw = check_box_draw,
		.event = check_box_event,
		.destroy = check_box_destroy,
		.focusable = true,
		.tab_only = true,
	};
	struct check_box *box =
		(struct check_box *)ui_widget_create(parent, &check_box_class, sizeof(*box));

	box->text = ui_copy_text(text);
	box->checked = checked;
	return &box->widget;
}

bool ui_check_box_is_checked(const struct ui_widget *widget)
{
	return ((const struct check_box *)widget)->checked;
}

void ui_check_box_set(struct ui_widget *widget, bool checked)
{
	((struct check_box *)widget)->checked = checked;
	ui_widget_damage(widget);
}
