/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others may ask of the heap: statistics for /proc/slabinfo, the leak report, a check. */
#include "slab_priv.h"

#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <core/panic.h>
#include <sync/cpu.h>

#include <stdatomic.h>

struct visitor {
	void (*visit)(const struct slab_statistics *statistics, void *argument);
	void *argument;
};

static void cache_report(struct slab_cache *cache, void *argument)
{
	const struct visitor *visitor = argument;
	struct slab_statistics statistics = {
		.name = cache->name,
		.object_size = cache->object_size,
	};
	uint8_t *magazines = atomic_load_explicit(&cache->magazines, memory_order_acquire);
	uint64_t idle = 0;
	irq_state_t state;

	/* What other CPUs do meanwhile makes the count inexact, not wrong for long. */
	for (unsigned i = 0; magazines && i < cpu_count(); i++)
		idle += ((struct slab_magazine *)(magazines + i * cache->magazine_stride))->count;
	state = spin_lock_irqsave(&cache->lock);
	idle += cache->quarantine_count;
	statistics.objects_used = cache->objects_used - min_u64(idle, cache->objects_used);
	statistics.objects_total = cache->objects_total;
	statistics.frames = cache->slab_frames;
	spin_unlock_irqrestore(&cache->lock, state);
	visitor->visit(&statistics, visitor->argument);
}

void slab_visit(void (*visit)(const struct slab_statistics *statistics, void *argument),
		void *argument)
{
	struct visitor visitor = { visit, argument };

	slab_cache_visit(cache_report, &visitor);
}

static void log_cache(const struct slab_statistics *statistics, void *unused)
{
	(void)unused;
	if (statistics->objects_used > 0)
		log_notice("memory", "%s: %llu live objects of %zu bytes", statistics->name,
			   (unsigned long long)statistics->objects_used, statistics->object_size);
}

void slab_report_leaks(void)
{
	char option[16];

	if (!command_line_get("memory", option, sizeof(option)) || strcmp(option, "leaks") != 0)
		return;
	slab_visit(log_cache, NULL);
	if (CONFIG_DEBUG)
		slab_debug_report_leaks();
}

void slab_check_freed(void)
{
	if (CONFIG_DEBUG)
		slab_debug_check_freed();
}
