/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address spaces: their life, fork, and looking at them.
 */
#include <core/panic.h>
#include <mm/phys/slab.h>

#include "vm_priv.h"

static struct slab_cache *aspace_cache;
static struct aspace *(*current_hook)(void); /* immutable after boot */

void aspace_init(void)
{
	aspace_cache = slab_cache_create("aspace", sizeof(struct aspace), 0);
	area_init();
	fault_init();
	physical_init();
}

void aspace_set_current_hook(struct aspace *(*current)(void))
{
	current_hook = current;
}

struct aspace *aspace_current(void)
{
	return current_hook ? current_hook() : NULL;
}

struct aspace *aspace_create(void)
{
	struct aspace *aspace = slab_allocate_zeroed(aspace_cache);

	if (!aspace)
		return NULL;
	aspace->pmap = arch_pmap_create();
	if (!aspace->pmap) {
		slab_free(aspace_cache, aspace);
		return NULL;
	}
	refcount_init(&aspace->references, 1);
	mutex_init(&aspace->lock, RANK_ASPACE, "aspace");
	list_init(&aspace->physical);
	aspace->map_top = USER_MAX;
	aspace->address_limit = UINT64_MAX;
	aspace->stack_limit = STACK_LIMIT_INIT;
	aspace->data_limit = UINT64_MAX;
	return aspace;
}

static void aspace_destroy(struct aspace *aspace)
{
	struct list dead = LIST_INIT(dead);
	struct vm_area *area;

	group_leave(aspace);
	/* Nobody else knows the aspace but truncations, which only use the pmap. It may go when
	 * the areas have left the lists of their objects. */
	arch_pmap_remove(aspace->pmap, USER_MIN, USER_MAX);
	while ((area = area_find_from(aspace, 0)))
		area_remove(area, &dead);
	areas_free(&dead);
	physical_leave(aspace);
	arch_pmap_destroy(aspace->pmap);
	slab_free(aspace_cache, aspace);
}

void aspace_get(struct aspace *aspace)
{
	refcount_get(&aspace->references);
}

void aspace_put(struct aspace *aspace)
{
	if (refcount_put(&aspace->references))
		aspace_destroy(aspace);
}

void aspace_copy_settings(struct aspace *to, const struct aspace *from)
{
	to->map_top = from->map_top;
	to->address_limit = from->address_limit;
	to->stack_limit = from->stack_limit;
	to->data_limit = from->data_limit;
	to->heap_start = from->heap_start;
	to->heap_end = from->heap_end;
	to->code_start = from->code_start;
	to->code_end = from->code_end;
	to->data_start = from->data_start;
	to->data_end = from->data_end;
	to->stack_top = from->stack_top;
	to->arguments_start = from->arguments_start;
	to->arguments_end = from->arguments_end;
	to->environment_start = from->environment_start;
	to->environment_end = from->environment_end;
	to->auxiliary_vector = from->auxiliary_vector;
	to->auxiliary_vector_size = from->auxiliary_vector_size;
}

/* Whether the child needs the translations. What the object has, it finds by faults. */
static bool fork_copies_pages(const struct vm_area *area)
{
	if (area->flags & (VM_SHARED | VM_WIPE_ON_FORK))
		return false;
	return !area->object || (area->flags & VM_OWN_PAGES);
}

int fork_area(struct aspace *to, struct vm_area *area)
{
	struct vm_area *copy = area_create(to, area->start, area->end, area_fork_flags(area),
					   area_fork_object(area), area->offset, area->origin);
	int error = 0;

	if (!copy)
		return -ENOMEM;
	area_insert(copy);
	if (area->flags & VM_COPY_ON_FORK)
		return area_copy_pages(area, copy);
	if (!fork_copies_pages(area))
		return 0;
	/* A truncation now finds both areas; it must not come between reading the one's
	 * translations and making the other's. */
	if (area->object)
		mutex_lock(&area->object->lock);
	error = arch_pmap_copy(to->pmap, area->aspace->pmap, area->start, area->end, false);
	if (area->object)
		mutex_unlock(&area->object->lock);
	return error;
}

struct aspace *aspace_fork(struct aspace *from)
{
	struct aspace *to = aspace_create();
	struct list dead = LIST_INIT(dead);
	struct vm_area *area;
	int error = 0;

	if (!to)
		return NULL;
	mutex_lock(&from->lock);
	aspace_copy_settings(to, from);
	area = area_find_from(from, 0);
	for (; area && !error; area = area_next(area)) {
		if (!(area->flags & VM_DONT_FORK))
			error = fork_area(to, area);
	}
	/* Other threads may have written until now; the child has not looked yet. */
	arch_pmap_flush(from->pmap);
	/* What was locked may now be like its neighbours. */
	if (from->locked_bytes)
		areas_merge(to, USER_MIN, USER_MAX, &dead);
	mutex_unlock(&from->lock);
	areas_free(&dead);
	if (error) {
		aspace_put(to);
		return NULL;
	}
	return to;
}

void aspace_visit(struct aspace *aspace, bool (*visit)(const struct vm_area *area, void *argument),
		  void *argument)
{
	struct vm_area *area;

	mutex_lock(&aspace->lock);
	area = area_find_from(aspace, 0);
	while (area && visit(area, argument))
		area = area_next(area);
	mutex_unlock(&aspace->lock);
}

size_t aspace_resident(const struct aspace *aspace)
{
	return arch_pmap_resident(aspace->pmap);
}
