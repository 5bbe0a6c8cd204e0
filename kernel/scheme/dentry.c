/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name cache. dentry_priv.h tells the rules. */
#include "dentry_priv.h"

#include <base/errno.h>
#include <base/hash.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#include <stdatomic.h>

#define BUCKETS    512
#define RECENT_MAX 512
#define CROSSINGS  32

struct spinlock dentry_lock = SPINLOCK_INIT(RANK_DENTRY, "dentry");

struct bucket {
	struct spinlock lock; /* RANK_NAME; the list, and parent and name of the dentries in it */
	struct list names;
} __attribute__((aligned(64)));

/* Of a dentry that may be covered: who crosses from it takes this one lock only. By its address,
 * so several dentries share one. */
struct crossing {
	struct spinlock lock; /* RANK_NAME; dentry->mounted, which changes with dentry_lock too */
} __attribute__((aligned(64)));

static struct bucket buckets[BUCKETS];
static struct crossing crossings[CROSSINGS];
static struct list recent;    /* dentry_lock; longest kept first */
static unsigned recent_count; /* dentry_lock */
static struct slab_cache *dentry_cache;

void dentry_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spinlock_init(&buckets[i].lock, RANK_NAME, "names");
		list_init(&buckets[i].names);
	}
	for (unsigned i = 0; i < CROSSINGS; i++)
		spinlock_init(&crossings[i].lock, RANK_NAME, "crossing");
	list_init(&recent);
	dentry_cache = slab_cache_create("dentry", sizeof(struct dentry), 0);
}

static struct bucket *bucket_of(const struct dentry *parent, const char *name, size_t length)
{
	return &buckets[hash_bytes((uintptr_t)parent, name, length) % BUCKETS];
}

/* The bucket that the dentry is in, or belongs to. Its name does not change: dentry_lock is held,
 * or nobody else has the dentry. */
static struct bucket *own_bucket(const struct dentry *dentry)
{
	return bucket_of(dentry->parent, dentry->name, dentry->name_length);
}

static void hash(struct dentry *dentry)
{
	struct bucket *bucket = own_bucket(dentry);

	spin_lock(&bucket->lock);
	list_push_front(&bucket->names, &dentry->hash_node);
	spin_unlock(&bucket->lock);
}

static void unhash(struct dentry *dentry)
{
	struct bucket *bucket;

	if (!list_node_attached(&dentry->hash_node))
		return;
	bucket = own_bucket(dentry);
	spin_lock(&bucket->lock);
	list_remove(&dentry->hash_node);
	spin_unlock(&bucket->lock);
}

static void lock_both(struct bucket *first, struct bucket *second)
{
	spin_lock(first < second ? &first->lock : &second->lock);
	if (first != second)
		spin_lock_nested(first < second ? &second->lock : &first->lock);
}

static void unlock_both(struct bucket *first, struct bucket *second)
{
	spin_unlock(&first->lock);
	if (first != second)
		spin_unlock(&second->lock);
}

struct dentry *dentry_allocate(const char *name, size_t length)
{
	struct dentry *dentry = slab_allocate_zeroed(dentry_cache);

	if (!dentry)
		return NULL;
	refcount_init(&dentry->references, 1);
	list_node_init(&dentry->hash_node);
	list_node_init(&dentry->recent_node);
	if (!name)
		return dentry;
	dentry->name = kmalloc(length + 1);
	if (!dentry->name) {
		slab_free(dentry_cache, dentry);
		return NULL;
	}
	memcpy(dentry->name, name, length);
	dentry->name[length] = '\0';
	dentry->name_length = length;
	return dentry;
}

void dentry_discard(struct dentry *dentry)
{
	kfree(dentry->name);
	slab_free(dentry_cache, dentry);
}

struct dentry *dentry_create_root(struct node *node)
{
	struct dentry *dentry = dentry_allocate(NULL, 0);

	if (dentry)
		dentry->node = node;
	return dentry;
}

void dentry_get(struct dentry *dentry)
{
	refcount_get(&dentry->references);
}

/* The scheme that ends with this dentry, or NULL. */
static struct scheme *scheme_to_end(const struct dentry *dentry)
{
	const struct node *node = dentry->node;

	if (dentry->parent || !(node->flags & NODE_ENDS_SCHEME) || node->scheme->root != dentry)
		return NULL;
	return node->scheme;
}

void dentry_put(struct dentry *dentry)
{
	while (dentry && refcount_put(&dentry->references)) {
		struct dentry *parent = dentry->parent;
		struct scheme *ended = scheme_to_end(dentry);

		unhash(dentry);
		debug_assert(!dentry->mounted && !dentry->covers);
		node_put(dentry->node);
		dentry_discard(dentry);
		if (ended)
			ended->ops->unused(ended);
		dentry = parent;
	}
}

/* --- Recent names; dentry_lock is held. --- */

/* Makes room: what was not used since the last look goes. Returns the dentry whose reference
 * is to be put, or NULL. */
static struct dentry *recent_evict(void)
{
	if (recent_count < RECENT_MAX)
		return NULL;
	for (;;) {
		struct list_node *node = list_pop_front(&recent);
		struct dentry *dentry = container_of(node, struct dentry, recent_node);

		if (!atomic_load_explicit(&dentry->used, memory_order_relaxed)) {
			recent_count--;
			return dentry;
		}
		atomic_store_explicit(&dentry->used, false, memory_order_relaxed);
		list_push_back(&recent, node);
	}
}

static void recent_add(struct dentry *dentry)
{
	refcount_get(&dentry->references);
	list_push_back(&recent, &dentry->recent_node);
	recent_count++;
}

/* True if it was in the list: then the caller puts a reference. */
static bool recent_remove(struct dentry *dentry)
{
	if (!list_node_attached(&dentry->recent_node))
		return false;
	list_remove(&dentry->recent_node);
	recent_count--;
	return true;
}

/* --- Look-ups. --- */

void dentry_attach(struct dentry *dentry, struct dentry *parent, struct node *node, bool hashed)
{
	struct dentry *evicted = NULL;

	dentry->node = node;
	dentry_get(parent);
	spin_lock(&dentry_lock);
	dentry->parent = parent;
	if (hashed) {
		hash(dentry);
		evicted = recent_evict();
		recent_add(dentry);
	}
	spin_unlock(&dentry_lock);
	dentry_put(evicted);
}

static bool is_child(const struct dentry *dentry, const struct dentry *parent, const char *name,
		     size_t length)
{
	return dentry->parent == parent && dentry->name_length == length &&
	       memcmp(dentry->name, name, length) == 0;
}

struct dentry *dentry_find(struct dentry *parent, const char *name, size_t length)
{
	struct bucket *bucket = bucket_of(parent, name, length);
	struct dentry *found = NULL;
	struct list_node *node;

	spin_lock(&bucket->lock);
	list_for_each (node, &bucket->names) {
		struct dentry *dentry = container_of(node, struct dentry, hash_node);

		if (!is_child(dentry, parent, name, length))
			continue;
		/* One that is being freed is as good as absent: another may stand beside it. */
		if (refcount_try_get(&dentry->references)) {
			if (!atomic_load_explicit(&dentry->used, memory_order_relaxed))
				atomic_store_explicit(&dentry->used, true, memory_order_relaxed);
			found = dentry;
			break;
		}
	}
	spin_unlock(&bucket->lock);
	return found;
}

static int check_name(const struct dentry *parent, size_t length)
{
	if (!parent->node->ops->lookup)
		return -ENOTDIR;
	return length > NAME_MAX_LENGTH ? -ENAMETOOLONG : 0;
}

/* Where the provider keeps another spelling of the name, in `stored`: true if the cache has a dentry
 * of that, which is found then. Takes over the reference to `node` in that case. */
static bool find_stored(struct dentry *parent, struct node *node, char *stored,
			struct dentry **found)
{
	size_t length = parent->node->ops->name_of(node, stored);
	struct dentry *dentry = length ? dentry_find(parent, stored, length) : NULL;

	if (!dentry)
		return false;
	node_put(node);
	*found = dentry;
	return true;
}

/* Asks the provider. */
static int look_up_node(struct dentry *parent, const char *name, size_t length,
			struct dentry **found)
{
	char stored[NAME_MAX_LENGTH + 1];
	struct dentry *dentry;
	struct node *node;
	int error;

	error = parent->node->ops->lookup(parent->node, name, length, &node);
	if (error)
		return error;
	stored[0] = '\0';
	if (parent->node->ops->name_of && find_stored(parent, node, stored, found))
		return 0;
	if (stored[0]) {
		name = stored;
		length = strlen(stored);
	}
	dentry = dentry_allocate(name, length);
	if (!dentry) {
		node_put(node);
		return -ENOMEM;
	}
	dentry_attach(dentry, parent, node, !(parent->node->flags & NODE_NO_CACHE));
	*found = dentry;
	return 0;
}

int dentry_look_up_locked(struct dentry *parent, const char *name, size_t length,
			  struct dentry **found)
{
	int error = check_name(parent, length);

	if (error)
		return error;
	*found = dentry_find(parent, name, length);
	return *found ? 0 : look_up_node(parent, name, length, found);
}

int dentry_look_up(struct dentry *parent, const char *name, size_t length, struct dentry **found)
{
	int error = check_name(parent, length);

	if (error)
		return error;
	if (parent->node->flags & NODE_NO_CACHE)
		return look_up_node(parent, name, length, found);
	*found = dentry_find(parent, name, length);
	if (*found)
		return 0;
	mutex_lock(&parent->node->directory_lock);
	error = dentry_look_up_locked(parent, name, length, found);
	mutex_unlock(&parent->node->directory_lock);
	return error;
}

/* --- Changes. --- */

void dentry_remove(struct dentry *dentry)
{
	bool was_recent;

	spin_lock(&dentry_lock);
	dentry->removed = true;
	unhash(dentry);
	was_recent = recent_remove(dentry);
	spin_unlock(&dentry_lock);
	if (was_recent)
		dentry_put(dentry);
}

/* Puts it where its present place and name belong in the hash table. Both buckets are locked. */
static void rehash(struct dentry *dentry)
{
	list_remove(&dentry->hash_node);
	list_push_front(&own_bucket(dentry)->names, &dentry->hash_node);
}

char *dentry_move(struct dentry *moved, struct dentry *parent, char *name, size_t length,
		  struct dentry *replaced)
{
	struct bucket *to = bucket_of(parent, name, length), *from;
	char *old_name = moved->name;
	struct dentry *old_parent = moved->parent;

	if (replaced)
		dentry_remove(replaced);
	dentry_get(parent);
	spin_lock(&dentry_lock);
	from = own_bucket(moved);
	lock_both(from, to);
	moved->parent = parent;
	moved->name = name;
	moved->name_length = length;
	rehash(moved);
	unlock_both(from, to);
	spin_unlock(&dentry_lock);
	dentry_put(old_parent);
	return old_name;
}

void dentry_exchange(struct dentry *first, struct dentry *second)
{
	struct dentry *parent = first->parent;
	char *name = first->name;
	size_t length = first->name_length;
	struct bucket *one, *other;

	spin_lock(&dentry_lock);
	one = own_bucket(first);
	other = own_bucket(second);
	lock_both(one, other);
	first->parent = second->parent;
	first->name = second->name;
	first->name_length = second->name_length;
	second->parent = parent;
	second->name = name;
	second->name_length = length;
	rehash(first);
	rehash(second);
	unlock_both(one, other);
	spin_unlock(&dentry_lock);
}

/* Takes one of the names below `root` out of the recent ones, or returns NULL. */
static struct dentry *recent_take_below(const struct dentry *root)
{
	struct dentry *found = NULL;
	struct list_node *node;

	spin_lock(&dentry_lock);
	list_for_each (node, &recent) {
		struct dentry *dentry = container_of(node, struct dentry, recent_node);
		const struct dentry *top = dentry;

		while (top->parent)
			top = top->parent;
		if (top == root) {
			recent_remove(dentry);
			found = dentry;
			break;
		}
	}
	spin_unlock(&dentry_lock);
	return found;
}

void dentry_forget_below(struct dentry *root)
{
	struct dentry *dentry;

	while ((dentry = recent_take_below(root)))
		dentry_put(dentry);
}

/* --- The tree. --- */

struct dentry *dentry_cross(struct dentry *dentry)
{
	/* Most dentries are never covered; a mount that comes this moment may be missed. */
	while (__atomic_load_n(&dentry->mounted, __ATOMIC_RELAXED)) {
		struct spinlock *lock = dentry_crossing_lock(dentry);
		struct dentry *root;

		spin_lock(lock);
		root = dentry->mounted;
		if (root)
			refcount_get(&root->references);
		spin_unlock(lock);
		if (!root)
			break;
		dentry_put(dentry);
		dentry = root;
	}
	return dentry;
}

struct spinlock *dentry_crossing_lock(const struct dentry *dentry)
{
	return &crossings[((uintptr_t)dentry >> 6) % CROSSINGS].lock;
}

struct dentry *dentry_step_up(struct dentry *dentry, struct dentry *root)
{
	struct dentry *above = dentry;

	spin_lock(&dentry_lock);
	while (above != root && !above->parent && above->covers)
		above = above->covers;
	if (above != root && above->parent)
		above = above->parent;
	while (above->mounted)
		above = above->mounted;
	refcount_get(&above->references);
	spin_unlock(&dentry_lock);
	dentry_put(dentry);
	return above;
}

bool dentry_is_ancestor(const struct dentry *ancestor, const struct dentry *dentry)
{
	spin_lock(&dentry_lock);
	while (dentry && dentry != ancestor)
		dentry = dentry->parent;
	spin_unlock(&dentry_lock);
	return dentry != NULL;
}
