/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name cache, as path walking, mounts and renames use it.
 *
 * A dentry is in the hash table while its name is valid and somebody holds it; names used
 * lately are held by the list of recent names. A directory's names are added, removed and moved
 * with its directory_lock held, so a name that is not found in the cache under that lock can be
 * looked up and added without being there twice.
 *
 * Finding needs only the lock of the name's bucket, and crossing to what is mounted only a lock
 * picked by the covered dentry's address, so that look-ups on several CPUs do not meet. What they
 * look at changes with dentry_lock and such a lock held, in this order (RANK_DENTRY, RANK_NAME);
 * who goes up the tree takes dentry_lock.
 */
#pragma once

#include <scheme/path.h>
#include <sync/spinlock.h>

/* RANK_DENTRY: changes of the hash table, the list of recent names, and of every dentry the fields
 * that say so. */
extern struct spinlock dentry_lock;

void dentry_init(void);

/* A dentry that is in no tree yet. NULL: out of memory. */
struct dentry *dentry_allocate(const char *name, size_t length);
/* Gives it its place and its node, whose reference it takes over. Not for names that are not
 * cached (`hashed` false: directories with NODE_NO_CACHE, files without a name). */
void dentry_attach(struct dentry *dentry, struct dentry *parent, struct node *node, bool hashed);
/* Frees one that was never attached. */
void dentry_discard(struct dentry *dentry);

/* The cached child with a reference, or NULL. Mounts are not crossed. */
struct dentry *dentry_find(struct dentry *parent, const char *name, size_t length);
/* The child, from the cache or the provider: 0 with a reference in *found, -ENOENT, -ENOMEM,
 * -ENAMETOOLONG, -ENOTDIR or the provider's error. Takes parent->node->directory_lock, which
 * the second one wants held. */
int must_check dentry_look_up(struct dentry *parent, const char *name, size_t length,
			      struct dentry **found);
int must_check dentry_look_up_locked(struct dentry *parent, const char *name, size_t length,
				     struct dentry **found);

/* The name is gone. The directory's lock is held. */
void dentry_remove(struct dentry *dentry);
/* `moved` gets another place and name (kmalloc'ed, taken over; what is to be freed afterwards
 * is returned); `replaced` (may be NULL) is removed. Both directories' locks are held. */
char *must_check dentry_move(struct dentry *moved, struct dentry *parent, char *name, size_t length,
			     struct dentry *replaced);
/* The two swap places and names. */
void dentry_exchange(struct dentry *first, struct dentry *second);

/* These take over the reference to `dentry` and return another: the root that covers it in the
 * end; the directory above it, for one whose walk cannot leave `root`. */
struct dentry *dentry_cross(struct dentry *dentry);
struct dentry *dentry_step_up(struct dentry *dentry, struct dentry *root);

/* The directory that it is in, a reference, and its name there, for kfree. -ENOENT: it was removed;
 * -EBUSY: a root has no name; -ENOMEM. */
int must_check dentry_copy_place(struct dentry *dentry, struct dentry **parent, char **name,
				 size_t *length);

/* True if `ancestor` is `dentry` or above it in the same scheme. */
bool dentry_is_ancestor(const struct dentry *ancestor, const struct dentry *dentry);
/* With dentry_lock protects dentry->mounted. */
struct spinlock *dentry_crossing_lock(const struct dentry *dentry);
static inline bool dentry_is_mount_point(const struct dentry *dentry)
{
	return __atomic_load_n(&dentry->mounted, __ATOMIC_RELAXED) != NULL;
}
