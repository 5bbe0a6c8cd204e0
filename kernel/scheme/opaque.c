/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes whose names are no tree, as Linux programs see them: /scheme/NAME is a directory, and
 * all that follows it is one name, which the scheme alone understands.
 */
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#include "opaque_priv.h"

#define ROOT_NUMBER 1

static int opaque_look_up(struct node *directory, const char *name, size_t length,
			  struct node **found)
{
	(void)directory;
	(void)name;
	(void)length;
	(void)found;
	return -ENOENT;
}

/* Working directories may keep the root beyond the end of the scheme. */
static void root_release(struct node *node)
{
	scheme_free(node->scheme);
	kfree(node);
}

static const struct node_ops root_ops = {
	.lookup = opaque_look_up,
	.release = root_release,
};

int scheme_set_opaque_root(struct scheme *scheme)
{
	struct node *root = kmalloc(sizeof(*root));

	if (!root)
		return -ENOMEM;
	node_init(root, &root_ops, scheme, ROOT_NUMBER, MODE_DIRECTORY | 0555);
	root->flags |= NODE_NO_CACHE | NODE_OPAQUE;
	root->links = 2;
	scheme->root = dentry_create_root(root);
	if (!scheme->root)
		kfree(root);
	return scheme->root ? 0 : -ENOMEM;
}

int scheme_start_opaque(const char *name, const struct scheme_ops *ops, unsigned flags)
{
	struct scheme *scheme = scheme_create(name, name, ops, flags, NULL);
	int error;

	if (!scheme)
		return -ENOMEM;
	error = scheme_set_opaque_root(scheme);
	if (!error)
		error = namespace_add(namespace_first(), scheme);
	if (error)
		scheme_put(scheme);
	return error;
}
