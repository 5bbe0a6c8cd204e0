/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces: sets of schemes, found by name. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "mount_priv.h"
#include "namespace_priv.h"

#define CAPACITY_FIRST 32

struct namespace namespace_of_all = {
	.references = REFCOUNT_INIT(1),
	.number = NAMESPACE_FIRST,
	.lock = SPINLOCK_INIT(RANK_DENTRY, "namespace"),
};

struct mutex namespaces_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "namespaces"),
		     .waiters = LIST_INIT(namespaces_lock.waiters.waiters) },
	.rank = RANK_NAMESPACE,
	.name = "namespaces",
};
struct list namespaces_made = LIST_INIT(namespaces_made);

static struct namespace *(*current_hook)(void); /* set once at boot */

uint64_t namespace_number(const struct namespace *space)
{
	return space->number;
}

void namespace_set_current_hook(struct namespace *(*current)(void))
{
	current_hook = current;
}

struct namespace *namespace_current(void)
{
	struct namespace *space = current_hook ? current_hook() : NULL;

	return space ? space : &namespace_of_all;
}

static bool is_named(const struct scheme *scheme, const char *name, size_t length)
{
	/* Most differ in the first two. */
	return scheme->name_length == length && (!length || scheme->name[0] == name[0]) &&
	       !scheme->retired && memcmp(scheme->name, name, length) == 0;
}

static struct scheme *find_locked(struct namespace *space, const char *name, size_t length)
{
	struct scheme **found =
		&space->found[(length + (length ? (uint8_t)name[0] : 0)) % NAMESPACE_FOUND];

	if (*found && is_named(*found, name, length))
		return *found;
	for (size_t i = 0; i < space->count; i++) {
		if (is_named(space->schemes[i], name, length)) {
			*found = space->schemes[i];
			return *found;
		}
	}
	return NULL;
}

/* Adds it if there is room. -ENOBUFS: there is none. */
static int try_add(struct namespace *space, struct scheme *scheme)
{
	int error = 0;

	spin_lock(&space->lock);
	if (scheme->retired)
		error = -ENODEV;
	else if (find_locked(space, scheme->name, scheme->name_length))
		error = -EEXIST;
	else if (space->count == space->capacity)
		error = -ENOBUFS;
	else
		space->schemes[space->count++] = scheme;
	spin_unlock(&space->lock);
	return error;
}

/* Makes room for more schemes than there are now. Others may fill it first. */
static int grow(struct namespace *space)
{
	size_t capacity = space->capacity ? 2 * space->capacity : CAPACITY_FIRST;
	struct scheme **larger = kcalloc(capacity, sizeof(*larger));
	struct scheme **unused = larger;

	if (!larger)
		return -ENOMEM;
	spin_lock(&space->lock);
	if (space->capacity < capacity) {
		if (space->count)
			memcpy(larger, space->schemes, space->count * sizeof(*larger));
		unused = space->schemes;
		space->schemes = larger;
		space->capacity = capacity;
	}
	spin_unlock(&space->lock);
	kfree(unused);
	return 0;
}

int namespace_add(struct namespace *space, struct scheme *scheme)
{
	int error;

	if (!scheme->root)
		return -EINVAL;
	scheme_get(scheme);
	while ((error = try_add(space, scheme)) == -ENOBUFS) {
		error = grow(space);
		if (error)
			break;
	}
	if (error)
		scheme_put(scheme);
	if (!error && space == &namespace_of_all && (scheme->flags & SCHEME_IN_NULL))
		error = namespace_add(namespace_null(), scheme);
	return error;
}

struct scheme *namespace_find(struct namespace *space, const char *name, size_t length)
{
	struct scheme *scheme;

	spin_lock(&space->lock);
	scheme = find_locked(space, name, length);
	if (scheme)
		scheme_get(scheme);
	spin_unlock(&space->lock);
	if (scheme && scheme->ops->prepare)
		scheme->ops->prepare(scheme);
	return scheme;
}

static void remove_from(struct namespace *space, struct scheme *scheme)
{
	bool removed = false;

	spin_lock(&space->lock);
	for (size_t i = 0; i < NAMESPACE_FOUND; i++) {
		if (space->found[i] == scheme)
			space->found[i] = NULL;
	}
	for (size_t i = 0; i < space->count && !removed; i++) {
		if (space->schemes[i] != scheme)
			continue;
		space->count--;
		memmove(&space->schemes[i], &space->schemes[i + 1],
			(space->count - i) * sizeof(*space->schemes));
		removed = true;
	}
	spin_unlock(&space->lock);
	if (removed)
		scheme_put(scheme);
}

void scheme_retire(struct scheme *scheme)
{
	struct list_node *node;

	/* From here on no namespace takes it. */
	scheme->retired = true;
	mutex_lock(&namespaces_lock);
	remove_from(&namespace_of_all, scheme);
	list_for_each (node, &namespaces_made)
		remove_from(container_of(node, struct namespace, node), scheme);
	mutex_unlock(&namespaces_lock);
}

static bool has_locked(const struct namespace *space, const struct scheme *scheme)
{
	for (size_t i = 0; i < space->count; i++) {
		if (space->schemes[i] == scheme)
			return true;
	}
	return false;
}

bool namespace_admits(struct namespace *space, const struct scheme *scheme)
{
	bool admitted;

	if (space == &namespace_of_all || bare_tree_has(scheme))
		return true;
	spin_lock(&space->lock);
	admitted = has_locked(space, scheme) ||
		   ((scheme->flags & SCHEME_WITH_TREE) && has_locked(space, mount_tree_scheme()));
	spin_unlock(&space->lock);
	return admitted;
}

const char *scheme_name_end(const char *name)
{
	while (*name && *name != ':' && *name != '/')
		name++;
	return *name == ':' ? name : NULL;
}

/* The scheme in place `index`, with a reference; NULL: that is past the end. */
static struct scheme *scheme_at(struct namespace *space, size_t index)
{
	struct scheme *scheme = NULL;

	spin_lock(&space->lock);
	if (index < space->count) {
		scheme = space->schemes[index];
		scheme_get(scheme);
	}
	spin_unlock(&space->lock);
	return scheme;
}

/* Where to go on after `scheme`, which was in place `index`: if it has been taken out meanwhile, what
 * followed it has moved up. */
static size_t place_after(struct namespace *space, const struct scheme *scheme, size_t index)
{
	size_t next = index;

	spin_lock(&space->lock);
	for (size_t i = 0; i < space->count; i++) {
		if (space->schemes[i] == scheme)
			next = i + 1;
	}
	spin_unlock(&space->lock);
	return next;
}

void namespace_visit(struct namespace *space, bool (*visit)(struct scheme *scheme, void *argument),
		     void *argument)
{
	struct scheme *scheme;
	bool more = true;

	for (size_t i = 0; more && (scheme = scheme_at(space, i));) {
		more = visit(scheme, argument);
		i = place_after(space, scheme, i);
		scheme_put(scheme);
	}
}

void scheme_sync(struct scheme *scheme)
{
	if (scheme->ops && scheme->ops->sync)
		scheme->ops->sync(scheme);
}

static bool sync_visited(struct scheme *scheme, void *unused)
{
	(void)unused;
	scheme_sync(scheme);
	return true;
}

void namespace_sync(struct namespace *space)
{
	namespace_visit(space, sync_visited, NULL);
}
