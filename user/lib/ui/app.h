/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: its window, its loop and what it waits for. See ui.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <redox/orbital_keys.h>

struct ui;
struct ui_timer;
struct ui_watch;
struct ui_widget;
struct window;

struct ui_options {
	const char *title;
	int width, height;                 /* points; of the first size */
	int minimum_width, minimum_height; /* points; below it the content is cut off */
	bool fixed;                        /* the user cannot change the size */
};

/* Opens the window. Ends the program with a message where there is no desktop. */
struct ui *ui_open(const struct ui_options *options);
/* Frees everything: widgets, timers, the window. Dialogs that are open are cancelled. */
void ui_close(struct ui *ui);

/* Handles events until ui_quit(). Returns the status that was given to it. */
int ui_run(struct ui *ui);
void ui_quit(struct ui *ui, int status);

/* The user wants the window closed: `may_close` says whether it is (it may ask, say no, and call
 * ui_quit() later). Without it, it is. */
void ui_on_close(struct ui *ui, bool (*may_close)(void *argument), void *argument);

void ui_set_title(struct ui *ui, const char *title);
void ui_set_full_screen(struct ui *ui, bool on);
/* A new size of the window, points. */
void ui_set_size(struct ui *ui, int width, int height);
/* True while the window has the keyboard. */
bool ui_is_active(const struct ui *ui);
/* The window itself, for what the toolkit does not cover. */
struct window *ui_window(struct ui *ui);

/* Pixels a point: 1 or 2. */
int ui_scale(const struct ui *ui);
static inline int ui_pixels(const struct ui *ui, int points)
{
	return points * ui_scale(ui);
}

typedef void (*ui_action)(void *argument);

/* Calls `action` after `ms` milliseconds, and if `again`, every so many from then on. A timer that
 * does not go again is freed after its call; others live until they are stopped. */
struct ui_timer *ui_timer_start(struct ui *ui, unsigned ms, bool again, ui_action action,
				void *argument);
void ui_timer_stop(struct ui_timer *timer);

/* Calls `ready` whenever poll() finds one of `events` (or POLLERR, POLLHUP) on the descriptor. It
 * can remove any watch, its own too. */
struct ui_watch *ui_watch_add(struct ui *ui, int fd, short events,
			      void (*ready)(void *argument, int fd, short events), void *argument);
void ui_watch_remove(struct ui_watch *watch);

enum ui_modifiers {
	UI_SHIFT = 1 << 0,
	UI_CONTROL = 1 << 1,
	UI_ALT = 1 << 2,
	UI_SUPER = 1 << 3,
	UI_ALT_GR = 1 << 4,
};

/* Calls `action` when the key is pressed with just these modifiers, before any widget sees it.
 * `key` is a number of <redox/orbital_keys.h>; that of a letter is told by its place on an American
 * keyboard, so use ui_shortcut_letter() for it, which follows the user's layout. */
void ui_shortcut(struct ui *ui, unsigned modifiers, unsigned key, ui_action action, void *argument);
/* The same with a letter ('s'), as the layout has it. */
void ui_shortcut_letter(struct ui *ui, unsigned modifiers, char letter, ui_action action,
			void *argument);

/* The clipboard's text, which the caller frees (terminated; NULL: there is none). */
char *ui_clipboard_get(struct ui *ui, size_t *length);
/* False: it is too long, or the window has no focus; what was in it stays. */
bool ui_clipboard_set(struct ui *ui, const char *text, size_t length);

/* Calls `changed` when the theme or the scale did: for programs that keep pictures in its colours
 * or sizes. Everything is drawn again anyway. */
void ui_on_theme(struct ui *ui, ui_action changed, void *argument);

/* Starts another program (found in PATH), which goes on when this one ends. -1 with errno. */
int ui_start_program(const char *const arguments[]);
