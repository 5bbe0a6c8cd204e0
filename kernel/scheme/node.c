/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes: their life, attributes, times and permissions. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/object.h>
#include <scheme/scheme.h>
#include <time/clock.h>

#include "node_priv.h"

#define NODE_BLOCK_SIZE 4096
#define NS_PER_DAY      (24 * 60 * 60 * NS_PER_SECOND)

void node_init(struct node *node, const struct node_ops *ops, struct scheme *scheme,
	       uint64_t number, uint32_t mode)
{
	uint64_t now = clock_realtime_ns();

	memset(node, 0, sizeof(*node));
	node->ops = ops;
	node->scheme = scheme;
	node->number = number;
	node->mode = mode;
	node->links = 1;
	node->times = (struct node_times){ now, now, now, now };
	refcount_init(&node->references, 1);
	mutex_init(&node->directory_lock, RANK_DIRECTORY, "directory");
	mutex_init(&node->lock, RANK_NODE, "node");
	wait_queue_init(&node->lock_waiters, "advisory lock");
	list_init(&node->advisory_locks);
}

void node_get(struct node *node)
{
	refcount_get(&node->references);
}

void node_put(struct node *node)
{
	if (!refcount_put(&node->references))
		return;
	if (node->ops->release) {
		node->ops->release(node);
		return;
	}
	if (node->object)
		vm_object_put(node->object);
	kfree(node);
}

void node_read_attributes(struct node *node, struct node_attributes *attributes)
{
	if (node->ops->refresh)
		node->ops->refresh(node);
	mutex_lock(&node->lock);
	*attributes = (struct node_attributes){
		.device = node->scheme ? node->scheme->id : 0,
		.number = node->number,
		.mode = node->mode,
		.links = node->links,
		.uid = node->uid,
		.gid = node->gid,
		.raw_device = node->raw_device,
		.size = node->size,
		.blocks = node->blocks,
		.block_size = NODE_BLOCK_SIZE,
		.times = node->times,
	};
	mutex_unlock(&node->lock);
}

void node_touch_locked(struct node *node, unsigned which)
{
	uint64_t now = clock_realtime_ns();

	if (which & CHANGE_ACCESS)
		node->times.access = now;
	if (which & CHANGE_MODIFY)
		node->times.modify = now;
	if (which != CHANGE_ACCESS)
		node->times.change = now;
}

void node_touch(struct node *node, unsigned which)
{
	mutex_lock(&node->lock);
	node_touch_locked(node, which);
	mutex_unlock(&node->lock);
}

bool node_read_only(const struct node *node)
{
	return node->scheme && (node->scheme->flags & SCHEME_READ_ONLY);
}

/* As with Linux's relatime: once after each change, and once a day. A torn or stale look at
 * the times does no harm. */
void node_note_access(struct node *node)
{
	uint64_t access = node->times.access;

	if (node->scheme && (node->scheme->flags & (SCHEME_READ_ONLY | SCHEME_NO_ACCESS_TIME)))
		return;
	if (access <= node->times.modify || access <= node->times.change ||
	    clock_realtime_ns() - access >= NS_PER_DAY)
		node_touch(node, CHANGE_ACCESS);
}

/* What root may do regardless of permissions: everything, except executing what nobody may. */
static bool privileged_may(const struct node *node, unsigned want)
{
	return !(want & 1) || node_is(node, MODE_DIRECTORY) || (node->mode & 0111);
}

/* Redox's way: root may all, and whoever is more than one of owner, group and others has all their
 * rights. Apart from the other, which is called for each part of every path. */
static __attribute__((noinline)) int added_permission(const struct node *node,
						      const struct credentials *credentials,
						      unsigned want)
{
	unsigned allowed = node->mode;

	if (credentials_privileged(credentials))
		return 0;
	if (credentials->fsuid == node->uid)
		allowed |= node->mode >> 6;
	if (credentials->fsgid == 0 || credentials_in_group(credentials, node->gid))
		allowed |= node->mode >> 3;
	return (want & ~allowed & 7) ? -EACCES : 0;
}

int node_permission(const struct node *node, const struct credentials *credentials, unsigned want)
{
	unsigned allowed = node->mode;

	if ((want & 2) && node_read_only(node) &&
	    (node_is(node, MODE_FILE) || node_is(node, MODE_DIRECTORY) ||
	     node_is(node, MODE_SYMLINK)))
		return -EROFS;
	if (credentials->bits_add_up)
		return added_permission(node, credentials, want);
	if (credentials_privileged(credentials) && privileged_may(node, want))
		return 0;
	if (credentials->fsuid == node->uid)
		allowed >>= 6;
	else if (credentials_in_group(credentials, node->gid))
		allowed >>= 3;
	return (want & ~allowed & 7) ? -EACCES : 0;
}
