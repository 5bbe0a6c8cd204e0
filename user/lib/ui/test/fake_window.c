/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fake_window.h: the functions of window.h over a pipe of events. */
#include "fake_window.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_window fake_window;
static int event_writer = -1;

unsigned window_display_scale(void)
{
	return fake_window.scale ? fake_window.scale : 1;
}

int window_read_display(int *width, int *height, unsigned *scale)
{
	*width = 1920;
	*height = 1200;
	*scale = window_display_scale();
	return 0;
}

static void allocate_pixels(struct window *window)
{
	free(window->pixels);
	window->pixels = calloc((size_t)window->width * (size_t)window->height, 4);
}

struct window *window_open(int x, int y, int width, int height, const char *title, unsigned flags)
{
	struct window *window = calloc(1, sizeof(*window));
	int ends[2];

	(void)title, (void)flags;
	if (!window || pipe2(ends, O_CLOEXEC) < 0)
		abort();
	window->fd = ends[0];
	event_writer = ends[1];
	window->x = x;
	window->y = y;
	window->width = width;
	window->height = height;
	window->scale = window_display_scale();
	allocate_pixels(window);
	fake_window.last = window;
	return window;
}

void window_close(struct window *window)
{
	close(window->fd);
	close(event_writer);
	free(window->pixels);
	free(window);
	fake_window.last = NULL;
}

int window_show(struct window *window)
{
	fake_window.shown += (uint64_t)window->width * (uint64_t)window->height;
	return 0;
}

int window_show_area(struct window *window, int x, int y, int width, int height)
{
	if (x < 0 || y < 0 || x + width > window->width || y + height > window->height)
		abort();
	fake_window.shown += (uint64_t)width * (uint64_t)height;
	return 0;
}

int window_set_title(struct window *window, const char *title)
{
	(void)window, (void)title;
	return 0;
}

int window_set_size(struct window *window, int width, int height)
{
	window->width = width;
	window->height = height;
	allocate_pixels(window);
	return 0;
}

int window_set_position(struct window *window, int x, int y)
{
	window->x = x;
	window->y = y;
	return 0;
}

int window_set_flag(struct window *window, unsigned flag, bool on)
{
	(void)window, (void)flag, (void)on;
	return 0;
}

int window_set_pointer(struct window *window, unsigned pointer)
{
	(void)window;
	fake_window.pointer = pointer;
	return 0;
}

int window_read(struct window *window, struct orbital_event *events, int count)
{
	ssize_t bytes = read(window->fd, events, (size_t)count * sizeof(*events));

	return bytes < 0 ? -1 : (int)(bytes / (ssize_t)sizeof(*events));
}

int window_wait(struct window *window, struct orbital_event *events, int count, int timeout_ms)
{
	struct pollfd poller = { .fd = window->fd, .events = POLLIN };

	return poll(&poller, 1, timeout_ms) > 0 ? window_read(window, events, count) : 0;
}

char *window_get_clipboard(struct window *window, size_t *length)
{
	(void)window;
	*length = strlen(fake_window.clipboard);
	return strdup(fake_window.clipboard);
}

int window_set_clipboard(struct window *window, const char *bytes, size_t length)
{
	(void)window;
	if (length >= sizeof(fake_window.clipboard))
		return -1;
	snprintf(fake_window.clipboard, sizeof(fake_window.clipboard), "%.*s", (int)length, bytes);
	return 0;
}

void fake_window_send(int64_t code, int64_t a, int64_t b)
{
	struct orbital_event event = { code, a, b };

	if (write(event_writer, &event, sizeof(event)) != sizeof(event))
		abort();
}

void fake_window_save(const char *path)
{
	const struct window *window = fake_window.last;
	FILE *file = fopen(path, "we");

	if (!file)
		return;
	fprintf(file, "P6\n%d %d\n255\n", window->width, window->height);
	for (size_t i = 0; i < (size_t)window->width * (size_t)window->height; i++) {
		uint32_t pixel = window->pixels[i];

		putc((int)(pixel >> 16 & 0xff), file);
		putc((int)(pixel >> 8 & 0xff), file);
		putc((int)(pixel & 0xff), file);
	}
	fclose(file);
}
