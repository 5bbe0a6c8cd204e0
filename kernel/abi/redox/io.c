/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing. */
#include "redox.h"

#include <scheme/file.h>
#include <scheme/poll.h>

ssize_t redox_transfer(struct file *file, struct io *io, const uint64_t *offset, bool write)
{
	if (node_is(file->node, MODE_SYMLINK) && !offset)
		return write ? file_write_link(file, io) : file_read_link(file, io);
	if (!write && node_is(file->node, MODE_DIRECTORY) && !file->ops->read && !offset)
		return file_read_names(file, io);
	return write ? file_write(file, io, offset) : file_read(file, io, offset);
}

/* The place, NULL: the file's position, and what the call says about waiting. */
struct how {
	const uint64_t *offset;
	bool given; /* `wait` is not the description's */
	bool wait;
};

/* Waits until it is worth trying, or says that it is not, where the call decides about that. */
static int prepare(struct file *file, const struct how *how, bool write)
{
	struct poll_entry entry = { .file = file, .wanted = write ? POLL_OUT : POLL_IN };
	int result;

	if (!how->given || how->wait == !(file->flags & FILE_NONBLOCK))
		return 0;
	result = poll_wait(&entry, 1, how->wait ? DEADLINE_NEVER : 0);
	if (result < 0)
		return result;
	return entry.ready ? 0 : -EAGAIN;
}

static int64_t transfer(const struct redox_call *call, const struct how *how, bool write)
{
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	struct file *file = loan.file;
	int64_t result = -EBADF;
	struct io io;

	if (!file)
		return -EBADF;
	if (write ? file->writable : file->readable)
		result = file->node->flags & NODE_CHECKS_MEMORY
				 ? 0
				 : redox_check_user(call->argument[1], call->argument[2], !write);
	if (!result && how->given)
		result = prepare(file, how, write);
	if (!result) {
		io_init_user(&io, call->argument[1], call->argument[2]);
		result = redox_transfer(file, &io, how->offset, write);
	}
	fd_return(loan);
	return result;
}

int64_t redox_read(const struct redox_call *call)
{
	return transfer(call, &(struct how){ 0 }, false);
}

int64_t redox_write(const struct redox_call *call)
{
	return transfer(call, &(struct how){ 0 }, true);
}

/* Offset and flags are arguments; -1 means the description's. */
static int64_t transfer_at(const struct redox_call *call, bool write)
{
	const uint64_t offset = call->argument[3], flags = call->argument[4];
	const struct how how = {
		.offset = offset == UINT64_MAX ? NULL : &offset,
		.given = (uint32_t)flags != UINT32_MAX,
		.wait = !(flags & REDOX_O_NONBLOCK),
	};

	return transfer(call, &how, write);
}

int64_t redox_read2(const struct redox_call *call)
{
	return transfer_at(call, false);
}

int64_t redox_write2(const struct redox_call *call)
{
	return transfer_at(call, true);
}

static int64_t seek(struct file *file, int64_t offset, int whence)
{
	if (node_is(file->node, MODE_DIRECTORY) && !file->ops->read && file->readable)
		return file_seek_names(file, offset, whence);
	return file_seek(file, offset, whence);
}

int64_t redox_lseek(const struct redox_call *call)
{
	uint64_t whence = call->argument[2];
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	int64_t result = -EINVAL;

	if (!loan.file)
		return -EBADF;
	if (loan.file->ops->seek || whence <= REDOX_SEEK_END)
		result = seek(loan.file, (int64_t)call->argument[1], (int)whence);
	fd_return(loan);
	return result;
}

/* --- Events. --- */

#define EVENT_IN  (POLL_IN | POLL_HANGUP | POLL_ERROR | POLL_READ_HANGUP)
#define EVENT_OUT (POLL_OUT | POLL_ERROR)

/* Files have contents or not, but never get them by themselves. */
static bool never_waits(const struct file *file)
{
	return node_is(file->node, MODE_FILE) || node_is(file->node, MODE_DIRECTORY) ||
	       node_is(file->node, MODE_SYMLINK);
}

static int64_t ready_now(struct file *file, uint64_t flags)
{
	unsigned wanted = 0;
	int ready;

	if (never_waits(file) && !file->ops->watch && !file->ops->poll)
		return -EPERM;
	if (flags & REDOX_EVENT_READ)
		wanted |= POLL_IN;
	if (flags & REDOX_EVENT_WRITE)
		wanted |= POLL_OUT;
	ready = file_watch(file, wanted);
	if (ready < 0)
		return ready;
	flags = 0;
	if (wanted & POLL_IN && (unsigned)ready & EVENT_IN)
		flags |= REDOX_EVENT_READ;
	if (wanted & POLL_OUT && (unsigned)ready & EVENT_OUT)
		flags |= REDOX_EVENT_WRITE;
	return (int64_t)flags;
}

int64_t redox_fevent(const struct redox_call *call)
{
	struct file *file = fd_get_any(redox_fd(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	result = ready_now(file, call->argument[1]);
	file_put(file);
	return result;
}
