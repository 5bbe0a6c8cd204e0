/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of widgets. See widget.h. */
#include <stdlib.h>

#include "ui_priv.h"

static void link_last(struct ui_widget *parent, struct ui_widget *widget)
{
	widget->parent = parent;
	widget->previous = parent->last;
	if (parent->last)
		parent->last->next = widget;
	else
		parent->first = widget;
	parent->last = widget;
}

static void unlink_widget(struct ui_widget *widget)
{
	struct ui_widget *parent = widget->parent;

	if (!parent)
		return;
	*(widget->previous ? &widget->previous->next : &parent->first) = widget->next;
	*(widget->next ? &widget->next->previous : &parent->last) = widget->previous;
	widget->parent = widget->next = widget->previous = NULL;
}

static struct ui_widget *make_widget(struct ui *ui, struct ui_widget *parent,
				     const struct ui_class *class, size_t size)
{
	struct ui_widget *widget = ui_allocate(size > sizeof(*widget) ? size : sizeof(*widget));

	widget->class = class;
	widget->ui = ui;
	if (parent)
		link_last(parent, widget);
	ui->needs_layout = true;
	return widget;
}

struct ui_widget *ui_widget_create(struct ui_widget *parent, const struct ui_class *class,
				   size_t size)
{
	return make_widget(parent->ui, parent, class, size);
}

/* What is pressed stays so no longer. */
static void let_go(struct ui *ui)
{
	if (ui->grab)
		ui->grab->pressed = false;
	ui->grab = NULL;
}

/* Nobody gets events any more who is `widget`, or below it. */
static void forget_widget(struct ui *ui, const struct ui_widget *widget)
{
	if (ui->focus && ui_widget_is_within(ui->focus, widget))
		ui->focus = NULL;
	if (ui->content_focus && ui_widget_is_within(ui->content_focus, widget))
		ui->content_focus = NULL;
	if (ui->hover && ui_widget_is_within(ui->hover, widget)) {
		ui->hover->hover = false;
		ui->hover = NULL;
		ui_hide_tip(ui);
	}
	if (ui->grab && ui_widget_is_within(ui->grab, widget))
		let_go(ui);
}

void ui_widget_destroy(struct ui_widget *widget)
{
	struct ui *ui = widget->ui;

	forget_widget(ui, widget);
	ui->layer_changes += widget->parent == ui->layers;
	if (!widget->hidden)
		ui_damage(ui, widget->area);
	unlink_widget(widget);
	widget->next = ui->dead;
	ui->dead = widget;
	ui->needs_layout = true;
	if (!ui->focus && ui->content_focus && ui_top_layer(ui) == ui->content)
		ui_set_focus(ui, ui->content_focus);
}

static void free_tree(struct ui_widget *widget)
{
	while (widget->first) {
		struct ui_widget *child = widget->first;

		unlink_widget(child);
		free_tree(child);
	}
	if (widget->class && widget->class->destroy)
		widget->class->destroy(widget);
	free(widget->tip);
	free(widget);
}

void ui_widget_free_dead(struct ui *ui)
{
	while (ui->dead) {
		struct ui_widget *widget = ui->dead;

		ui->dead = widget->next;
		widget->next = NULL;
		free_tree(widget);
	}
}

bool ui_widget_is_within(const struct ui_widget *widget, const struct ui_widget *ancestor)
{
	while (widget && widget != ancestor)
		widget = widget->parent;
	return widget != NULL;
}

struct ui_widget *ui_widget_at(struct ui_widget *widget, int x, int y)
{
	if (widget->hidden || !ui_contains(widget->area, x, y))
		return NULL;
	for (struct ui_widget *child = widget->last; child; child = child->previous) {
		struct ui_widget *found = ui_widget_at(child, x, y);

		if (found)
			return found;
	}
	return widget;
}

void ui_layers_init(struct ui *ui)
{
	static const struct ui_class layers_class = { .name = "layers" };

	ui->layers = make_widget(ui, NULL, &layers_class, 0);
	ui->content = ui_column(ui->layers);
}

struct ui_widget *ui_layer_create(struct ui *ui, const struct ui_class *class, size_t size)
{
	struct ui_widget *layer = make_widget(ui, ui->layers, class, size);

	ui->layer_changes++;
	let_go(ui);
	ui_hide_tip(ui);
	return layer;
}

struct ui_widget *ui_top_layer(const struct ui *ui)
{
	return ui->layers->last;
}

void ui_widget_damage_area(struct ui_widget *widget, struct blend_rectangle area)
{
	area = blend_rectangle_intersect(area, widget->area);
	for (const struct ui_widget *up = widget; up; up = up->parent)
		if (up->hidden)
			return;
	ui_damage(widget->ui, area);
}

void ui_widget_damage(struct ui_widget *widget)
{
	ui_widget_damage_area(widget, widget->area);
}

void ui_widget_relayout(struct ui_widget *widget)
{
	widget->ui->needs_layout = true;
}

void ui_widget_show(struct ui_widget *widget, bool shown)
{
	if (widget->hidden == !shown)
		return;
	if (!shown) {
		ui_widget_damage(widget);
		forget_widget(widget->ui, widget);
	}
	widget->hidden = !shown;
	if (shown)
		ui_widget_damage(widget);
	widget->ui->needs_layout = true;
}

void ui_widget_enable(struct ui_widget *widget, bool enabled)
{
	if (widget->disabled == !enabled)
		return;
	widget->disabled = !enabled;
	if (!enabled)
		forget_widget(widget->ui, widget);
	ui_widget_damage(widget);
}

void ui_widget_set_grow(struct ui_widget *widget, int weight)
{
	widget->grow = weight;
	ui_widget_relayout(widget);
}

void ui_widget_set_minimum(struct ui_widget *widget, int width, int height)
{
	widget->minimum_width = width;
	widget->minimum_height = height;
	ui_widget_relayout(widget);
}

void ui_widget_set_tip(struct ui_widget *widget, const char *text)
{
	free(widget->tip);
	widget->tip = text ? ui_copy_text(text) : NULL;
}

void ui_on_action(struct ui_widget *widget, ui_action action, void *argument)
{
	widget->action = action;
	widget->argument = argument;
}

void ui_widget_act(struct ui_widget *widget)
{
	if (widget->action)
		widget->action(widget->argument);
}

static bool can_have_focus(const struct ui_widget *widget)
{
	return widget->class && widget->class->focusable && !widget->hidden && !widget->disabled;
}

static void tell(struct ui_widget *widget, enum ui_event_type type)
{
	struct ui_event event = { .type = type, .modifiers = widget->ui->modifiers };

	if (widget->class->event)
		widget->class->event(widget, &event);
	ui_widget_damage(widget);
}

void ui_set_focus(struct ui *ui, struct ui_widget *widget)
{
	struct ui_widget *before = ui->focus;

	if (widget == before)
		return;
	ui->focus = widget;
	if (widget && ui_widget_is_within(widget, ui->content))
		ui->content_focus = widget;
	if (before)
		tell(before, UI_EVENT_BLUR);
	if (widget)
		tell(widget, UI_EVENT_FOCUS);
}

void ui_widget_focus(struct ui_widget *widget)
{
	if (can_have_focus(widget))
		ui_set_focus(widget->ui, widget);
}

bool ui_widget_has_focus(const struct ui_widget *widget)
{
	return widget->ui->focus == widget && widget->ui->active;
}

/* The next one in the order of the tree, below `top`; around its end. NULL: back at the start. */
static struct ui_widget *step(struct ui_widget *top, struct ui_widget *widget, bool backwards)
{
	if (backwards) {
		if (widget == top || widget->previous) {
			widget = widget == top ? top : widget->previous;
			while (!widget->hidden && widget->last)
				widget = widget->last;
			return widget;
		}
		return widget->parent;
	}
	if (!widget->hidden && widget->first)
		return widget->first;
	while (widget != top && !widget->next)
		widget = widget->parent;
	return widget == top ? top : widget->next;
}

void ui_focus_next(struct ui *ui, bool backwards)
{
	struct ui_widget *top = ui_top_layer(ui);
	struct ui_widget *start =
		ui->focus && ui_widget_is_within(ui->focus, top) ? ui->focus : top;
	struct ui_widget *widget = start;
	bool passed_top = false;

	for (;;) {
		widget = step(top, widget, backwards);
		if (can_have_focus(widget)) {
			ui_set_focus(ui, widget);
			return;
		}
		if (widget == start || (widget == top && passed_top))
			return;
		passed_top |= widget == top;
	}
}
