/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The toolkit: programs with a window.
 *
 *	struct ui *ui = ui_open(&(struct ui_options){ .title = "Clock", .width = 320 });
 *	struct ui_widget *column = ui_root(ui);
 *	struct ui_widget *button = ui_button(column, "Stop", UI_ICON_NONE);
 *
 *	ui_on_action(button, stop, &program);
 *	result = ui_run(ui);
 *	ui_close(ui);
 *
 * A program has one window, one tree of widgets in it, and one thread for both. Menus, dialogs and
 * tool tips appear inside of the window. Nothing is drawn but what changed, and while nothing
 * happens the program sleeps.
 *
 *	ui/app.h	the program: window, loop, timers, descriptors, short cuts, clipboard
 *	ui/widget.h	widgets in general, layout, and how to make one's own
 *	ui/paint.h	drawing: colours of the theme, fonts, icons, shapes
 *	ui/controls.h	labels, buttons, fields, sliders, tabs, menus
 *	ui/table.h	lists and tables
 *	ui/dialog.h	messages, questions, choosing a file
 *
 * Units: what places something on the screen is in pixels of the window. Sizes that are given to
 * functions of layout are in points, of which each is ui_scale() pixels; ui_pixels() converts.
 *
 * Memory: the toolkit ends the program with a message where there is none left. Text that is passed
 * in is copied.
 */
#pragma once

#include <ui/app.h>
#include <ui/controls.h>
#include <ui/dialog.h>
#include <ui/paint.h>
#include <ui/table.h>
#include <ui/widget.h>
