/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directories that are read as text: their names, joined by newlines, as Redox programs see them.
 * The text is what the names were when it was taken, and belongs to the open file.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>

#include "change_priv.h"
#include "file_priv.h"
#include "node_priv.h"

#define CAPACITY_FIRST 512

/* Immutable once the file has it. */
struct directory_text {
	size_t length, capacity;
	char bytes[];
};

struct text_sink {
	struct directory_sink sink;
	struct directory_text *text; /* NULL after a failure */
};

/* Makes room for `more` bytes. False: out of memory, and the text is gone. */
static bool grow(struct text_sink *self, size_t more)
{
	struct directory_text *text = self->text, *larger;
	size_t capacity = text ? 2 * text->capacity + more : CAPACITY_FIRST;

	if (text && text->capacity - text->length >= more)
		return true;
	larger = kmalloc(sizeof(*larger) + capacity);
	if (larger) {
		larger->length = text ? text->length : 0;
		larger->capacity = capacity;
		if (text)
			memcpy(larger->bytes, text->bytes, text->length);
	}
	kfree(text);
	self->text = larger;
	return larger;
}

static bool add_name(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		     uint32_t mode_type, uint64_t next_cookie)
{
	struct text_sink *self = container_of(sink, struct text_sink, sink);

	(void)number;
	(void)mode_type;
	(void)next_cookie;
	if (!self->text || !grow(self, length + 1))
		return false;
	if (self->text->length)
		self->text->bytes[self->text->length++] = '\n';
	memcpy(self->text->bytes + self->text->length, name, length);
	self->text->length += length;
	return true;
}

int file_list(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	int error = 0;

	if (!file->readable)
		return -EBADF;
	if (!node_is(file->node, MODE_DIRECTORY) || !file->ops->read_directory)
		return -ENOTDIR;
	directory_lock(file->node);
	if (!file->dentry || !file->dentry->removed)
		error = file->ops->read_directory(file, cookie, sink);
	directory_unlock(file->node);
	return error;
}

/* Lists until nothing more comes: some providers stop in between. */
static int list_names(struct file *file, struct text_sink *sink)
{
	uint64_t cookie = 0, before;
	int error;

	do {
		before = cookie;
		error = file_list(file, &cookie, &sink->sink);
	} while (!error && sink->text && cookie != before);
	return sink->text ? error : -ENOMEM;
}

int file_take_names(struct file *file)
{
	struct text_sink sink = { .sink.entry = add_name };
	int error;

	if (!file->readable)
		return -EBADF;
	if (!grow(&sink, 1))
		return -ENOMEM;
	error = list_names(file, &sink);
	if (error) {
		kfree(sink.text);
		return error;
	}
	mutex_lock(&file->position_lock);
	if (!file->names) {
		file->names = sink.text;
		sink.text = NULL;
	}
	mutex_unlock(&file->position_lock);
	kfree(sink.text);
	return 0;
}

/* Takes the names where the file came from somebody who did not. */
static int need_names(struct file *file)
{
	return file->names ? 0 : file_take_names(file);
}

ssize_t file_read_names(struct file *file, struct io *io)
{
	ssize_t count = need_names(file);
	const struct directory_text *text;
	size_t start;

	if (count)
		return count;
	text = file->names;
	mutex_lock(&file->position_lock);
	start = (size_t)min_u64(file_position(file), text->length);
	count = io_put(io, text->bytes + start, text->length - start);
	if (count > 0)
		file_set_position(file, start + (uint64_t)count);
	mutex_unlock(&file->position_lock);
	return count;
}

int64_t file_seek_names(struct file *file, int64_t offset, int whence)
{
	int64_t base = 0, target;
	int error = need_names(file);

	if (error)
		return error;
	mutex_lock(&file->position_lock);
	if (whence == 1)
		base = (int64_t)file_position(file);
	else if (whence == 2)
		base = (int64_t)file->names->length;
	if (__builtin_add_overflow(base, offset, &target) || target < 0)
		target = -EINVAL;
	else
		file_set_position(file, (uint64_t)target);
	mutex_unlock(&file->position_lock);
	return target;
}
