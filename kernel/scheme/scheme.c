/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes and how they start. */
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <scheme/scheme.h>

#include "change_priv.h"
#include "dentry_priv.h"
#include "file_priv.h"
#include "opaque_priv.h"
#include "tree_priv.h"

static const struct scheme_ops no_ops;

struct scheme *scheme_create(const char *name, const char *kind, const struct scheme_ops *ops,
			     unsigned flags, void *private)
{
	static _Atomic unsigned next_id = 1;
	struct scheme *scheme = kzalloc(sizeof(*scheme));

	if (!scheme)
		return NULL;
	string_copy(scheme->name, name, sizeof(scheme->name));
	scheme->name_length = (uint8_t)strlen(scheme->name);
	scheme->kind = kind;
	scheme->ops = ops ? ops : &no_ops;
	scheme->id = node_device(0, next_id++);
	scheme->flags = flags;
	scheme->next_number = 1;
	scheme->private = private;
	refcount_init(&scheme->references, 1);
	return scheme;
}

int scheme_set_root(struct scheme *scheme, struct node *root)
{
	scheme->root = dentry_create_root(root);
	if (scheme->root)
		return 0;
	node_put(root);
	return -ENOMEM;
}

uint64_t scheme_next_number(struct scheme *scheme)
{
	return scheme->next_number++;
}

void scheme_get(struct scheme *scheme)
{
	refcount_get(&scheme->references);
}

bool scheme_try_get(struct scheme *scheme)
{
	return refcount_try_get(&scheme->references);
}

void scheme_free(struct scheme *scheme)
{
	if (scheme->ops->release)
		scheme->ops->release(scheme);
	kfree(scheme);
}

void scheme_put(struct scheme *scheme)
{
	struct dentry *root = scheme->root;
	bool goes_with_root;

	if (!refcount_put(&scheme->references))
		return;
	goes_with_root =
		root && ((root->node->flags & NODE_OPAQUE) || (scheme->flags & SCHEME_ON_DEVICE));
	if (root) {
		dentry_forget_below(root);
		dentry_put(root);
	}
	if (!goes_with_root)
		scheme_free(scheme);
}

/* --- Start-up. --- */

static void start_level(int level)
{
	const struct scheme_record *record;

	for (record = scheme_records_start; record < scheme_records_end; record++) {
		int error = record->level == level ? record->start() : 0;

		if (error)
			log_error("scheme", "%s: does not start: error %d", record->name, -error);
	}
}

/* The lowest level above `level`. False: there is none. */
static bool next_level(int *level)
{
	const struct scheme_record *record;
	bool found = false;
	int next = 0;

	for (record = scheme_records_start; record < scheme_records_end; record++) {
		if (record->level > *level && (!found || record->level < next)) {
			next = record->level;
			found = true;
		}
	}
	*level = next;
	return found;
}

/* Mapped areas keep the dentry that they were mapped from. */
static void origin_get(void *origin)
{
	dentry_get(origin);
}

static void origin_put(void *origin)
{
	dentry_put(origin);
}

void schemes_start(void)
{
	static const struct vm_origin_ops origin_ops = { .get = origin_get, .put = origin_put };
	int level = INT32_MIN;

	dentry_init();
	file_init();
	rename_init();
	vm_set_origin_ops(&origin_ops);
	while (next_level(&level))
		start_level(level);
	tree_build();
}
