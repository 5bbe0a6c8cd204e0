/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal: a window in which a shell runs. libvterm reads what programs write; what it says of it is
 * done to a grid (grid.h), and the cells of that which changed are drawn with the next frame.
 *
 *	main.c		starts; the loop: the program's output, the window's events, frames
 *	emulator.c	libvterm's callbacks: characters, erasing, scrolling, modes
 *	feed.c		what goes into libvterm
 *	child.c		the pseudo terminal and the program in it
 *	keys.c		keys to what a terminal sends for them
 *	pointer.c	the mouse: selecting, scrolling, or what programs asked to be told
 *	paint.c		the grid's cells to pixels
 *	palette.c	colours
 *	fonts.c		the atlases
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <blend/surface.h>
#include <font/atlas.h>
#include <vterm.h>

#include "../lib/window.h"
#include "grid.h"

#define PADDING      6  /* points around the grid */
#define FRAME_MS     16 /* from one frame to the next, at least */
#define TITLE_MAX    200
#define OUTGOING_MAX (5 << 20) /* bytes that wait to be read; the clipboard has 4 MiB */

enum face {
	FACE_PLAIN,
	FACE_BOLD,
	FACE_ITALIC,
	FACE_BOLD_ITALIC,
	FACES,
};

struct palette {
	uint32_t indexed[256];
	uint32_t foreground, background;
	uint32_t cursor, cursor_text;
	uint32_t selection; /* behind what is selected */
	uint32_t thumb;     /* of the scroll bar */
};

enum selecting {
	SELECT_CHARACTERS,
	SELECT_WORDS,
	SELECT_LINES,
};

struct selection {
	bool active; /* there is one */
	bool moving; /* the button is down */
	enum selecting unit;
	struct grid_place anchor, anchor_end; /* what was first pressed */
	struct grid_place from, to;
};

struct cursor {
	VTermPos at;
	bool visible;
	int shape;
};

/* See feed.c. */
struct feed {
	int state;
	unsigned count; /* how often to repeat */
	unsigned parameters;
	uint32_t last; /* character that was written */
	int last_width;
	char partial[4]; /* of a character that is not complete */
	size_t partial_length;
	char introducer; /* of a string */
	char string[TITLE_MAX + 8];
	size_t length;
};

struct terminal {
	struct window *window;
	struct font_atlas fonts[FACES];
	unsigned scale;
	int cell_width, cell_height;
	struct palette palette;
	bool dark;

	VTerm *vterm;
	VTermState *state;
	struct feed feed;
	struct grid *grid;
	struct cell pen; /* how the next characters look */
	bool screen_reversed;
	struct cursor cursor;
	VTermPos drawn_cursor; /* where it was drawn last; row -1: nowhere */
	VTermPos edge;         /* the last character stands at the end of this row; row -1: no */
	int mouse_mode;
	char title[TITLE_MAX + 1];
	size_t title_length;
	bool title_changed;

	int64_t view; /* lines that the user has scrolled back */
	int64_t drawn_view;
	bool redraw_all; /* and what is around the grid */
	struct selection selection;
	char *selected; /* what was selected last, for the middle button */
	size_t selected_length;

	bool focused;
	unsigned modifiers; /* VTermModifier */
	unsigned buttons;   /* as the last event told */
	int pointer_x, pointer_y;
	int clicks; /* in a row, at the same place */
	int64_t clicked_at;
	struct grid_place clicked;

	int child_fd;
	pid_t child;
	uint8_t *outgoing;
	size_t outgoing_start, outgoing_length;
	bool ended;
};

/* Milliseconds of a clock that never goes back. */
int64_t clock_ms(void);
_Noreturn void terminal_fail(const char *what);

/* emulator.c */
void emulator_start(struct terminal *terminal, int rows, int columns);
/* Lets the emulator read at most what takes it until `deadline`; returns the bytes it has read. */
size_t emulator_read(struct terminal *terminal, const char *bytes, size_t length, int64_t deadline);
void emulator_resize(struct terminal *terminal, int rows, int columns);
void emulator_focus(struct terminal *terminal, bool focused);

/* feed.c */
void feed_write(struct terminal *terminal, const char *bytes, size_t length);
/* Ends the sequence that is just being read. */
void feed_cancel(struct terminal *terminal);

/* child.c */
void child_start(struct terminal *terminal, char *const *arguments);
/* More for the program to read; what there is no room for is lost. */
void child_send(struct terminal *terminal, const char *bytes, size_t length);
/* Writes what waits, as much as the program takes. */
void child_flush(struct terminal *terminal);
void child_resize(struct terminal *terminal);
/* Another window. */
void terminal_start_other(void);

/* keys.c */
void keys_event(struct terminal *terminal, const struct orbital_event *event);
void keys_text(struct terminal *terminal, uint32_t character);
void terminal_copy(struct terminal *terminal);
void terminal_paste(struct terminal *terminal);
void terminal_paste_text(struct terminal *terminal, const char *text, size_t length);
/* Moves the view by lines: positive, back. */
void terminal_scroll(struct terminal *terminal, int64_t lines);

/* pointer.c */
void pointer_moved(struct terminal *terminal, int x, int y);
void pointer_button(struct terminal *terminal, unsigned buttons);
void pointer_wheel(struct terminal *terminal, int steps);
void selection_clear(struct terminal *terminal);

/* paint.c: draws what changed, and shows it. */
void paint_frame(struct terminal *terminal);
bool paint_is_needed(const struct terminal *terminal);

/* palette.c */
void palette_init(struct palette *palette, bool dark, uint32_t accent);
uint32_t palette_pixel(const struct palette *palette, uint32_t colour, bool is_background);

/* fonts.c */
void fonts_open(struct terminal *terminal);
