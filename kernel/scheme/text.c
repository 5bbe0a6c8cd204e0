/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Generated text. A description keeps the text that was made when it was last read from the
 * start, in file->private; readers share it, as another may begin anew meanwhile.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <scheme/text.h>

#define CAPACITY_FIRST 256
#define STORE_MAX      4096 /* bytes of a written line, with the terminating 0 */

struct text_snapshot {
	struct refcount references; /* the description, readers */
	struct text text;
};

static struct spinlock text_lock = SPINLOCK_INIT(RANK_LEAF, "text"); /* file->private of all */

/* --- Making text. --- */

/* Makes room for `length` bytes more and a terminator. */
static bool reserve(struct text *text, size_t length)
{
	size_t capacity = text->capacity ? text->capacity : CAPACITY_FIRST;
	char *bytes;

	if (text->failed)
		return false;
	if (text->capacity - text->length > length)
		return true;
	while (capacity - text->length <= length)
		capacity *= 2;
	bytes = krealloc(text->bytes, capacity);
	if (!bytes) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

void text_append(struct text *text, const void *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

struct text_sink {
	struct format_sink sink;
	struct text *text;
};

static void text_sink_write(struct format_sink *sink, const char *bytes, size_t length)
{
	text_append(container_of(sink, struct text_sink, sink)->text, bytes, length);
}

void text_print(struct text *text, const char *format, ...)
{
	struct text_sink sink = { .sink.write = text_sink_write, .text = text };
	va_list arguments;

	va_start(arguments, format);
	format_to_sink(&sink.sink, format, arguments);
	va_end(arguments);
}

/* --- Files. --- */

static void snapshot_put(struct text_snapshot *snapshot)
{
	if (!snapshot || !refcount_put(&snapshot->references))
		return;
	kfree(snapshot->text.bytes);
	kfree(snapshot);
}

static int snapshot_generate(struct node *node, const struct text_file_ops *ops,
			     struct text_snapshot **result)
{
	struct text_snapshot *snapshot = kzalloc(sizeof(*snapshot));
	int error;

	if (!snapshot)
		return -ENOMEM;
	refcount_init(&snapshot->references, 1);
	error = ops->generate(node, &snapshot->text);
	if (!error && snapshot->text.failed)
		error = -ENOMEM;
	if (error) {
		snapshot_put(snapshot);
		return error;
	}
	*result = snapshot;
	return 0;
}

/* Puts `snapshot` (may be NULL), whose reference it takes over, in the place of the old one. */
static void snapshot_install(struct file *file, struct text_snapshot *snapshot)
{
	struct text_snapshot *old;

	spin_lock(&text_lock);
	old = file->private;
	file->private = snapshot;
	spin_unlock(&text_lock);
	snapshot_put(old);
}

static struct text_snapshot *snapshot_get(struct file *file)
{
	struct text_snapshot *snapshot;

	spin_lock(&text_lock);
	snapshot = file->private;
	if (snapshot)
		refcount_get(&snapshot->references);
	spin_unlock(&text_lock);
	return snapshot;
}

ssize_t text_file_read(struct file *file, struct io *io, uint64_t offset,
		       const struct text_file_ops *ops)
{
	struct text_snapshot *snapshot = offset ? snapshot_get(file) : NULL;
	ssize_t count = 0;
	int error;

	if (!snapshot) {
		error = snapshot_generate(file->node, ops, &snapshot);
		if (error)
			return error;
		refcount_get(&snapshot->references);
		snapshot_install(file, snapshot);
	}
	if (offset < snapshot->text.length)
		count = io_put(io, snapshot->text.bytes + offset, snapshot->text.length - offset);
	snapshot_put(snapshot);
	return count;
}

char *text_take(struct io *io, ssize_t *length)
{
	size_t wanted = io_remaining(io);
	char *bytes;

	*length = -EINVAL;
	if (wanted >= STORE_MAX)
		return NULL;
	*length = -ENOMEM;
	bytes = kmalloc(wanted + 1);
	if (!bytes)
		return NULL;
	*length = io_take(io, bytes, wanted);
	if (*length < 0) {
		kfree(bytes);
		return NULL;
	}
	bytes[*length] = '\0';
	return bytes;
}

ssize_t text_file_write(struct file *file, struct io *io, const struct text_file_ops *ops)
{
	ssize_t result;
	char *bytes;

	if (!ops->store)
		return -EACCES;
	bytes = text_take(io, &result);
	if (bytes)
		result = ops->store(file->node, bytes, (size_t)result);
	kfree(bytes);
	return result;
}

void text_file_close(struct file *file)
{
	snapshot_install(file, NULL);
}
