/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmalloc(): a cache per size class up to a page, whole blocks of frames above. The classes
 * between the powers of two keep what is wasted below a third.
 */
#include "slab_priv.h"

#include <base/string.h>
#include <core/panic.h>

#define CLASS_GRAIN 16
#define CLASS_LIMIT 4096 /* the largest class */

struct size_class {
	const char *name;
	uint16_t size;
	uint16_t alignment;
};

static const struct size_class classes[] = {
	{ "kmalloc-16", 16, 16 },       { "kmalloc-32", 32, 32 },
	{ "kmalloc-48", 48, 16 },       { "kmalloc-64", 64, 64 },
	{ "kmalloc-96", 96, 32 },       { "kmalloc-128", 128, 128 },
	{ "kmalloc-192", 192, 64 },     { "kmalloc-256", 256, 256 },
	{ "kmalloc-384", 384, 128 },    { "kmalloc-512", 512, 512 },
	{ "kmalloc-768", 768, 256 },    { "kmalloc-1024", 1024, 1024 },
	{ "kmalloc-1536", 1536, 512 },  { "kmalloc-2048", 2048, 2048 },
	{ "kmalloc-3072", 3072, 1024 }, { "kmalloc-4096", 4096, 4096 },
};

static struct slab_cache class_caches[array_length(classes)];

/* The class for each size, in grains rounded up; set by kmalloc_init(). */
static uint8_t class_of_size[CLASS_LIMIT / CLASS_GRAIN + 1];

/* Blocks in use, through the node of their first frame; debug builds. */
static struct list blocks = LIST_INIT(blocks);
static struct spinlock blocks_lock = SPINLOCK_INIT(RANK_SLAB, "kmalloc blocks"); /* blocks */

void kmalloc_init(void)
{
	size_t class = 0;

	for (size_t i = 0; i < array_length(classes); i++)
		slab_cache_init(&class_caches[i], classes[i].name, classes[i].size,
				classes[i].alignment, true);
	for (size_t grains = 0; grains < array_length(class_of_size); grains++) {
		if (grains * CLASS_GRAIN > classes[class].size)
			class ++;
		class_of_size[grains] = (uint8_t) class;
	}
}

static struct slab_cache *class_cache(size_t size)
{
	return &class_caches[class_of_size[(size + CLASS_GRAIN - 1) / CLASS_GRAIN]];
}

static unsigned block_order(size_t size)
{
	unsigned order = 0;

	while ((size_t)PAGE_SIZE << order < size)
		order++;
	return order;
}

/* A block has at least two frames: the owner of the second one is who allocated it. */
static void *block_allocate(size_t size, const void *site)
{
	struct frame *frame;
	irq_state_t state;

	if (size > (size_t)PAGE_SIZE << FRAME_ORDER_MAX)
		return NULL;
	frame = frame_allocate(block_order(size), 0);
	if (!frame)
		return NULL;
	frame->flags = HEAP_FRAME_BLOCK;
	frame->owner = (void *)size;
	frame_account(FRAME_USE_SLAB, 1l << frame->order);
	if (CONFIG_DEBUG) {
		frame[1].owner = (void *)(uintptr_t)site;
		state = spin_lock_irqsave(&blocks_lock);
		list_push_back(&blocks, &frame->node);
		spin_unlock_irqrestore(&blocks_lock, state);
	}
	return frame_address(frame);
}

/* The first frame of the block at `memory`. Panics if there is none. */
static struct frame *block_find(const void *memory)
{
	struct frame *frame = frame_at(virt_to_phys(memory));

	if (!frame || frame->state != FRAME_USED || !(frame->flags & HEAP_FRAME_BLOCK) ||
	    !is_aligned((uintptr_t)memory, PAGE_SIZE))
		panic("kfree of %p, which is not allocated", memory);
	return frame;
}

static void block_free(struct frame *frame)
{
	irq_state_t state;

	if (CONFIG_DEBUG) {
		state = spin_lock_irqsave(&blocks_lock);
		list_remove(&frame->node);
		spin_unlock_irqrestore(&blocks_lock, state);
	}
	frame->flags = 0;
	frame_account(FRAME_USE_SLAB, -(1l << frame->order));
	frame_put(frame);
}

void kmalloc_count_leaks(void)
{
	const struct list_node *node;
	irq_state_t state;

	if (!CONFIG_DEBUG)
		return;
	state = spin_lock_irqsave(&blocks_lock);
	list_for_each (node, &blocks) {
		const struct frame *frame = container_of(node, struct frame, node);

		slab_debug_count_leak(frame[1].owner, (size_t)frame->owner);
	}
	spin_unlock_irqrestore(&blocks_lock, state);
}

static void *allocate(size_t size, const void *site)
{
	if (size > CLASS_LIMIT)
		return block_allocate(size, site);
	return slab_cache_allocate(class_cache(size), size, site);
}

static void release(void *memory, const void *site)
{
	struct slab *slab = slab_find(memory);

	if (slab)
		slab_cache_free(slab->cache, memory, site);
	else
		block_free(block_find(memory));
}

/* How many bytes at `memory` may be used: in debug builds those that were asked for. */
static size_t usable_size(const void *memory)
{
	const struct slab *slab = slab_find(memory);
	const struct frame *frame;

	if (slab && slab_cache_checked(slab->cache))
		return slab_debug_size(slab->cache, memory);
	if (slab)
		return slab->cache->object_size;
	frame = block_find(memory);
	return CONFIG_DEBUG ? (size_t)frame->owner : (size_t)PAGE_SIZE << frame->order;
}

static void *allocate_zeroed(size_t size, const void *site)
{
	void *memory = allocate(size, site);

	if (memory)
		memset(memory, 0, size);
	return memory;
}

void *kmalloc(size_t size)
{
	return allocate(size, __builtin_return_address(0));
}

void *kzalloc(size_t size)
{
	return allocate_zeroed(size, __builtin_return_address(0));
}

void *kcalloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return allocate_zeroed(total, __builtin_return_address(0));
}

void *krealloc(void *memory, size_t size)
{
	const void *site = __builtin_return_address(0);
	size_t old_size;
	void *moved;

	if (!memory)
		return allocate(size, site);
	old_size = usable_size(memory);
	/* Stay while it fits and at least half is used; debug builds move, to find those who
	 * keep the old address. */
	if (!CONFIG_DEBUG && size <= old_size && size >= old_size / 2)
		return memory;
	moved = allocate(size, site);
	if (!moved)
		return NULL;
	memcpy(moved, memory, min_size(size, old_size));
	release(memory, site);
	return moved;
}

void kfree(void *memory)
{
	if (memory)
		release(memory, __builtin_return_address(0));
}

char *kstrdup(const char *string)
{
	size_t size = strlen(string) + 1;
	char *copy = allocate(size, __builtin_return_address(0));

	if (copy)
		memcpy(copy, string, size);
	return copy;
}
