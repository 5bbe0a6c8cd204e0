/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files and directories that are in use, by their number. The table holds a reference to each, so
 * that contents stay in memory after the last close; those that nobody used lately are put out when
 * there are many. Each holds its object in the volume, until a thread lets go of it.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#include "hmfs_vfs.h"

#define KEPT_MIN  1024u
#define LOOKS     256u
#define KEPT_PART 64u /* frames of memory for each inode that is kept without being in use */

void hmfs_inodes_init(struct hmfs_vfs *fs)
{
	spinlock_init(&fs->table_lock, RANK_LEAF, "hmfs inodes");
	for (unsigned i = 0; i < HMFS_BUCKETS; i++)
		list_init(&fs->table[i]);
	list_init(&fs->by_age);
	list_init(&fs->dirty);
	list_init(&fs->released);
}

static struct list *bucket_of(struct hmfs_vfs *fs, uint64_t number)
{
	return &fs->table[number * 0x9e3779b97f4a7c15ull >> 32 & (HMFS_BUCKETS - 1)];
}

/* table_lock is held. */
static struct hmfs_inode *find(struct hmfs_vfs *fs, uint64_t number)
{
	struct list_node *link;

	list_for_each (link, bucket_of(fs, number)) {
		struct hmfs_inode *inode = container_of(link, struct hmfs_inode, table_node);

		if (inode->node.number == number)
			return inode;
	}
	return NULL;
}

struct hmfs_inode *hmfs_inode_find(struct hmfs_vfs *fs, uint64_t number)
{
	struct hmfs_inode *inode;

	spin_lock(&fs->table_lock);
	inode = find(fs, number);
	if (inode) {
		node_get(&inode->node);
		list_remove(&inode->age_node);
		list_push_back(&fs->by_age, &inode->age_node);
	}
	spin_unlock(&fs->table_lock);
	return inode;
}

/* table_lock is held. */
static void insert(struct hmfs_vfs *fs, struct hmfs_inode *inode)
{
	list_push_back(bucket_of(fs, inode->node.number), &inode->table_node);
	list_push_back(&fs->by_age, &inode->age_node);
	fs->inode_count++;
	fs->fork_count += inode->kind == HMFS_INODE_FORK;
}

/* Takes it out of the table, whose reference is the caller's then. table_lock is held. */
static bool take_out(struct hmfs_vfs *fs, struct hmfs_inode *inode)
{
	if (!list_node_attached(&inode->table_node))
		return false;
	list_remove(&inode->table_node);
	list_remove(&inode->age_node);
	fs->inode_count--;
	fs->fork_count -= inode->kind == HMFS_INODE_FORK;
	return true;
}

/* --- Making. --- */

static const struct node_ops *ops_of(uint32_t mode)
{
	switch (mode & MODE_TYPE) {
	case MODE_FILE:
		return &hmfs_file_ops;
	case MODE_DIRECTORY:
		return &hmfs_directory_ops;
	case MODE_SYMLINK:
		return &hmfs_link_ops;
	case MODE_FIFO:
		return &hmfs_fifo_ops;
	case MODE_CHARACTER:
	case MODE_BLOCK:
		return &hmfs_device_ops;
	case MODE_SOCKET:
		return &hmfs_socket_ops;
	default:
		return NULL;
	}
}

static struct hmfs_inode *allocate(struct hmfs_vfs *fs, const struct node_ops *ops, uint64_t number,
				   uint32_t mode)
{
	struct hmfs_inode *inode = kzalloc(sizeof(*inode));

	if (!inode)
		return NULL;
	node_init(&inode->node, ops, fs->scheme, number, mode);
	inode->fs = fs;
	mutex_init(&inode->size_lock, RANK_FILE_SYSTEM, "hmfs size");
	list_node_init(&inode->table_node);
	list_node_init(&inode->age_node);
	list_node_init(&inode->dirty_node);
	list_node_init(&inode->released_node);
	spin_lock(&fs->table_lock);
	fs->live_count++;
	spin_unlock(&fs->table_lock);
	return inode;
}

static void free_inode(struct hmfs_inode *inode)
{
	struct hmfs_vfs *fs = inode->fs;

	if (inode->owner)
		node_put(&inode->owner->node);
	if (inode->is_held)
		hmfs_object_let_go(fs->volume, inode->id);
	fs->freed = true;
	spin_lock(&fs->table_lock);
	list_remove(&inode->dirty_node);
	fs->live_count--;
	spin_unlock(&fs->table_lock);
	kfree(inode);
}

/* Whether the dataset is one that cannot be written. */
static bool is_frozen(struct hmfs_vfs *fs, uint32_t dataset)
{
	struct hmfs_dataset_info *info;
	bool frozen = false;

	if (dataset == HMFS_DATASET_LIVE)
		return false;
	info = kmalloc(sizeof(*info));
	if (!info || hmfs_dataset_next(fs->volume, dataset, info) || info->number != dataset ||
	    (info->flags & HMFS_DATASET_READ_ONLY))
		frozen = true;
	kfree(info);
	return frozen;
}

/* Everything but the table. The object is held for it. */
static int set_up(struct hmfs_inode *inode, const struct hmfs_attributes *attributes)
{
	struct hmfs_vfs *fs = inode->fs;

	inode->kind = attributes->flags & HMFS_OBJECT_FORK ? HMFS_INODE_FORK : HMFS_INODE_OBJECT;
	inode->read_only = is_frozen(fs, inode->id.dataset);
	if (!node_is(&inode->node, MODE_FILE))
		return hmfs_inode_load(inode, true);
	page_cache_init(&inode->cache, &hmfs_cache_ops, fs->backing, NULL, attributes->size, inode);
	inode->node.object = &inode->cache.object;
	return hmfs_inode_load(inode, true);
}

/* Makes the inode of an object that is held for it, and lets go of that if it cannot. */
static int create(struct hmfs_vfs *fs, struct hmfs_id id, struct hmfs_inode **result)
{
	struct hmfs_attributes attributes;
	struct hmfs_inode *inode = NULL;
	int error = hmfs_read_attributes(fs->volume, id, &attributes);

	if (!error && !ops_of(attributes.mode))
		error = -EIO;
	if (!error) {
		inode = allocate(fs, ops_of(attributes.mode), hmfs_inode_number(id),
				 attributes.mode & MODE_TYPE);
		error = inode ? 0 : -ENOMEM;
	}
	if (error) {
		hmfs_object_let_go(fs->volume, id);
		return error;
	}
	inode->id = id;
	inode->is_held = true;
	error = set_up(inode, &attributes);
	if (error)
		node_put(&inode->node);
	else
		*result = inode;
	return error;
}

/* Puts it into the table, unless another was faster: then that one is the result. */
static struct hmfs_inode *enter(struct hmfs_vfs *fs, struct hmfs_inode *inode)
{
	struct hmfs_inode *other;

	spin_lock(&fs->table_lock);
	other = find(fs, inode->node.number);
	if (other)
		node_get(&other->node);
	else
		insert(fs, inode);
	/* The table's. */
	if (!other)
		node_get(&inode->node);
	spin_unlock(&fs->table_lock);
	if (!other)
		return inode;
	node_put(&inode->node);
	return other;
}

static unsigned kept_max(void)
{
	return KEPT_MIN + (unsigned)min_u64(frame_total() / KEPT_PART, UINT32_MAX / 2);
}

int hmfs_inode_get(struct hmfs_vfs *fs, struct hmfs_id id, struct hmfs_inode **result)
{
	struct hmfs_inode *inode = hmfs_inode_find(fs, hmfs_inode_number(id));
	int error;

	if (inode) {
		*result = inode;
		return 0;
	}
	/* Numbers of objects are below those that are made up. */
	if (id.object >= HMFS_NUMBER_FORKS || id.dataset > UINT16_MAX)
		return -EIO;
	error = hmfs_object_hold(fs->volume, id);
	if (!error)
		error = create(fs, id, &inode);
	if (error)
		return error;
	*result = enter(fs, inode);
	if (fs->inode_count > kept_max())
		hmfs_vfs_wake(fs);
	return 0;
}

int hmfs_inode_adopt(struct hmfs_vfs *fs, struct hmfs_id id, bool listed,
		     struct hmfs_inode **result)
{
	struct hmfs_inode *inode;
	int error;

	if (id.object >= HMFS_NUMBER_FORKS || id.dataset > UINT16_MAX) {
		hmfs_object_let_go(fs->volume, id);
		return -EIO;
	}
	error = create(fs, id, &inode);
	if (error)
		return error;
	*result = listed ? enter(fs, inode) : inode;
	if (fs->inode_count > kept_max())
		hmfs_vfs_wake(fs);
	return 0;
}

int hmfs_inode_get_forks(struct hmfs_inode *owner, struct hmfs_inode **result)
{
	uint64_t number = owner->node.number | HMFS_NUMBER_FORKS;
	struct hmfs_inode *inode = hmfs_inode_find(owner->fs, number);

	if (!inode) {
		inode = allocate(owner->fs, &hmfs_forks_ops, number, MODE_DIRECTORY);
		if (!inode)
			return -ENOMEM;
		inode->kind = HMFS_INODE_FORKS;
		inode->node.flags |= NODE_NO_CACHE;
		inode->id = owner->id;
		inode->read_only = owner->read_only;
		inode->owner = owner;
		node_get(&owner->node);
		inode = enter(owner->fs, inode);
	}
	hmfs_forks_note_change(owner);
	*result = inode;
	return 0;
}

int hmfs_inode_get_snapshots(struct hmfs_vfs *fs, struct hmfs_inode **result)
{
	struct hmfs_inode *inode = hmfs_inode_find(fs, HMFS_NUMBER_SNAPSHOTS);

	if (!inode) {
		inode = allocate(fs, &hmfs_snapshots_ops, HMFS_NUMBER_SNAPSHOTS,
				 MODE_DIRECTORY | 0755);
		if (!inode)
			return -ENOMEM;
		inode->kind = HMFS_INODE_SNAPSHOTS;
		inode->node.flags |= NODE_NO_CACHE;
		inode->node.links = 2;
		inode = enter(fs, inode);
	}
	*result = inode;
	return 0;
}

/* --- Going. --- */

void hmfs_inode_forget(struct hmfs_inode *inode)
{
	struct hmfs_vfs *fs = inode->fs;
	bool was_held;

	spin_lock(&fs->table_lock);
	was_held = take_out(fs, inode);
	list_remove(&inode->dirty_node);
	spin_unlock(&fs->table_lock);
	if (was_held)
		node_put(&inode->node);
}

void hmfs_inode_remember(struct hmfs_inode *inode)
{
	struct hmfs_vfs *fs = inode->fs;

	spin_lock(&fs->table_lock);
	if (!list_node_attached(&inode->table_node)) {
		insert(fs, inode);
		node_get(&inode->node);
	}
	spin_unlock(&fs->table_lock);
}

/* It has no pages any more, and nobody holds it. May be called wherever eviction is. */
static void released(struct hmfs_inode *inode)
{
	struct hmfs_vfs *fs = inode->fs;

	fs->waking++;
	spin_lock(&fs->table_lock);
	list_push_back(&fs->released, &inode->released_node);
	spin_unlock(&fs->table_lock);
	hmfs_vfs_wake(fs);
	fs->waking--;
}

void hmfs_cache_op_release(struct page_cache *cache)
{
	released(cache->private);
}

void hmfs_inode_op_release(struct node *node)
{
	if (node->object)
		vm_object_put(node->object);
	else
		released(hmfs_inode_of(node));
}

static struct hmfs_inode *next_released(struct hmfs_vfs *fs)
{
	struct list_node *link;

	spin_lock(&fs->table_lock);
	link = list_pop_front(&fs->released);
	spin_unlock(&fs->table_lock);
	return link ? container_of(link, struct hmfs_inode, released_node) : NULL;
}

void hmfs_inodes_reap(struct hmfs_vfs *fs)
{
	struct hmfs_inode *inode;

	fs->reaping++;
	while ((inode = next_released(fs))) {
		if (inode->reserved > 0)
			hmfs_unreserve(fs->volume, (uint64_t)inode->reserved);
		free_inode(inode);
	}
	fs->reaping--;
}

/* Goes through the table, those used longest ago first, until it finds one that nobody but the table
 * has; with a reference. Those that it passes have their turn again later. */
static struct hmfs_inode *oldest_unused(struct hmfs_vfs *fs, uint32_t dataset, unsigned looks)
{
	struct hmfs_inode *found = NULL;
	struct list_node *link;

	spin_lock(&fs->table_lock);
	while (looks-- > 0 && !found && (link = list_pop_front(&fs->by_age))) {
		struct hmfs_inode *inode = container_of(link, struct hmfs_inode, age_node);

		list_push_back(&fs->by_age, link);
		if (refcount_read(&inode->node.references) == 1 &&
		    (!dataset || inode->id.dataset == dataset)) {
			node_get(&inode->node);
			found = inode;
		}
	}
	spin_unlock(&fs->table_lock);
	return found;
}

static bool put_out(struct hmfs_vfs *fs, struct hmfs_inode *inode, bool even_dirty)
{
	bool out = false;

	spin_lock(&fs->table_lock);
	if (refcount_read(&inode->node.references) == 2 &&
	    (even_dirty || !list_node_attached(&inode->dirty_node)))
		out = take_out(fs, inode);
	spin_unlock(&fs->table_lock);
	if (out)
		node_put(&inode->node);
	return out;
}

void hmfs_inodes_trim(struct hmfs_vfs *fs, bool all, uint32_t dataset)
{
	unsigned limit = all ? 0 : kept_max(), failures = 0;

	while (fs->inode_count > limit && failures < KEPT_MIN) {
		struct hmfs_inode *inode =
			oldest_unused(fs, dataset, all ? fs->inode_count : LOOKS);

		if (!inode)
			return;
		/* What cannot be written is lost only if all is to end. */
		if (hmfs_inode_write(inode) && !all)
			failures++;
		else if (!put_out(fs, inode, all))
			failures++;
		node_put(&inode->node);
	}
}

bool hmfs_inodes_use(struct hmfs_vfs *fs, uint32_t dataset, const struct hmfs_inode *but)
{
	struct list_node *link;
	bool used = false;

	spin_lock(&fs->table_lock);
	list_for_each (link, &fs->by_age) {
		const struct hmfs_inode *inode = container_of(link, struct hmfs_inode, age_node);

		/* The table's reference and the name's. */
		if (inode->id.dataset == dataset &&
		    (inode != but || refcount_read(&inode->node.references) > 2))
			used = true;
	}
	spin_unlock(&fs->table_lock);
	return used;
}
