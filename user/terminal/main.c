/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terminal [PROGRAM [ARGUMENT...]]
 *
 * Opens a window with a terminal, in which PROGRAM, or the user's shell, runs.
 */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROWS            28
#define COLUMNS         96
#define EVENTS          64
#define READ_BYTES      65536
#define READ_MS         10 /* of a frame's time; the rest is for drawing, and for the window's events */
#define CLIPBOARD_COPY  1
#define CLIPBOARD_PASTE 3
#define ACCENT          0x3d7ef0

int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void terminal_fail(const char *what)
{
	fprintf(stderr, "terminal: %s\n", what);
	exit(1);
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* A side at another scale; not larger than before where there is no room for that. */
static int side_at_scale(int before, unsigned from, unsigned to, int room)
{
	return least(before * (int)to / (int)from, before > room ? before : room);
}

/* Fits the grid to the window's size. */
static void terminal_fit(struct terminal *terminal)
{
	int margins = 2 * PADDING * (int)terminal->scale;
	int rows = (terminal->window->height - margins) / terminal->cell_height;
	int columns = (terminal->window->width - margins) / terminal->cell_width;

	rows = rows < 1 ? 1 : rows > GRID_SIDE_MAX ? GRID_SIDE_MAX : rows;
	columns = columns < 2 ? 2 : columns > GRID_SIDE_MAX ? GRID_SIDE_MAX : columns;
	emulator_resize(terminal, rows, columns);
	terminal->redraw_all = true;
}

static void set_focus(struct terminal *terminal, bool focused)
{
	terminal->focused = focused;
	terminal->modifiers = 0;
	terminal->drawn_cursor.col = -1; /* it looks different now */
	emulator_focus(terminal, focused);
	if (terminal->drawn_cursor.row >= 0)
		terminal->redraw_all = true;
}

/* The window keeps its size in points, as far as the display has room for it. */
static void set_scale(struct terminal *terminal, unsigned scale)
{
	int width, height;
	unsigned display_scale;

	if (scale < 1 || scale > 2 || scale == terminal->scale)
		return;
	if (window_read_display(&width, &height, &display_scale) < 0)
		width = height = 0;
	width = side_at_scale(terminal->window->width, terminal->scale, scale, width * 9 / 10);
	height = side_at_scale(terminal->window->height, terminal->scale, scale, height * 3 / 4);
	terminal->scale = scale;
	fonts_open(terminal);
	if (window_set_size(terminal->window, width, height) < 0 && !terminal->window->pixels)
		terminal_fail("no memory for the window");
	terminal_fit(terminal);
}

static void handle_event(struct terminal *terminal, const struct orbital_event *event)
{
	switch (event->code) {
	case ORBITAL_EVENT_KEY:
		keys_event(terminal, event);
		break;
	case ORBITAL_EVENT_TEXT_INPUT:
		keys_text(terminal, (uint32_t)event->a);
		break;
	case ORBITAL_EVENT_MOUSE:
		pointer_moved(terminal, (int)event->a, (int)event->b);
		break;
	case ORBITAL_EVENT_BUTTON:
		pointer_button(terminal, (unsigned)event->a);
		break;
	case ORBITAL_EVENT_SCROLL:
		pointer_wheel(terminal, (int)event->b);
		break;
	case ORBITAL_EVENT_FOCUS:
		set_focus(terminal, event->a != 0);
		break;
	case ORBITAL_EVENT_SCALE:
		set_scale(terminal, (unsigned)event->a);
		break;
	case ORBITAL_EVENT_THEME:
		terminal->dark = event->a != 0;
		palette_init(&terminal->palette, terminal->dark, (uint32_t)event->b & 0xffffff);
		terminal->redraw_all = true;
		break;
	case ORBITAL_EVENT_CLIPBOARD: /* the desktop's short cuts */
		if (event->a == CLIPBOARD_COPY)
			terminal_copy(terminal);
		else if (event->a == CLIPBOARD_PASTE)
			terminal_paste(terminal);
		break;
	case ORBITAL_EVENT_QUIT:
		terminal->ended = true;
		break;
	default:
		break;
	}
}

/* Of several new sizes only the last counts. */
static void handle_events(struct terminal *terminal)
{
	struct orbital_event events[EVENTS];
	const struct orbital_event *resize = NULL;
	int count = window_wait(terminal->window, events, EVENTS, 0);

	if (count < 0)
		terminal_fail("the window is gone");
	for (int i = 0; i < count; i++) {
		if (events[i].code == ORBITAL_EVENT_RESIZE)
			resize = &events[i];
		else
			handle_event(terminal, &events[i]);
	}
	if (!resize)
		return;
	if (window_set_size(terminal->window, (int)resize->a, (int)resize->b) < 0 &&
	    !terminal->window->pixels)
		terminal_fail("no memory for the window");
	terminal_fit(terminal);
}

/* What was read of the child's output, and how much of it the emulator has not seen yet. */
struct incoming {
	char bytes[READ_BYTES];
	size_t start, end;
};

static void incoming_read(struct terminal *terminal, struct incoming *incoming)
{
	ssize_t count;

	if (incoming->start < incoming->end)
		return;
	incoming->start = incoming->end = 0;
	count = read(terminal->child_fd, incoming->bytes, sizeof(incoming->bytes));
	if (count > 0)
		incoming->end = (size_t)count;
	else if (count == 0 || (errno != EAGAIN && errno != EINTR))
		terminal->ended = true;
}

/* Reads the child's output until there is no more, or the time for it is over. */
static void handle_output(struct terminal *terminal, struct incoming *incoming, bool readable,
			  int64_t deadline)
{
	while (!terminal->ended) {
		if (incoming->start == incoming->end) {
			if (!readable)
				break;
			incoming_read(terminal, incoming);
			if (incoming->start == incoming->end)
				break;
		}
		incoming->start += emulator_read(terminal, incoming->bytes + incoming->start,
						 incoming->end - incoming->start, deadline);
		if (clock_ms() >= deadline)
			break;
	}
}

/* Sleeps until something happens, or it is time for a frame (-1: there is none to draw). */
static void wait_for_more(struct terminal *terminal, struct incoming *incoming, int64_t frame)
{
	int64_t now = clock_ms();
	int timeout = frame < 0 ? -1 : frame > now ? (int)(frame - now) : 0;
	struct pollfd polled[2] = {
		{ .fd = terminal->window->fd, .events = POLLIN },
		{ .fd = terminal->child_fd, .events = POLLIN },
	};

	if (terminal->outgoing_length > 0)
		polled[1].events |= POLLOUT;
	if (incoming->start < incoming->end)
		timeout = 0;
	if (poll(polled, 2, timeout) < 0 && errno != EINTR)
		terminal_fail("cannot wait");
	if (polled[0].revents)
		handle_events(terminal);
	if (frame < 0)
		frame = clock_ms() + READ_MS;
	handle_output(terminal, incoming, polled[1].revents & ~POLLOUT, frame);
	child_flush(terminal);
}

static void terminal_loop(struct terminal *terminal)
{
	static struct incoming incoming;
	int64_t next_frame = 0;

	while (!terminal->ended) {
		int64_t now = clock_ms();
		bool needed = paint_is_needed(terminal);

		if (needed && now >= next_frame) {
			paint_frame(terminal);
			next_frame = now + FRAME_MS;
			needed = false;
		}
		wait_for_more(terminal, &incoming, needed ? next_frame : -1);
	}
}

/* Opens the window, with a grid that leaves room around it on small displays too. */
static void terminal_open(struct terminal *terminal)
{
	int rows = ROWS, columns = COLUMNS, width, height, margins;

	if (window_read_display(&width, &height, &terminal->scale) < 0)
		terminal_fail("there is no desktop");
	fonts_open(terminal);
	margins = 2 * PADDING * (int)terminal->scale;
	rows = least(rows, (height * 3 / 4 - margins) / terminal->cell_height);
	columns = least(columns, (width * 9 / 10 - margins) / terminal->cell_width);
	terminal->window = window_open(-1, -1, columns * terminal->cell_width + margins,
				       rows * terminal->cell_height + margins, "Terminal",
				       ORBITAL_RESIZABLE | ORBITAL_SCALABLE);
	if (!terminal->window)
		terminal_fail(strerror(errno));
	window_set_pointer(terminal->window, ORBITAL_POINTER_TEXT);
	emulator_start(terminal, rows, columns);
}

int main(int argc, char **argv)
{
	static struct terminal terminal = { .dark = true, .focused = true };

	(void)argc;
	palette_init(&terminal.palette, terminal.dark, ACCENT);
	terminal_open(&terminal);
	child_start(&terminal, argv + 1);
	terminal_fit(&terminal);
	handle_events(&terminal); /* the theme has been told already */
	terminal_loop(&terminal);
	window_close(terminal.window);
	return 0;
}
