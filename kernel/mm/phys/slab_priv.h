/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the kernel heap.
 *
 *   slab.c        slabs: blocks of frames cut into objects
 *   slab_cache.c  caches of objects with their magazines
 *   slab_debug.c  red zones, poison, quarantine, allocation sites (debug builds only)
 *   slab_report.c statistics and leaks
 *   kmalloc.c     size classes over caches, and whole blocks of frames
 *
 * A slab is described by a `struct slab` outside of it, which is found through the owner of
 * each of its frames. A bit map in it tells which objects are free; freed objects are not
 * touched.
 */
#pragma once

#include <base/list.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

/* The smallest object, and so the most that fit into a slab. */
#define SLAB_OBJECT_MIN  16
#define SLAB_OBJECTS_MAX 256

/* Freed objects that wait in the quarantine of a cache, debug builds. */
#define SLAB_QUARANTINE (CONFIG_DEBUG ? 32 : 1)

/* struct frame.flags of frames that the heap owns. */
enum heap_frame_flags {
	HEAP_FRAME_SLAB = 1,  /* of a slab: the owner is a struct slab; on every frame */
	HEAP_FRAME_BLOCK = 2, /* the first of a kmalloc block: the owner is the size asked for */
};

struct slab {
	struct list_node node;    /* in a list of the cache; under its lock */
	struct slab_cache *cache; /* immutable, as are the next three */
	uint8_t *base;            /* the first object */
	uint16_t objects;         /* how many there are */
	uint8_t order;            /* of the block of frames */
	uint16_t used;            /* objects not free; under the cache's lock, as is the map */
	uint64_t free_map[SLAB_OBJECTS_MAX / 64];
};

/* Free objects at hand for one CPU, which alone touches them, with interrupts off. For the
 * slabs they are in use. */
struct slab_magazine {
	unsigned count;
	void *objects[];
};

struct slab_cache {
	/* Immutable after create. */
	const char *name;
	size_t object_size;                /* as asked for */
	size_t stride;                     /* from object to object */
	uint8_t order;                     /* of a new slab's block, if there is one so large; */
	uint8_t order_minimum;             /* or down to this */
	uint8_t magazine_size;             /* 0: no magazines */
	bool checked;                      /* wants red zones and so on; see slab_cache_checked() */
	_Atomic(struct slab_cache *) next; /* in the list of all caches */
	/* Set once; NULL before. magazine_stride bytes per CPU. */
	_Atomic(uint8_t *) magazines;
	size_t magazine_stride;

	struct spinlock lock; /* all below, and the slabs' lists and maps */
	struct list partial;  /* slabs with both free and used objects */
	struct list full;
	struct list empty; /* a small reserve of slabs without used objects */
	unsigned empty_count;
	uint64_t slab_frames, objects_total, objects_used;
	unsigned quarantine_count, quarantine_next; /* a ring */
	void *quarantine[SLAB_QUARANTINE];
};

/* True if the functions of slab_debug.c apply; they are not there in release builds. */
static inline bool slab_cache_checked(const struct slab_cache *cache)
{
	return CONFIG_DEBUG && cache->checked;
}

/* slab.c */

/* Makes a slab of the cache; its objects are all free. It is in no list. NULL: no memory. */
struct slab *slab_create(struct slab_cache *cache);
/* Frees the memory of a slab without used objects that is in no list. */
void slab_destroy(struct slab *slab);
/* Takes one object, of which there is at least one. The cache's lock is held, here and in
 * slab_release_object(). */
void *slab_take_object(struct slab *slab);
/* Panics if `object` is not the start of a used object of the slab. */
void slab_release_object(struct slab *slab, void *object);
/* The slab that holds `object`, or NULL if the address is in none. */
struct slab *slab_find(const void *object);
/* The same where it must be one of `cache`: panics if it is not. */
struct slab *slab_of(const struct slab_cache *cache, const void *object);
/* The lowest order of blocks that hold one object, and the order that wastes little. */
void slab_choose_orders(struct slab_cache *cache);

/* slab_cache.c */

/* What descriptors are allocated from. Its slabs hold their own descriptor as object 0. */
extern struct slab_cache slab_descriptor_cache;

/* Sets up a cache in storage of the caller's and adds it to the list of all. */
void slab_cache_init(struct slab_cache *cache, const char *name, size_t size, size_t alignment,
		     bool checked);
/* As slab_allocate() and slab_free(), for an object of which `size` bytes are asked for; `site`
 * is the code that wants it. */
void *slab_cache_allocate(struct slab_cache *cache, size_t size, const void *site);
void slab_cache_free(struct slab_cache *cache, void *object, const void *site);
/* Calls `visit` for every cache. The list only grows, so no lock is needed. */
void slab_cache_visit(void (*visit)(struct slab_cache *cache, void *argument), void *argument);

/* slab_debug.c; only for caches with slab_cache_checked() */

/* The distance from object to object that the checks need. */
size_t slab_debug_stride(size_t size, size_t alignment);
/* Makes the objects of a new slab free for the checks. */
void slab_debug_prepare(struct slab *slab);
/* An object is handed out: panics if it was written to after it was freed. */
void slab_debug_allocated(struct slab_cache *cache, void *object, size_t size, const void *site);
/* An object comes back: panics if it is not in use or was overrun. Returns the one that leaves
 * the quarantine for it, or NULL. */
void *slab_debug_freed(struct slab_cache *cache, void *object, const void *site);
/* Panics if an object in a quarantine was written to after it was freed. */
void slab_debug_check_freed(void);
/* The number of bytes asked for of an object in use. */
size_t slab_debug_size(const struct slab_cache *cache, const void *object);
/* Adds one live object to the leak report that is being made. */
void slab_debug_count_leak(const void *site, size_t size);
/* Logs the live objects by the code that allocated them. */
void slab_debug_report_leaks(void);

/* kmalloc.c */

/* The part of slab_init() that concerns kmalloc(). */
void kmalloc_init(void);
/* Passes the blocks of frames in use to slab_debug_count_leak(); debug builds. */
void kmalloc_count_leaks(void);
