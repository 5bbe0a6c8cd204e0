/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "orbital:session", root's: lines between the desktop and the program that starts what is chosen in
 * its launcher (desktop/session.h).
 */
#include <base/errno.h>
#include <base/string.h>
#include <desktop/session.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>
#include <scheme/poll.h>

#include "orbital_priv.h"

#define READ_CHUNK 1024

/* One writer at a time: what two write at once is mixed by whole pieces. */
struct session_file {
	struct mutex lock;           /* RANK_NODE: all below; user memory is touched with it */
	char line[SESSION_LINE_MAX]; /* the beginning of one that is not over yet */
	size_t length;
	bool too_long; /* so that the rest of it is not taken for a line */
};

/* Takes one byte. The error of the line that it ends. */
static int take_byte(struct session_file *session, char byte)
{
	int error;

	if (byte != '\n') {
		if (session->length == SESSION_LINE_MAX)
			session->too_long = true;
		else
			session->line[session->length++] = byte;
		return 0;
	}
	error = session->too_long ? -EINVAL : session_write(session->line, session->length);
	session->length = 0;
	session->too_long = false;
	return error;
}

/* A line that makes no sense ends the write behind it: what was before is done. */
static ssize_t session_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct session_file *session = file->private;
	char bytes[64];
	ssize_t taken = 0;
	size_t done = 0;
	int error = 0;

	(void)offset;
	mutex_lock(&session->lock);
	while (!error && io_remaining(io) && (taken = io_take(io, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; !error && i < taken; i++, done++)
			error = take_byte(session, bytes[i]);
	}
	mutex_unlock(&session->lock);
	if (error)
		return error;
	return done ? (ssize_t)done : taken;
}

static int wait_for_commands(void)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(session_queue(), &waiter);
	while (!error && !session_has_commands())
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}

static ssize_t session_file_read(struct file *file, struct io *io, uint64_t offset)
{
	size_t wanted = min_size(io_remaining(io), READ_CHUNK), length;
	char *text;
	ssize_t result = 0;

	(void)offset;
	if (!wanted)
		return 0;
	text = kmalloc(wanted);
	if (!text)
		return -ENOMEM;
	while (!(length = session_read(text, wanted)) && !result) {
		/* The next one is longer than the buffer: it never comes out. */
		if (session_has_commands())
			result = -EINVAL;
		else if (file->flags & FILE_NONBLOCK)
			result = -EAGAIN;
		else
			result = wait_for_commands();
	}
	if (length)
		result = io_put(io, text, length);
	kfree(text);
	return result;
}

static unsigned session_file_poll(struct file *file, struct poller *poller)
{
	unsigned ready = POLL_OUT | POLL_WRITE_NORMAL;

	(void)file;
	poller_add_event(poller, session_queue(), POLL_IN);
	return session_has_commands() ? ready | POLL_IN | POLL_READ_NORMAL : ready;
}

static void session_file_close(struct file *file)
{
	kfree(file->private);
	session_close();
}

static const struct node_ops session_ops = {
	.close = session_file_close,
	.read = session_file_read,
	.write = session_file_write,
	.poll = session_file_poll,
	.name = scheme_file_name,
};

int orbital_open_session(struct scheme *scheme, const struct scheme_request *request,
			 struct file **file)
{
	struct session_file *session;
	int error;

	if (!credentials_privileged(request->credentials))
		return -EPERM;
	session = kzalloc(sizeof(*session));
	if (!session)
		return -ENOMEM;
	mutex_init(&session->lock, RANK_NODE, "session");
	error = session_open();
	if (error)
		goto err_free;
	error = scheme_file_create(scheme, request, &session_ops, MODE_CHARACTER | 0600, session,
				   file);
	if (!error)
		return 0;
	session_close();
err_free:
	kfree(session);
	return error;
}
