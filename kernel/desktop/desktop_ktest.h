/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the self tests of the desktop share: a display in memory, windows, a hand at mouse and keys. */
#pragma once

#include "desktop_priv.h"

#define KTEST_WIDTH  800
#define KTEST_HEIGHT 600

/* Starts the desktop on a display of KTEST_WIDTH x KTEST_HEIGHT pixels, the last one on the plane. False:
 * there can be none, and so noted. */
bool desktop_ktest_begin(void);
void desktop_ktest_end(void);
/* Where that display is. */
struct blend_rectangle desktop_ktest_area(void);
/* Lets the desktop do what it does before a frame. */
void desktop_ktest_prepare(void);

/* A window at (x, y) of the display; NULL: failed, and so noted. */
struct window *desktop_ktest_window(int32_t x, int32_t y, int32_t width, int32_t height,
				    unsigned flags, const char *title);
/* Takes events until one has that code; false: there is none. */
bool desktop_ktest_event(struct window *window, int64_t code, struct orbital_event *event);
void desktop_ktest_drop_events(struct window *window);

/* The pointer, on the display; a key with what it types. */
void desktop_ktest_point(int32_t x, int32_t y);
void desktop_ktest_button(bool down);
void desktop_ktest_right_click(void);
void desktop_ktest_key(unsigned key, int value, unsigned modifiers, uint32_t character);
