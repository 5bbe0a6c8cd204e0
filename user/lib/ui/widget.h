/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Widgets: the tree, its layout, events. See ui.h.
 *
 * A program's own widget is a structure that begins with a `struct ui_widget`, and a class:
 *
 *	struct graph { struct ui_widget widget; ... };
 *	static const struct ui_class graph_class = { .name = "graph", .draw = graph_draw };
 *	graph = (struct graph *)ui_widget_create(parent, &graph_class, sizeof(*graph));
 */
#pragma once

#include <blend/rectangle.h>
#include <ui/app.h>

struct ui_painter;
struct ui_widget;

enum ui_event_type {
	UI_EVENT_KEY, /* a key went down, or repeats; `key` */
	UI_EVENT_KEY_UP,
	UI_EVENT_TEXT,    /* a character was typed: `character`. Follows its UI_EVENT_KEY */
	UI_EVENT_PRESS,   /* a button of the pointer went down: `button`, `clicks`, x, y */
	UI_EVENT_RELEASE, /* it went up; comes to the widget that had the press */
	UI_EVENT_MOVE,    /* the pointer moved; with a button held, to the widget of the press */
	UI_EVENT_ENTER,   /* the pointer is over it now */
	UI_EVENT_LEAVE,
	UI_EVENT_WHEEL, /* dx, dy: steps right and down */
	UI_EVENT_FOCUS, /* it has the keyboard */
	UI_EVENT_BLUR,  /* it lost it */
};

enum ui_button {
	UI_BUTTON_LEFT = 1,
	UI_BUTTON_MIDDLE = 2,
	UI_BUTTON_RIGHT = 4,
};

struct ui_event {
	enum ui_event_type type;
	unsigned modifiers; /* enum ui_modifiers */
	unsigned key;       /* enum orbital_key */
	uint32_t character;
	int x, y;        /* pixels of the window; compare with widget->area */
	unsigned button; /* the one that changed */
	unsigned held;   /* those that are down */
	unsigned clicks; /* 1, 2, 3: of quick presses at one place */
	int dx, dy;
};

struct ui_class {
	const char *name;
	/* The least size that shows all, pixels. Without it, children decide, or it is 0. */
	void (*measure)(struct ui_widget *widget, int *width, int *height);
	/* `area` is set: places children, by ui_widget_place(). */
	void (*layout)(struct ui_widget *widget);
	/* Draws what lies in painter->clip, at widget->area. Children are drawn after it. What is
	 * behind is drawn already, in the colour UI_COLOUR_WINDOW. */
	void (*draw)(struct ui_widget *widget, struct ui_painter *painter);
	/* True: it is done. False: the parent gets it (not of ENTER, LEAVE, FOCUS, BLUR). Whoever
	 * says true to a PRESS gets the moves and the release too. */
	bool (*event)(struct ui_widget *widget, const struct ui_event *event);
	/* Frees what it holds, not itself. */
	void (*destroy)(struct ui_widget *widget);
	bool focusable;   /* takes the keyboard, by Tab and by being pressed */
	unsigned pointer; /* what it looks like over it: enum orbital_pointer */
	bool tab_only;    /* by Tab alone: pressing it leaves the keyboard where it is */
};

/* Private but where a comment says so. */
struct ui_widget {
	const struct ui_class *class;
	struct ui *ui; /* to be read */
	struct ui_widget *parent, *first, *last, *next, *previous;
	struct blend_rectangle area;       /* to be read: in the window, pixels */
	int minimum_width, minimum_height; /* points */
	int need_width, need_height;       /* pixels, as measured */
	int grow;
	bool hidden, disabled;
	bool hover, pressed; /* to be read: the pointer is over it; a button was pressed on it */
	char *tip;
	ui_action action;
	void *argument;
};

/* Makes a widget of `size` bytes, zeros behind its beginning, as the last child of `parent`. */
struct ui_widget *ui_widget_create(struct ui_widget *parent, const struct ui_class *class,
				   size_t size);
/* With all its children. From anywhere: its memory lives until nobody is being called. */
void ui_widget_destroy(struct ui_widget *widget);

/* A column that fills the window. */
struct ui_widget *ui_root(struct ui *ui);

/* Layout. Children of a row (or column) get the size they need along it, and all of its height (or
 * width); what is left is shared by those that grow, by their weights. */
struct ui_widget *ui_row(struct ui_widget *parent);
struct ui_widget *ui_column(struct ui_widget *parent);
/* Children lie on top of each other, each filling it; show one and hide the others. */
struct ui_widget *ui_stack(struct ui_widget *parent);
/* Of rows and columns: points between children, and around all. */
void ui_box_set_spacing(struct ui_widget *box, int spacing);
void ui_box_set_padding(struct ui_widget *box, int horizontal, int vertical);
/* Takes what is left of its row or column. */
struct ui_widget *ui_spacer(struct ui_widget *parent);
/* A row with the background and lower edge of tool bars, spaced and padded as such. */
struct ui_widget *ui_tool_bar(struct ui_widget *parent);
/* A row at the lower edge, for labels. */
struct ui_widget *ui_status_bar(struct ui_widget *parent);
/* A thin line: between the children of a row an upright one, of a column one that lies. */
struct ui_widget *ui_separator(struct ui_widget *parent);

void ui_widget_set_grow(struct ui_widget *widget, int weight);
/* At least so many points. */
void ui_widget_set_minimum(struct ui_widget *widget, int width, int height);
void ui_widget_show(struct ui_widget *widget, bool shown);
void ui_widget_enable(struct ui_widget *widget, bool enabled);
void ui_widget_set_tip(struct ui_widget *widget, const char *text);
void ui_widget_focus(struct ui_widget *widget);
bool ui_widget_has_focus(const struct ui_widget *widget);
/* What happens when it is used: a button pressed, a box checked, a text changed... */
void ui_on_action(struct ui_widget *widget, ui_action action, void *argument);

/* For classes. */

/* It looks different now: all of it, or an area (pixels of the window). Drawn before the program
 * sleeps. */
void ui_widget_damage(struct ui_widget *widget);
void ui_widget_damage_area(struct ui_widget *widget, struct blend_rectangle area);
/* Its needs changed: everything is placed again before the program sleeps. */
void ui_widget_relayout(struct ui_widget *widget);
/* Sets a child's area, from a parent's layout(). */
void ui_widget_place(struct ui_widget *child, struct blend_rectangle area);
/* Calls what ui_on_action() set. */
void ui_widget_act(struct ui_widget *widget);

static inline int ui_width(const struct ui_widget *widget)
{
	return widget->area.right - widget->area.left;
}

static inline int ui_height(const struct ui_widget *widget)
{
	return widget->area.bottom - widget->area.top;
}

static inline bool ui_contains(struct blend_rectangle area, int x, int y)
{
	return x >= area.left && x < area.right && y >= area.top && y < area.bottom;
}
