/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text editor: what its parts share. */
#pragma once

#include "file.h"
#include "view.h"

#include <limits.h>

struct editor {
	struct ui *ui;
	struct view *view;
	struct ui_widget *undo, *redo;                 /* buttons */
	struct ui_widget *message, *place, *kind;      /* of the status bar */
	struct ui_widget *bar, *wanted, *with, *found; /* of the bar that finds things */
	char path[PATH_MAX];                           /* empty: it has no name yet */
	struct file_state state;
	void (*then)(struct editor *editor); /* what waits for a question to be answered */
	char next[PATH_MAX];                 /* the file that it will open */
};

/* Says something in the status bar. */
void editor_say(struct editor *editor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- bar.c: finding and replacing --- */

void bar_create(struct editor *editor, struct ui_widget *parent);
/* Shows it, with what is selected in it. */
void bar_open(void *editor);
void bar_next(void *editor);
void bar_previous(void *editor);
