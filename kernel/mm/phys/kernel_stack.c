/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel stacks. Threads come and go quickly, and each unmapping would interrupt all CPUs. So
 * every CPU keeps a few stacks that were freed on it, and when it has too many it unmaps half of
 * them at once.
 */
#include "kernel_map_priv.h"

#include <arch/thread.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <sync/cpu.h>

#define STACK_PAGES     (KERNEL_STACK_SIZE / PAGE_SIZE)
#define STACK_CACHE_MAX 8
#define STACK_BATCH     (STACK_CACHE_MAX / 2)

_Static_assert(STACK_BATCH <= KERNEL_AREA_BATCH, "unmapped at once");

/* Touched by its own CPU with interrupts off. */
struct stack_cache {
	unsigned count;
	void *stacks[STACK_CACHE_MAX];
};

static struct stack_cache caches[CPU_MAX];

static void *cache_take(void)
{
	unsigned long state = arch_irq_save();
	struct stack_cache *cache = &caches[cpu_id()];
	void *stack = cache->count > 0 ? cache->stacks[--cache->count] : NULL;

	arch_irq_restore(state);
	return stack;
}

/* Returns how many stacks became too many, which it moves to `surplus`: those freed longest
 * ago. */
static unsigned cache_put(void *stack, void *surplus[STACK_BATCH])
{
	unsigned long state = arch_irq_save();
	struct stack_cache *cache = &caches[cpu_id()];
	unsigned count = 0;

	if (cache->count == STACK_CACHE_MAX) {
		count = STACK_BATCH;
		memcpy(surplus, cache->stacks, STACK_BATCH * sizeof(*surplus));
		cache->count -= STACK_BATCH;
		memmove(cache->stacks, cache->stacks + STACK_BATCH,
			cache->count * sizeof(*cache->stacks));
	}
	cache->stacks[cache->count++] = stack;
	arch_irq_restore(state);
	return count;
}

void *kernel_stack_allocate(void)
{
	void *stack = cache_take();
	struct kernel_area *area;

	if (stack)
		return stack;
	area = kernel_area_create(STACK_PAGES, KERNEL_AREA_STACK);
	if (!area)
		return NULL;
	if (kernel_area_fill(area, 0) != 0) {
		kernel_area_destroy(area);
		return NULL;
	}
	frame_account(FRAME_USE_STACK, STACK_PAGES);
	return (void *)area->start;
}

static void stacks_destroy(void *const *stacks, unsigned count)
{
	struct kernel_area *dead[STACK_BATCH];

	for (unsigned i = 0; i < count; i++)
		dead[i] = kernel_area_find((vaddr_t)stacks[i], KERNEL_AREA_STACK);
	frame_account(FRAME_USE_STACK, -(long)(count * STACK_PAGES));
	kernel_areas_destroy(dead, count);
}

void kernel_stack_free(void *stack)
{
	void *surplus[STACK_BATCH];
	unsigned count;

	if (!stack)
		return;
	count = cache_put(stack, surplus);
	if (count > 0)
		stacks_destroy(surplus, count);
}

unsigned kernel_stack_cpu_held(unsigned cpu)
{
	return caches[cpu].count;
}

void kernel_stack_cpu_drain(unsigned cpu)
{
	struct stack_cache *cache = &caches[cpu];

	while (cache->count > 0) {
		unsigned count = cache->count < STACK_BATCH ? cache->count : STACK_BATCH;

		cache->count -= count;
		stacks_destroy(&cache->stacks[cache->count], count);
	}
}
