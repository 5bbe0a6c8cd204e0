/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls on open files that later crates added. */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

/* There is no scheme yet that takes messages or descriptors. */
static int64_t not_served(const struct redox_call *call)
{
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));

	if (!loan.file)
		return -EBADF;
	fd_return(loan);
	return -EOPNOTSUPP;
}

int64_t redox_call(const struct redox_call *call)
{
	return not_served(call);
}

int64_t redox_sendfd(const struct redox_call *call)
{
	return not_served(call);
}

/* A further name for an open file. */
static int link_file(struct file *file, struct redox_path *path)
{
	if (!file->dentry)
		return -EBADF;
	if (!redox_scheme_has_tree(path->scheme))
		return -EXDEV;
	return path_link(&path->walker, file->dentry, NULL, redox_path_in_tree(path));
}

int64_t redox_flink(const struct redox_call *call)
{
	return redox_serve_file_and_path(call, link_file);
}

/* --- Directories, entry by entry. --- */

#define LISTING_MAX 65536

/* What precedes a name, and its terminating 0. Later crates may know more and say how much. */
struct entry_header {
	/* 0x00 */ uint64_t number;
	/* 0x08 */ uint64_t next; /* where a listing goes on behind it */
	/* 0x10 */ uint16_t length;
	/* 0x12 */ uint8_t kind; /* the type of the file, as its mode has it */
} __attribute__((packed));
_Static_assert(sizeof(struct entry_header) == 19, "DirentHeader");

struct entry_sink {
	struct directory_sink sink;
	char *buffer;
	size_t size, used, header_size;
	bool full;
};

static bool add_entry(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		      uint32_t mode_type, uint64_t next_cookie)
{
	struct entry_sink *self = container_of(sink, struct entry_sink, sink);
	size_t whole = self->header_size + length + 1;
	const struct entry_header header = {
		.number = number,
		.next = next_cookie,
		.length = (uint16_t)whole,
		.kind = (uint8_t)(mode_type >> 12),
	};
	char *entry = self->buffer + self->used;

	if (whole > self->size - self->used) {
		self->full = true;
		return false;
	}
	memset(entry, 0, self->header_size);
	memcpy(entry, &header, sizeof(header));
	memcpy(entry + self->header_size, name, length);
	entry[whole - 1] = '\0';
	self->used += whole;
	return true;
}

/* -EINVAL: not even one entry fits. */
static int64_t list(const struct redox_call *call, struct file *file)
{
	struct entry_sink sink = {
		.sink.entry = add_entry,
		.size = min_size(call->argument[2], LISTING_MAX),
		.header_size = call->argument[3],
	};
	uint64_t cookie = call->argument[4];
	int error;

	if (sink.header_size < sizeof(struct entry_header) || sink.header_size > PAGE_SIZE)
		return -EINVAL;
	sink.buffer = kmalloc(sink.size + 1);
	if (!sink.buffer)
		return -ENOMEM;
	error = file_list(file, &cookie, &sink.sink);
	if (!error && !sink.used && sink.full)
		error = -EINVAL;
	if (!error)
		error = redox_put(call->argument[1], sink.buffer, sink.used);
	kfree(sink.buffer);
	return error ? error : (int64_t)sink.used;
}

int64_t redox_getdents(const struct redox_call *call)
{
	struct file *file = fd_get_any(redox_fd(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	result = redox_check_user(call->argument[1], call->argument[2], true);
	if (!result)
		result = list(call, file);
	file_put(file);
	return result;
}
