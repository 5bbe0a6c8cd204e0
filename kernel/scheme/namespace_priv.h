/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces, as the files of kernel/scheme see them. */
#pragma once

#include <sched/mutex.h>
#include <scheme/scheme.h>

#define NAMESPACE_FOUND 8

struct namespace
{
	/* Who holds: processes, those who made it (struct namespace_keeper); the first and the null
	 * one also have one for ever. */
	struct refcount references;
	uint64_t number;         /* immutable */
	struct spinlock lock;    /* RANK_DENTRY: the next four */
	struct scheme **schemes; /* a reference each; in order of addition */
	size_t count, capacity;
	/* Those found last, out of `schemes`; a guess where to find one by its name. */
	struct scheme *found[NAMESPACE_FOUND];
	struct list_node node;      /* in namespaces_made, under namespaces_lock */
	struct list_node kept_node; /* in its keeper's list, under that one's lock */
};

/* RANK_NAMESPACE: namespaces_made, and the numbers of those to come. */
extern struct mutex namespaces_lock;
/* Every namespace but the first and the null one, so that a scheme can be taken out of all, and one
 * be found by its number. */
extern struct list namespaces_made;

/* The null one, number 0. */
struct namespace *namespace_null(void);
