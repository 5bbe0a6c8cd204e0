/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much is cached, for /proc/meminfo. */
#include "cache_priv.h"

/* A cache that is mapped and has not been counted in this round; with a reference. */
static struct page_cache *next_mapped(uint64_t round)
{
	struct page_cache *found = NULL;
	struct list_node *node;

	spin_lock(&cache_lock);
	list_for_each (node, &all_caches) {
		struct page_cache *cache = container_of(node, struct page_cache, all_node);

		if (cache->counted >= round || list_empty(&cache->object.mappings) ||
		    !refcount_try_get(&cache->object.references))
			continue;
		cache->counted = round;
		found = cache;
		break;
	}
	spin_unlock(&cache_lock);
	return found;
}

/* Pages that somebody besides the cache holds are mapped, but for a few that are being copied. */
static uint64_t count_mapped(void)
{
	static _Atomic uint64_t rounds;
	uint64_t round = ++rounds, count = 0;
	struct page_cache *cache;

	while ((cache = next_mapped(round))) {
		const struct frame *frame;
		uint64_t index = 0;

		mutex_lock(&cache->object.lock);
		for (; (frame = radix_next(&cache->object.pages, &index)); index++)
			count += frame_references(frame) > 1;
		mutex_unlock(&cache->object.lock);
		vm_object_put(&cache->object);
	}
	return count;
}

void page_cache_read_statistics(struct page_cache_statistics *statistics)
{
	struct list_node *node;

	*statistics = (struct page_cache_statistics){
		.dirty = cache_dirty_pages,
		.under_write_back = cache_writing_pages,
		.mapped = count_mapped(),
	};
	spin_lock(&cache_lock);
	list_for_each (node, &all_caches) {
		const struct page_cache *cache = container_of(node, struct page_cache, all_node);

		statistics->cached += cache->object.page_count;
		if (cache->ops->fixed_size)
			statistics->buffers += cache->object.page_count;
	}
	spin_unlock(&cache_lock);
}
