/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open file descriptions: their life, reading and writing. */
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <mm/vm/object.h>
#include <scheme/event_queue.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

#include "file_priv.h"
#include "node_priv.h"

/* Flags that are of interest while opening, or belong to the descriptor. */
#define FLAGS_NOT_KEPT                                                                     \
	(FILE_CREATE | FILE_EXCLUSIVE | FILE_NO_TTY | FILE_TRUNCATE | FILE_CLOSE_ON_EXEC | \
	 FILE_LINK)

static struct slab_cache *file_cache;

void file_init(void)
{
	file_cache = slab_cache_create("file", sizeof(struct file), 0);
}

/* The scheme whose writers the file is one of, or NULL. */
static struct scheme *counted_in(const struct file *file)
{
	struct scheme *scheme = file->node->scheme;

	if (!file->writable || !scheme || !(scheme->flags & SCHEME_ON_DEVICE))
		return NULL;
	return node_is(file->node, MODE_FILE) ? scheme : NULL;
}

/* Whoever makes the scheme read-only sets its flag first and counts writers then. */
static int count_writer(struct file *file)
{
	struct scheme *scheme = counted_in(file);

	if (!scheme)
		return 0;
	scheme->writers++;
	if (scheme->flags & SCHEME_SYNCHRONOUS)
		file->flags |= FILE_DSYNC;
	if (!(scheme->flags & SCHEME_READ_ONLY))
		return 0;
	scheme->writers--;
	return -EROFS;
}

static void uncount_writer(const struct file *file)
{
	struct scheme *scheme = counted_in(file);

	if (scheme)
		scheme->writers--;
}

static struct file *file_allocate_for(struct node *node, struct dentry *dentry, unsigned flags,
				      struct credentials *credentials)
{
	struct file *file = slab_allocate_zeroed(file_cache);
	unsigned access = flags & FILE_ACCESS;

	if (!file)
		return NULL;
	file->ops = node->ops;
	file->node = node;
	file->dentry = dentry;
	file->credentials = credentials;
	file->flags = flags;
	refcount_init(&file->references, 1);
	mutex_init(&file->position_lock, RANK_FILE_POSITION, "file position");
	list_init(&file->watchers);
	if (!(flags & FILE_PATH)) {
		file->readable = access == FILE_READ_ONLY || access == FILE_READ_WRITE;
		file->writable = access == FILE_WRITE_ONLY || access == FILE_READ_WRITE;
	}
	node_get(node);
	credentials_get(credentials);
	if (dentry)
		dentry_get(dentry);
	if (node->object)
		file->errors_seen = node->object->errors;
	return file;
}

static void file_free(struct file *file)
{
	/* Names go last: with the last one the scheme may end. */
	node_put(file->node);
	dentry_put(file->dentry);
	credentials_put(file->credentials);
	if (file->names)
		kfree(file->names);
	slab_free(file_cache, file);
}

int file_create(struct node *node, struct dentry *dentry, unsigned flags,
		struct credentials *credentials, struct file **result)
{
	struct file *file;
	int error = 0;

	if ((node->flags & NODE_OPENED) && !(flags & FILE_PATH))
		return -ENXIO;
	file = file_allocate_for(node, dentry, flags, credentials);
	if (!file)
		return -ENOMEM;
	error = count_writer(file);
	if (!error && !file_is_path(file) && node->ops->open) {
		error = node->ops->open(node, file);
		if (error)
			uncount_writer(file);
	}
	if (error) {
		file_free(file);
		return error;
	}
	file->flags &= ~(unsigned)FLAGS_NOT_KEPT;
	*result = file;
	return 0;
}

void file_get(struct file *file)
{
	refcount_get(&file->references);
}

void file_put(struct file *file)
{
	if (!refcount_put(&file->references))
		return;
	if (!file_is_path(file)) {
		if (file->watched)
			event_queue_forget(file);
		file_unlock_all(file, file);
		if (file->ops->close)
			file->ops->close(file);
	}
	uncount_writer(file);
	file_free(file);
}

void file_lock_position(struct file *file)
{
	if (file->node->object)
		mutex_lock(&file->position_lock);
}

void file_unlock_position(struct file *file)
{
	if (file->node->object)
		mutex_unlock(&file->position_lock);
}

/* --- Reading. --- */

static ssize_t read_at(struct file *file, struct io *io, uint64_t offset)
{
	ssize_t count = file->ops->read(file, io, offset);

	if (count >= 0 && file->node->object && !(file->flags & FILE_NO_ATIME))
		node_note_access(file->node);
	return count;
}

static ssize_t check_read(const struct file *file, const uint64_t *offset)
{
	if (!file->readable)
		return -EBADF;
	if (!file->ops->read)
		return node_is(file->node, MODE_DIRECTORY) ? -EISDIR : -EINVAL;
	if (offset && (file->node->flags & NODE_STREAM))
		return -ESPIPE;
	return offset && *offset > INT64_MAX ? -EINVAL : 0;
}

ssize_t file_read(struct file *file, struct io *io, const uint64_t *offset)
{
	ssize_t count = check_read(file, offset);

	if (count)
		return count;
	if (offset)
		return read_at(file, io, *offset);
	if (file->node->flags & NODE_STREAM)
		return read_at(file, io, 0);
	file_lock_position(file);
	count = read_at(file, io, file_position(file));
	if (count > 0)
		file_set_position(file, file_position(file) + (uint64_t)count);
	file_unlock_position(file);
	return count;
}

ssize_t file_read_kernel(struct file *file, void *to, size_t length, uint64_t offset)
{
	size_t done = 0;

	if (!file->ops->read)
		return node_is(file->node, MODE_DIRECTORY) ? -EISDIR : -EINVAL;
	while (done < length) {
		struct io io;
		ssize_t count;

		io_init_kernel(&io, (char *)to + done, length - done);
		count = file->ops->read(file, &io, offset + done);
		if (count < 0 && done == 0)
			return count;
		if (count <= 0)
			break;
		done += (size_t)count;
	}
	return (ssize_t)done;
}

/* --- Writing. --- */

/* Writes at *offset, or at the end with O_APPEND; *offset becomes where it was. */
static ssize_t write_at(struct file *file, struct io *io, uint64_t *offset)
{
	ssize_t count;
	int error;

	node_drop_set_id(file->node, file->credentials);
	count = file->ops->write(file, io, offset);
	/* The providers of streams do it of themselves. */
	if (count > 0 && (file->flags & FILE_DSYNC) && file->ops->sync &&
	    !(file->node->flags & NODE_STREAM)) {
		error = file->ops->sync(file, true);
		if (error)
			return error;
	}
	return count;
}

static ssize_t check_write(const struct file *file, const uint64_t *offset)
{
	if (!file->writable)
		return -EBADF;
	if (!file->ops->write)
		return -EINVAL;
	if (offset && (file->node->flags & NODE_STREAM))
		return -ESPIPE;
	return offset && *offset > INT64_MAX ? -EINVAL : 0;
}

ssize_t file_write(struct file *file, struct io *io, const uint64_t *offset)
{
	ssize_t count = check_write(file, offset);
	uint64_t place = offset ? *offset : 0;

	if (count)
		return count;
	if (offset || (file->node->flags & NODE_STREAM))
		return write_at(file, io, &place);
	file_lock_position(file);
	place = file_position(file);
	count = write_at(file, io, &place);
	if (count > 0)
		file_set_position(file, place + (uint64_t)count);
	file_unlock_position(file);
	return count;
}
