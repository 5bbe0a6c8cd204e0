/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listing directories, and the working directory. */
#include "linux.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <scheme/file.h>

#define DIRENT_ALIGNMENT 8
#define LISTING_MAX      32768 /* bytes made at a time */

/* Encodes entries into a kernel buffer, which is copied out when the listing is done. */
struct dirent_sink {
	struct directory_sink sink;
	uint8_t *buffer;
	size_t size, used;
	bool overflow; /* an entry found no room */
};

static bool add_entry(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		      uint32_t mode_type, uint64_t next_cookie)
{
	struct dirent_sink *self = container_of(sink, struct dirent_sink, sink);
	size_t size = align_up(sizeof(struct linux_dirent64) + length + 1, DIRENT_ALIGNMENT);
	struct linux_dirent64 *entry = (void *)(self->buffer + self->used);

	if (size > self->size - self->used) {
		self->overflow = true;
		return false;
	}
	memset(entry, 0, size);
	entry->inode = number;
	entry->offset = (int64_t)next_cookie;
	entry->length = (uint16_t)size;
	entry->type = (uint8_t)((mode_type & MODE_TYPE) >> 12);
	memcpy(entry->name, name, length);
	self->used += size;
	return true;
}

static int64_t list_directory(const struct linux_call *call,
			      bool (*entry)(struct directory_sink *sink, const char *name,
					    size_t length, uint64_t number, uint32_t mode_type,
					    uint64_t next_cookie))
{
	struct dirent_sink sink = { .sink.entry = entry };
	struct file *file;
	int64_t result;

	file = fd_get(linux_int(call, 0));
	if (!file)
		return -EBADF;
	sink.size = min_u64(linux_unsigned(call, 2), LISTING_MAX);
	sink.buffer = kmalloc(sink.size);
	if (!sink.buffer) {
		file_put(file);
		return -ENOMEM;
	}
	result = file_read_directory(file, &sink.sink);
	if (!result && sink.overflow && sink.used == 0)
		result = -EINVAL;
	if (!result)
		result = linux_put(call->argument[1], sink.buffer, sink.used);
	if (!result)
		result = (int64_t)sink.used;
	kfree(sink.buffer);
	file_put(file);
	return result;
}

/* The older form has the type behind the name. */
static bool add_old_entry(struct directory_sink *sink, const char *name, size_t length,
			  uint64_t number, uint32_t mode_type, uint64_t next_cookie)
{
	struct dirent_sink *self = container_of(sink, struct dirent_sink, sink);
	size_t size = align_up(sizeof(struct linux_dirent) + length + 2, DIRENT_ALIGNMENT);
	struct linux_dirent *entry = (void *)(self->buffer + self->used);

	if (size > self->size - self->used) {
		self->overflow = true;
		return false;
	}
	memset(entry, 0, size);
	entry->inode = number;
	entry->offset = (int64_t)next_cookie;
	entry->length = (uint16_t)size;
	memcpy(self->buffer + self->used + __builtin_offsetof(struct linux_dirent, name), name,
	       length);
	self->buffer[self->used + size - 1] = (uint8_t)((mode_type & MODE_TYPE) >> 12);
	self->used += size;
	return true;
}

int64_t linux_getdents(const struct linux_call *call)
{
	return list_directory(call, add_old_entry);
}

int64_t linux_getdents64(const struct linux_call *call)
{
	return list_directory(call, add_entry);
}

int64_t linux_getcwd(const struct linux_call *call)
{
	char *buffer = kmalloc(PATH_MAX_LENGTH);
	struct walker walker;
	int64_t result;

	if (!buffer)
		return -ENOMEM;
	walker_get(&walker);
	result = dentry_path(walker.working_directory, walker.root, buffer, PATH_MAX_LENGTH, false);
	walker_put(&walker);
	if (result >= 0 && (uint64_t)result + 1 > call->argument[1])
		result = -ERANGE;
	if (result >= 0) {
		int error = linux_put(call->argument[0], buffer, (size_t)result + 1);

		result = error ? error : result + 1;
	}
	kfree(buffer);
	return result;
}

/* Checks that the caller may enter `directory`, and enters; takes over the reference. */
static int64_t enter(struct dentry *directory)
{
	int error = 0;

	if (!node_is(directory->node, MODE_DIRECTORY))
		error = -ENOTDIR;
	else
		error = node_permission(directory->node, credentials_current(), 1);
	if (error)
		dentry_put(directory);
	else
		file_context_set_working_directory(directory);
	return error;
}

int64_t linux_chdir(const struct linux_call *call)
{
	struct dentry *directory;
	int error = linux_at_walk(LINUX_AT_CWD, call->argument[0], 0, true, &directory);

	return error ? error : enter(directory);
}

int64_t linux_fchdir(const struct linux_call *call)
{
	struct file *file = fd_get_any(linux_int(call, 0));
	struct dentry *directory;

	if (!file)
		return -EBADF;
	directory = file->dentry;
	if (directory)
		dentry_get(directory);
	file_put(file);
	return directory ? enter(directory) : -ENOTDIR;
}

int64_t linux_chroot(const struct linux_call *call)
{
	struct dentry *directory;
	int error = linux_at_walk(LINUX_AT_CWD, call->argument[0], 0, true, &directory);

	if (error)
		return error;
	if (!node_is(directory->node, MODE_DIRECTORY))
		error = -ENOTDIR;
	else if (!credentials_privileged(credentials_current()))
		error = -EPERM;
	if (error)
		dentry_put(directory);
	else
		file_context_set_root(directory);
	return error;
}
