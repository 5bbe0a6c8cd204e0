/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Caches of equal objects. Each CPU has a magazine of free objects per cache; only when it is
 * empty or full is the cache locked and half a magazine exchanged with the slabs.
 *
 * Order of locks: no lock is held while a slab is made or freed, as that takes the lock of the
 * descriptors' cache and those of the frame allocator.
 */
#include "slab_priv.h"

#include <base/bits.h>
#include <base/string.h>
#include <core/panic.h>

#include <stdatomic.h>

/* What a full magazine may hold back, and the bounds of its size. */
#define MAGAZINE_BYTES 4096
#define MAGAZINE_MIN   4
#define MAGAZINE_MAX   32
/* Objects above this size have no magazines. */
#define MAGAZINE_OBJECT_MAX 4096
/* Slabs without used objects that a cache keeps. */
#define EMPTY_MAX 1

struct slab_cache slab_descriptor_cache;
/* What slab_cache_create() allocates from. */
static struct slab_cache cache_cache;

/* All caches, in order of creation. They are never destroyed. */
static _Atomic(struct slab_cache *) caches;
static struct spinlock caches_lock = SPINLOCK_INIT(RANK_LEAF, "slab caches"); /* appending */
static _Atomic bool magazines_started;

/* Natural alignment: of what an object of this size can hold. */
static size_t natural_alignment(size_t size)
{
	size_t alignment = SLAB_OBJECT_MIN;

	while (alignment > sizeof(void *) && !is_aligned(size, alignment))
		alignment /= 2;
	return alignment;
}

static void cache_append(struct slab_cache *cache)
{
	irq_state_t state = spin_lock_irqsave(&caches_lock);
	_Atomic(struct slab_cache *) *place = &caches;

	while (*place)
		place = &(*place)->next;
	atomic_store_explicit(place, cache, memory_order_release);
	spin_unlock_irqrestore(&caches_lock, state);
}

void slab_cache_visit(void (*visit)(struct slab_cache *cache, void *argument), void *argument)
{
	struct slab_cache *cache = atomic_load_explicit(&caches, memory_order_acquire);

	while (cache) {
		visit(cache, argument);
		cache = atomic_load_explicit(&cache->next, memory_order_acquire);
	}
}

/* Gives `cache` its magazines. Without memory for them it works without. */
static void cache_start_magazines(struct slab_cache *cache, void *unused)
{
	uint8_t *magazines;

	(void)unused;
	if (cache->magazine_size == 0 || cache->magazines)
		return;
	magazines = kcalloc(cpu_limit(), cache->magazine_stride);
	atomic_store_explicit(&cache->magazines, magazines, memory_order_release);
}

void slab_cache_init(struct slab_cache *cache, const char *name, size_t size, size_t alignment,
		     bool checked)
{
	if (alignment == 0)
		alignment = natural_alignment(size);
	assert(size > 0 && is_power_of_two(alignment) && alignment <= PAGE_SIZE);
	memset(cache, 0, sizeof(*cache));
	cache->name = name;
	cache->object_size = size;
	cache->checked = checked;
	if (slab_cache_checked(cache))
		cache->stride = slab_debug_stride(size, alignment);
	else
		cache->stride = align_up(max_u64(size, SLAB_OBJECT_MIN), alignment);
	slab_choose_orders(cache);
	if (size <= MAGAZINE_OBJECT_MAX) {
		size_t count = max_u64(MAGAZINE_BYTES / cache->stride, MAGAZINE_MIN);

		count = min_size(count, MAGAZINE_MAX);
		cache->magazine_size = (uint8_t)count;
		/* Whole cache lines, so that CPUs do not share one. */
		cache->magazine_stride =
			align_up(sizeof(struct slab_magazine) + count * sizeof(void *), 64);
	}
	spinlock_init(&cache->lock, RANK_SLAB, name);
	list_init(&cache->partial);
	list_init(&cache->full);
	list_init(&cache->empty);
	cache_append(cache);
}

struct slab_cache *slab_cache_create(const char *name, size_t size, size_t alignment)
{
	struct slab_cache *cache = slab_allocate(&cache_cache);

	if (!cache)
		panic("out of memory for slab cache %s", name);
	slab_cache_init(cache, name, size, alignment, true);
	if (magazines_started)
		cache_start_magazines(cache, NULL);
	return cache;
}

static struct slab_magazine *cache_magazine_of(struct slab_cache *cache, unsigned cpu)
{
	uint8_t *magazines = atomic_load_explicit(&cache->magazines, memory_order_acquire);

	if (!magazines)
		return NULL;
	return (struct slab_magazine *)(magazines + cpu * cache->magazine_stride);
}

/* The magazine of this CPU, or NULL. Interrupts are off. */
static struct slab_magazine *cache_magazine(struct slab_cache *cache)
{
	return cache_magazine_of(cache, cpu_id());
}

/* Puts a slab into the list that fits its count. Locked. */
static void cache_file_slab(struct slab_cache *cache, struct slab *slab)
{
	if (slab->used == 0) {
		list_push_front(&cache->empty, &slab->node);
		cache->empty_count++;
	} else if (bitmap_find_set(slab->free_map, slab->objects, 0) < slab->objects) {
		list_push_front(&cache->partial, &slab->node);
	} else {
		list_push_front(&cache->full, &slab->node);
	}
}

static void cache_unfile_slab(struct slab_cache *cache, struct slab *slab)
{
	if (slab->used == 0)
		cache->empty_count--;
	list_remove(&slab->node);
}

/* An object from the slabs at hand, or NULL. Locked. */
static void *cache_take(struct slab_cache *cache)
{
	struct list_node *node = list_first(&cache->partial);
	struct slab *slab;
	void *object;

	if (!node)
		node = list_first(&cache->empty);
	if (!node)
		return NULL;
	slab = container_of(node, struct slab, node);
	cache_unfile_slab(cache, slab);
	object = slab_take_object(slab);
	cache_file_slab(cache, slab);
	cache->objects_used++;
	return object;
}

/* Gives an object back to its slab. Slabs that are not needed any more go to `surplus`.
 * Locked. */
static void cache_give_back(struct slab_cache *cache, void *object, struct list *surplus)
{
	struct slab *slab = slab_of(cache, object);

	cache_unfile_slab(cache, slab);
	slab_release_object(slab, object);
	cache->objects_used--;
	if (slab->used == 0 && cache->empty_count >= EMPTY_MAX) {
		cache->slab_frames -= 1ull << slab->order;
		cache->objects_total -= slab->objects;
		list_push_back(surplus, &slab->node);
	} else {
		cache_file_slab(cache, slab);
	}
}

/* Gets an object from the slabs, and half a magazine of further ones if they are at hand.
 * Interrupts are off. */
static void *cache_refill(struct slab_cache *cache, struct slab_magazine *magazine)
{
	struct slab *slab;
	void *object, *more;

	spin_lock(&cache->lock);
	object = cache_take(cache);
	if (!object) {
		spin_unlock(&cache->lock);
		slab = slab_create(cache);
		if (!slab)
			return NULL;
		spin_lock(&cache->lock);
		cache->slab_frames += 1ull << slab->order;
		cache->objects_total += slab->objects;
		cache_file_slab(cache, slab);
		object = cache_take(cache);
	}
	while (magazine && magazine->count < cache->magazine_size / 2) {
		more = cache_take(cache);
		if (!more)
			break;
		magazine->objects[magazine->count++] = more;
	}
	spin_unlock(&cache->lock);
	return object;
}

/* Gives back to the slabs `object` and half of a full magazine, the half that was freed first.
 * Interrupts are off. */
static void cache_flush(struct slab_cache *cache, struct slab_magazine *magazine, void *object)
{
	unsigned count = magazine ? magazine->count / 2 : 0;
	struct list surplus;
	struct list_node *node;

	list_init(&surplus);
	spin_lock(&cache->lock);
	cache_give_back(cache, object, &surplus);
	for (unsigned i = 0; i < count; i++)
		cache_give_back(cache, magazine->objects[i], &surplus);
	spin_unlock(&cache->lock);
	if (magazine) {
		magazine->count -= count;
		memmove(&magazine->objects[0], &magazine->objects[count],
			magazine->count * sizeof(magazine->objects[0]));
	}
	while ((node = list_pop_front(&surplus)) != NULL)
		slab_destroy(container_of(node, struct slab, node));
}

void *slab_cache_allocate(struct slab_cache *cache, size_t size, const void *site)
{
	unsigned long state = arch_irq_save();
	struct slab_magazine *magazine = cache_magazine(cache);
	void *object;

	if (magazine && magazine->count > 0)
		object = magazine->objects[--magazine->count];
	else
		object = cache_refill(cache, magazine);
	arch_irq_restore(state);
	if (slab_cache_checked(cache) && object)
		slab_debug_allocated(cache, object, size, site);
	return object;
}

void slab_cache_free(struct slab_cache *cache, void *object, const void *site)
{
	struct slab_magazine *magazine;
	unsigned long state;

	if (slab_cache_checked(cache))
		object = slab_debug_freed(cache, object, site);
	if (!object)
		return;
	state = arch_irq_save();
	magazine = cache_magazine(cache);
	if (magazine && magazine->count < cache->magazine_size)
		magazine->objects[magazine->count++] = object;
	else
		cache_flush(cache, magazine, object);
	arch_irq_restore(state);
}

/* Gives back what the magazine of an offline CPU holds. */
static void cache_drain_cpu(struct slab_cache *cache, void *argument)
{
	struct slab_magazine *magazine = cache_magazine_of(cache, *(const unsigned *)argument);
	struct list surplus;
	struct list_node *node;
	irq_state_t state;

	if (!magazine)
		return;
	list_init(&surplus);
	state = spin_lock_irqsave(&cache->lock);
	while (magazine->count > 0)
		cache_give_back(cache, magazine->objects[--magazine->count], &surplus);
	spin_unlock_irqrestore(&cache->lock, state);
	while ((node = list_pop_front(&surplus)) != NULL)
		slab_destroy(container_of(node, struct slab, node));
}

struct held {
	unsigned cpu;
	uint64_t objects;
};

static void cache_count_cpu(struct slab_cache *cache, void *argument)
{
	struct held *held = argument;
	const struct slab_magazine *magazine = cache_magazine_of(cache, held->cpu);

	held->objects += magazine ? magazine->count : 0;
}

uint64_t slab_cpu_held(unsigned cpu)
{
	struct held held = { .cpu = cpu };

	slab_cache_visit(cache_count_cpu, &held);
	return held.objects;
}

void slab_cpu_drain(unsigned cpu)
{
	slab_cache_visit(cache_drain_cpu, &cpu);
}

void *slab_allocate(struct slab_cache *cache)
{
	return slab_cache_allocate(cache, cache->object_size, __builtin_return_address(0));
}

void *slab_allocate_zeroed(struct slab_cache *cache)
{
	void *object = slab_cache_allocate(cache, cache->object_size, __builtin_return_address(0));

	if (object)
		memset(object, 0, cache->object_size);
	return object;
}

void slab_free(struct slab_cache *cache, void *object)
{
	slab_cache_free(cache, object, __builtin_return_address(0));
}

void slab_init(void)
{
	slab_cache_init(&slab_descriptor_cache, "slab", sizeof(struct slab), 0, false);
	slab_cache_init(&cache_cache, "slab_cache", sizeof(struct slab_cache), 0, false);
	kmalloc_init();
}

void slab_init_magazines(void)
{
	atomic_store(&magazines_started, true);
	slab_cache_visit(cache_start_magazines, NULL);
}
