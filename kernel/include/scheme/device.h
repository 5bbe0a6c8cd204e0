/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Device nodes of Linux's /dev: character devices register here under a name and a number
 * and appear in /dev; opening a device node made with mknod finds them by number.
 */
#pragma once

#include <scheme/node.h>

struct device_node {
	const char *name; /* path below /dev, may contain '/' (made as directories); lives until the
			   * device was removed */
	uint32_t type;    /* MODE_CHARACTER or MODE_BLOCK */
	unsigned major, minor;
	uint32_t permissions;
	const struct node_ops *ops; /* operations of open files; static */
	void *private;              /* becomes node->private, before ops->open is called */
	unsigned node_flags;        /* enum node_flags */
};

/* Registers `device` (storage stays the caller's) and makes its node in /dev; before there is a
 * /dev, it is made later. Thread context, no lock held. -EEXIST, -ENOMEM. */
int must_check device_node_add(const struct device_node *device);
/* Removes the node and waits for opens under way (the operation, not the open files). A node
 * that somebody still holds, or made elsewhere, cannot be opened any more: -ENXIO. Not called
 * from the device's own `open`. */
void device_node_remove(const struct device_node *device);
/* Symbolic links in /dev (stdin -> /proc/self/fd/0). Before there is a /dev, both strings are kept;
 * later they are copied. */
int must_check device_link_add(const char *name, const char *target);
/* Removes it, if `target` (may be NULL: any) is where it leads. */
void device_link_remove(const char *name, const char *target);
/* A directory in /dev with permissions of its own. `name` is static. */
int must_check device_directory_add(const char *name, uint32_t permissions);

/* What opening a device node means: providers of file systems put it into the `open` of their
 * MODE_CHARACTER and MODE_BLOCK nodes, whose node->private stays NULL for it. -ENXIO. */
int device_open(struct node *node, struct file *file);
/* Calls `visit` for each registered device of `type`, in order of registration, under a
 * spinlock (for /proc/devices). */
void device_visit(uint32_t type, void (*visit)(const struct device_node *device, void *argument),
		  void *argument);
/* Gives the registry its directory, the root of `dev:`. Called once by fs. */
int must_check device_tree_set(struct dentry *root);

/* A scheme that is a single device, without a directory (null:, rand:): makes it and adds it to
 * the first namespace. `name` is static. -EEXIST, -ENOMEM. */
int must_check device_scheme_create(const char *name, const struct node_ops *ops,
				    uint32_t permissions, unsigned node_flags);
