/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Per-CPU caches of single frames: most frames are taken and freed one by one, and the last
 * one freed is still in the CPU's own cache memory. They fill up from the zones, and give back
 * to them, in batches.
 */
#include "frame_priv.h"

#include <core/panic.h>
#include <sync/spinlock.h>

#define CACHE_MAX   32
#define CACHE_BATCH 16

/* On a line of its own. */
struct frame_cache {
	struct spinlock lock; /* the rest; others than its CPU take it only to drain it */
	struct list frames;
	unsigned count;
} __attribute__((aligned(64)));

static struct frame_cache caches[CPU_MAX];
static bool caches_started; /* set once at boot */

void frame_caches_start(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++) {
		spinlock_init(&caches[i].lock, RANK_FRAME_CACHE, "frame cache");
		list_init(&caches[i].frames);
	}
	caches_started = true;
}

/* The lock is on the cache of the CPU that looked; if the thread has moved meanwhile, it uses
 * another CPU's cache this once, which does no harm. */
static struct frame_cache *cache_lock(irq_state_t *state)
{
	struct frame_cache *cache = &caches[cpu_id()];

	*state = spin_lock_irqsave(&cache->lock);
	return cache;
}

struct frame *frame_cache_take(void)
{
	struct list_node *node;
	struct frame_cache *cache;
	irq_state_t state;
	bool refilled;

	if (!caches_started)
		return NULL;
	cache = cache_lock(&state);
	refilled = cache->count == 0;
	if (refilled)
		cache->count = zone_allocate_batch(&cache->frames, CACHE_BATCH);
	node = list_pop_front(&cache->frames);
	if (node)
		cache->count--;
	spin_unlock_irqrestore(&cache->lock, state);
	if (refilled)
		frame_watch_level();
	return node ? container_of(node, struct frame, node) : NULL;
}

/* Moves the `count` frames that were freed longest ago to `surplus`. Locked. */
static void cache_shed(struct frame_cache *cache, struct list *surplus, unsigned count)
{
	while (count-- > 0) {
		struct list_node *node = list_last(&cache->frames);

		list_remove(node);
		list_push_back(surplus, node);
		cache->count--;
	}
}

bool frame_cache_put(struct frame *frame)
{
	struct list surplus;
	struct frame_cache *cache;
	irq_state_t state;

	if (!caches_started)
		return false;
	list_init(&surplus);
	cache = cache_lock(&state);
	if (cache->count == CACHE_MAX)
		cache_shed(cache, &surplus, CACHE_BATCH);
	frame->state = FRAME_CACHED;
	list_push_front(&cache->frames, &frame->node);
	cache->count++;
	spin_unlock_irqrestore(&cache->lock, state);
	zone_free_batch(&surplus);
	return true;
}

/* Moves all that a cache holds to `surplus`. */
static void cache_drain(struct frame_cache *cache, struct list *surplus)
{
	irq_state_t state = spin_lock_irqsave(&cache->lock);

	list_splice_back(surplus, &cache->frames);
	cache->count = 0;
	spin_unlock_irqrestore(&cache->lock, state);
}

unsigned frame_cpu_held(unsigned cpu)
{
	return caches[cpu].count;
}

void frame_cpu_drain(unsigned cpu)
{
	struct list surplus;

	list_init(&surplus);
	cache_drain(&caches[cpu], &surplus);
	zone_free_batch(&surplus);
}

bool frame_caches_drain(void)
{
	struct list surplus;
	bool any;

	if (!caches_started)
		return false;
	list_init(&surplus);
	for (unsigned i = 0; i < CPU_MAX; i++)
		cache_drain(&caches[i], &surplus);
	any = !list_empty(&surplus);
	zone_free_batch(&surplus);
	return any;
}

uint64_t frame_caches_count(void)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		count += caches[i].count;
	return count;
}
