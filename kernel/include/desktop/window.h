/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows, as those who provide them to programs (scheme `orbital:`) see them. The desktop gives them
 * frames, places and focus; it draws nothing into their pixels.
 *
 * Functions take the compositor's lock themselves; none of them waits for a program. They may be called
 * from any thread context without locks of rank >= RANK_COMPOSITOR.
 */
#pragma once

#include <blend/rectangle.h>
#include <redox/orbital.h>
#include <sched/wait.h>

struct poller;
struct vm_object;
struct window;

#define WINDOW_SIDE_MAX   16384
#define WINDOW_PIXELS_MAX (16u << 20) /* 64 MiB: a picture of 4096 x 4096 */
#define WINDOW_TITLE_MAX  256         /* bytes, without terminator */
#define WINDOW_EVENTS_MAX 256         /* that wait to be read; moves of the pointer are merged */

struct window_properties {
	unsigned flags; /* enum orbital_flags */
	int32_t x,
		y; /* of its pixels, on the plane; both negative when made: the desktop chooses */
	int32_t width, height;
	char title[WINDOW_TITLE_MAX + 1];
};

/* True if there is a desktop, on a display. */
bool desktop_is_there(void);
/* The size of display `index` in pixels, and its scale. -EINVAL: there is none. */
int must_check desktop_display_size(unsigned index, int32_t *width, int32_t *height,
				    unsigned *scale);

/* Makes a window, shown unless HIDDEN; its pixels are all 0 at first. The creator owns it.
 * -EINVAL (a size below 1 or beyond the limits), -ENOMEM, -ENODEV (no desktop), -ENFILE (thousands). */
int must_check window_create(const struct window_properties *properties, struct window **window);
/* Takes it off the screen and frees it; mappings of its pixels stay until they are unmapped. */
void window_destroy(struct window *window);

/* Its pixels, width * height * 4 bytes, to be mapped; a reference. They are others after each change of
 * the size: old mappings show nothing any more. */
struct vm_object *window_pixels(struct window *window);
/* Something was drawn: all of it (count 0), or these rectangles, which are clipped. Cheap. */
void window_sync(struct window *window, const struct blend_rectangle *areas, unsigned count);

void window_read_properties(struct window *window, struct window_properties *properties);
void window_set_title(struct window *window, const char *title, size_t length);
void window_move(struct window *window, int32_t x, int32_t y);
/* -EINVAL, -ENOMEM: as before. */
int must_check window_resize(struct window *window, int32_t width, int32_t height);
/* One of enum orbital_flags. -EINVAL: that one cannot be changed. */
int must_check window_set_flag(struct window *window, unsigned flag, bool on);
/* Whether the pointer is seen over it, and what it looks like (enum orbital_pointer; -EINVAL: none of
 * them). */
void window_show_cursor(struct window *window, bool on);
int must_check window_set_pointer(struct window *window, unsigned pointer);
/* Whether it can leave the window, and whether moves are told relative. */
void window_grab_pointer(struct window *window, bool on);
void window_set_relative(struct window *window, bool on);
/* The user drags the window, though the pointer is not on its title bar: as if it were. */
void window_begin_drag(struct window *window);
/* Edges to drag instead: 1 left, 2 right, 4 top, 8 bottom. */
void window_begin_resize(struct window *window, unsigned edges);

/* Takes at most `count` events that wait. 0: there are none. */
size_t window_take_events(struct window *window, struct orbital_event *events, size_t count);
bool window_has_events(struct window *window);
/* Woken when an event comes. */
struct wait_queue *window_event_queue(struct window *window);

/* The clipboard: bytes of any kind, at most CLIPBOARD_MAX; one for all windows. */
#define CLIPBOARD_MAX (4u << 20)
/* Only the window that has the focus may read it or change it: -EACCES. Takes over `bytes` (of
 * kernel_vmalloc; NULL: empty), unless it fails. */
int must_check clipboard_set(struct window *window, void *bytes, size_t length);
/* Copies from `offset` on; bytes, or -EACCES. `to` is kernel memory. */
ssize_t must_check clipboard_read(struct window *window, void *to, size_t length, size_t offset);
