/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The usual widgets. See ui.h. What ui_on_action() sets is called when the user changes them. */
#pragma once

#include <ui/paint.h>
#include <ui/widget.h>

struct ui_widget *ui_label(struct ui_widget *parent, const char *text);
void ui_label_set_text(struct ui_widget *label, const char *text);
/* As printf(). */
void ui_label_format(struct ui_widget *label, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ui_label_set_style(struct ui_widget *label, enum ui_font font, enum ui_colour colour,
			enum ui_align align);

/* A button with text, an icon, or both. */
struct ui_widget *ui_button(struct ui_widget *parent, const char *text, enum ui_icon icon);
/* One of tool bars: no edge until the pointer is over it; `tip` says what it does. */
struct ui_widget *ui_icon_button(struct ui_widget *parent, enum ui_icon icon, const char *tip);
void ui_button_set(struct ui_widget *button, const char *text, enum ui_icon icon);
/* In the accent's colour: what Enter would do. */
void ui_button_set_primary(struct ui_widget *button, bool primary);
/* Shown as pressed in: for modes. */
void ui_button_set_on(struct ui_widget *button, bool on);
bool ui_button_is_on(const struct ui_widget *button);

struct ui_widget *ui_check_box(struct ui_widget *parent, const char *text, bool checked);
bool ui_check_box_is_checked(const struct ui_widget *box);
void ui_check_box_set(struct ui_widget *box, bool checked);

/* A line of text to be changed. The action is called on each change. */
struct ui_widget *ui_text_field(struct ui_widget *parent, const char *text);
const char *ui_text_field_text(const struct ui_widget *field);
void ui_text_field_set_text(struct ui_widget *field, const char *text);
/* Shown while it is empty. */
void ui_text_field_set_hint(struct ui_widget *field, const char *hint);
void ui_text_field_select(struct ui_widget *field, size_t from, size_t to); /* bytes */
/* When Enter is pressed in it, and when Escape is. */
void ui_text_field_on_enter(struct ui_widget *field, ui_action action, void *argument);
void ui_text_field_on_escape(struct ui_widget *field, ui_action action, void *argument);

/* `value` from 0 to `maximum`. */
struct ui_widget *ui_slider(struct ui_widget *parent, int maximum, int value);
int ui_slider_value(const struct ui_widget *slider);
void ui_slider_set(struct ui_widget *slider, int value);

/* 0 to 1000; -1: how much is unknown. */
struct ui_widget *ui_progress(struct ui_widget *parent);
void ui_progress_set(struct ui_widget *progress, int thousandths);

/* A scroll bar, for views that scroll by themselves: `page` of `total` is visible, from `position`
 * on (any unit). It is invisible while all fits. The action is called when the user moves it. */
struct ui_widget *ui_scroll_bar(struct ui_widget *parent, bool horizontal);
void ui_scroll_bar_set(struct ui_widget *bar, int64_t total, int64_t page, int64_t position);
int64_t ui_scroll_bar_position(const struct ui_widget *bar);

/* Tabs above pages: a stack, of which each page is a column. */
struct ui_widget *ui_tabs(struct ui_widget *parent);
struct ui_widget *ui_tabs_add(struct ui_widget *tabs, const char *title);
unsigned ui_tabs_current(const struct ui_widget *tabs);
void ui_tabs_select(struct ui_widget *tabs, unsigned index);

/* A choice of some texts that drops down. */
struct ui_widget *ui_choice(struct ui_widget *parent, const char *const *texts, unsigned count,
			    unsigned current);
unsigned ui_choice_current(const struct ui_widget *choice);

struct ui_menu_item {
	const char *text; /* NULL: a separator */
	enum ui_icon icon;
	const char *shortcut; /* shown at the right; may be NULL */
	ui_action action;     /* called with the menu's argument */
	bool disabled;
	bool checked;
};

/* Shows a menu at (x, y), pixels of the window, until something is chosen or it is left. Items are
 * copied; one action at most is called, after the menu has gone. */
void ui_menu_show(struct ui *ui, int x, int y, const struct ui_menu_item *items, unsigned count,
		  void *argument);
/* The same below a widget (a button). */
void ui_menu_show_below(struct ui_widget *widget, const struct ui_menu_item *items, unsigned count,
			void *argument);
