/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nodes of block devices in /dev. They come and go with the devices, at once. Their links in
 * /dev/disk, for which devices have to be read, are the business of a thread and follow soon.
 */
#include "disk_priv.h"

#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <scheme/device.h>
#include <scheme/scheme.h>

#define PERMISSIONS 0660

struct block_node {
	struct device_node device_node;
	struct block_device *device; /* a reference */
	struct block_links links;    /* the thread's */
	/* Under nodes_lock. */
	struct list_node node;
	struct list_node changed_node; /* attached: the thread is to look at it */
	bool removed;                  /* the device has gone; the thread frees it */
};

static struct spinlock nodes_lock = SPINLOCK_INIT(RANK_DRIVER, "block nodes");
static struct list nodes = LIST_INIT(nodes);     /* nodes_lock */
static struct list changed = LIST_INIT(changed); /* nodes_lock */
static struct wait_queue something_changed;

/* --- Links. --- */

/* nodes_lock is held. */
static void note_change(struct block_node *node)
{
	if (!list_node_attached(&node->changed_node))
		list_push_back(&changed, &node->changed_node);
}

static struct block_node *take_changed(bool *removed)
{
	struct block_node *node = NULL;
	struct list_node *entry;

	spin_lock(&nodes_lock);
	entry = list_pop_front(&changed);
	if (entry) {
		node = container_of(entry, struct block_node, changed_node);
		*removed = node->removed;
	}
	spin_unlock(&nodes_lock);
	return node;
}

static void follow_changes(void *unused)
{
	struct block_node *node;
	struct waiter waiter;
	bool removed;

	(void)unused;
	wait_begin(&something_changed, &waiter);
	for (;;) {
		while ((node = take_changed(&removed))) {
			if (!removed) {
				block_links_update(&node->links, node->device);
				continue;
			}
			block_links_remove(&node->links, node->device);
			block_device_put(node->device);
			kfree(node);
		}
		wait_sleep_until_woken(&waiter);
	}
}

/* --- Nodes. --- */

static struct block_node *find_locked(const struct block_device *device)
{
	struct list_node *entry;

	list_for_each (entry, &nodes) {
		struct block_node *node = container_of(entry, struct block_node, node);

		if (node->device == device)
			return node;
	}
	return NULL;
}

static struct block_node *make_node(struct block_device *device)
{
	struct block_node *node = kzalloc(sizeof(*node));

	if (!node)
		return NULL;
	list_node_init(&node->node);
	list_node_init(&node->changed_node);
	node->device = device;
	node->device_node = (struct device_node){
		.name = device->name,
		.type = MODE_BLOCK,
		.major = device->major,
		.minor = device->minor,
		.permissions = PERMISSIONS,
		.ops = &block_file_ops,
		.private = device,
	};
	return node;
}

static void device_added(struct block_device *device)
{
	struct block_node *node = make_node(device);
	int error = node ? device_node_add(&node->device_node) : -1;

	if (error) {
		log_error("disk", "/dev/%s cannot be made", device->name);
		kfree(node);
		return;
	}
	block_device_get(device);
	spin_lock(&nodes_lock);
	list_push_back(&nodes, &node->node);
	note_change(node);
	spin_unlock(&nodes_lock);
	wait_wake(&something_changed);
}

static void device_removed(struct block_device *device)
{
	struct block_node *node;

	spin_lock(&nodes_lock);
	node = find_locked(device);
	if (node)
		list_remove(&node->node);
	spin_unlock(&nodes_lock);
	if (!node)
		return;
	device_node_remove(&node->device_node);
	spin_lock(&nodes_lock);
	node->removed = true;
	note_change(node);
	spin_unlock(&nodes_lock);
	wait_wake(&something_changed);
}

void block_nodes_changed(struct block_device *device)
{
	struct block_node *node;

	spin_lock(&nodes_lock);
	node = find_locked(device);
	if (node)
		note_change(node);
	spin_unlock(&nodes_lock);
	if (node)
		wait_wake(&something_changed);
}

static struct block_listener listener = { .added = device_added, .removed = device_removed };

static int block_nodes_start(void)
{
	int error;

	wait_queue_init(&something_changed, "changed disks");
	error = thread_spawn("disk links", follow_changes, NULL);
	if (!error)
		block_listener_add(&listener);
	return error;
}

/* Not a scheme of its own: the devices are put into dev:, which is there by then. */
SCHEME(block_nodes) = { .name = "block nodes", .level = 10, .start = block_nodes_start };
