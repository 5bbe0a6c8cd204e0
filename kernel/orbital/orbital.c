/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `orbital:`: windows for programs, as Redox's library orbclient asks for them
 * (docs/abi/orbital.md). Without a desktop there is nothing behind its names.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <redox/flags.h>

#include "orbital_priv.h"

#define DISPLAY_PREFIX "99."

/* --- Displays: only their names say something. --- */

static ssize_t display_name(struct file *file, const char *prefix, char *buffer, size_t size)
{
	const unsigned index = (unsigned)(uintptr_t)file->private;
	int32_t width, height;
	unsigned scale;
	char text[96];
	size_t length;
	int error = desktop_display_size(index, &width, &height, &scale);

	if (error)
		return error;
	length = (size_t)snprintf(text, sizeof(text), "%s" DISPLAY_PREFIX "%u/%d/%d/%u", prefix,
				  index, width, height, scale);
	length = min_size(length, size);
	memcpy(buffer, text, length);
	return (ssize_t)length;
}

static ssize_t display_scheme_name(struct file *file, char *buffer, size_t size)
{
	return display_name(file, "orbital:", buffer, size);
}

static ssize_t display_link_name(struct file *file, char *buffer, size_t size)
{
	return display_name(file, "/scheme/orbital/", buffer, size);
}

static const struct node_ops display_ops = {
	.name = display_scheme_name,
	.link_name = display_link_name,
};

int orbital_open_display(struct scheme *scheme, const struct scheme_request *request,
			 struct file **file)
{
	const char *number = request->path + strlen(DISPLAY_PREFIX);
	struct orbital_word word = { number, strlen(number) };
	int32_t index, width, height;
	unsigned scale;
	int error;

	if (!orbital_word_number(word, &index) || index < 0)
		return -EINVAL;
	error = desktop_display_size((unsigned)index, &width, &height, &scale);
	if (error)
		return error;
	return scheme_file_create(scheme, request, &display_ops, MODE_CHARACTER | 0444,
				  (void *)(uintptr_t)index, file);
}

/* --- Opening. --- */

/* What is looked at, but not opened: it makes no window. */
static int open_to_look(struct scheme *scheme, const struct scheme_request *request,
			struct file **file)
{
	static const struct node_ops look_ops = { .name = scheme_file_name };

	return scheme_file_create(scheme, request, &look_ops, MODE_CHARACTER | 0600, NULL, file);
}

static int orbital_open(struct scheme *scheme, const struct scheme_request *request,
			struct file **file)
{
	if (!desktop_is_there())
		return -ENODEV;
	if (request->flags & FILE_DIRECTORY)
		return -ENOTDIR;
	if (request->look_up || (request->redox_flags & REDOX_O_STAT))
		return open_to_look(scheme, request, file);
	if (string_starts_with(request->path, DISPLAY_PREFIX))
		return orbital_open_display(scheme, request, file);
	if (strcmp(request->path, "clipboard") == 0)
		return orbital_open_clipboard(scheme, request, NULL, file);
	if (strcmp(request->path, "session") == 0)
		return orbital_open_session(scheme, request, file);
	return orbital_open_window(scheme, request, file);
}

static int orbital_start(void)
{
	static const struct scheme_ops ops = { .open = orbital_open };

	orbital_windows_init();
	return scheme_start_opaque("orbital", &ops, 0);
}

SCHEME(orbital) = { .name = "orbital", .level = 30, .start = orbital_start };
