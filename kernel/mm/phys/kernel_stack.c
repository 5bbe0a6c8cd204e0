/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel stacks. Threads come and go quickly, and each unmapping would interrupt all CPUs, so
 * every CPU keeps a few stacks that were freed on it.
 */
#include "kernel_map_priv.h"

#include <arch/thread.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <sync/cpu.h>

#define STACK_PAGES     (KERNEL_STACK_SIZE / PAGE_SIZE)
#define STACK_CACHE_MAX 4

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

static bool cache_put(void *stack)
{
	unsigned long state = arch_irq_save();
	struct stack_cache *cache = &caches[cpu_id()];
	bool room = cache->count < STACK_CACHE_MAX;

	if (room)
		cache->stacks[cache->count++] = stack;
	arch_irq_restore(state);
	return room;
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

void kernel_stack_free(void *stack)
{
	struct kernel_area *area;

	if (!stack || cache_put(stack))
		return;
	area = kernel_area_find((vaddr_t)stack, KERNEL_AREA_STACK);
	frame_account(FRAME_USE_STACK, -(long)STACK_PAGES);
	kernel_area_destroy(area);
}
