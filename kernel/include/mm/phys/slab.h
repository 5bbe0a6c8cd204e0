/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel heap: slab caches of equal objects with per-CPU magazines, and kmalloc() over a
 * set of them. Larger requests take whole frames.
 *
 * Allocation never waits and may be used with interrupts off, but not in NMI. In debug
 * builds freed objects are poisoned and quarantined, have red zones, and double frees,
 * overruns and writes after free panic with the site of allocation; `memory=leaks` on the
 * command line makes slab_report_leaks() list live objects by allocation site.
 */
#pragma once

#include <base/types.h>

struct slab_cache;

/* A cache of objects of `size` bytes, aligned to `alignment` (a power of two, 0: natural).
 * `name` is static. Panics only when out of memory at boot. */
struct slab_cache *slab_cache_create(const char *name, size_t size, size_t alignment);
/* An uninitialised object, or NULL. */
void *slab_allocate(struct slab_cache *cache);
/* The same, cleared. */
void *slab_allocate_zeroed(struct slab_cache *cache);
void slab_free(struct slab_cache *cache, void *object);

/* kmalloc(0) is a valid pointer to nothing. NULL: out of memory. Sizes up to 4 MiB. Objects
 * are aligned to 16 bytes, and to their size where that is a power of two up to a page. */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
/* Cleared array; NULL where count * size overflows. */
void *kcalloc(size_t count, size_t size);
/* Grows or shrinks; on NULL the old memory stays valid. krealloc(NULL, n) allocates. */
void *krealloc(void *memory, size_t size);
/* kfree(NULL) is allowed. */
void kfree(void *memory);
/* A terminated copy, or NULL. */
char *kstrdup(const char *string);

void slab_init(void);
/* Starts the magazines, when the number of CPUs is known. */
void slab_init_magazines(void);
/* Gives back what CPU `cpu`, which is offline, had at hand. Thread context. */
void slab_cpu_drain(unsigned cpu);
/* How many objects that are. */
uint64_t slab_cpu_held(unsigned cpu);

/* Calls `visit` for each cache (for /proc/slabinfo and leak checks). */
struct slab_statistics {
	const char *name;
	size_t object_size;
	uint64_t objects_used, objects_total, frames;
};
void slab_visit(void (*visit)(const struct slab_statistics *statistics, void *argument),
		void *argument);
void slab_report_leaks(void);
/* Debug builds: panics if one of the objects freed last was written to since. Thread context. */
void slab_check_freed(void);
