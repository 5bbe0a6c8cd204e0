/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open block devices: reading, writing and mapping go through the device's page cache, which all
 * its files share.
 */
#include "disk_priv.h"

#include <base/errno.h>
#include <cache/page_cache.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>

/* What an open file has of its device; in file->private. */
enum hold {
	HOLD_CLAIM = 1 << 0, /* O_EXCL */
	HOLD_WRITER = 1 << 1,
};

static uintptr_t holds_of(const struct file *file)
{
	return (uintptr_t)file->private;
}

bool block_file_pause_claim(struct file *file)
{
	if (!(holds_of(file) & HOLD_CLAIM))
		return false;
	file->private = (void *)(holds_of(file) & ~(uintptr_t)HOLD_CLAIM);
	block_device_release(block_file_device(file));
	return true;
}

int block_file_resume_claim(struct file *file)
{
	int error = block_device_claim(block_file_device(file));

	if (!error)
		file->private = (void *)(holds_of(file) | HOLD_CLAIM);
	return error;
}

/* Gives the node its pages, for as long as it lives. */
static int get_cache(struct node *node, struct block_device *device)
{
	struct page_cache *cache;
	int error = 0;

	mutex_lock(&node->lock);
	if (!node->object) {
		error = block_device_cache(device, &cache);
		if (!error)
			node->object = &cache->object;
	}
	mutex_unlock(&node->lock);
	return error == -ENODEV ? -ENXIO : error;
}

int block_file_open(struct node *node, struct file *file)
{
	struct block_device *device = node->private;
	uintptr_t holds = 0;
	int error;

	if (device->gone)
		return -ENXIO;
	error = get_cache(node, device);
	if (!error && (file->flags & FILE_EXCLUSIVE)) {
		error = block_device_claim(device);
		holds |= HOLD_CLAIM;
	}
	if (error)
		return error;
	if (file->writable) {
		device->writers++;
		holds |= HOLD_WRITER;
	}
	device->opens++;
	file->errors_seen = node->object->errors;
	file->private = (void *)holds;
	return 0;
}

/* What was written is on its way when the last of those who could write has gone, and what was read
 * is read anew by whoever comes next: partitions and their disk have caches of their own. */
static void block_file_close(struct file *file)
{
	struct block_device *device = block_file_device(file);
	struct page_cache *cache = page_cache_of(file->node->object);
	const uintptr_t holds = holds_of(file);

	if ((holds & HOLD_WRITER) && --device->writers == 0 && !device->gone) {
		/* Who wants to know calls fsync. */
		int error = page_cache_sync(cache, 0, UINT64_MAX);

		if (error)
			log_warning("disk", "%s: error %d in writing what was closed", device->name,
				    -error);
		block_nodes_changed(device);
	}
	if (holds & HOLD_CLAIM)
		block_device_release(device);
	if (--device->opens == 0 && !device->exclusive)
		page_cache_drop(cache, 0, UINT64_MAX, false);
}

static ssize_t block_file_read(struct file *file, struct io *io, uint64_t offset)
{
	return block_file_device(file)->gone ? -EIO : cache_file_read(file, io, offset);
}

static ssize_t block_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	const struct block_device *device = block_file_device(file);

	if (device->gone)
		return -EIO;
	return device->read_only ? -EPERM : cache_file_write(file, io, offset);
}

static int block_file_sync(struct file *file, bool data_only)
{
	struct block_device *device = block_file_device(file);
	int error = cache_file_sync(file), flush_error;

	(void)data_only;
	if (device->gone)
		return -EIO;
	flush_error = device->read_only ? 0 : block_flush(device);
	return error ? error : flush_error;
}

static int64_t block_file_end(struct file *file)
{
	return (int64_t)block_device_bytes(block_file_device(file));
}

/* Of the nodes of `disk:` alone: those of /dev are the file system's. */
static void block_file_release(struct node *node)
{
	struct block_device *device = node->private;

	if (node->object)
		vm_object_put(node->object);
	block_device_put(device);
	kfree(node);
}

const struct node_ops block_file_ops = {
	.release = block_file_release,
	.open = block_file_open,
	.close = block_file_close,
	.read = block_file_read,
	.write = block_file_write,
	.seek_end = block_file_end,
	.control = block_file_control,
	.sync = block_file_sync,
};
