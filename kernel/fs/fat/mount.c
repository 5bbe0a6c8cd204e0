/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounting and unmounting, and what concerns the volume as a whole. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#include "fat_priv.h"

#define MAGIC             0x4d44 /* Linux's */
#define COMPLAINTS_MAX    10u    /* lines in: */
#define COMPLAINTS_PERIOD (60 * NS_PER_SECOND)

/* --- Damage. --- */

bool fat_may_log(struct fat *fs)
{
	uint64_t now = clock_monotonic_ns();

	if (now - fs->complaints_since > COMPLAINTS_PERIOD) {
		fs->complaints_since = now;
		fs->complaints = 0;
	}
	return fs->complaints++ < COMPLAINTS_MAX;
}

static void set_read_only(struct fat *fs, bool read_only)
{
	fs->read_only = read_only;
	if (read_only)
		fs->scheme->flags |= SCHEME_READ_ONLY;
	else
		fs->scheme->flags &= ~(unsigned)SCHEME_READ_ONLY;
}

int fat_complain(struct fat *fs, const char *format, ...)
{
	char text[128];
	va_list arguments;

	if (fat_may_log(fs)) {
		va_start(arguments, format);
		vsnprintf(text, sizeof(text), format, arguments);
		va_end(arguments);
		log_error("fat", "%s: damaged: %s", fs->device->name, text);
	}
	if (!fs->read_only)
		log_error("fat", "%s: is read-only from now on", fs->device->name);
	fs->damaged = true;
	set_read_only(fs, true);
	return -EUCLEAN;
}

int fat_check_writable(const struct fat *fs)
{
	return fs->read_only ? -EROFS : 0;
}

/* --- In use or not. --- */

static int read_clean_bit(struct fat *fs, bool *clean)
{
	uint32_t value, bit = fs->geometry.bits == 32 ? FAT32_CLEAN : FAT16_CLEAN;
	int error;

	*clean = true;
	if (fs->geometry.bits == 12)
		return 0;
	error = fat_table_read(fs, 1, &value);
	*clean = value & bit;
	return error;
}

/* Takes the counts of FSInfo, if the volume was unmounted and they can be. */
static int load_information(struct fat *fs)
{
	const struct fat_information *information;
	struct fat_buffer *buffer;
	uint8_t *bytes;
	int error;

	fs->next_free = FAT_CLUSTER_FIRST;
	if (!fs->geometry.information)
		return 0;
	error = fat_buffer_get(fs, fs->geometry.information, &buffer, &bytes);
	if (error)
		return error;
	information = (const struct fat_information *)bytes;
	if (information->lead_signature != FAT_INFORMATION_LEAD ||
	    information->structure_signature != FAT_INFORMATION_STRUCTURE ||
	    information->trail_signature != FAT_INFORMATION_TRAIL)
		return 0;
	if (fat_cluster_valid(&fs->geometry, information->next_free))
		fs->next_free = information->next_free;
	return 0;
}

/* Says on disk that the volume is in use, or no more. */
static int set_dirty(struct fat *fs, bool dirty)
{
	int error;

	/* What was not unmounted before stays so until somebody checks it. */
	if (fs->was_dirty || (!dirty && fs->damaged))
		return 0;
	error = fat_boot_set_dirty(fs, dirty);
	if (error)
		return error;
	mutex_lock(&fs->lock);
	error = fat_table_set_dirty(fs, dirty);
	if (!error)
		error = fat_commit(fs);
	mutex_unlock(&fs->lock);
	return error;
}

static int start_writing(struct fat *fs)
{
	int error;

	/* What only the backup of the boot sector says is believed for reading: the volume may be
	 * another file system's by now. */
	if (fs->device->read_only || fs->geometry.boot)
		return -EROFS;
	error = set_dirty(fs, true);
	/* Devices that only find out now that nobody may write to them; mount(8) then tries without. */
	if (error == -EIO || error == -ENODATA || error == -EREMOTEIO)
		return -EROFS;
	if (error)
		return error;
	if (fs->was_dirty)
		log_warning("fat", "%s: was not unmounted; it should be checked", fs->device->name);
	set_read_only(fs, false);
	return 0;
}

/* --- Unmounting. --- */

/* Lets go of all nodes, and waits until whoever still had pages of them does. */
static void drop_nodes(struct fat *fs)
{
	struct waiter waiter;

	fat_nodes_trim(fs, true);
	if (fs->root)
		node_put(&fs->root->node);
	wait_begin(&fs->waiters, &waiter);
	for (;;) {
		mutex_lock(&fs->lock);
		fat_nodes_reap(fs);
		mutex_unlock(&fs->lock);
		if (__atomic_load_n(&fs->live_count, __ATOMIC_ACQUIRE) == 0)
			break;
		wait_sleep_until_woken(&waiter);
	}
	wait_end(&waiter);
	while (fs->waking)
		thread_yield();
}

/* The pages of the device itself are not those that were written here: they are read anew. */
static void drop_device_pages(struct fat *fs)
{
	struct page_cache *cache;

	if (block_device_cache(fs->device, &cache))
		return;
	page_cache_drop(cache, 0, UINT64_MAX, true);
	vm_object_put(&cache->object);
}

static void free_fat(struct fat *fs)
{
	struct list_node *node;

	fat_buffers_fini(fs);
	while ((node = list_pop_front(&fs->deferred)))
		kfree(container_of(node, struct fat_deferred, node));
	if (fs->backing)
		cache_backing_destroy(fs->backing);
	block_device_put(fs->device);
	kfree(fs);
}

/* A page that is written to through a mapping becomes dirty after its file was noted, which may have
 * been synced in between. */
static int sync_all(struct fat *fs)
{
	int error = fs->backing ? cache_backing_sync(fs->backing) : 0;
	int failed = fat_sync(fs);

	return error ? error : failed;
}

static void scheme_op_release(struct scheme *scheme)
{
	struct fat *fs = scheme->private;
	int error = 0;

	if (!fs)
		return;
	if (!fs->stopped)
		fat_thread_stop(fs);
	error = sync_all(fs);
	drop_nodes(fs);
	if (fs->writing) {
		int failed = fat_sync(fs);

		error = error ? error : failed;
		failed = set_dirty(fs, false);
		error = error ? error : failed;
	}
	if (error)
		log_error("fat", "%s: not all could be written: error %d", fs->device->name,
			  -error);
	drop_device_pages(fs);
	free_fat(fs);
}

/* --- The volume as a whole. --- */

static void scheme_op_statistics(struct scheme *scheme, struct scheme_statistics *statistics)
{
	struct fat *fs = scheme->private;
	uint32_t count = 0;
	int error = 0;

	mutex_lock(&fs->lock);
	/* What was removed is free, to whoever asks. */
	fat_nodes_reap(fs);
	if (!list_empty(&fs->deferred))
		error = fat_commit(fs);
	if (!error)
		error = fat_table_count_free(fs, &count);
	mutex_unlock(&fs->lock);
	*statistics = (struct scheme_statistics){
		.magic = MAGIC,
		.block_size = fs->geometry.cluster_size,
		.blocks = fs->geometry.cluster_end - FAT_CLUSTER_FIRST,
		.free_blocks = error ? 0 : count,
		.available_blocks = error ? 0 : count,
	};
}

static int scheme_op_sync(struct scheme *scheme)
{
	return sync_all(scheme->private);
}

static const struct scheme_ops fat_scheme_ops = {
	.statistics = scheme_op_statistics,
	.sync = scheme_op_sync,
	.release = scheme_op_release,
};

/* --- Mounting. --- */

/* Programs may have written to the device (mkfs) what is not on it yet. */
static int sync_device_pages(struct block_device *device)
{
	struct page_cache *cache;
	int error = block_device_cache(device, &cache);

	if (error)
		return error;
	error = page_cache_sync(cache, 0, UINT64_MAX);
	vm_object_put(&cache->object);
	return error;
}

static struct fat *allocate(struct block_device *device, const struct fat_geometry *geometry,
			    const struct fat_options *options)
{
	struct fat *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->device = device;
	block_device_get(device);
	fs->geometry = *geometry;
	fs->options = *options;
	fs->read_only = true;
	fs->stopped = true;
	fs->generation = fs->writes_of_table = 1;
	mutex_init(&fs->lock, RANK_FILE_SYSTEM, "fat");
	list_init(&fs->deferred);
	fat_buffers_init(fs);
	fat_nodes_init(fs);
	return fs;
}

/* What needs the scheme: on failure its release undoes it all. */
static int start(struct fat *fs, bool read_only)
{
	struct fat_node *root;
	bool clean;
	int error;

	error = cache_backing_create(fs->device->name, &fs->backing);
	if (error)
		return error;
	mutex_lock(&fs->lock);
	error = read_clean_bit(fs, &clean);
	if (!error)
		error = load_information(fs);
	if (!error)
		error = fat_node_create_root(fs, &root);
	mutex_unlock(&fs->lock);
	if (error)
		return error;
	fs->root = root;
	fs->was_dirty = fs->geometry.dirty || !clean;
	node_get(&root->node);
	error = scheme_set_root(fs->scheme, &root->node);
	if (!error)
		error = fat_thread_start(fs);
	if (!error && !read_only) {
		error = start_writing(fs);
		fs->writing = !error;
	}
	return error;
}

static int fat_mount(struct block_device *device, const struct file_system_options *wanted,
		     struct scheme **result)
{
	struct fat_geometry geometry;
	struct fat_options options;
	struct scheme *scheme;
	struct fat *fs;
	int error = fat_options_parse(wanted->text, &options);

	if (!error)
		error = sync_device_pages(device);
	if (!error)
		error = fat_boot_read(device, &geometry);
	if (error)
		return error;
	fs = allocate(device, &geometry, &options);
	if (!fs)
		return -ENOMEM;
	scheme = scheme_create(device->name, "vfat", &fat_scheme_ops, SCHEME_READ_ONLY, fs);
	if (!scheme) {
		free_fat(fs);
		return -ENOMEM;
	}
	fs->scheme = scheme;
	if (geometry.cut)
		log_warning("fat",
			    "%s: larger than its device: the clusters behind it are not used",
			    device->name);
	error = start(fs, wanted->read_only);
	if (error)
		scheme_put(scheme);
	else
		*result = scheme;
	return error;
}

static int fat_remount(struct scheme *scheme, const struct file_system_options *wanted)
{
	struct fat *fs = scheme->private;
	int error;

	if (wanted->read_only == !fs->writing)
		return 0;
	if (!wanted->read_only) {
		error = fs->damaged ? -EUCLEAN : start_writing(fs);
		fs->writing = !error;
		return error;
	}
	set_read_only(fs, true);
	error = fat_sync(fs);
	if (!error)
		error = set_dirty(fs, false);
	if (error)
		set_read_only(fs, fs->damaged);
	fs->writing = error;
	return error;
}

FILE_SYSTEM(vfat) = {
	.name = "vfat",
	.probe = fat_probe,
	.mount = fat_mount,
	.remount = fat_remount,
};
