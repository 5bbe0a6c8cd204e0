/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows, columns, stacks: what is placed where. See widget.h. */
#include "ui_priv.h"

#define BAR_HEIGHT 42 /* points */

struct box {
	struct ui_widget widget;
	bool vertical;
	int spacing, pad_x, pad_y; /* points */
};

static void measure_children(struct ui_widget *widget)
{
	for (struct ui_widget *child = widget->first; child; child = child->next)
		if (!child->hidden)
			ui_measure(child);
}

/* As large as the largest child: of stacks, and of classes that say nothing. */
static void largest_child(struct ui_widget *widget, int *width, int *height)
{
	*width = *height = 0;
	for (struct ui_widget *child = widget->first; child; child = child->next) {
		if (child->hidden)
			continue;
		if (child->need_width > *width)
			*width = child->need_width;
		if (child->need_height > *height)
			*height = child->need_height;
	}
}

void ui_measure(struct ui_widget *widget)
{
	int minimum_width = ui_pixels(widget->ui, widget->minimum_width);
	int minimum_height = ui_pixels(widget->ui, widget->minimum_height);

	measure_children(widget);
	if (widget->class && widget->class->measure)
		widget->class->measure(widget, &widget->need_width, &widget->need_height);
	else
		largest_child(widget, &widget->need_width, &widget->need_height);
	if (widget->need_width < minimum_width)
		widget->need_width = minimum_width;
	if (widget->need_height < minimum_height)
		widget->need_height = minimum_height;
}

void ui_widget_place(struct ui_widget *child, struct blend_rectangle area)
{
	bool same = child->area.left == area.left && child->area.top == area.top &&
		    child->area.right == area.right && child->area.bottom == area.bottom;

	if (area.right < area.left)
		area.right = area.left;
	if (area.bottom < area.top)
		area.bottom = area.top;
	if (!same) {
		ui_widget_damage(child);
		child->area = area;
		ui_widget_damage(child);
	}
	if (child->class && child->class->layout)
		child->class->layout(child);
}

static int need_along(const struct box *box, const struct ui_widget *child)
{
	return box->vertical ? child->need_height : child->need_width;
}

static void box_measure(struct ui_widget *widget, int *width, int *height)
{
	struct box *box = (struct box *)widget;
	int along = 0, across = 0, count = 0;

	for (struct ui_widget *child = widget->first; child; child = child->next) {
		int thick = box->vertical ? child->need_width : child->need_height;

		if (child->hidden)
			continue;
		along += need_along(box, child);
		across = thick > across ? thick : across;
		count++;
	}
	if (count > 1)
		along += (count - 1) * ui_pixels(widget->ui, box->spacing);
	*width = (box->vertical ? across : along) + 2 * ui_pixels(widget->ui, box->pad_x);
	*height = (box->vertical ? along : across) + 2 * ui_pixels(widget->ui, box->pad_y);
}

/* What there is to share (or, negative, what is missing), and by how many parts. */
static int rest_along(const struct box *box, int room, int *weights)
{
	int count = 0;

	*weights = 0;
	for (const struct ui_widget *child = box->widget.first; child; child = child->next) {
		if (child->hidden)
			continue;
		room -= need_along(box, child);
		*weights += child->grow;
		count++;
	}
	return room - (count > 1 ? (count - 1) * ui_pixels(box->widget.ui, box->spacing) : 0);
}

static void box_layout(struct ui_widget *widget)
{
	struct box *box = (struct box *)widget;
	struct blend_rectangle inner = ui_inset(widget->area, ui_pixels(widget->ui, box->pad_x),
						ui_pixels(widget->ui, box->pad_y));
	int weights, at = box->vertical ? inner.top : inner.left;
	int rest = rest_along(box, (box->vertical ? inner.bottom : inner.right) - at, &weights);

	for (struct ui_widget *child = widget->first; child; child = child->next) {
		struct blend_rectangle area = inner;
		int length = need_along(box, child);

		if (child->hidden)
			continue;
		if (child->grow > 0) { /* the last gets what rounding left */
			int share = rest * child->grow / weights;

			rest -= share;
			weights -= child->grow;
			length = length + share > 0 ? length + share : 0;
		}
		if (box->vertical) {
			area.top = at;
			area.bottom = at + length;
		} else {
			area.left = at;
			area.right = at + length;
		}
		ui_widget_place(child, area);
		at += length + ui_pixels(widget->ui, box->spacing);
	}
}

static void bar_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	struct blend_rectangle line = widget->area;

	ui_paint_fill(painter, widget->area, ui_colour(widget->ui, UI_COLOUR_BAR));
	line.top = line.bottom - ui_pixels(widget->ui, 1);
	ui_paint_fill(painter, line, ui_colour(widget->ui, UI_COLOUR_BORDER));
}

static void status_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	struct blend_rectangle line = widget->area;

	ui_paint_fill(painter, widget->area, ui_colour(widget->ui, UI_COLOUR_BAR));
	line.bottom = line.top + ui_pixels(widget->ui, 1);
	ui_paint_fill(painter, line, ui_colour(widget->ui, UI_COLOUR_BORDER));
}

static const struct ui_class box_class = {
	.name = "box",
	.measure = box_measure,
	.layout = box_layout,
};

static const struct ui_class tool_bar_class = {
	.name = "tool bar",
	.measure = box_measure,
	.layout = box_layout,
	.draw = bar_draw,
};

static const struct ui_class status_bar_class = {
	.name = "status bar",
	.measure = box_measure,
	.layout = box_layout,
	.draw = status_draw,
};

static struct box *box_create(struct ui_widget *parent, const struct ui_class *class, bool vertical)
{
	struct box *box = (struct box *)ui_widget_create(parent, class, sizeof(*box));

	box->vertical = vertical;
	return box;
}

struct ui_widget *ui_row(struct ui_widget *parent)
{
	struct box *box = box_create(parent, &box_class, false);

	box->spacing = 8;
	return &box->widget;
}

struct ui_widget *ui_column(struct ui_widget *parent)
{
	return &box_create(parent, &box_class, true)->widget;
}

struct ui_widget *ui_tool_bar(struct ui_widget *parent)
{
	struct box *box = box_create(parent, &tool_bar_class, false);

	box->spacing = 4;
	box->pad_x = 8;
	box->pad_y = 6;
	box->widget.minimum_height = BAR_HEIGHT;
	return &box->widget;
}

struct ui_widget *ui_status_bar(struct ui_widget *parent)
{
	struct box *box = box_create(parent, &status_bar_class, false);

	box->spacing = 16;
	box->pad_x = 10;
	box->pad_y = 5;
	return &box->widget;
}

void ui_box_set_spacing(struct ui_widget *widget, int spacing)
{
	((struct box *)widget)->spacing = spacing;
	ui_widget_relayout(widget);
}

void ui_box_set_padding(struct ui_widget *widget, int horizontal, int vertical)
{
	struct box *box = (struct box *)widget;

	box->pad_x = horizontal;
	box->pad_y = vertical;
	ui_widget_relayout(widget);
}

static void stack_layout(struct ui_widget *widget)
{
	for (struct ui_widget *child = widget->first; child; child = child->next)
		if (!child->hidden)
			ui_widget_place(child, widget->area);
}

struct ui_widget *ui_stack(struct ui_widget *parent)
{
	static const struct ui_class stack_class = { .name = "stack", .layout = stack_layout };

	return ui_widget_create(parent, &stack_class, sizeof(struct ui_widget));
}

struct ui_widget *ui_spacer(struct ui_widget *parent)
{
	static const struct ui_class spacer_class = { .name = "spacer" };
	struct ui_widget *spacer = ui_widget_create(parent, &spacer_class, sizeof(*spacer));

	spacer->grow = 1;
	return spacer;
}

static void separator_measure(struct ui_widget *widget, int *width, int *height)
{
	const struct box *box = (const struct box *)widget->parent;

	*width = ui_pixels(widget->ui, box->vertical ? 0 : 9);
	*height = ui_pixels(widget->ui, box->vertical ? 9 : 0);
}

static void separator_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	struct blend_rectangle line = widget->area;
	int width = ui_pixels(widget->ui, 1);

	if (((const struct box *)widget->parent)->vertical) {
		line.top += (ui_height(widget) - width) / 2;
		line.bottom = line.top + width;
	} else {
		line.left += (ui_width(widget) - width) / 2;
		line.right = line.left + width;
		line = ui_inset(line, 0, ui_pixels(widget->ui, 5));
	}
	ui_paint_fill(painter, line, ui_colour(widget->ui, UI_COLOUR_BORDER));
}

struct ui_widget *ui_separator(struct ui_widget *parent)
{
	static const struct ui_class separator_class = {
		.name = "separator",
		.measure = separator_measure,
		.draw = separator_draw,
	};

	return ui_widget_create(parent, &separator_class, sizeof(struct ui_widget));
}
