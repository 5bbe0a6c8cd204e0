/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree of programs whose namespace does not have the one of all others: a root with nothing in
 * it but /scheme, through which they reach the schemes that they have.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#include "mount_priv.h"
#include "tree_priv.h"

#define ROOT_NUMBER 1
#define LINK_NUMBER 2

static const char link_name[] = "scheme";
#define LINK_LENGTH (sizeof(link_name) - 1)

static struct dentry *root;   /* set once at boot; a reference */
static struct scheme *target; /* `scheme:`; set once at boot; a reference */

struct dentry *bare_root(void)
{
	return root;
}

bool bare_tree_has(const struct scheme *scheme)
{
	return scheme == target || (root && scheme == root->node->scheme);
}

static int link_follow(struct node *node, struct dentry **found)
{
	(void)node;
	*found = target->root;
	dentry_get(*found);
	return 0;
}

static ssize_t link_read(struct node *node, char *buffer, size_t size)
{
	(void)node;
	memcpy(buffer, "scheme:", min_size(size, LINK_LENGTH + 1));
	return (ssize_t)LINK_LENGTH + 1;
}

static const struct node_ops link_ops = {
	.read_link = link_read,
	.follow = link_follow,
};

static int root_look_up(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	struct node *link;

	if (length != LINK_LENGTH || memcmp(name, link_name, length) != 0)
		return -ENOENT;
	link = kmalloc(sizeof(*link));
	if (!link)
		return -ENOMEM;
	node_init(link, &link_ops, directory->scheme, LINK_NUMBER, MODE_SYMLINK | 0777);
	link->size = LINK_LENGTH + 1;
	*found = link;
	return 0;
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	(void)file;
	if (*cookie == 0 && sink->entry(sink, link_name, LINK_LENGTH, LINK_NUMBER, MODE_SYMLINK, 1))
		*cookie = 1;
	return 0;
}

static const struct node_ops root_ops = {
	.lookup = root_look_up,
	.read_directory = root_read,
};

int bare_tree_build(void)
{
	struct scheme *scheme = scheme_create("bare", "bare", NULL, SCHEME_READ_ONLY, NULL);
	struct node *node = kmalloc(sizeof(*node));
	int error = -ENOMEM;

	target = namespace_find(namespace_first(), link_name, LINK_LENGTH);
	if (scheme && node && target) {
		node_init(node, &root_ops, scheme, ROOT_NUMBER, MODE_DIRECTORY | 0555);
		node->flags = NODE_NO_CACHE;
		node->links = 2;
		error = scheme_set_root(scheme, node);
		node = NULL;
	}
	if (error) {
		kfree(node);
		if (scheme)
			scheme_put(scheme);
		return error;
	}
	root = scheme->root;
	dentry_get(root);
	return 0;
}
