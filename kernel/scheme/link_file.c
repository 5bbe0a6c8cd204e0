/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbolic links that are open themselves, as Redox programs make and read them. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>

#include "file_priv.h"
#include "node_priv.h"

ssize_t file_read_link(struct file *file, struct io *io)
{
	struct node *node = file->node;
	char *target;
	ssize_t length;

	if (!file->readable || !node->ops->read_link)
		return -EBADF;
	target = kmalloc(PATH_MAX_LENGTH);
	if (!target)
		return -ENOMEM;
	mutex_lock(&file->position_lock);
	length = node->ops->read_link(node, target, PATH_MAX_LENGTH);
	length = min_i64(length, PATH_MAX_LENGTH);
	if (length >= 0) {
		size_t start = min_size((size_t)file_position(file), (size_t)length);

		length = io_put(io, target + start, (size_t)length - start);
	}
	if (length > 0)
		file_set_position(file, file_position(file) + (uint64_t)length);
	mutex_unlock(&file->position_lock);
	kfree(target);
	return length;
}

/* Makes the first `keep` bytes of the target and what `io` has the target. */
static ssize_t replace_target(struct node *node, struct io *io, size_t keep)
{
	size_t length = io_remaining(io);
	char *target;
	ssize_t count;

	if (keep >= PATH_MAX_LENGTH || length >= PATH_MAX_LENGTH - keep)
		return -ENAMETOOLONG;
	target = kmalloc(keep + length + 1);
	if (!target)
		return -ENOMEM;
	count = io_take(io, target + keep, length);
	if (count >= 0 && ((size_t)count < length || memchr(target + keep, 0, length)))
		count = (size_t)count < length ? -EFAULT : -EINVAL;
	target[keep + length] = '\0';
	if (count >= 0) {
		int error = node->ops->set_link(node, target, keep);

		target = NULL;
		count = error ? error : count;
	}
	kfree(target);
	return count;
}

ssize_t file_write_link(struct file *file, struct io *io)
{
	struct node *node = file->node;
	ssize_t count;

	if (!file->writable)
		return -EBADF;
	if (!node->ops->set_link)
		return -EPERM;
	if (io_remaining(io) == 0)
		return 0;
	mutex_lock(&file->position_lock);
	count = replace_target(node, io, (size_t)min_u64(file_position(file), PATH_MAX_LENGTH));
	if (count > 0)
		file_set_position(file, file_position(file) + (uint64_t)count);
	mutex_unlock(&file->position_lock);
	return count;
}
