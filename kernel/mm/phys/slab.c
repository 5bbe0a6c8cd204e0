/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slabs: blocks of frames cut into equal objects. */
#include "slab_priv.h"

#include <base/bits.h>
#include <base/string.h>
#include <core/panic.h>

/* Slabs are no larger than this unless a single object is. */
#define ORDER_USUAL_MAX 3
/* Fewer objects per slab make the cache's lists long. */
#define OBJECTS_WANTED 4

_Static_assert(PAGE_SIZE / SLAB_OBJECT_MIN <= SLAB_OBJECTS_MAX, "the map covers a page");

static size_t slab_capacity(const struct slab_cache *cache, unsigned order)
{
	return min_size(((size_t)PAGE_SIZE << order) / cache->stride, SLAB_OBJECTS_MAX);
}

void slab_choose_orders(struct slab_cache *cache)
{
	unsigned order = 0;

	while (slab_capacity(cache, order) == 0)
		order++;
	cache->order_minimum = (uint8_t)order;
	while (order < ORDER_USUAL_MAX) {
		size_t size = (size_t)PAGE_SIZE << order;
		size_t objects = slab_capacity(cache, order);

		if (objects >= OBJECTS_WANTED && size - objects * cache->stride <= size / 8)
			break;
		order++;
	}
	cache->order = (uint8_t)order;
}

/* Tells the frames of a block whose they are, so that objects find their slab. */
static void frames_set_owner(struct frame *frame, unsigned order, struct slab *slab)
{
	for (size_t i = 0; i < (size_t)1 << order; i++) {
		frame[i].owner = slab;
		frame[i].flags = slab ? HEAP_FRAME_SLAB : 0;
	}
}

struct slab *slab_create(struct slab_cache *cache)
{
	bool holds_itself = cache == &slab_descriptor_cache;
	unsigned order = cache->order;
	struct frame *frame = frame_allocate(order, 0);
	struct slab *slab;

	if (!frame && order > cache->order_minimum) {
		order = cache->order_minimum;
		frame = frame_allocate(order, 0);
	}
	if (!frame)
		return NULL;
	if (holds_itself)
		slab = frame_address(frame);
	else
		slab = slab_cache_allocate(&slab_descriptor_cache, sizeof(*slab), NULL);
	if (!slab) {
		frame_put(frame);
		return NULL;
	}
	memset(slab, 0, sizeof(*slab));
	list_node_init(&slab->node);
	slab->cache = cache;
	slab->base = frame_address(frame);
	slab->objects = (uint16_t)slab_capacity(cache, order);
	slab->order = (uint8_t)order;
	for (size_t i = holds_itself ? 1 : 0; i < slab->objects; i++)
		bitmap_set(slab->free_map, i);
	frames_set_owner(frame, order, slab);
	frame_account(FRAME_USE_SLAB, 1l << order);
	if (slab_cache_checked(cache))
		slab_debug_prepare(slab);
	return slab;
}

void slab_destroy(struct slab *slab)
{
	struct frame *frame = frame_at(virt_to_phys(slab->base));
	unsigned order = slab->order;
	bool holds_itself = slab->cache == &slab_descriptor_cache;

	debug_assert(slab->used == 0);
	frames_set_owner(frame, order, NULL);
	frame_account(FRAME_USE_SLAB, -(1l << order));
	if (!holds_itself)
		slab_cache_free(&slab_descriptor_cache, slab, NULL);
	frame_put(frame);
}

void *slab_take_object(struct slab *slab)
{
	size_t index = bitmap_find_set(slab->free_map, slab->objects, 0);

	debug_assert(index < slab->objects);
	bitmap_clear(slab->free_map, index);
	slab->used++;
	return slab->base + index * slab->cache->stride;
}

void slab_release_object(struct slab *slab, void *object)
{
	size_t offset = (size_t)((uint8_t *)object - slab->base);
	size_t index = offset / slab->cache->stride;

	if (index * slab->cache->stride != offset || index >= slab->objects)
		panic("slab %s: freed %p, which is no object", slab->cache->name, object);
	if (bitmap_test(slab->free_map, index))
		panic("slab %s: freed %p twice", slab->cache->name, object);
	bitmap_set(slab->free_map, index);
	slab->used--;
}

struct slab *slab_find(const void *object)
{
	const struct frame *frame = frame_at(virt_to_phys(object));

	return frame && (frame->flags & HEAP_FRAME_SLAB) ? frame->owner : NULL;
}

struct slab *slab_of(const struct slab_cache *cache, const void *object)
{
	struct slab *slab = slab_find(object);

	if (slab && slab->cache == cache)
		return slab;
	panic("slab %s: freed %p, which is none of its objects", cache->name, object);
}
