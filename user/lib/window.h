/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows for programs on the Linux ABI: a thin layer over scheme `orbital:` (abi/redox/orbital.h).
 * One thread uses a window at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <redox/orbital.h>

struct window {
	int fd;
	int x, y, width, height; /* of the pixels */
	unsigned scale;          /* of the display: 1 or 2 */
	uint32_t *pixels;        /* width * height, rows without gaps */
};

/* The first display: its pixels, and its scale, 1 or 2. -1 with errno: there is none. */
int window_read_display(int *width, int *height, unsigned *scale);
unsigned window_display_scale(void);
/* Opens a window; x and y -1: the desktop places it. NULL: errno says why. */
struct window *window_open(int x, int y, int width, int height, const char *title, unsigned flags);
void window_close(struct window *window);
/* Shows what was drawn: all, or a rectangle. 0, or -1 with errno. */
int window_show(struct window *window);
int window_show_area(struct window *window, int x, int y, int width, int height);
int window_set_title(struct window *window, const char *title);
/* A new size: `pixels` are others then, and undefined. Of a resize event, too. */
int window_set_size(struct window *window, int width, int height);
int window_set_position(struct window *window, int x, int y);
/* One of enum orbital_flags, on or off. */
int window_set_flag(struct window *window, unsigned flag, bool on);
/* What the pointer looks like over it: one of enum orbital_pointer. */
int window_set_pointer(struct window *window, unsigned pointer);
/* Waits at most `timeout_ms` (-1: for ever) for events; the number read, 0: none came, or -1 with
 * errno. */
int window_wait(struct window *window, struct orbital_event *events, int count, int timeout_ms);
/* The same where poll() of `fd` has said that some are there. */
int window_read(struct window *window, struct orbital_event *events, int count);
/* The clipboard's bytes (free() them), terminated by a 0 that does not count; NULL: errno. */
char *window_get_clipboard(struct window *window, size_t *length);
/* -1 with errno, and what was in it stays, if they are too many or the window has no focus. */
int window_set_clipboard(struct window *window, const char *bytes, size_t length);
