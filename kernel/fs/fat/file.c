/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of files: pages over the clusters of the device. */
#include <base/errno.h>
#include <core/log.h>
#include <scheme/file.h>

#include "fat_priv.h"

/* fallocate(2)'s mode. */
#define ALLOCATE_KEEP_SIZE 0x01u

static uint32_t clusters_of(const struct fat *fs, uint64_t size)
{
	return (uint32_t)((size + fs->geometry.cluster_size - 1) >> fs->geometry.cluster_shift);
}

/* --- Where pages are. --- */

static int cache_op_find(struct page_cache *cache, uint64_t offset, struct cache_extent *extent)
{
	struct fat_node *file = cache->private;
	const struct fat_geometry *geometry = &file->fs->geometry;
	uint64_t within = offset & (geometry->cluster_size - 1);
	uint32_t cluster, count;
	int found = 0;

	if (offset <= FAT_FILE_MAX)
		found = fat_chain_find(file, (uint32_t)(offset >> geometry->cluster_shift),
				       &cluster, &count);
	if (found < 0)
		return found;
	if (!found) {
		/* Past the last cluster: nothing lies there, as far as one can tell. */
		*extent = (struct cache_extent){ CACHE_HOLE, geometry->cluster_size - within };
		return 0;
	}
	extent->sector = fat_cluster_sector(geometry, cluster) + (within >> SECTOR_SHIFT);
	extent->length = ((uint64_t)count << geometry->cluster_shift) - within;
	return 0;
}

/* Makes sure that there are clusters up to `end`. */
static int reserve(struct fat_node *file, uint64_t end)
{
	struct fat *fs = file->fs;
	uint32_t clusters = clusters_of(fs, end);
	int error;

	if (fat_chain_covers(file, clusters))
		return 0;
	mutex_lock(&fs->lock);
	error = fat_chain_grow(file, clusters);
	if (!error && fat_buffers_crowded(fs))
		error = fat_commit(fs);
	mutex_unlock(&fs->lock);
	return error;
}

static int cache_op_prepare_write(struct page_cache *cache, uint64_t offset, uint64_t length)
{
	struct fat_node *file = cache->private;
	int error = fat_check_writable(file->fs);

	if (error)
		return error;
	if (offset > FAT_FILE_MAX || length > FAT_FILE_MAX - offset)
		return -EFBIG;
	error = reserve(file, offset + length);
	if (!error)
		fat_note_dirty(file);
	return error;
}

/* The chain, and the entry that says how long it is. */
static int cache_op_sync(struct page_cache *cache)
{
	return fat_sync_node(cache->private);
}

const struct page_cache_ops fat_cache_ops = {
	.read = cache_read_extents,
	.write = cache_write_extents,
	.find = cache_op_find,
	.prepare_write = cache_op_prepare_write,
	.sync = cache_op_sync,
	.release = fat_cache_op_release,
	.max_size = FAT_FILE_MAX,
};

/* --- Syncing and closing. --- */

static void note_written(struct fat_node *file)
{
	if (!(file->attributes & FAT_ARCHIVE)) {
		mutex_lock(&file->fs->lock);
		file->attributes |= FAT_ARCHIVE;
		mutex_unlock(&file->fs->lock);
	}
	fat_note_dirty(file);
}

static int file_op_sync(struct file *file, bool data_only)
{
	int error, failed;

	(void)data_only; /* the size is among what data need */
	error = cache_file_sync(file);
	failed = fat_sync_node(fat_node_of(file->node));
	return error ? error : failed;
}

void fat_file_trim(struct fat_node *file)
{
	struct fat *fs = file->fs;
	uint32_t needed;

	mutex_lock(&fs->lock);
	needed = clusters_of(fs, file->node.size);
	if (file->map.complete && file->map.known > needed && !fs->read_only &&
	    fat_chain_cut(file, needed) == 0)
		fat_note_dirty(file);
	mutex_unlock(&fs->lock);
}

/* Clusters that were reserved in vain are given back. */
static void file_op_close(struct file *file)
{
	if (!file->writable)
		return;
	mutex_lock(&file->node->lock);
	fat_file_trim(fat_node_of(file->node));
	mutex_unlock(&file->node->lock);
}

/* --- Sizes; node.lock is held. --- */

/* What the entry on disk shows becomes less at once, so that the clusters can be freed. */
static int cut(struct fat_node *file, uint64_t size)
{
	struct fat *fs = file->fs;
	struct fat_entry entry;
	int error;

	error = page_cache_resize(&file->cache, size);
	if (error)
		return error;
	__atomic_store_n(&file->node.size, size, __ATOMIC_RELAXED);
	mutex_lock(&fs->lock);
	error = fat_chain_cut(file, clusters_of(fs, size));
	if (!error && !file->removed) {
		error = fat_entry_read(fs, file->place, &entry);
		if (!error) {
			entry.size = (uint32_t)min_u64(entry.size, size);
			if (!file->start || !entry.size)
				fat_entry_set_cluster(fs, &entry, 0);
			error = fat_entry_write(fs, file->place, &entry);
		}
	}
	mutex_unlock(&fs->lock);
	return error;
}

/* There are no holes: what is new is written as zeros. */
static int extend(struct fat_node *file, uint64_t size)
{
	int error = size > FAT_FILE_MAX ? -EFBIG : reserve(file, size);

	if (!error)
		error = page_cache_extend(&file->cache, size);
	if (error) {
		fat_file_trim(file);
		return error;
	}
	__atomic_store_n(&file->node.size, size, __ATOMIC_RELAXED);
	return 0;
}

static int resize(struct fat_node *file, uint64_t size)
{
	int error = fat_check_writable(file->fs);

	if (error || size == file->node.size)
		return error;
	error = size < file->node.size ? cut(file, size) : extend(file, size);
	note_written(file);
	return error;
}

/* --- Writing. --- */

/* Where a write begins behind the end, the file first gets as long as that: there are no holes.
 * node.lock is held. */
static int fill_gap(struct file *file, uint64_t offset)
{
	if (file->flags & FILE_APPEND || offset <= file->node->size)
		return 0;
	return offset >= FAT_FILE_MAX ? -EFBIG : resize(fat_node_of(file->node), offset);
}

static ssize_t file_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct node *node = file->node;
	ssize_t count = 0;
	uint64_t old;

	if (!io_remaining(io))
		return 0;
	mutex_lock(&node->lock);
	old = node->size;
	count = fill_gap(file, *offset);
	if (!count)
		count = cache_file_write_locked(file, io, offset);
	/* Nothing was written behind the gap: it goes again. */
	if (count <= 0 && node->size > old && resize(fat_node_of(node), old))
		log_warning("fat", "a file stays longer than it was");
	mutex_unlock(&node->lock);
	if (count > 0)
		note_written(fat_node_of(node));
	return count;
}

static int file_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	struct node_changes others = *changes;
	int error = 0;

	if (changes->which & CHANGE_SIZE) {
		others.which &= ~(unsigned)CHANGE_SIZE;
		error = resize(fat_node_of(node), changes->size);
	}
	return error ? error : fat_node_change(node, &others);
}

static int file_op_allocate(struct file *file, unsigned mode, uint64_t offset, uint64_t length)
{
	struct fat_node *node = fat_node_of(file->node);
	uint64_t end = offset + length;
	int error = fat_check_writable(node->fs);

	/* What is past the size must not outlive the file's being open. */
	if (error)
		return error;
	if (mode & ~ALLOCATE_KEEP_SIZE)
		return -EOPNOTSUPP;
	if (end > FAT_FILE_MAX)
		return -EFBIG;
	mutex_lock(&file->node->lock);
	if (end > file->node->size)
		error = mode & ALLOCATE_KEEP_SIZE ? reserve(node, end) : resize(node, end);
	if (!error)
		node_touch_locked(file->node, CHANGE_MODIFY);
	mutex_unlock(&file->node->lock);
	return error;
}

static void file_op_refresh(struct node *node)
{
	struct fat_node *file = fat_node_of(node);
	uint32_t size = file->fs->geometry.cluster_size;

	mutex_lock(&node->lock);
	node->blocks = (uint64_t)clusters_of(file->fs, node->size) * (size / SECTOR_SIZE);
	mutex_unlock(&node->lock);
}

const struct node_ops fat_file_ops = {
	.refresh = file_op_refresh,
	.set_attributes = file_op_set_attributes,
	.release = fat_node_op_release,
	.close = file_op_close,
	.read = cache_file_read,
	.write = file_op_write,
	.control = fat_op_control,
	.sync = file_op_sync,
	.allocate = file_op_allocate,
};
