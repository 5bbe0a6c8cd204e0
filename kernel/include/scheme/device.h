/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Device nodes of Linux's /dev: character devices register here under a name and a number
 * and appear in /dev; opening a device node made with mknod finds them by number.
 */
#pragma once

#include <scheme/node.h>

struct device_node {
	const char *name; /* path below /dev, may contain '/' (made as directories); static */
	uint32_t type;    /* MODE_CHARACTER or MODE_BLOCK */
	unsigned major, minor;
	uint32_t permissions;
	const struct node_ops *ops; /* operations of open files; static */
	void *private;              /* becomes node->private */
	unsigned node_flags;        /* enum node_flags */
};

/* Registers `device` (storage stays the caller's). -EEXIST, -ENOMEM. */
int must_check device_node_add(const struct device_node *device);
void device_node_remove(const struct device_node *device);
/* Symbolic links in /dev (stdin -> /proc/self/fd/0). */
int must_check device_link_add(const char *name, const char *target);
