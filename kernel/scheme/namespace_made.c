/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Namespaces other than the first: how they are made, which schemes all of them have, and how long
 * they live. A namespace is made to be entered later, by whoever knows its number, so it is kept by
 * those who know: the process that made it and what it forks, until the last of them has ended;
 * besides, by all who are in it.
 */
#include <base/errno.h>
#include <mm/phys/slab.h>

#include "namespace_priv.h"

#define NUMBER_FIRST_MADE 2
#define MADE_MAX          4096 /* at a time */

struct namespace_keeper {
	/* Who holds: processes that came from one another. */
	struct refcount references;
	struct spinlock lock; /* RANK_DENTRY: the list */
	struct list kept;     /* a reference each */
};

static struct namespace null_namespace = {
	.references = REFCOUNT_INIT(1),
	.number = NAMESPACE_NULL,
	.lock = SPINLOCK_INIT(RANK_DENTRY, "null namespace"),
};

static uint64_t next_number = NUMBER_FIRST_MADE; /* namespaces_lock */
static size_t made_count;                        /* namespaces_lock */

struct namespace *namespace_null(void)
{
	return &null_namespace;
}

static struct namespace *find_locked(uint64_t number)
{
	struct list_node *node;

	list_for_each (node, &namespaces_made) {
		struct namespace *space = container_of(node, struct namespace, node);

		if (space->number == number && refcount_try_get(&space->references))
			return space;
	}
	return NULL;
}

static bool is_taken_locked(uint64_t number)
{
	struct list_node *node;

	list_for_each (node, &namespaces_made) {
		if (container_of(node, struct namespace, node)->number == number)
			return true;
	}
	return false;
}

/* `number` 0: the next one that is free. */
static int make_locked(uint64_t number, struct namespace **made)
{
	struct namespace *space;

	if (made_count >= MADE_MAX)
		return -ENOMEM;
	space = kzalloc(sizeof(*space));
	if (!space)
		return -ENOMEM;
	while (!number) {
		number = is_taken_locked(next_number) ? 0 : next_number;
		next_number++;
	}
	refcount_init(&space->references, 1);
	spinlock_init(&space->lock, RANK_DENTRY, "namespace");
	list_node_init(&space->kept_node);
	space->number = number;
	list_push_back(&namespaces_made, &space->node);
	made_count++;
	*made = space;
	return 0;
}

int namespace_enter_number(uint64_t number, struct namespace **space)
{
	int error = 0;

	if (number == NAMESPACE_NULL || number == NAMESPACE_FIRST) {
		*space = number == NAMESPACE_NULL ? &null_namespace : namespace_first();
		namespace_get(*space);
		return 0;
	}
	/* Numbers are results of calls, where larger ones could be taken for errors. */
	if (number > INT32_MAX)
		return -EINVAL;
	mutex_lock(&namespaces_lock);
	*space = find_locked(number);
	if (!*space)
		error = make_locked(number, space);
	mutex_unlock(&namespaces_lock);
	return error;
}

struct filling {
	struct namespace *space;
	int error;
};

static bool add_common(struct scheme *scheme, void *argument)
{
	struct filling *filling = argument;

	if (scheme->flags & SCHEME_IN_MADE)
		filling->error = namespace_add(filling->space, scheme);
	return !filling->error;
}

int namespace_make(struct namespace **made)
{
	struct filling filling;

	mutex_lock(&namespaces_lock);
	filling.error = make_locked(0, &filling.space);
	mutex_unlock(&namespaces_lock);
	if (filling.error)
		return filling.error;
	namespace_visit(namespace_first(), add_common, &filling);
	if (filling.error)
		namespace_put(filling.space);
	*made = filling.space;
	return filling.error;
}

/* The last reference has gone. */
static void free_namespace(struct namespace *space)
{
	mutex_lock(&namespaces_lock);
	list_remove(&space->node);
	made_count--;
	mutex_unlock(&namespaces_lock);
	for (size_t i = 0; i < space->count; i++)
		scheme_put(space->schemes[i]);
	kfree(space->schemes);
	kfree(space);
}

void namespace_get(struct namespace *space)
{
	refcount_get(&space->references);
}

void namespace_put(struct namespace *space)
{
	if (refcount_put(&space->references))
		free_namespace(space);
}

/* --- Keepers. --- */

struct namespace_keeper *namespace_keeper_create(void)
{
	struct namespace_keeper *keeper = kmalloc(sizeof(*keeper));

	if (!keeper)
		return NULL;
	refcount_init(&keeper->references, 1);
	spinlock_init(&keeper->lock, RANK_DENTRY, "namespace keeper");
	list_init(&keeper->kept);
	return keeper;
}

void namespace_keeper_get(struct namespace_keeper *keeper)
{
	refcount_get(&keeper->references);
}

void namespace_keeper_put(struct namespace_keeper *keeper)
{
	struct list_node *node;

	if (!refcount_put(&keeper->references))
		return;
	while ((node = list_pop_front(&keeper->kept)))
		namespace_put(container_of(node, struct namespace, kept_node));
	kfree(keeper);
}

void namespace_keep(struct namespace_keeper *keeper, struct namespace *space)
{
	spin_lock(&keeper->lock);
	list_push_back(&keeper->kept, &space->kept_node);
	spin_unlock(&keeper->lock);
}
