/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sliders, progress bars, scroll bars. See controls.h. */
#include "ui_priv.h"

#define KNOB        16 /* points, as all below */
#define TRACK       4
#define BAR_WIDTH   12
#define THUMB       6
#define THUMB_LEAST 28

struct slider {
	struct ui_widget widget;
	int maximum, value;
};

struct progress {
	struct ui_widget widget;
	int thousandths;
};

struct scroll_bar {
	struct ui_widget widget;
	bool horizontal;
	int64_t total, page, position;
	int64_t grabbed; /* the position where the thumb was pressed */
	int grabbed_at;  /* and the pointer's then, pixels */
};

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

static void slider_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, 100);
	*height = ui_pixels(widget->ui, 24);
}

/* The middle of the knob, between those of its two ends. */
static int slider_knob(const struct slider *slider)
{
	int half = ui_pixels(slider->widget.ui, KNOB) / 2;
	int room = ui_width(&slider->widget) - 2 * half;

	return slider->widget.area.left + half +
	       (slider->maximum > 0 ? (int)((int64_t)room * slider->value / slider->maximum) : 0);
}

static void slider_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct slider *slider = (const struct slider *)widget;
	struct ui *ui = widget->ui;
	int middle = (widget->area.top + widget->area.bottom) / 2, knob = slider_knob(slider);
	int half = ui_pixels(ui, TRACK) / 2, radius = ui_pixels(ui, KNOB) * 8;
	struct blend_rectangle track = ui_inset(widget->area, ui_pixels(ui, KNOB) / 2 - half, 0);
	struct blend_rectangle filled;

	track.top = middle - half;
	track.bottom = middle + half;
	filled = track;
	filled.right = knob;
	ui_paint_round(painter, track, half, ui_colour(ui, UI_COLOUR_BORDER));
	ui_paint_round(painter, filled, half, ui_colour(ui, UI_COLOUR_ACCENT));
	ui_paint_disc(painter, knob * 16, middle * 16, radius,
		      ui_colour(ui, ui_widget_has_focus(widget) || widget->pressed
					    ? UI_COLOUR_ACCENT
					    : UI_COLOUR_BORDER));
	ui_paint_disc(painter, knob * 16, middle * 16, radius - ui_pixels(ui, 1) * 16,
		      ui_mix(ui_colour(ui, UI_COLOUR_BUTTON), 0xffffffff,
			     ui_is_dark(ui) ? (widget->hover ? 190 : 160) : 255));
}

static void slider_change(struct slider *slider, int value)
{
	value = clamp(value, 0, slider->maximum);
	if (value == slider->value)
		return;
	slider->value = value;
	ui_widget_damage(&slider->widget);
	ui_widget_act(&slider->widget);
}

static bool slider_key(struct slider *slider, const struct ui_event *event)
{
	int page = slider->maximum / 10 > 0 ? slider->maximum / 10 : 1;

	switch (event->key) {
	case ORBITAL_KEY_LEFT:
	case ORBITAL_KEY_DOWN:
		slider_change(slider, slider->value - 1);
		return true;
	case ORBITAL_KEY_RIGHT:
	case ORBITAL_KEY_UP:
		slider_change(slider, slider->value + 1);
		return true;
	case ORBITAL_KEY_PAGE_DOWN:
		slider_change(slider, slider->value - page);
		return true;
	case ORBITAL_KEY_PAGE_UP:
		slider_change(slider, slider->value + page);
		return true;
	case ORBITAL_KEY_HOME:
		slider_change(slider, 0);
		return true;
	case ORBITAL_KEY_END:
		slider_change(slider, slider->maximum);
		return true;
	}
	return false;
}

static void slider_follow(struct slider *slider, int x)
{
	int half = ui_pixels(slider->widget.ui, KNOB) / 2;
	int room = ui_width(&slider->widget) - 2 * half;

	if (room > 0)
		slider_change(slider, (int)(((int64_t)(x - slider->widget.area.left - half) *
						     slider->maximum +
					     room / 2) /
					    room));
}

static bool slider_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct slider *slider = (struct slider *)widget;

	switch (event->type) {
	case UI_EVENT_KEY:
		return event->modifiers == 0 && slider_key(slider, event);
	case UI_EVENT_PRESS:
		slider_follow(slider, event->x);
		return true;
	case UI_EVENT_MOVE:
		if (widget->pressed)
			slider_follow(slider, event->x);
		return true;
	case UI_EVENT_WHEEL:
		slider_change(slider, slider->value - event->dy * (slider->maximum / 20 + 1));
		return true;
	case UI_EVENT_RELEASE:
	case UI_EVENT_ENTER:
	case UI_EVENT_LEAVE:
		ui_widget_damage(widget);
		return true;
	default:
		return false;
	}
}

struct ui_widget *ui_slider(struct ui_widget *parent, int maximum, int value)
{
	static const struct ui_class slider_class = {
		.name = "slider",
		.measure = slider_measure,
		.draw = slider_draw,
		.event = slider_event,
		.focusable = true,
		.tab_only = true,
	};
	struct slider *slider =
		(struct slider *)ui_widget_create(parent, &slider_class, sizeof(*slider));

	slider->maximum = maximum > 0 ? maximum : 0;
	slider->value = clamp(value, 0, slider->maximum);
	return &slider->widget;
}

int ui_slider_value(const struct ui_widget *widget)
{
	return ((const struct slider *)widget)->value;
}

void ui_slider_set(struct ui_widget *widget, int value)
{
	struct slider *slider = (struct slider *)widget;

	value = clamp(value, 0, slider->maximum);
	if (value != slider->value)
		ui_widget_damage(widget);
	slider->value = value;
}

static void progress_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, 80);
	*height = ui_pixels(widget->ui, 8);
}

static void progress_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct progress *progress = (const struct progress *)widget;
	struct ui *ui = widget->ui;
	struct blend_rectangle track = widget->area;
	int height = ui_pixels(ui, 8), width = ui_width(widget);

	track.top += (ui_height(widget) - height) / 2;
	track.bottom = track.top + height;
	ui_paint_round(painter, track, height / 2, ui_colour(ui, UI_COLOUR_BORDER));
	if (progress->thousandths < 0) { /* somewhere in the middle */
		track.left += width / 3;
		track.right -= width / 3;
	} else {
		track.right = track.left + (int)((int64_t)width * progress->thousandths / 1000);
	}
	if (track.right - track.left >= height / 2)
		ui_paint_round(painter, track, height / 2, ui_colour(ui, UI_COLOUR_ACCENT));
}

struct ui_widget *ui_progress(struct ui_widget *parent)
{
	static const struct ui_class progress_class = {
		.name = "progress",
		.measure = progress_measure,
		.draw = progress_draw,
	};

	return ui_widget_create(parent, &progress_class, sizeof(struct progress));
}

void ui_progress_set(struct ui_widget *widget, int thousandths)
{
	struct progress *progress = (struct progress *)widget;

	thousandths = clamp(thousandths, -1, 1000);
	if (thousandths != progress->thousandths)
		ui_widget_damage(widget);
	progress->thousandths = thousandths;
}

static void scroll_bar_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = *height = ui_pixels(widget->ui, BAR_WIDTH);
}

static int64_t scroll_bar_room(const struct scroll_bar *bar)
{
	return bar->total > bar->page ? bar->total - bar->page : 0;
}

static int scroll_bar_length(const struct scroll_bar *bar)
{
	return bar->horizontal ? ui_width(&bar->widget) : ui_height(&bar->widget);
}

/* The part that shows what is visible; *along: how many pixels it can go. */
static struct blend_rectangle thumb_area(const struct scroll_bar *bar, int *along)
{
	const struct ui_widget *widget = &bar->widget;
	int length = scroll_bar_length(bar), least = ui_pixels(widget->ui, THUMB_LEAST);
	int margin = ui_pixels(widget->ui, BAR_WIDTH - THUMB) / 2;
	int thumb = bar->total > 0 ? (int)(length * bar->page / bar->total) : length;
	int64_t room = scroll_bar_room(bar);
	struct blend_rectangle area =
		ui_inset(widget->area, bar->horizontal ? 0 : margin, bar->horizontal ? margin : 0);
	int at;

	thumb = clamp(thumb, least < length ? least : length, length);
	*along = length - thumb;
	at = room > 0 ? (int)(*along * bar->position / room) : 0;
	if (bar->horizontal) {
		area.left += at;
		area.right = area.left + thumb;
		return ui_inset(area, ui_pixels(widget->ui, 2), 0);
	}
	area.top += at;
	area.bottom = area.top + thumb;
	return ui_inset(area, 0, ui_pixels(widget->ui, 2));
}

static void scroll_bar_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct scroll_bar *bar = (const struct scroll_bar *)widget;
	struct ui *ui = widget->ui;
	bool strong = widget->hover || widget->pressed;
	int along;

	ui_paint_fill(painter, widget->area, ui_colour(ui, UI_COLOUR_VIEW));
	if (scroll_bar_room(bar) > 0)
		ui_paint_round(painter, thumb_area(bar, &along), ui_pixels(ui, THUMB) / 2,
			       ui_mix(ui_colour(ui, UI_COLOUR_VIEW),
				      ui_colour(ui, UI_COLOUR_TEXT_DIM), strong ? 200 : 110));
}

static void scroll_bar_move(struct scroll_bar *bar, int64_t position)
{
	int64_t room = scroll_bar_room(bar);

	position = position < 0 ? 0 : position > room ? room : position;
	if (position == bar->position)
		return;
	bar->position = position;
	ui_widget_damage(&bar->widget);
	ui_widget_act(&bar->widget);
}

static void scroll_bar_press(struct scroll_bar *bar, const struct ui_event *event)
{
	int along, at = bar->horizontal ? event->x : event->y;
	struct blend_rectangle thumb = thumb_area(bar, &along);
	int from = bar->horizontal ? thumb.left : thumb.top;
	int to = bar->horizontal ? thumb.right : thumb.bottom;

	if (at < from)
		scroll_bar_move(bar, bar->position - bar->page);
	else if (at >= to)
		scroll_bar_move(bar, bar->position + bar->page);
	bar->grabbed = bar->position;
	bar->grabbed_at = at;
	ui_widget_damage(&bar->widget);
}

static bool scroll_bar_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct scroll_bar *bar = (struct scroll_bar *)widget;
	int along, at = bar->horizontal ? event->x : event->y;

	switch (event->type) {
	case UI_EVENT_PRESS:
		if (event->button != UI_BUTTON_LEFT)
			return false;
		scroll_bar_press(bar, event);
		return true;
	case UI_EVENT_MOVE:
		thumb_area(bar, &along);
		if (widget->pressed && along > 0)
			scroll_bar_move(bar, bar->grabbed + (at - bar->grabbed_at) *
								    scroll_bar_room(bar) / along);
		return true;
	case UI_EVENT_RELEASE:
	case UI_EVENT_ENTER:
	case UI_EVENT_LEAVE:
		ui_widget_damage(widget);
		return true;
	default:
		return false;
	}
}

struct ui_widget *ui_scroll_bar(struct ui_widget *parent, bool horizontal)
{
	static const struct ui_class scroll_bar_class = {
		.name = "scroll bar",
		.measure = scroll_bar_measure,
		.draw = scroll_bar_draw,
		.event = scroll_bar_event,
	};
	struct scroll_bar *bar =
		(struct scroll_bar *)ui_widget_create(parent, &scroll_bar_class, sizeof(*bar));

	bar->horizontal = horizontal;
	return &bar->widget;
}

void ui_scroll_bar_set(struct ui_widget *widget, int64_t total, int64_t page, int64_t position)
{
	struct scroll_bar *bar = (struct scroll_bar *)widget;
	int64_t room = total > page ? total - page : 0;

	position = position < 0 ? 0 : position > room ? room : position;
	if (total == bar->total && page == bar->page && position == bar->position)
		return;
	bar->total = total;
	bar->page = page;
	bar->position = position;
	ui_widget_damage(widget);
}

int64_t ui_scroll_bar_position(const struct ui_widget *widget)
{
	return ((const struct scroll_bar *)widget)->position;
}
