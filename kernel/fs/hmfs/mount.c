/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounting and unmounting, and what concerns the volume as a whole. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#include "hmfs_vfs.h"

#define MAGIC 0x53464d48 /* HMFS_SUPER_MAGIC, as statfs(2) tells it */

void hmfs_vfs_set_read_only(struct hmfs_vfs *fs, bool read_only)
{
	if (read_only)
		fs->scheme->flags |= SCHEME_READ_ONLY;
	else
		fs->scheme->flags &= ~(unsigned)SCHEME_READ_ONLY;
}

/* Programs may have written to the device (mkfs) what is not on it yet, and may read what is written
 * here later. */
static int sync_device_pages(struct block_device *device, bool drop)
{
	struct page_cache *cache;
	int error = block_device_cache(device, &cache);

	if (error)
		return error;
	error = page_cache_sync(cache, 0, UINT64_MAX);
	if (drop)
		page_cache_drop(cache, 0, UINT64_MAX, true);
	vm_object_put(&cache->object);
	return error;
}

/* --- What a device says. --- */

static void write_uuid(char *to, size_t size, const uint8_t uuid[16])
{
	size_t length = 0;

	for (unsigned i = 0; i < 16; i++)
		length += (size_t)snprintf(to + length, size - length,
					   i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
					   uuid[i]);
}

/* Labels are UTF-8; what is no text at all does not go into messages. */
static void copy_label(char *to, size_t size, const uint8_t label[64])
{
	size_t i;

	for (i = 0; i + 1 < size && i < 64 && label[i]; i++)
		to[i] = (char)(label[i] < 0x20 || label[i] == 0x7f ? '?' : label[i]);
	to[i] = '\0';
}

static int hmfs_vfs_probe(struct block_device *device, struct file_system_identity *identity)
{
	struct hmfs_super *super = kmalloc(sizeof(*super));
	struct hmfs_disk disk;
	int error;

	if (!super)
		return -ENOMEM;
	hmfs_disk_init(&disk, device, true);
	error = hmfs_probe(&disk.device, &hmfs_plain_host, super);
	hmfs_disk_fini(&disk);
	if (!error) {
		memset(identity, 0, sizeof(*identity));
		write_uuid(identity->uuid, sizeof(identity->uuid), super->uuid);
		copy_label(identity->label, sizeof(identity->label), super->label);
		snprintf(identity->version, sizeof(identity->version), "%u", super->version);
		identity->block_size = HMFS_BLOCK_SIZE;
	}
	kfree(super);
	return error == -EUCLEAN || error == -EOPNOTSUPP ? -EINVAL : error;
}

/* --- Unmounting. --- */

/* Lets go of all inodes, and waits until whoever still had pages of them does. */
static void drop_inodes(struct hmfs_vfs *fs)
{
	if (fs->root)
		node_put(&fs->root->node);
	for (;;) {
		hmfs_inodes_trim(fs, true, 0);
		hmfs_inodes_reap(fs);
		if (__atomic_load_n(&fs->live_count, __ATOMIC_ACQUIRE) == 0)
			break;
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	}
}

static void free_fs(struct hmfs_vfs *fs)
{
	hmfs_writings_destroy(fs);
	if (fs->backing)
		cache_backing_destroy(fs->backing);
	hmfs_disk_fini(&fs->disk);
	kfree(fs);
}

static void scheme_op_release(struct scheme *scheme)
{
	struct hmfs_vfs *fs = scheme->private;
	int error = 0, failed;

	if (!fs)
		return;
	if (fs->volume) {
		error = hmfs_vfs_sync(fs);
		drop_inodes(fs);
	}
	if (fs->live)
		hmfs_threads_stop(fs);
	if (fs->volume) {
		failed = hmfs_unmount(fs->volume);
		error = error ? error : failed;
	}
	if (error && !fs->disk.block->gone)
		log_error("hmfs", "%s: not all could be written: error %d", fs->disk.block->name,
			  -error);
	failed = sync_device_pages(fs->disk.block, true);
	(void)failed; /* nobody wrote there */
	free_fs(fs);
}

/* --- The volume as a whole. --- */

static void scheme_op_statistics(struct scheme *scheme, struct scheme_statistics *to)
{
	struct hmfs_vfs *fs = scheme->private;
	struct hmfs_statistics from;

	hmfs_inodes_reap(fs);
	hmfs_read_statistics(fs->volume, &from);
	*to = (struct scheme_statistics){
		.magic = MAGIC,
		.block_size = HMFS_BLOCK_SIZE,
		.blocks = from.blocks,
		.free_blocks = from.free_blocks,
		.available_blocks = from.available_blocks,
		.files = from.objects + from.available_blocks,
		.free_files = from.available_blocks,
	};
}

static int scheme_op_sync(struct scheme *scheme)
{
	return hmfs_vfs_sync(scheme->private);
}

static const struct scheme_ops hmfs_scheme_ops = {
	.statistics = scheme_op_statistics,
	.sync = scheme_op_sync,
	.release = scheme_op_release,
};

/* --- Mounting. --- */

static struct hmfs_vfs *allocate(struct block_device *device, bool read_only,
				 const struct hmfs_vfs_options *options)
{
	struct hmfs_vfs *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	hmfs_disk_init(&fs->disk, device, read_only);
	fs->options = *options;
	mutex_init(&fs->lock, RANK_FILE_SYSTEM, "hmfs");
	hmfs_host_init(fs);
	hmfs_inodes_init(fs);
	wait_queue_init(&fs->volume_wake, "hmfs volume");
	wait_queue_init(&fs->wake, "hmfs work");
	wait_queue_init(&fs->done_wake, "hmfs transfers");
	if (hmfs_writings_create(fs)) {
		free_fs(fs);
		return NULL;
	}
	return fs;
}

/* Which dataset is to be seen. */
static int find_dataset(struct hmfs_vfs *fs, uint32_t *number)
{
	struct hmfs_dataset_info *info;
	int error;

	*number = HMFS_DATASET_LIVE;
	if (!fs->options.snapshot[0])
		return 0;
	info = kmalloc(sizeof(*info));
	if (!info)
		return -ENOMEM;
	error = hmfs_dataset_find(fs->volume, fs->options.snapshot, info);
	*number = info->number;
	kfree(info);
	return error == -ENOENT ? -EINVAL : error;
}

/* What needs the scheme: on failure its release undoes it all. */
static int start(struct hmfs_vfs *fs, bool read_only)
{
	const struct hmfs_mount_options options = { .read_only = read_only };
	struct hmfs_id root = { 0, HMFS_ROOT_OBJECT };
	int error = cache_backing_create(fs->disk.block->name, &fs->backing);

	if (!error)
		error = hmfs_mount(&fs->disk.device, &fs->host, &options, &fs->volume);
	if (error)
		return error;
	fs->hash = hmfs_super_of(fs->volume)->hash;
	fs->sum_size = hmfs_sum_size(fs->hash);
	hmfs_vfs_set_read_only(fs, read_only);
	error = hmfs_threads_start(fs);
	if (!error)
		error = find_dataset(fs, &root.dataset);
	if (!error)
		error = hmfs_inode_get(fs, root, &fs->root);
	if (!error && !node_is(&fs->root->node, MODE_DIRECTORY))
		error = -EUCLEAN;
	if (error)
		return error;
	node_get(&fs->root->node);
	return scheme_set_root(fs->scheme, &fs->root->node);
}

static int hmfs_vfs_mount(struct block_device *device, const struct file_system_options *wanted,
			  struct scheme **result)
{
	struct hmfs_vfs_options options;
	struct scheme *scheme;
	struct hmfs_vfs *fs;
	int error = hmfs_options_parse(wanted->text, &options);

	if (!error)
		error = sync_device_pages(device, false);
	if (error)
		return error;
	fs = allocate(device, wanted->read_only, &options);
	if (!fs)
		return -ENOMEM;
	scheme = scheme_create(device->name, "hmfs", &hmfs_scheme_ops, SCHEME_READ_ONLY, fs);
	if (!scheme) {
		free_fs(fs);
		return -ENOMEM;
	}
	fs->scheme = scheme;
	error = start(fs, wanted->read_only);
	if (error)
		scheme_put(scheme);
	else
		*result = scheme;
	return error == -EOPNOTSUPP ? -EINVAL : error;
}

static int hmfs_vfs_remount(struct scheme *scheme, const struct file_system_options *wanted)
{
	struct hmfs_vfs *fs = scheme->private;
	bool read_only = scheme->flags & SCHEME_READ_ONLY;
	int error;

	if (wanted->read_only == read_only)
		return 0;
	if (!wanted->read_only) {
		if (fs->disk.block->read_only)
			return -EROFS;
		fs->disk.device.read_only = false;
		error = hmfs_set_read_only(fs->volume, false);
		if (!error)
			hmfs_vfs_set_read_only(fs, false);
		return error;
	}
	error = hmfs_vfs_sync(fs);
	if (!error)
		error = hmfs_set_read_only(fs->volume, true);
	if (!error)
		hmfs_vfs_set_read_only(fs, true);
	return error;
}

FILE_SYSTEM(hmfs) = {
	.name = "hmfs",
	.probe = hmfs_vfs_probe,
	.mount = hmfs_vfs_mount,
	.remount = hmfs_vfs_remount,
};
