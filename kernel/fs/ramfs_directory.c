/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directories of ramfs: a hash table for look-ups, and a tree by cookie for listings. Cookies
 * are given in order of creation and never again, so a listing that goes on from a cookie misses
 * nothing that was there before. Names made after a listing began are not in it: it ends.
 */
#include <base/errno.h>
#include <base/hash.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>
#include <scheme/random.h>

#include "ramfs_priv.h"

#define BUCKETS_FIRST 8
#define ENTRY_SIZE    32 /* what a name adds to the size of its directory */
#define LINKS_MAX     INT32_MAX

static uint64_t hash_seed; /* random, so that collisions cannot be prepared; set once */

void ramfs_directory_init(void)
{
	random_bytes(&hash_seed, sizeof(hash_seed));
}

static struct ramfs_directory *directory_of(struct node *node)
{
	return &ramfs_node_of(node)->directory;
}

static struct ramfs_entry *entry_of(struct rbtree_node *node)
{
	return node ? container_of(node, struct ramfs_entry, order_node) : NULL;
}

static uint32_t hash_of(const char *name, size_t length)
{
	return (uint32_t)hash_bytes(hash_seed, name, length);
}

/* --- Entries. --- */

static struct ramfs_entry *find_entry(const struct ramfs_directory *directory, const char *name,
				      size_t length)
{
	uint32_t hash = hash_of(name, length);
	struct ramfs_entry *entry;

	if (!directory->bucket_count)
		return NULL;
	entry = directory->buckets[hash & (directory->bucket_count - 1)];
	while (entry && (entry->hash != hash || entry->length != length ||
			 memcmp(entry->name, name, length) != 0))
		entry = entry->hash_next;
	return entry;
}

static struct ramfs_entry *allocate_entry(const char *name, size_t length)
{
	struct ramfs_entry *entry = kmalloc(sizeof(*entry) + length);

	if (!entry)
		return NULL;
	entry->hash = hash_of(name, length);
	entry->length = (uint8_t)length;
	memcpy(entry->name, name, length);
	return entry;
}

static void hash_entry(struct ramfs_entry **buckets, uint32_t bucket_count,
		       struct ramfs_entry *entry)
{
	struct ramfs_entry **bucket = &buckets[entry->hash & (bucket_count - 1)];

	entry->hash_next = *bucket;
	*bucket = entry;
}

/* Makes sure that one more entry can be added. A table that cannot grow just gets fuller. */
static int reserve_entry(struct ramfs_directory *directory)
{
	uint32_t bucket_count =
		directory->bucket_count ? 2 * directory->bucket_count : BUCKETS_FIRST;
	struct ramfs_entry **buckets;
	struct rbtree_node *node;

	if (directory->count < directory->bucket_count || bucket_count == 0)
		return 0;
	buckets = kcalloc(bucket_count, sizeof(struct ramfs_entry *));
	if (!buckets)
		return directory->bucket_count ? 0 : -ENOMEM;
	for (node = rbtree_first(&directory->order); node; node = rbtree_next(node))
		hash_entry(buckets, bucket_count, entry_of(node));
	kfree(directory->buckets);
	directory->buckets = buckets;
	directory->bucket_count = bucket_count;
	return 0;
}

static int compare_cookies(const struct rbtree_node *a, const struct rbtree_node *b)
{
	uint64_t a_cookie = container_of(a, struct ramfs_entry, order_node)->cookie;
	uint64_t b_cookie = container_of(b, struct ramfs_entry, order_node)->cookie;

	return a_cookie < b_cookie ? -1 : a_cookie > b_cookie;
}

/* Takes over a reference to `node`. */
static void add_entry(struct ramfs_directory *directory, struct ramfs_entry *entry,
		      struct ramfs_node *node)
{
	entry->node = node;
	entry->cookie = directory->next_cookie++;
	hash_entry(directory->buckets, directory->bucket_count, entry);
	rbtree_insert(&directory->order, &entry->order_node, compare_cookies);
	directory->count++;
}

/* The reference to its node goes to the caller. */
static void remove_entry(struct ramfs_directory *directory, struct ramfs_entry *entry)
{
	struct ramfs_entry **place =
		&directory->buckets[entry->hash & (directory->bucket_count - 1)];

	while (*place != entry)
		place = &(*place)->hash_next;
	*place = entry->hash_next;
	rbtree_remove(&directory->order, &entry->order_node);
	directory->count--;
	kfree(entry);
}

/* Entries are chained up first, then freed one by one: what they hold may be directories, which
 * add their own to the chain instead of freeing them deeper down the stack. */
void ramfs_directory_release(struct ramfs_node *node)
{
	struct ramfs_directory *directory = &node->directory;
	struct ramfs *fs = node->fs;
	struct ramfs_entry *entry;

	kfree(directory->buckets);
	while ((entry = entry_of(rbtree_first(&directory->order)))) {
		rbtree_remove(&directory->order, &entry->order_node);
		entry->hash_next = fs->dying;
		fs->dying = entry;
	}
	if (directory->count == 0 || fs->draining)
		return;
	fs->draining = true;
	while ((entry = fs->dying)) {
		fs->dying = entry->hash_next;
		node_put(&entry->node->node);
		kfree(entry);
	}
	fs->draining = false;
}

/* --- Links and times. --- */

static void change_links(struct node *node, int by)
{
	mutex_lock(&node->lock);
	node->links += (uint32_t)by;
	node_touch_locked(node, 0);
	mutex_unlock(&node->lock);
}

/* The names in a directory changed; `by` is what its links change by. */
static void note_change(struct node *directory, int by)
{
	mutex_lock(&directory->lock);
	directory->links += (uint32_t)by;
	directory->size = (uint64_t)directory_of(directory)->count * ENTRY_SIZE;
	node_touch_locked(directory, CHANGE_MODIFY);
	mutex_unlock(&directory->lock);
}

static int is_directory(const struct node *node)
{
	return node_is(node, MODE_DIRECTORY);
}

/* --- Operations. --- */

static int directory_op_lookup(struct node *directory, const char *name, size_t length,
			       struct node **found)
{
	struct ramfs_entry *entry = find_entry(directory_of(directory), name, length);

	if (!entry)
		return -ENOENT;
	node_get(&entry->node->node);
	*found = &entry->node->node;
	return 0;
}

static int directory_op_create(struct node *directory, const char *name, size_t length,
			       const struct node_template *like, struct node **made)
{
	bool makes_directory = (like->mode & MODE_TYPE) == MODE_DIRECTORY;
	struct ramfs_node *parent = ramfs_node_of(directory), *node;
	struct ramfs_entry *entry = allocate_entry(name, length);
	int error;

	if (!entry)
		return -ENOMEM;
	error = reserve_entry(&parent->directory);
	if (!error)
		error = ramfs_node_create(parent->fs, directory->scheme, like,
					  makes_directory ? 2 : 1, &node);
	if (error) {
		kfree(entry);
		return error;
	}
	add_entry(&parent->directory, entry, node);
	note_change(directory, makes_directory);
	node_get(&node->node);
	*made = &node->node;
	return 0;
}

static int directory_op_create_temporary(struct node *directory, const struct node_template *like,
					 struct node **made)
{
	struct ramfs_node *node;
	int error;

	error = ramfs_node_create(ramfs_node_of(directory)->fs, directory->scheme, like, 0, &node);
	if (!error)
		*made = &node->node;
	return error;
}

/* Adds a link to what still has one, or was made to get one. */
static int add_link(struct ramfs_node *target)
{
	int error = 0;

	mutex_lock(&target->node.lock);
	if (target->node.links == 0 && !target->linkable) {
		error = -ENOENT;
	} else if (target->node.links >= LINKS_MAX) {
		error = -EMLINK;
	} else {
		target->node.links++;
		node_touch_locked(&target->node, 0);
	}
	mutex_unlock(&target->node.lock);
	return error;
}

static int directory_op_link(struct node *directory, const char *name, size_t length,
			     struct node *target)
{
	struct ramfs_entry *entry = allocate_entry(name, length);
	int error;

	if (!entry)
		return -ENOMEM;
	error = reserve_entry(directory_of(directory));
	if (!error)
		error = add_link(ramfs_node_of(target));
	if (error) {
		kfree(entry);
		return error;
	}
	node_get(target);
	add_entry(directory_of(directory), entry, ramfs_node_of(target));
	note_change(directory, 0);
	return 0;
}

static int directory_op_unlink(struct node *directory, const char *name, size_t length,
			       struct node *target)
{
	struct ramfs_entry *entry = find_entry(directory_of(directory), name, length);

	if (!entry)
		return -ENOENT;
	if (is_directory(target) && directory_of(target)->count)
		return -ENOTEMPTY;
	remove_entry(directory_of(directory), entry);
	note_change(directory, -is_directory(target));
	change_links(target, is_directory(target) ? -2 : -1);
	node_put(target);
	return 0;
}

static void swap_entries(struct ramfs_entry *first, struct ramfs_entry *second)
{
	struct ramfs_node *node = first->node;

	first->node = second->node;
	second->node = node;
}

static int exchange_names(struct node *from, struct ramfs_entry *from_entry, struct node *to,
			  struct ramfs_entry *to_entry)
{
	struct node *moved = &from_entry->node->node, *other = &to_entry->node->node;
	int by = is_directory(other) - is_directory(moved);

	swap_entries(from_entry, to_entry);
	note_change(from, from == to ? 0 : by);
	if (from != to)
		note_change(to, -by);
	change_links(moved, 0);
	change_links(other, 0);
	return 0;
}

/* The entry of the new name becomes that of the moved node. */
static int replace_name(struct node *from, struct ramfs_entry *from_entry, struct node *to,
			struct ramfs_entry *to_entry, struct node *replaced)
{
	struct node *moved = &from_entry->node->node;
	int directories = is_directory(moved); /* both are, or none */

	if (directories && directory_of(replaced)->count)
		return -ENOTEMPTY;
	swap_entries(from_entry, to_entry);
	remove_entry(directory_of(from), from_entry);
	note_change(from, -directories);
	/* `to` loses one directory and gets another. */
	if (from != to)
		note_change(to, 0);
	change_links(moved, 0);
	change_links(replaced, directories ? -2 : -1);
	node_put(replaced);
	return 0;
}

static int move_name(struct node *from, struct ramfs_entry *from_entry, struct node *to,
		     const char *name, size_t length)
{
	struct ramfs_node *moved = from_entry->node;
	struct ramfs_entry *entry = allocate_entry(name, length);
	int directories = is_directory(&moved->node);
	int error;

	if (!entry)
		return -ENOMEM;
	error = reserve_entry(directory_of(to));
	if (error) {
		kfree(entry);
		return error;
	}
	remove_entry(directory_of(from), from_entry);
	add_entry(directory_of(to), entry, moved);
	note_change(from, from == to ? 0 : -directories);
	if (from != to)
		note_change(to, directories);
	change_links(&moved->node, 0);
	return 0;
}

static int directory_op_rename(struct node *from, const char *from_name, size_t from_length,
			       struct node *moved, struct node *to, const char *to_name,
			       size_t to_length, struct node *replaced, bool exchange)
{
	struct ramfs_entry *from_entry = find_entry(directory_of(from), from_name, from_length);
	struct ramfs_entry *to_entry = find_entry(directory_of(to), to_name, to_length);

	if (!from_entry || &from_entry->node->node != moved || !replaced != !to_entry)
		return -ENOENT;
	if (exchange)
		return exchange_names(from, from_entry, to, to_entry);
	if (replaced)
		return replace_name(from, from_entry, to, to_entry, replaced);
	return move_name(from, from_entry, to, to_name, to_length);
}

/* --- Listing. --- */

/* The first entry whose cookie is not below `cookie`. */
static struct ramfs_entry *entry_from(const struct ramfs_directory *directory, uint64_t cookie)
{
	struct rbtree_node *node = directory->order.root;
	struct ramfs_entry *found = NULL;

	while (node) {
		if (entry_of(node)->cookie >= cookie) {
			found = entry_of(node);
			node = node->child[0];
		} else {
			node = node->child[1];
		}
	}
	return found;
}

/* Where the listing ends: noted in the file when it begins. */
static uint64_t listing_end(struct file *file, const struct ramfs_directory *directory,
			    uint64_t cookie)
{
	if (cookie == 0 || !file->private)
		file->private = (void *)(uintptr_t)directory->next_cookie;
	return (uintptr_t)file->private;
}

static int directory_op_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct ramfs_directory *directory = directory_of(file->node);
	uint64_t end = listing_end(file, directory, *cookie);
	struct ramfs_entry *entry = entry_from(directory, *cookie);

	while (entry && entry->cookie < end) {
		const struct node *node = &entry->node->node;

		if (!sink->entry(sink, entry->name, entry->length, node->number,
				 node->mode & MODE_TYPE, entry->cookie + 1))
			break;
		*cookie = entry->cookie + 1;
		entry = entry_of(rbtree_next(&entry->order_node));
	}
	return 0;
}

const struct node_ops ramfs_directory_ops = {
	.get_extended = ramfs_op_get_extended,
	.set_extended = ramfs_op_set_extended,
	.list_extended = ramfs_op_list_extended,
	.lookup = directory_op_lookup,
	.create = directory_op_create,
	.link = directory_op_link,
	.unlink = directory_op_unlink,
	.rename = directory_op_rename,
	.create_temporary = directory_op_create_temporary,
	.release = ramfs_node_release,
	.read_directory = directory_op_read,
};
