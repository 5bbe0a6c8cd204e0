/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows for programs on the Linux ABI, see window.h. */
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SCHEME         "/scheme/orbital/"
#define TITLE_MAX      256
#define CLIPBOARD_TEXT 't' /* the clipboard's first byte says what follows */
#define CLIPBOARD_MAX  ((size_t)4 << 20)

static const struct {
	unsigned flag;
	char letter;
} flag_letters[] = {
	{ ORBITAL_ASYNC, 'a' },       { ORBITAL_BACK, 'b' },       { ORBITAL_FRONT, 'f' },
	{ ORBITAL_RESIZABLE, 'r' },   { ORBITAL_UNCLOSABLE, 'u' }, { ORBITAL_BORDERLESS, 'l' },
	{ ORBITAL_TRANSPARENT, 't' }, { ORBITAL_MAXIMIZED, 'm' },  { ORBITAL_FULLSCREEN, 'M' },
	{ ORBITAL_HIDDEN, 'h' },      { ORBITAL_SCALABLE, 's' },
};

#define FLAG_LETTERS (sizeof(flag_letters) / sizeof(flag_letters[0]))

/* What the scheme calls a descriptor, without the scheme's name; NULL with errno. */
static char *read_path(int fd, char *path, size_t size)
{
	static const char *const prefixes[] = { SCHEME, "/scheme/orbital:", "orbital:" };
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, size - 1);
	if (length < 0)
		return NULL;
	path[length] = '\0';
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
			return path + strlen(prefixes[i]);
	return path;
}

int window_read_display(int *width, int *height, unsigned *scale)
{
	char path[128];
	const char *name;
	int fd = open(SCHEME "99.0", O_RDONLY | O_CLOEXEC);
	bool known;

	if (fd < 0)
		return -1;
	name = read_path(fd, path, sizeof(path));
	close(fd);
	known = name && sscanf(name, "99.0/%d/%d/%u", width, height, scale) == 3 && *width > 0 &&
		*height > 0 && (*scale == 1 || *scale == 2);
	if (!known)
		errno = EIO;
	return known ? 0 : -1;
}

unsigned window_display_scale(void)
{
	int width, height;
	unsigned scale;

	return window_read_display(&width, &height, &scale) < 0 ? 1 : scale;
}

/* Where the window is, and how large. */
static int read_properties(struct window *window)
{
	char path[TITLE_MAX + 128];
	const char *name = read_path(window->fd, path, sizeof(path));

	if (!name)
		return -1;
	name += strcspn(name, "/"); /* the flags, of which there may be none */
	if (sscanf(name, "/%d/%d/%d/%d", &window->x, &window->y, &window->width, &window->height) !=
		    4 ||
	    window->width < 1 || window->height < 1) {
		errno = EIO;
		return -1;
	}
	return 0;
}

static size_t pixels_size(const struct window *window)
{
	return (size_t)window->width * (size_t)window->height * sizeof(*window->pixels);
}

static int map_pixels(struct window *window)
{
	void *pixels = mmap(NULL, pixels_size(window), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_POPULATE, window->fd, 0);

	if (pixels == MAP_FAILED)
		return -1;
	window->pixels = pixels;
	return 0;
}

static void unmap_pixels(struct window *window)
{
	if (window->pixels)
		munmap(window->pixels, pixels_size(window));
	window->pixels = NULL;
}

static int write_command(struct window *window, const char *command)
{
	size_t length = strlen(command);

	return write(window->fd, command, length) == (ssize_t)length ? 0 : -1;
}

struct window *window_open(int x, int y, int width, int height, const char *title, unsigned flags)
{
	struct window *window = calloc(1, sizeof(*window));
	char path[128], letters[FLAG_LETTERS + 1];
	size_t count = 0;

	if (!window)
		return NULL;
	for (size_t i = 0; i < FLAG_LETTERS; i++)
		if (flags & flag_letters[i].flag)
			letters[count++] = flag_letters[i].letter;
	letters[count] = '\0';
	/* The title follows alone: a slash in it, or two dots, would mean something here. */
	snprintf(path, sizeof(path), SCHEME "%s/%d/%d/%d/%d/window", letters, x, y, width, height);
	window->scale = window_display_scale();
	window->fd = open(path, O_RDWR | O_CLOEXEC);
	if (window->fd < 0)
		goto err_free;
	if (window_set_title(window, title) < 0 || read_properties(window) < 0 ||
	    map_pixels(window) < 0)
		goto err_close;
	return window;

err_close:
	close(window->fd);
err_free:
	free(window);
	return NULL;
}

void window_close(struct window *window)
{
	if (!window)
		return;
	unmap_pixels(window);
	close(window->fd);
	free(window);
}

int window_show(struct window *window)
{
	return fsync(window->fd);
}

int window_show_area(struct window *window, int x, int y, int width, int height)
{
	char command[64];

	snprintf(command, sizeof(command), "Y,%d,%d,%d,%d", x, y, width, height);
	return write_command(window, command);
}

int window_set_title(struct window *window, const char *title)
{
	char command[TITLE_MAX + 3];
	size_t length = strlen(title);

	if (length > TITLE_MAX) { /* cut between two characters */
		length = TITLE_MAX;
		while (length > 0 && ((unsigned char)title[length] & 0xc0) == 0x80)
			length--;
	}
	snprintf(command, sizeof(command), "T,%.*s", (int)length, title);
	return write_command(window, command);
}

int window_set_size(struct window *window, int width, int height)
{
	char command[64];
	int result;

	snprintf(command, sizeof(command), "S,%d,%d", width, height);
	unmap_pixels(window);
	result = write_command(window, command);
	/* Where it was refused, the old pixels are still there. */
	if (read_properties(window) < 0 || map_pixels(window) < 0)
		return -1;
	return result;
}

int window_set_position(struct window *window, int x, int y)
{
	char command[64];

	snprintf(command, sizeof(command), "P,%d,%d", x, y);
	if (write_command(window, command) < 0)
		return -1;
	window->x = x;
	window->y = y;
	return 0;
}

int window_set_flag(struct window *window, unsigned flag, bool on)
{
	char command[8];

	for (size_t i = 0; i < FLAG_LETTERS; i++)
		if (flag_letters[i].flag == flag) {
			snprintf(command, sizeof(command), "F,%c,%d", flag_letters[i].letter, on);
			return write_command(window, command);
		}
	errno = EINVAL;
	return -1;
}

int window_set_pointer(struct window *window, unsigned pointer)
{
	char command[32];

	snprintf(command, sizeof(command), "C,%u", pointer);
	return write_command(window, command);
}

int window_wait(struct window *window, struct orbital_event *events, int count, int timeout_ms)
{
	struct pollfd poller = { .fd = window->fd, .events = POLLIN };
	int ready = poll(&poller, 1, timeout_ms);

	if (ready < 0)
		return errno == EINTR ? 0 : -1;
	return ready == 0 ? 0 : window_read(window, events, count);
}

int window_read(struct window *window, struct orbital_event *events, int count)
{
	ssize_t bytes = read(window->fd, events, (size_t)count * sizeof(*events));

	if (bytes < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	for (ssize_t i = 0; i < bytes / (ssize_t)sizeof(*events); i++)
		if (events[i].code == ORBITAL_EVENT_MOVE) {
			window->x = (int)events[i].a;
			window->y = (int)events[i].b;
		}
	return (int)(bytes / (ssize_t)sizeof(*events));
}

char *window_get_clipboard(struct window *window, size_t *length)
{
	int fd = open(SCHEME "clipboard", O_RDONLY | O_CLOEXEC);
	size_t used = 0, room = 4096;
	char *bytes = malloc(room + 1);
	ssize_t count = 0;

	(void)window; /* it is the focus that counts */
	while (fd >= 0 && bytes && (count = read(fd, bytes + used, room - used)) > 0) {
		used += (size_t)count;
		if (used == room && room < CLIPBOARD_MAX) {
			char *larger = realloc(bytes, 2 * room + 1);

			if (!larger) {
				count = -1;
				break;
			}
			bytes = larger;
			room *= 2;
		}
	}
	if (fd >= 0)
		close(fd);
	if (fd < 0 || !bytes || count < 0) {
		free(bytes);
		return NULL;
	}
	if (used > 0)
		memmove(bytes, bytes + 1, --used);
	bytes[used] = '\0';
	*length = used;
	return bytes;
}

int window_set_clipboard(struct window *window, const char *bytes, size_t length)
{
	char kind = CLIPBOARD_TEXT;
	bool written;
	int fd;

	(void)window;
	/* The kind alone would be taken, in place of what is there. */
	if (length > CLIPBOARD_MAX - 1) {
		errno = EFBIG;
		return -1;
	}
	fd = open(SCHEME "clipboard", O_WRONLY | O_CLOEXEC);
	written = fd >= 0 && write(fd, &kind, 1) == 1;
	while (written && length > 0) {
		ssize_t count = write(fd, bytes, length);

		written = count > 0;
		if (written) {
			bytes += count;
			length -= (size_t)count;
		}
	}
	if (fd >= 0)
		close(fd);
	return written ? 0 : -1;
}
