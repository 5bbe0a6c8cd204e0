/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `disk:`: block devices by name, for programs that have no /dev. "disk:sda1" is the
 * partition, and "disk:" the directory of all there are. Sizes of files are those of the devices.
 */
#include "disk_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#define PERMISSIONS 0600
#define ROOT_NUMBER 1

static uint64_t number_of(const struct block_device *device)
{
	return ROOT_NUMBER + 1 + node_device(device->major, device->minor);
}

/* The node is made for whoever looks, and holds the device. */
static int root_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	char copy[BLOCK_NAME_MAX];
	struct block_device *device;
	struct node *node;

	if (length >= sizeof(copy))
		return -ENOENT;
	memcpy(copy, name, length);
	copy[length] = '\0';
	device = block_device_find(copy);
	if (!device)
		return -ENOENT;
	node = kmalloc(sizeof(*node));
	if (!node) {
		block_device_put(device);
		return -ENOMEM;
	}
	node_init(node, &block_file_ops, directory->scheme, number_of(device),
		  MODE_BLOCK | PERMISSIONS);
	node->private = device;
	node->raw_device = node_device(device->major, device->minor);
	node->size = block_device_bytes(device);
	*found = node;
	return 0;
}

struct listing {
	struct directory_sink *sink;
	uint64_t *cookie, at;
};

static bool list_device(struct block_device *device, void *argument)
{
	struct listing *listing = argument;

	if (listing->at++ < *listing->cookie)
		return true;
	if (!listing->sink->entry(listing->sink, device->name, strlen(device->name),
				  number_of(device), MODE_BLOCK, listing->at))
		return false;
	*listing->cookie = listing->at;
	return true;
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct listing listing = { .sink = sink, .cookie = cookie };

	(void)file;
	block_visit(list_device, &listing);
	return 0;
}

static const struct node_ops root_ops = {
	.lookup = root_lookup,
	.read_directory = root_read,
};

static int disk_start(void)
{
	return scheme_start_directory("disk", NULL, &root_ops, ROOT_NUMBER, SCHEME_NO_EXECUTE);
}

SCHEME(disk) = { .name = "disk", .level = 20, .start = disk_start };
