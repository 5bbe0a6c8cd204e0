/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The caches of block devices themselves: made on first use, and kept until the device goes.
 */
#include "cache_priv.h"

#include <mm/phys/slab.h>

static int device_find(struct page_cache *cache, uint64_t offset, struct cache_extent *extent)
{
	uint64_t size = cache->device->sector_count << SECTOR_SHIFT;

	/* The disk may have become smaller. */
	if (offset >= size)
		return -EIO;
	extent->sector = offset >> SECTOR_SHIFT;
	extent->length = size - offset;
	return 0;
}

static int device_prepare_write(struct page_cache *cache, uint64_t offset, uint64_t length)
{
	(void)offset;
	(void)length;
	if (cache->device->gone)
		return -ENODEV;
	return cache->device->read_only ? -EROFS : 0;
}

static void device_release(struct page_cache *cache)
{
	cache_backing_destroy(cache->backing);
	kfree(cache);
}

static const struct page_cache_ops device_ops = {
	.read = cache_read_extents,
	.write = cache_write_extents,
	.find = device_find,
	.prepare_write = device_prepare_write,
	.release = device_release,
	.fixed_size = true,
};

static int make_cache(struct block_device *device, struct page_cache **result)
{
	struct page_cache *cache = kmalloc(sizeof(*cache));
	struct cache_backing *backing;
	int error = cache ? cache_backing_create(device->name, &backing) : -ENOMEM;

	if (error) {
		kfree(cache);
		return error;
	}
	page_cache_init(cache, &device_ops, backing, device, device->sector_count << SECTOR_SHIFT,
			NULL);
	*result = cache;
	return 0;
}

/* The lock of the disk would be held too long: who comes second throws his own away. */
int block_device_cache(struct block_device *device, struct page_cache **result)
{
	struct page_cache *none = NULL, *cache;
	int error;

	if (device->gone)
		return -ENODEV;
	cache = __atomic_load_n(&device->cache, __ATOMIC_ACQUIRE);
	if (!cache) {
		error = make_cache(device, &cache);
		if (error)
			return error;
		if (!__atomic_compare_exchange_n(&device->cache, &none, cache, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			vm_object_put(&cache->object);
			cache = none;
		}
	}
	vm_object_get(&cache->object);
	*result = cache;
	return 0;
}

static void device_added(struct block_device *device)
{
	(void)device;
}

/* Who still has it open gets errors from now on. What could not be written is lost, and said. */
static void device_removed(struct block_device *device)
{
	struct page_cache *cache = __atomic_exchange_n(&device->cache, NULL, __ATOMIC_ACQ_REL);

	if (!cache)
		return;
	if (cache->dirty_pages) {
		cache->last_error = -ENODEV;
		cache->object.errors++;
	}
	page_cache_drop(cache, 0, UINT64_MAX, true);
	vm_object_put(&cache->object);
}

static struct block_listener listener = { .added = device_added, .removed = device_removed };

void device_caches_start(void)
{
	block_listener_add(&listener);
}
