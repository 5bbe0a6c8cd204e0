/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block devices as files: what /dev and `disk:` share. */
#pragma once

#include <block/block.h>
#include <scheme/file.h>

/* The operations of an open block device, and of nodes that were kmalloc'ed and hold a reference to
 * it. node->private is the device, which lives as long as node->object, or such a node, does. */
extern const struct node_ops block_file_ops;
/* Opens it: for `open` of nodes whose private is the device, which is held meanwhile. */
int block_file_open(struct node *node, struct file *file);
/* Gives back the claim of an O_EXCL file for what claims the device itself; true: there was one.
 * Afterwards it is claimed again: -EBUSY, if somebody else was faster. */
bool block_file_pause_claim(struct file *file);
int must_check block_file_resume_claim(struct file *file);
/* ioctl (block_control.c). */
long block_file_control(struct file *file, unsigned request, uintptr_t argument);

static inline struct block_device *block_file_device(const struct file *file)
{
	return file->node->private;
}

static inline uint64_t block_device_bytes(const struct block_device *device)
{
	return device->sector_count << SECTOR_SHIFT;
}

/* What is on the device may have changed: its links are made anew soon (block_nodes.c). */
void block_nodes_changed(struct block_device *device);

/* Links in /dev/disk by what a device says of itself (block_links.c). */
enum block_link {
	LINK_IDENTIFIER, /* by-id: model and serial number */
	LINK_PARTITION_IDENTITY,
	LINK_PARTITION_LABEL,
	LINK_UUID, /* of the file system */
	LINK_LABEL,
	LINK_COUNT,
};
struct block_links {
	char *names[LINK_COUNT]; /* kmalloc'ed; NULL: none */
};
/* Finds out what the links of the device are and makes them; those of before go. Thread context;
 * reads the device. */
void block_links_update(struct block_links *links, struct block_device *device);
void block_links_remove(struct block_links *links, const struct block_device *device);
