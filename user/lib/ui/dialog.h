/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dialogs: cards in the middle of the window, which is dark behind them. They do not wait: a
 * function is called when the user has decided, after the dialog has gone. One that opens while
 * another is shown lies above it.
 */
#pragma once

#include <ui/paint.h>
#include <ui/widget.h>

/* A message with one button. */
void ui_dialog_message(struct ui *ui, enum ui_icon icon, const char *title, const char *text);

#define UI_DIALOG_CANCELLED (-1)
/* A question with buttons, the last of them the primary one. `answered` gets the number of the
 * button from 0, or UI_DIALOG_CANCELLED (Escape). */
void ui_dialog_question(struct ui *ui, enum ui_icon icon, const char *title, const char *text,
			const char *const *buttons, unsigned count,
			void (*answered)(void *argument, int button), void *argument);
/* Asks for a line of text; `text` stands there at first, selected. `answered` is called only if the
 * user agrees. */
void ui_dialog_text(struct ui *ui, const char *title, const char *label, const char *text,
		    const char *button, void (*answered)(void *argument, const char *text),
		    void *argument);

enum ui_choose {
	UI_CHOOSE_OPEN, /* a file that is there */
	UI_CHOOSE_SAVE, /* a file, asked about if it is there */
	UI_CHOOSE_FOLDER,
};

/* Asks for a file; begins in the folder of `path`, with its name (a folder: in it). `chosen` is
 * called only if the user agrees. */
void ui_dialog_choose(struct ui *ui, enum ui_choose kind, const char *path,
		      void (*chosen)(void *argument, const char *path), void *argument);

/* A card for content of the program's own: fill the column that it gives, close it with
 * ui_dialog_close(). `closed` is called when it went away, by Escape too; it may be NULL. */
struct ui_widget *ui_dialog_open(struct ui *ui, const char *title, int width, int height,
				 ui_action closed, void *argument);
void ui_dialog_close(struct ui_widget *column);
