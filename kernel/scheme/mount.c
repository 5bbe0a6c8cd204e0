/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mounts: which root dentry covers which dentry, and the list of them for /proc/mounts.
 *
 * A name that is mounted upon can be neither removed nor replaced. That is kept so by taking the
 * directory_lock of the covered node, which removing and renaming take for their victim too.
 */
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#include "dentry_priv.h"
#include "mount_priv.h"

struct mount {
	struct list_node node; /* dentry_lock; detached once unmounted */
	struct dentry *root;   /* a reference, and one to its scheme */
	struct dentry *at;     /* a reference */
	/* Who holds: the list, visitors. */
	struct refcount references;
};

static struct list mounts = LIST_INIT(mounts); /* dentry_lock; in order of mounting */
static struct dentry *tree_root;               /* set at boot; a reference */

void mount_set_tree_root(struct dentry *root)
{
	tree_root = root;
}

const struct scheme *mount_tree_scheme(void)
{
	return tree_root ? tree_root->node->scheme : NULL;
}

bool mount_is_tree_root(const struct dentry *dentry)
{
	return dentry == tree_root;
}

struct dentry *linux_tree_root(void)
{
	if (tree_root)
		dentry_get(tree_root);
	return tree_root;
}

static struct mount *mount_allocate(struct dentry *at, struct dentry *root)
{
	struct mount *mount = kmalloc(sizeof(*mount));

	if (!mount)
		return NULL;
	list_node_init(&mount->node);
	refcount_init(&mount->references, 1);
	mount->root = root;
	mount->at = at;
	dentry_get(root);
	dentry_get(at);
	scheme_get(root->node->scheme);
	return mount;
}

static void mount_put(struct mount *mount)
{
	struct scheme *scheme = mount->root->node->scheme;

	if (!refcount_put(&mount->references))
		return;
	dentry_put(mount->at);
	dentry_put(mount->root);
	scheme_put(scheme);
	kfree(mount);
}

/* Links the two, whose references in each other's fields are the mount's. dentry_lock is held. */
static int mount_attach(struct mount *mount)
{
	struct dentry *at = mount->at, *root = mount->root;

	if (at->removed)
		return -ENOENT;
	if (at->mounted || root->covers || at == root)
		return -EBUSY;
	spin_lock(dentry_crossing_lock(at));
	at->mounted = root;
	spin_unlock(dentry_crossing_lock(at));
	root->covers = at;
	list_push_back(&mounts, &mount->node);
	return 0;
}

int path_mount(struct dentry *at, struct dentry *root)
{
	const struct scheme *scheme = root->node->scheme;
	struct mount *mount;
	int error;

	if (!scheme || scheme->root != root || mount_is_tree_root(root))
		return -EBUSY;
	if (node_is(at->node, MODE_DIRECTORY) != node_is(root->node, MODE_DIRECTORY))
		return -ENOTDIR;
	mount = mount_allocate(at, root);
	if (!mount)
		return -ENOMEM;
	mutex_lock(&at->node->directory_lock);
	spin_lock(&dentry_lock);
	error = mount_attach(mount);
	spin_unlock(&dentry_lock);
	mutex_unlock(&at->node->directory_lock);
	if (error)
		mount_put(mount);
	return error;
}

static struct mount *mount_find(const struct dentry *root)
{
	struct list_node *node;

	list_for_each (node, &mounts) {
		struct mount *mount = container_of(node, struct mount, node);

		if (mount->root == root)
			return mount;
	}
	return NULL;
}

/* Everything in use in a scheme holds its root in the end. Besides there are the references of
 * the scheme, of the mount and of the caller. */
static bool mount_is_busy(const struct mount *mount)
{
	return refcount_read(&mount->root->references) > 3;
}

/* Unlinks the two. dentry_lock is held. */
static int mount_detach(struct mount *mount, bool lazily)
{
	struct spinlock *crossing = dentry_crossing_lock(mount->at);
	int error = -EBUSY;

	/* Nobody crosses while we look. */
	spin_lock(crossing);
	if (lazily || !mount_is_busy(mount)) {
		mount->at->mounted = NULL;
		error = 0;
	}
	spin_unlock(crossing);
	if (error)
		return error;
	mount->root->covers = NULL;
	list_remove(&mount->node);
	return 0;
}

static int unmount(struct dentry *root, bool lazily)
{
	struct mount *mount;
	int error;

	dentry_forget_below(root);
	spin_lock(&dentry_lock);
	mount = mount_find(root);
	error = mount ? mount_detach(mount, lazily) : -EINVAL;
	spin_unlock(&dentry_lock);
	if (!error)
		mount_put(mount);
	return error;
}

int mount_detach_root(struct dentry *root)
{
	return unmount(root, true);
}

int path_unmount(struct dentry *root)
{
	return unmount(root, false);
}

/* A root that is mounted in the scheme of `root`, or NULL. dentry_lock is held. */
static struct dentry *mounted_in(const struct dentry *root)
{
	struct list_node *node;

	list_for_each (node, &mounts) {
		struct mount *mount = container_of(node, struct mount, node);
		const struct dentry *top = mount->at;

		while (top->parent)
			top = top->parent;
		if (top == root)
			return mount->root;
	}
	return NULL;
}

/* One of those that are mounted deepest below `root`, or that itself; with a reference. */
static struct dentry *mounted_deepest(struct dentry *root)
{
	struct dentry *inner;

	spin_lock(&dentry_lock);
	while ((inner = mounted_in(root)))
		root = inner;
	dentry_get(root);
	spin_unlock(&dentry_lock);
	return root;
}

int path_detach(struct dentry *root, void (*detached)(struct dentry *root))
{
	struct dentry *deepest;
	int error;

	do {
		deepest = mounted_deepest(root);
		error = unmount(deepest, true);
		if (!error && deepest != root)
			detached(deepest);
		dentry_put(deepest);
	} while (deepest != root);
	return error;
}

/* The mount after `mount` (NULL: the first), with a reference. One that was unmounted meanwhile
 * has nothing after it. */
static struct mount *mount_next(const struct mount *mount)
{
	struct list_node *node = NULL;
	struct mount *next = NULL;

	spin_lock(&dentry_lock);
	if (!mount)
		node = list_first(&mounts);
	else if (list_node_attached(&mount->node))
		node = list_next(&mounts, &mount->node);
	if (node) {
		next = container_of(node, struct mount, node);
		refcount_get(&next->references);
	}
	spin_unlock(&dentry_lock);
	return next;
}

void mounts_visit(bool (*visit)(struct scheme *scheme, struct dentry *at, void *argument),
		  void *argument)
{
	struct mount *mount = NULL, *next;
	bool more;

	if (!tree_root || !visit(tree_root->node->scheme, tree_root, argument))
		return;
	for (mount = mount_next(NULL); mount; mount = next) {
		more = visit(mount->root->node->scheme, mount->at, argument);
		next = more ? mount_next(mount) : NULL;
		mount_put(mount);
	}
}
