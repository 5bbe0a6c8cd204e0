/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files and directories that are in use, by the place of their entry. The table holds a
 * reference to each, so that contents stay in memory after the last close; those that nobody used
 * lately are put out when there are many, after what is dirty was written.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#include "fat_priv.h"

#define NUMBERS_FRESH (1ull << 60) /* no place is there */

void fat_nodes_init(struct fat *fs)
{
	spinlock_init(&fs->table_lock, RANK_LEAF, "fat nodes");
	for (unsigned i = 0; i < FAT_TABLE_BUCKETS; i++)
		list_init(&fs->table[i]);
	for (unsigned i = 0; i < FAT_SMALL_BUCKETS; i++) {
		list_init(&fs->directories[i]);
		list_init(&fs->displaced[i]);
	}
	list_init(&fs->nodes_by_age);
	list_init(&fs->dirty_nodes);
	list_init(&fs->released_nodes);
	wait_queue_init(&fs->waiters, "fat");
	fs->next_number = NUMBERS_FRESH;
}

static struct list *bucket_of(struct fat *fs, uint64_t place)
{
	return &fs->table[place * 0x9e3779b97f4a7c15ull >> 32 & (FAT_TABLE_BUCKETS - 1)];
}

static struct list *small_bucket(struct list *buckets, uint64_t key)
{
	return &buckets[key * 0x9e3779b97f4a7c15ull >> 32 & (FAT_SMALL_BUCKETS - 1)];
}

/* --- Looking; table_lock is held. --- */

static struct fat_node *find(struct fat *fs, uint64_t place)
{
	struct list_node *link;

	list_for_each (link, bucket_of(fs, place)) {
		struct fat_node *node = container_of(link, struct fat_node, table_node);

		if (node->place == place)
			return node;
	}
	return NULL;
}

static bool has_directory(struct fat *fs, uint32_t start)
{
	struct list_node *link;

	list_for_each (link, small_bucket(fs->directories, start)) {
		if (container_of(link, struct fat_node, start_node)->start == start)
			return true;
	}
	return false;
}

static bool has_displaced(struct fat *fs, uint64_t number)
{
	struct list_node *link;

	list_for_each (link, small_bucket(fs->displaced, number)) {
		if (container_of(link, struct fat_node, displaced_node)->node.number == number)
			return true;
	}
	return false;
}

/* The node leaves the place that its number tells. */
static void displace(struct fat *fs, struct fat_node *node)
{
	if (node->node.number < NUMBERS_FRESH && !list_node_attached(&node->displaced_node))
		list_push_back(small_bucket(fs->displaced, node->node.number),
			       &node->displaced_node);
}

uint64_t fat_node_number(struct fat *fs, uint64_t place)
{
	struct fat_node *node;
	uint64_t number = place;

	spin_lock(&fs->table_lock);
	node = find(fs, place);
	if (node)
		number = node->node.number;
	spin_unlock(&fs->table_lock);
	return number;
}

/* --- Making. --- */

int fat_node_set_name(struct fat_node *node, const char *name, size_t length)
{
	char *copy = kmalloc(length + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, name, length);
	copy[length] = '\0';
	kfree(node->name);
	node->name = copy;
	return 0;
}

static struct fat_node *allocate(struct fat *fs, uint64_t place, uint32_t type, uint32_t start)
{
	struct fat_node *node = kzalloc(sizeof(*node));
	uint64_t number = place;

	if (!node)
		return NULL;
	spin_lock(&fs->table_lock);
	if (has_displaced(fs, place))
		number = fs->next_number++;
	fs->live_count++;
	spin_unlock(&fs->table_lock);
	node_init(&node->node, type == MODE_FILE ? &fat_file_ops : &fat_directory_ops, fs->scheme,
		  number, type);
	node->fs = fs;
	node->place = place;
	node->start = start;
	fat_map_init(&node->map);
	list_node_init(&node->table_node);
	list_node_init(&node->start_node);
	list_node_init(&node->displaced_node);
	list_node_init(&node->age_node);
	list_node_init(&node->dirty_node);
	list_node_init(&node->released_node);
	return node;
}

static void free_node(struct fat *fs, struct fat_node *node)
{
	spin_lock(&fs->table_lock);
	list_remove(&node->start_node);
	list_remove(&node->displaced_node);
	list_remove(&node->dirty_node);
	fs->live_count--;
	spin_unlock(&fs->table_lock);
	fat_map_reset(&node->map);
	kfree(node->last_deferred);
	kfree(node->name);
	kfree(node);
}

/* Whether the entry can be one: what it says of its clusters, and that no directory in use has
 * them. A directory within itself is among those: whoever came to it uses all above it. */
static int check_entry(struct fat *fs, const struct fat_found *found)
{
	uint32_t start = fat_entry_cluster(fs, &found->entry);
	bool is_directory = found->entry.attributes & FAT_DIRECTORY, taken;

	if (!is_directory && start == 0 && found->entry.size == 0)
		return 0;
	if (!fat_cluster_valid(&fs->geometry, start))
		return fat_complain(fs, "an entry points to %#x, which is no cluster", start);
	spin_lock(&fs->table_lock);
	taken = has_directory(fs, start);
	spin_unlock(&fs->table_lock);
	if (taken || (fs->geometry.bits == 32 && start == fs->geometry.root_cluster))
		return fat_complain(fs, "two entries point to the directory at %#x", start);
	return 0;
}

/* What only one of the kinds has. */
static int set_up(struct fat_node *node, const struct fat_found *found)
{
	struct fat *fs = node->fs;
	uint32_t length;
	int error;

	fat_node_load(node, &found->entry);
	if (node_is(&node->node, MODE_FILE)) {
		node->node.size = found->entry.size;
		page_cache_init(&node->cache, &fat_cache_ops, fs->backing, fs->device,
				node->node.size, node);
		node->node.object = &node->cache.object;
		return 0;
	}
	error = fat_chain_length(node, &length);
	node->node.size = (uint64_t)length << fs->geometry.cluster_shift;
	return error;
}

static void insert(struct fat *fs, struct fat_node *node)
{
	node_get(&node->node);
	spin_lock(&fs->table_lock);
	list_push_back(bucket_of(fs, node->place), &node->table_node);
	list_push_back(&fs->nodes_by_age, &node->age_node);
	if (node_is(&node->node, MODE_DIRECTORY))
		list_push_back(small_bucket(fs->directories, node->start), &node->start_node);
	fs->node_count++;
	spin_unlock(&fs->table_lock);
	if (fs->node_count > FAT_NODES_MAX)
		fat_note_work(fs);
}

static int create(struct fat *fs, const struct fat_found *found, struct fat_node **made)
{
	bool is_directory = found->entry.attributes & FAT_DIRECTORY;
	char text[NAME_MAX_LENGTH + 1];
	size_t length = fat_found_text(found, text);
	struct fat_node *node;
	int error = check_entry(fs, found);

	if (error)
		return error;
	node = allocate(fs, found->place, is_directory ? MODE_DIRECTORY : MODE_FILE,
			fat_entry_cluster(fs, &found->entry));
	if (!node)
		return -ENOMEM;
	error = fat_node_set_name(node, text, length);
	if (!error)
		error = set_up(node, found);
	if (error) {
		/* Nobody else has it, and it has no pages. */
		free_node(fs, node);
		return error;
	}
	insert(fs, node);
	*made = node;
	return 0;
}

int fat_node_get(struct fat *fs, const struct fat_found *found, struct fat_node **result)
{
	struct fat_node *node;

	spin_lock(&fs->table_lock);
	node = find(fs, found->place);
	if (node) {
		node_get(&node->node);
		list_remove(&node->age_node);
		list_push_back(&fs->nodes_by_age, &node->age_node);
	}
	spin_unlock(&fs->table_lock);
	*result = node;
	return node ? 0 : create(fs, found, result);
}

int fat_node_create_root(struct fat *fs, struct fat_node **result)
{
	struct fat_node *root = allocate(fs, 0, MODE_DIRECTORY, fs->geometry.root_cluster);
	struct fat_entry entry = { .attributes = FAT_DIRECTORY };
	uint32_t length = 0;
	int error = 0;

	if (!root)
		return -ENOMEM;
	root->node.number = 1; /* no entry is in sector 0 */
	fat_node_load(root, &entry);
	root->node.size = fs->geometry.root_slots * FAT_SLOT_SIZE;
	if (fs->geometry.bits == 32) {
		error = fat_chain_length(root, &length);
		root->node.size = (uint64_t)length << fs->geometry.cluster_shift;
	}
	if (error)
		free_node(fs, root);
	else
		*result = root;
	return error;
}

/* --- Changes of place. --- */

/* Takes it out of the table, whose reference is the caller's then. table_lock is held. */
static bool take_out(struct fat *fs, struct fat_node *node)
{
	if (!list_node_attached(&node->table_node))
		return false;
	list_remove(&node->table_node);
	list_remove(&node->age_node);
	list_remove(&node->start_node);
	fs->node_count--;
	return true;
}

void fat_node_forget(struct fat_node *node, bool *was_held)
{
	struct fat *fs = node->fs;

	spin_lock(&fs->table_lock);
	*was_held = take_out(fs, node);
	list_remove(&node->dirty_node);
	displace(fs, node);
	node->removed = true;
	spin_unlock(&fs->table_lock);
}

void fat_node_move(struct fat_node *node, uint64_t place)
{
	struct fat *fs = node->fs;

	if (place == node->place)
		return;
	spin_lock(&fs->table_lock);
	displace(fs, node);
	node->place = place;
	if (list_node_attached(&node->table_node)) {
		list_remove(&node->table_node);
		list_push_back(bucket_of(fs, place), &node->table_node);
	}
	spin_unlock(&fs->table_lock);
}

/* --- The end. --- */

/* It has no pages any more, and nobody holds it. */
static void released(struct fat_node *node)
{
	struct fat *fs = node->fs;

	fs->waking++;
	spin_lock(&fs->table_lock);
	list_push_back(&fs->released_nodes, &node->released_node);
	spin_unlock(&fs->table_lock);
	fat_note_work(fs);
	fs->waking--;
}

void fat_cache_op_release(struct page_cache *cache)
{
	released(cache->private);
}

void fat_node_op_release(struct node *node)
{
	if (node->object)
		vm_object_put(node->object);
	else
		released(fat_node_of(node));
}

static struct fat_node *next_released(struct fat *fs)
{
	struct list_node *link;

	spin_lock(&fs->table_lock);
	link = list_pop_front(&fs->released_nodes);
	spin_unlock(&fs->table_lock);
	return link ? container_of(link, struct fat_node, released_node) : NULL;
}

void fat_nodes_reap(struct fat *fs)
{
	struct fat_node *node;

	while ((node = next_released(fs))) {
		if (node->removed && node->start && node->last_deferred) {
			fat_defer(fs, node->last_deferred, 0, node->start);
			node->last_deferred = NULL;
		}
		free_node(fs, node);
	}
}

/* The one used longest ago that nobody but the table has, with a reference. */
static struct fat_node *oldest_unused(struct fat *fs)
{
	struct fat_node *found = NULL;
	struct list_node *link;

	spin_lock(&fs->table_lock);
	list_for_each (link, &fs->nodes_by_age) {
		struct fat_node *node = container_of(link, struct fat_node, age_node);

		if (refcount_read(&node->node.references) == 1) {
			node_get(&node->node);
			found = node;
			break;
		}
	}
	spin_unlock(&fs->table_lock);
	return found;
}

static bool put_out(struct fat *fs, struct fat_node *node, bool even_dirty)
{
	bool out = false;

	spin_lock(&fs->table_lock);
	if (refcount_read(&node->node.references) == 2 &&
	    (even_dirty || !list_node_attached(&node->dirty_node))) {
		out = take_out(fs, node);
	} else {
		list_remove(&node->age_node);
		list_push_back(&fs->nodes_by_age, &node->age_node);
	}
	spin_unlock(&fs->table_lock);
	if (out)
		node_put(&node->node);
	return out;
}

void fat_nodes_trim(struct fat *fs, bool all)
{
	unsigned failures = 0;

	while (fs->node_count > (all ? 0 : FAT_NODES_MAX) && failures < FAT_NODES_MAX) {
		struct fat_node *node = oldest_unused(fs);

		if (!node)
			return;
		/* At the end all was tried already. */
		if (!all && fat_sync_node(node))
			failures++;
		if (!put_out(fs, node, all))
			failures++;
		node_put(&node->node);
	}
}
