/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of the heap in debug builds. Each object is followed by a trailer that tells who
 * allocated and freed it; all bytes between those that were asked for and the trailer are a
 * red zone. A free object is filled with poison, which must be there still when it is handed
 * out again; the quarantine delays that, so that late writes are found.
 */
#include "slab_priv.h"

#include <base/bits.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <core/panic.h>
#include <core/symbols.h>

#define POISON_FREE   0xdb /* what free objects consist of */
#define POISON_NEW    0xa7 /* what new objects hold until they are written */
#define RED_ZONE      0xbb
#define RED_ZONE_SIZE 16 /* at least */
#define DAMAGE_SHOWN  16 /* bytes of what a free object was overwritten with */

enum object_state {
	OBJECT_FREE = 0x45455246, /* in a slab, a magazine or the quarantine */
	OBJECT_IN_USE = 0x44455355,
};

/* What tells most that it was overwritten comes first, what helps to find out how, last. */
struct object_trailer {
	uint8_t red_zone[RED_ZONE_SIZE];
	uint32_t state;
	uint32_t size; /* asked for */
	const void *allocated_by;
	const void *freed_by;
};

/* Live objects by allocation site, while a leak report is made. */
struct leak_site {
	const void *site;
	uint64_t objects, bytes;
};

#define LEAK_SITE_MAX 256
static struct leak_site leak_sites[LEAK_SITE_MAX];
static unsigned leak_site_count;
static uint64_t leaks_uncounted; /* objects of sites that found no room */

static struct object_trailer *object_trailer(const struct slab_cache *cache, const void *object)
{
	return (struct object_trailer *)((uintptr_t)object + align_up(cache->object_size, 8));
}

size_t slab_debug_stride(size_t size, size_t alignment)
{
	return align_up(align_up(size, 8) + sizeof(struct object_trailer),
			max_u64(alignment, _Alignof(struct object_trailer)));
}

/* "function+0x12" for messages. */
static const char *site_text(char *text, size_t size, const void *site)
{
	const char *name;
	size_t offset;

	if (symbol_lookup((uintptr_t)site, &name, &offset))
		snprintf(text, size, "%s+%#zx", name, offset);
	else
		snprintf(text, size, "%p", site);
	return text;
}

static _Noreturn void object_panic(const struct slab_cache *cache, const void *object,
				   const char *what)
{
	const struct object_trailer *trailer = object_trailer(cache, object);
	char allocated_by[80], freed_by[80];

	panic("slab %s: %s: object %p of %u bytes, allocated by %s, freed by %s", cache->name, what,
	      object, trailer->size,
	      site_text(allocated_by, sizeof(allocated_by), trailer->allocated_by),
	      site_text(freed_by, sizeof(freed_by), trailer->freed_by));
}

static bool filled_with(const void *memory, uint8_t byte, size_t length)
{
	const uint8_t *bytes = memory;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] != byte)
			return false;
	return true;
}

/* The offset of the first of `length` bytes, a multiple of 8, that is not poison; `length`: there
 * is none. By words, since free objects are looked at again and again. */
static size_t find_damage(const void *object, size_t length)
{
	const uint64_t *words = object;
	const uint8_t *bytes = object;
	size_t offset = 0;

	while (offset < length && words[offset / 8] == POISON_FREE * 0x0101010101010101ull)
		offset += 8;
	while (offset < length && bytes[offset] == POISON_FREE)
		offset++;
	return offset;
}

/* Says with what a free object was overwritten: by that and the offset the writer is known. */
static _Noreturn void damage_panic(const struct slab_cache *cache, const void *object,
				   size_t offset)
{
	const uint8_t *bytes = object;
	size_t end = min_size(align_up(cache->object_size, 8), offset + DAMAGE_SHOWN);
	char what[64 + DAMAGE_SHOWN * 3];
	size_t used = (size_t)snprintf(what, sizeof(what),
				       "written to after it was freed, at offset %zu:", offset);

	while (offset < end)
		used += (size_t)snprintf(what + used, sizeof(what) - used, " %02x",
					 bytes[offset++]);
	object_panic(cache, object, what);
}

/* Panics unless a free object is as object_make_free() left it. */
static void check_free(const struct slab_cache *cache, const void *object)
{
	const struct object_trailer *trailer = object_trailer(cache, object);
	size_t length = align_up(cache->object_size, 8), damage;

	if (trailer->state != OBJECT_FREE)
		object_panic(cache, object, "the end of a free object was written to");
	damage = find_damage(object, length);
	if (damage < length)
		damage_panic(cache, object, damage);
	if (!filled_with(trailer->red_zone, RED_ZONE, RED_ZONE_SIZE))
		object_panic(cache, object, "written to after it was freed, behind its end");
}

/* The bytes from the end of what was asked for to the end of the red zone. */
static size_t red_zone_length(const struct slab_cache *cache, size_t size)
{
	return align_up(cache->object_size, 8) - size + RED_ZONE_SIZE;
}

static void object_make_free(const struct slab_cache *cache, void *object)
{
	struct object_trailer *trailer = object_trailer(cache, object);

	memset(object, POISON_FREE, (size_t)((uint8_t *)trailer - (uint8_t *)object));
	memset(trailer->red_zone, RED_ZONE, RED_ZONE_SIZE);
	trailer->state = OBJECT_FREE;
}

void slab_debug_prepare(struct slab *slab)
{
	for (size_t i = 0; i < slab->objects; i++) {
		void *object = slab->base + i * slab->cache->stride;

		memset(object_trailer(slab->cache, object), 0, sizeof(struct object_trailer));
		object_make_free(slab->cache, object);
	}
}

void slab_debug_allocated(struct slab_cache *cache, void *object, size_t size, const void *site)
{
	struct object_trailer *trailer = object_trailer(cache, object);

	check_free(cache, object);
	memset(object, POISON_NEW, size);
	memset((uint8_t *)object + size, RED_ZONE, red_zone_length(cache, size));
	trailer->allocated_by = site;
	trailer->freed_by = NULL;
	trailer->size = (uint32_t)size;
	trailer->state = OBJECT_IN_USE;
}

/* Panics unless `object` is the start of an object of `cache`. */
static void check_place(const struct slab_cache *cache, const void *object)
{
	const struct slab *slab = slab_of(cache, object);

	if ((size_t)((const uint8_t *)object - slab->base) % cache->stride != 0)
		panic("slab %s: freed %p, which is inside an object", cache->name, object);
}

/* Swaps `object` for the oldest in the quarantine; NULL while that is not full. */
static void *quarantine_swap(struct slab_cache *cache, void *object)
{
	irq_state_t state = spin_lock_irqsave(&cache->lock);
	void **place = &cache->quarantine[cache->quarantine_next];
	void *oldest = NULL;

	if (cache->quarantine_count == SLAB_QUARANTINE)
		oldest = *place;
	else
		cache->quarantine_count++;
	*place = object;
	if (++cache->quarantine_next >= SLAB_QUARANTINE)
		cache->quarantine_next = 0;
	spin_unlock_irqrestore(&cache->lock, state);
	return oldest;
}

void *slab_debug_freed(struct slab_cache *cache, void *object, const void *site)
{
	struct object_trailer *trailer;

	check_place(cache, object);
	trailer = object_trailer(cache, object);
	if (trailer->state == OBJECT_FREE)
		object_panic(cache, object, "freed twice");
	if (trailer->state != OBJECT_IN_USE || trailer->size > cache->object_size)
		object_panic(cache, object, "written to far past its end");
	if (!filled_with((uint8_t *)object + trailer->size, RED_ZONE,
			 red_zone_length(cache, trailer->size)))
		object_panic(cache, object, "written to past its end");
	trailer->freed_by = site;
	object_make_free(cache, object);
	return quarantine_swap(cache, object);
}

/* What is in the quarantine stays there and free while the cache is locked. */
static void check_quarantine(struct slab_cache *cache, void *unused)
{
	irq_state_t state;

	(void)unused;
	if (!slab_cache_checked(cache))
		return;
	state = spin_lock_irqsave(&cache->lock);
	for (unsigned i = 0; i < cache->quarantine_count; i++)
		check_free(cache, cache->quarantine[i]);
	spin_unlock_irqrestore(&cache->lock, state);
}

void slab_debug_check_freed(void)
{
	slab_cache_visit(check_quarantine, NULL);
}

size_t slab_debug_size(const struct slab_cache *cache, const void *object)
{
	return object_trailer(cache, object)->size;
}

void slab_debug_count_leak(const void *site, size_t size)
{
	unsigned i = 0;

	while (i < leak_site_count && leak_sites[i].site != site)
		i++;
	if (i == LEAK_SITE_MAX) {
		leaks_uncounted++;
		return;
	}
	if (i == leak_site_count)
		leak_sites[leak_site_count++] = (struct leak_site){ .site = site };
	leak_sites[i].objects++;
	leak_sites[i].bytes += size;
}

static void count_slab(const struct slab *slab)
{
	for (size_t i = 0; i < slab->objects; i++) {
		const void *object = slab->base + i * slab->cache->stride;
		const struct object_trailer *trailer = object_trailer(slab->cache, object);

		if (trailer->state == OBJECT_IN_USE)
			slab_debug_count_leak(trailer->allocated_by, trailer->size);
	}
}

static void count_cache(struct slab_cache *cache, void *unused)
{
	const struct list_node *node;
	irq_state_t state;

	(void)unused;
	if (!slab_cache_checked(cache))
		return;
	state = spin_lock_irqsave(&cache->lock);
	list_for_each (node, &cache->partial)
		count_slab(container_of(node, struct slab, node));
	list_for_each (node, &cache->full)
		count_slab(container_of(node, struct slab, node));
	spin_unlock_irqrestore(&cache->lock, state);
}

/* The site with the most bytes among those not logged yet, or NULL. */
static struct leak_site *largest_site(void)
{
	struct leak_site *largest = NULL;

	for (unsigned i = 0; i < leak_site_count; i++) {
		struct leak_site *site = &leak_sites[i];

		if (site->objects > 0 && (!largest || site->bytes > largest->bytes))
			largest = site;
	}
	return largest;
}

void slab_debug_report_leaks(void)
{
	struct leak_site *site;
	char text[80];

	leak_site_count = 0;
	leaks_uncounted = 0;
	slab_cache_visit(count_cache, NULL);
	kmalloc_count_leaks();
	while ((site = largest_site()) != NULL) {
		log_notice("memory", "leak: %llu objects, %llu bytes, by %s",
			   (unsigned long long)site->objects, (unsigned long long)site->bytes,
			   site_text(text, sizeof(text), site->site));
		site->objects = 0;
	}
	if (leaks_uncounted > 0)
		log_notice("memory", "leak: %llu objects by others",
			   (unsigned long long)leaks_uncounted);
}
