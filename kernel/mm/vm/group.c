/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups: address spaces that show the same memory, but for the stack, of which each has its own.
 * Redox's clone with CLONE_VM and without CLONE_STACK makes them.
 *
 * All memory of a group but that of the private range is shared mappings of objects, at the same
 * addresses in each member; so faults of one member need not know of the others. Changes to the
 * mappings are made in all members, one change at a time (group->lock). Each is done in two steps:
 * first all that may fail is done in all members, splitting areas or making them, then what cannot
 * fail. In between, only faults happen, which change no area outside of the private range.
 *
 * A member leaves when it ends (exec gives it up).
 */
#include <base/checked.h>
#include <core/panic.h>
#include <mm/phys/slab.h>

#include "vm_priv.h"

struct aspace_group {
	struct mutex lock;   /* RANK_ASPACE_GROUP: changes of mappings, and `members` */
	struct list members; /* struct aspace.group_node; the last one frees the group */
	/* Immutable: where each member has memory of its own. */
	uintptr_t private_start, private_end;
};

static struct aspace *member_of(struct list_node *node)
{
	return container_of(node, struct aspace, group_node);
}

static struct aspace_group *group_create(uintptr_t private_start, uintptr_t private_end)
{
	struct aspace_group *group = kmalloc(sizeof(*group));

	if (!group)
		return NULL;
	mutex_init(&group->lock, RANK_ASPACE_GROUP, "aspace group");
	list_init(&group->members);
	group->private_start = private_start;
	group->private_end = private_end;
	return group;
}

static void group_add(struct aspace_group *group, struct aspace *aspace)
{
	list_push_back(&group->members, &aspace->group_node);
	aspace->group = group;
}

void group_leave(struct aspace *aspace)
{
	struct aspace_group *group = aspace->group;
	bool last;

	if (!group)
		return;
	mutex_lock(&group->lock);
	list_remove(&aspace->group_node);
	last = list_empty(&group->members);
	mutex_unlock(&group->lock);
	if (last)
		kfree(group);
}

/* --- Changes to ranges. --- */

/* A change to [start, end), at whose bounds areas have been split, so that it cannot fail. */
typedef void change_range(struct aspace *member, uintptr_t start, uintptr_t end, unsigned argument,
			  struct list *dead);

struct change {
	change_range *apply;
	unsigned argument;
	struct list *dead;
};

static void merge_all(struct aspace_group *group, uintptr_t start, uintptr_t end, struct list *dead)
{
	struct list_node *node;

	list_for_each (node, &group->members) {
		struct aspace *member = member_of(node);

		mutex_lock(&member->lock);
		areas_merge(member, start, end, dead);
		mutex_unlock(&member->lock);
	}
}

static int split_all(struct aspace_group *group, uintptr_t start, uintptr_t end, struct list *dead)
{
	struct list_node *node;
	int error = 0;

	list_for_each (node, &group->members) {
		struct aspace *member = member_of(node);

		mutex_lock(&member->lock);
		error = areas_split(member, start, end, dead);
		mutex_unlock(&member->lock);
		if (error)
			break;
	}
	if (error)
		merge_all(group, start, end, dead);
	return error;
}

/* A range outside of the private one, for all members. */
static int change_all(struct aspace_group *group, uintptr_t start, uintptr_t end,
		      const struct change *change)
{
	struct list_node *node;
	int error;

	if (start >= end)
		return 0;
	error = split_all(group, start, end, change->dead);
	if (error)
		return error;
	list_for_each (node, &group->members) {
		struct aspace *member = member_of(node);

		mutex_lock(&member->lock);
		change->apply(member, start, end, change->argument, change->dead);
		mutex_unlock(&member->lock);
	}
	return 0;
}

static int change_own(struct aspace *aspace, uintptr_t start, uintptr_t end,
		      const struct change *change)
{
	int error;

	if (start >= end)
		return 0;
	mutex_lock(&aspace->lock);
	error = areas_split(aspace, start, end, change->dead);
	if (!error)
		change->apply(aspace, start, end, change->argument, change->dead);
	mutex_unlock(&aspace->lock);
	return error;
}

/* The parts below, in and above the private range. The group's lock is held. */
static int change_parts(struct aspace *aspace, uintptr_t start, uintptr_t end,
			const struct change *change)
{
	struct aspace_group *group = aspace->group;
	uintptr_t low = group->private_start, high = group->private_end;
	int error = change_all(group, start, min_u64(end, low), change);

	if (!error)
		error = change_own(aspace, max_u64(start, low), min_u64(end, high), change);
	if (!error)
		error = change_all(group, max_u64(start, high), end, change);
	return error;
}

static void apply_unmap(struct aspace *member, uintptr_t start, uintptr_t end, unsigned argument,
			struct list *dead)
{
	int error = areas_unmap(member, start, end, dead);

	(void)argument;
	(void)error;
	debug_assert(!error);
}

int group_unmap(struct aspace *aspace, uintptr_t start, uintptr_t end, struct list *dead)
{
	const struct change change = { .apply = apply_unmap, .dead = dead };
	int error;

	mutex_lock(&aspace->group->lock);
	error = change_parts(aspace, start, end, &change);
	mutex_unlock(&aspace->group->lock);
	return error;
}

int group_unmap_around(struct aspace *aspace, uintptr_t address, struct list *dead)
{
	const struct change change = { .apply = apply_unmap, .dead = dead };
	uintptr_t start, end;
	int error;

	mutex_lock(&aspace->group->lock);
	mutex_lock(&aspace->lock);
	error = mapping_find(aspace, address, &start, &end);
	mutex_unlock(&aspace->lock);
	if (!error)
		error = change_parts(aspace, start, end, &change);
	mutex_unlock(&aspace->group->lock);
	return error;
}

#define REDUCE (1u << 31) /* beside a protection: write only stays where it was */

static void apply_protect(struct aspace *member, uintptr_t start, uintptr_t end, unsigned argument,
			  struct list *dead)
{
	int error = areas_protect(member, start, end, argument & VM_PROTECTION, argument & REDUCE,
				  dead);

	(void)error;
	debug_assert(!error);
}

int group_protect(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned protection,
		  bool reduce, struct list *dead)
{
	const struct change change = {
		.apply = apply_protect,
		.argument = protection | (reduce ? REDUCE : 0),
		.dead = dead,
	};
	int error;

	mutex_lock(&aspace->group->lock);
	mutex_lock(&aspace->lock);
	error = reduce ? reduce_check(aspace, start, end)
		       : protect_check(aspace, start, end, protection);
	mutex_unlock(&aspace->lock);
	if (!error)
		error = change_parts(aspace, start, end, &change);
	mutex_unlock(&aspace->group->lock);
	return error;
}

/* --- Mapping. --- */

static bool touches_private(const struct aspace_group *group, const struct map_request *request)
{
	return request->address < group->private_end &&
	       request->address + request->length > group->private_start;
}

/* Finds the place, outside of the private range, and clears it where it was given. */
static int place_all(struct aspace *aspace, struct map_request *request, struct list *dead)
{
	const struct change unmap = { .apply = apply_unmap, .dead = dead };
	struct aspace_group *group = aspace->group;
	uintptr_t hint = request->address;
	bool fixed = request->flags & (VM_FIXED | VM_FIXED_NOREPLACE);
	int error;

	mutex_lock(&aspace->lock);
	error = map_place(aspace, request);
	if (!error && touches_private(group, request) && hint && !fixed) {
		request->address = 0;
		error = map_place(aspace, request);
	}
	if (!error && touches_private(group, request))
		error = request->flags & VM_FIXED_NOREPLACE ? -EEXIST : -ENOMEM;
	if (!error)
		error = limits_check(aspace, request->flags, request->length, 0);
	mutex_unlock(&aspace->lock);
	if (error || !(request->flags & VM_FIXED))
		return error;
	return change_all(group, request->address, request->address + request->length, &unmap);
}

/* Makes memory of the program's own an object's. One in *made is the caller's to put. */
static int choose_object(struct map_request *request, struct vm_object **made)
{
	uint64_t end;

	*made = NULL;
	if (request->flags & VM_SHARED)
		return 0;
	if (request->object) {
		if (!(request->flags & VM_WRITE))
			return 0;
		if (!checked_add(request->offset, request->length, &end))
			return -EOVERFLOW;
		*made = object_create_copy(request->object, end);
	} else {
		*made = vm_object_create_anonymous(request->length);
	}
	request->object = *made;
	request->flags |= VM_SHARED | VM_MAY_WRITE | VM_COPY_ON_FORK;
	return *made ? 0 : -ENOMEM;
}

/* An area for each member, in the order of members. */
static int create_areas(struct aspace_group *group, const struct map_request *request,
			struct list *areas)
{
	uintptr_t end = request->address + request->length;
	struct list_node *node;

	list_for_each (node, &group->members) {
		struct vm_area *area = area_create(member_of(node), request->address, end,
						   request->flags & AREA_FLAGS, request->object,
						   request->offset, request->origin);

		if (!area)
			return -ENOMEM;
		list_push_back(areas, &area->object_node);
	}
	return 0;
}

static void insert_areas(struct list *areas, struct list *dead)
{
	struct list_node *node;

	while ((node = list_pop_front(areas))) {
		struct vm_area *area = container_of(node, struct vm_area, object_node);
		struct aspace *member = area->aspace;

		mutex_lock(&member->lock);
		area_insert(area);
		areas_merge(member, area->start, area->end, dead);
		mutex_unlock(&member->lock);
	}
}

/* In all members. The group's lock is held. */
static int map_all(struct aspace *aspace, struct map_request *request, struct list *dead,
		   struct vm_object **made)
{
	struct list areas = LIST_INIT(areas);
	int error = choose_object(request, made);

	if (!error)
		error = place_all(aspace, request, dead);
	if (!error)
		error = create_areas(aspace->group, request, &areas);
	if (!error)
		insert_areas(&areas, dead);
	list_splice_back(dead, &areas);
	return error;
}

/* In the only one that is left. */
static int map_own(struct aspace *aspace, struct map_request *request, struct list *dead)
{
	int error;

	mutex_lock(&aspace->lock);
	error = map_make(aspace, request, dead);
	mutex_unlock(&aspace->lock);
	return error;
}

int group_map(struct aspace *aspace, struct map_request *request)
{
	struct aspace_group *group = aspace->group;
	struct list dead = LIST_INIT(dead);
	struct vm_object *made = NULL;
	int error;

	mutex_lock(&group->lock);
	if (list_first(&group->members) == list_last(&group->members))
		error = map_own(aspace, request, &dead);
	else
		error = map_all(aspace, request, &dead, &made);
	mutex_unlock(&group->lock);
	areas_free(&dead);
	if (made)
		vm_object_put(made);
	return error;
}

/* --- Making members. --- */

/* A second mapping of what the area shows, made such that it can have one. */
static int share_area(struct aspace *to, struct vm_area **area, struct list *dead)
{
	struct vm_area *copy;
	int error = 0;

	if (area_is_private(*area))
		error = area_share(*area, area, dead);
	if (error)
		return error;
	copy = area_create(to, (*area)->start, (*area)->end, (*area)->flags, (*area)->object,
			   (*area)->offset, (*area)->origin);
	if (!copy)
		return -ENOMEM;
	area_insert(copy);
	return 0;
}

static int clone_areas(struct aspace *to, struct aspace *from, const struct aspace_group *group,
		       struct list *dead)
{
	struct vm_area *area;
	int error = areas_split(from, group->private_start, group->private_end, dead);

	area = error ? NULL : area_find_from(from, 0);
	for (; !error && area; area = area_next(area)) {
		if (area->start >= group->private_start && area->end <= group->private_end)
			error = fork_area(to, area);
		else
			error = share_area(to, &area, dead);
	}
	arch_pmap_flush(from->pmap);
	areas_merge(from, group->private_start, group->private_end, dead);
	return error;
}

/* The group that `from` is in, locked, or a new one with the range, which it joins together with
 * the first member made. NULL: no memory. */
static struct aspace_group *group_of(struct aspace *from, uintptr_t start, uintptr_t end)
{
	struct aspace_group *group, *made = NULL;

	mutex_lock(&from->lock);
	group = from->group;
	mutex_unlock(&from->lock);
	if (!group)
		group = made = group_create(start, end);
	if (!group)
		return NULL;
	mutex_lock(&group->lock);
	mutex_lock(&from->lock);
	if (!made || !from->group)
		return group;
	/* Another thread was faster. */
	group = from->group;
	mutex_unlock(&from->lock);
	mutex_unlock(&made->lock);
	kfree(made);
	mutex_lock(&group->lock);
	mutex_lock(&from->lock);
	return group;
}

struct aspace *aspace_clone_shared(struct aspace *from, uintptr_t private_start,
				   uintptr_t private_end)
{
	struct aspace *to = aspace_create();
	struct list dead = LIST_INIT(dead);
	struct aspace_group *group;
	bool unused;
	int error;

	debug_assert(is_aligned(private_start | private_end, PAGE_SIZE));
	if (!to)
		return NULL;
	group = group_of(from, private_start, private_end);
	if (!group) {
		aspace_put(to);
		return NULL;
	}
	aspace_copy_settings(to, from);
	error = clone_areas(to, from, group, &dead);
	if (!error) {
		if (!from->group)
			group_add(group, from);
		group_add(group, to);
	}
	unused = list_empty(&group->members);
	mutex_unlock(&from->lock);
	mutex_unlock(&group->lock);
	areas_free(&dead);
	if (unused)
		kfree(group);
	if (!error)
		return to;
	aspace_put(to);
	return NULL;
}
