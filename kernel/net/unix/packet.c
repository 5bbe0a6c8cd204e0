/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of local sockets. */
#include "unix_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <sched/work.h>

struct unix_packet *unix_packet_create(size_t size)
{
	struct unix_packet *packet = kmalloc(sizeof(*packet) + size);

	if (!packet)
		return NULL;
	memset(packet, 0, sizeof(*packet));
	list_node_init(&packet->node);
	packet->size = size;
	return packet;
}

void unix_packet_destroy(struct unix_packet *packet)
{
	for (unsigned i = 0; i < packet->file_count; i++)
		file_put(packet->files[i]);
	kfree(packet->files);
	kfree(packet);
}

/* Packets with files, to be destroyed one after the other: closing a file may drop further
 * packets, and a chain of them must not become as deep a chain of calls. */
static struct spinlock doomed_lock = SPINLOCK_INIT(RANK_LEAF, "doomed packets"); /* doomed */
static struct list doomed = LIST_INIT(doomed);

static struct list_node *next_doomed(void)
{
	struct list_node *node;

	spin_lock(&doomed_lock);
	node = list_pop_front(&doomed);
	spin_unlock(&doomed_lock);
	return node;
}

static void destroy_doomed(struct work *work)
{
	struct list_node *node;

	(void)work;
	while ((node = next_doomed()))
		unix_packet_destroy(container_of(node, struct unix_packet, node));
}

void unix_packet_drop(struct unix_packet *packet)
{
	static struct work work = { .run = destroy_doomed, .node = { &work.node, &work.node } };

	if (!packet->file_count) {
		unix_packet_destroy(packet);
		return;
	}
	spin_lock(&doomed_lock);
	list_push_back(&doomed, &packet->node);
	spin_unlock(&doomed_lock);
	work_queue(&work);
}

int unix_packet_copy_files(const struct unix_packet *packet, struct file ***files)
{
	struct file **copy = kcalloc(packet->file_count, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	for (unsigned i = 0; i < packet->file_count; i++) {
		copy[i] = packet->files[i];
		file_get(copy[i]);
	}
	*files = copy;
	return 0;
}
