/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The widget that shows a picture, see picture_view.h.
 *
 * What is on the screen is kept scaled: all of the picture if that is not too large, else the part
 * of it that the area shows.
 */
#include "picture_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <ui/paint.h>

#define ZOOM_STEP   1.25
#define ZOOM_LEAST  0.02
#define ZOOM_MOST   32.0
#define KEPT_PIXELS (8 << 20) /* of a picture that is kept scaled as a whole */
#define SMOOTH_MOST 3.0       /* above it, pixels are to be seen as such */
#define SQUARE      8         /* of the pattern behind what is transparent, points */

struct view {
	struct ui_widget widget;
	struct blend_surface picture; /* pixels NULL: there is none */
	bool has_alpha;
	bool fits;   /* it follows the size of the area */
	double zoom; /* pixels of the screen for each of the picture */
	double x, y; /* what of the picture is in the middle of the area */
	struct blend_surface kept;
	bool kept_whole, kept_valid;
	int grabbed_x, grabbed_y; /* the pointer, where the picture was grabbed */
	double grabbed_at_x, grabbed_at_y;
	char *message;
};

static double fitting_zoom(const struct view *view)
{
	double x = (double)ui_width(&view->widget) / view->picture.width;
	double y = (double)ui_height(&view->widget) / view->picture.height;
	double zoom = x < y ? x : y, one = ui_scale(view->widget.ui);

	return zoom < one ? zoom : one; /* small ones are not enlarged */
}

static double clamp(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

/* Nothing beside the picture is shown where that can be; else it is in the middle. */
static double keep_inside(double middle, int picture, int room, double zoom)
{
	double half = room / zoom / 2;

	return 2 * half >= picture ? picture / 2.0 : clamp(middle, half, picture - half);
}

static void changed(struct view *view)
{
	ui_widget_damage(&view->widget);
	ui_widget_act(&view->widget);
}

static void place(struct view *view)
{
	if (!view->picture.pixels)
		return;
	if (view->fits)
		view->zoom = fitting_zoom(view);
	view->x = keep_inside(view->x, view->picture.width, ui_width(&view->widget), view->zoom);
	view->y = keep_inside(view->y, view->picture.height, ui_height(&view->widget), view->zoom);
	if (!view->kept_whole)
		view->kept_valid = false;
}

/* Where the picture is, relative to the area's upper left corner. */
static struct blend_rectangle picture_area(const struct view *view)
{
	int width = (int)lround(view->picture.width * view->zoom);
	int height = (int)lround(view->picture.height * view->zoom);
	double left = ui_width(&view->widget) / 2.0 - view->x * view->zoom;
	double top = ui_height(&view->widget) / 2.0 - view->y * view->zoom;

	return blend_rectangle((int)lround(left), (int)lround(top), width > 0 ? width : 1,
			       height > 0 ? height : 1);
}

static bool keep_scaled(struct view *view)
{
	struct blend_rectangle area = picture_area(view);
	int64_t size = (int64_t)(area.right - area.left) * (area.bottom - area.top);
	bool whole = size <= KEPT_PIXELS, smooth = view->zoom < SMOOTH_MOST;
	int width = whole ? area.right - area.left : ui_width(&view->widget);
	int height = whole ? area.bottom - area.top : ui_height(&view->widget);

	if (view->kept_valid)
		return true;
	free(view->kept.pixels);
	view->kept = (struct blend_surface){ .width = width,
					     .height = height,
					     .stride = (uint32_t)width };
	view->kept.pixels = malloc((size_t)width * (size_t)height * sizeof(uint32_t));
	if (!view->kept.pixels)
		return false;
	if (whole)
		area = blend_rectangle(0, 0, width, height);
	blend_surface_scale(&view->kept, blend_surface_bounds(&view->kept), area, &view->picture,
			    smooth);
	view->kept_whole = whole;
	view->kept_valid = true;
	return true;
}

static void draw_squares(struct view *view, struct ui_painter *painter, struct blend_rectangle area)
{
	int side = ui_pixels(view->widget.ui, SQUARE);
	struct blend_rectangle part = blend_rectangle_intersect(area, painter->clip);

	ui_paint_fill(painter, part, 0xfff0f0f0);
	for (int y = (part.top - area.top) / side; area.top + y * side < part.bottom; y++)
		for (int x = (part.left - area.left) / side; area.left + x * side < part.right; x++)
			if ((x + y) & 1)
				ui_paint_fill(painter,
					      blend_rectangle_intersect(
						      part, blend_rectangle(area.left + x * side,
									    area.top + y * side,
									    side, side)),
					      0xffd0d0d0);
}

static void view_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	struct view *view = (struct view *)widget;
	struct blend_rectangle area;
	int left = widget->area.left, top = widget->area.top;

	ui_paint_fill(painter, widget->area,
		      ui_mix(ui_colour(widget->ui, UI_COLOUR_VIEW), 0xff808080,
			     ui_is_dark(widget->ui) ? 0 : 40));
	if (!view->picture.pixels) {
		if (view->message)
			ui_paint_text(painter, widget->area, UI_FONT_NORMAL, UI_ALIGN_CENTRE,
				      view->message, ui_colour(widget->ui, UI_COLOUR_TEXT_DIM));
		return;
	}
	if (!keep_scaled(view))
		return;
	area = picture_area(view);
	if (view->has_alpha)
		draw_squares(view, painter,
			     (struct blend_rectangle){ area.left + left, area.top + top,
						       area.right + left, area.bottom + top });
	if (view->kept_whole) {
		blend_surface_draw(painter->surface, painter->clip, &view->kept, left + area.left,
				   top + area.top, view->has_alpha);
	} else {
		struct blend_rectangle part = { area.left + left, area.top + top, area.right + left,
						area.bottom + top };
		struct ui_painter inner = ui_painter_within(painter, part);

		blend_surface_draw(painter->surface, inner.clip, &view->kept, left, top,
				   view->has_alpha);
	}
}

/* Changes the zoom so that what is at (x, y), relative to the area, stays there. */
static void zoom_at(struct view *view, double zoom, double x, double y)
{
	double dx = x - ui_width(&view->widget) / 2.0, dy = y - ui_height(&view->widget) / 2.0;

	if (!view->picture.pixels)
		return;
	zoom = clamp(zoom, ZOOM_LEAST, ZOOM_MOST);
	view->x += dx / view->zoom - dx / zoom;
	view->y += dy / view->zoom - dy / zoom;
	view->zoom = zoom;
	view->fits = false;
	view->kept_valid = false;
	place(view);
	changed(view);
}

static void drag(struct view *view, const struct ui_event *event)
{
	view->x = view->grabbed_at_x - (event->x - view->grabbed_x) / view->zoom;
	view->y = view->grabbed_at_y - (event->y - view->grabbed_y) / view->zoom;
	place(view);
	ui_widget_damage(&view->widget);
}

static bool view_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct view *view = (struct view *)widget;

	switch (event->type) {
	case UI_EVENT_PRESS:
		if (!view->picture.pixels || event->button == UI_BUTTON_RIGHT)
			return false;
		if (event->clicks == 2) {
			if (view->fits)
				picture_view_zoom_one(widget);
			else
				picture_view_zoom_fit(widget);
		}
		view->grabbed_x = event->x;
		view->grabbed_y = event->y;
		view->grabbed_at_x = view->x;
		view->grabbed_at_y = view->y;
		return true;
	case UI_EVENT_MOVE:
		if (widget->pressed)
			drag(view, event);
		return true;
	case UI_EVENT_WHEEL:
		zoom_at(view, view->zoom * pow(ZOOM_STEP, -event->dy), event->x - widget->area.left,
			event->y - widget->area.top);
		return true;
	case UI_EVENT_RELEASE:
		return true;
	default:
		return false;
	}
}

static void view_layout(struct ui_widget *widget)
{
	struct view *view = (struct view *)widget;
	double before = view->zoom;

	place(view);
	if (view->zoom != before) {
		view->kept_valid = false;
		changed(view);
	}
}

static void view_destroy(struct ui_widget *widget)
{
	struct view *view = (struct view *)widget;

	free(view->picture.pixels);
	free(view->kept.pixels);
	free(view->message);
}

struct ui_widget *picture_view_create(struct ui_widget *parent)
{
	static const struct ui_class view_class = {
		.name = "view",
		.layout = view_layout,
		.draw = view_draw,
		.event = view_event,
		.destroy = view_destroy,
		.focusable = true,
	};
	struct view *view = (struct view *)ui_widget_create(parent, &view_class, sizeof(*view));

	view->zoom = 1;
	view->widget.grow = 1;
	return &view->widget;
}

void picture_view_set_picture(struct ui_widget *widget, uint32_t *pixels, int width, int height,
			      bool has_alpha)
{
	struct view *view = (struct view *)widget;

	free(view->picture.pixels);
	view->picture = (struct blend_surface){
		.pixels = pixels, .width = width, .height = height, .stride = (uint32_t)width
	};
	view->has_alpha = has_alpha;
	view->x = width / 2.0;
	view->y = height / 2.0;
	picture_view_zoom_fit(widget);
}

void picture_view_set_message(struct ui_widget *widget, const char *message)
{
	struct view *view = (struct view *)widget;

	free(view->message);
	view->message = strdup(message);
	ui_widget_damage(widget);
}

void picture_view_turn(struct ui_widget *widget)
{
	struct view *view = (struct view *)widget;
	int width = view->picture.height, height = view->picture.width;
	uint32_t *turned;

	if (!view->picture.pixels)
		return;
	turned = malloc((size_t)width * (size_t)height * sizeof(*turned));
	if (!turned)
		return;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			turned[(size_t)y * (size_t)width + (size_t)x] =
				*blend_surface_at(&view->picture, y, width - 1 - x);
	picture_view_set_picture(widget, turned, width, height, view->has_alpha);
}

void picture_view_zoom_by(struct ui_widget *widget, int steps)
{
	struct view *view = (struct view *)widget;

	zoom_at(view, view->zoom * pow(ZOOM_STEP, steps), ui_width(widget) / 2.0,
		ui_height(widget) / 2.0);
}

void picture_view_zoom_one(struct ui_widget *widget)
{
	zoom_at((struct view *)widget, ui_scale(widget->ui), ui_width(widget) / 2.0,
		ui_height(widget) / 2.0);
}

void picture_view_zoom_fit(struct ui_widget *widget)
{
	struct view *view = (struct view *)widget;

	view->fits = true;
	view->kept_valid = false;
	place(view);
	changed(view);
}

int picture_view_zoom(const struct ui_widget *widget)
{
	const struct view *view = (const struct view *)widget;

	return !view->picture.pixels ? 0 : (int)lround(view->zoom * 100 / ui_scale(widget->ui));
}
