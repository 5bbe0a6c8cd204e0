/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of local sockets. */
#include "unix_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

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
