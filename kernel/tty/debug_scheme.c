/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scheme `debug:`, root's: the console, as Redox programs name it. */
#include "tty_priv.h"

#include <base/errno.h>
#include <scheme/credentials.h>
#include <scheme/scheme_file.h>

static const struct node_ops debug_ops = {
	.close = tty_close,
	.read = tty_read_file,
	.write = tty_write_file,
	.poll = tty_poll,
	.control = tty_control_file,
	.name = scheme_file_name,
};

static int debug_open(struct scheme *scheme, const struct scheme_request *request,
		      struct file **file)
{
	struct tty *tty = tty_console();
	struct tty_file *opened;
	int error;

	if (!credentials_privileged(request->credentials))
		return -EPERM;
	if (request->length > 0)
		return -ENOENT;
	if (!tty)
		return -ENODEV;
	error = tty_open_file(tty, &opened);
	if (error)
		return error;
	error = scheme_file_create(scheme, request, &debug_ops, MODE_CHARACTER | 0600, opened,
				   file);
	if (error)
		tty_close_file(opened);
	return error;
}

static int debug_start(void)
{
	static const struct scheme_ops ops = { .open = debug_open };

	return scheme_start_opaque("debug", &ops, 0);
}

SCHEME(debug) = { .name = "debug", .level = 20, .start = debug_start };
