/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `scheme:`, mounted on /scheme: a directory of the schemes in the caller's namespace.
 * Each is a link that leads to the root of the scheme.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

struct scheme_link {
	struct node node;
	struct scheme *target; /* a reference */
};

static struct scheme *directory_scheme; /* set once at boot */

static struct scheme *target_of(const struct node *node)
{
	return container_of(node, struct scheme_link, node)->target;
}

static ssize_t link_read(struct node *node, char *buffer, size_t size)
{
	const char *name = target_of(node)->name;
	size_t length = strlen(name);

	memcpy(buffer, name, min_size(size, length));
	if (length < size)
		buffer[length] = ':';
	return (ssize_t)length + 1;
}

static int link_follow(struct node *node, struct dentry **target)
{
	*target = target_of(node)->root;
	dentry_get(*target);
	return 0;
}

static void link_release(struct node *node)
{
	struct scheme_link *link = container_of(node, struct scheme_link, node);

	scheme_put(link->target);
	kfree(link);
}

static const struct node_ops link_ops = {
	.read_link = link_read,
	.follow = link_follow,
	.release = link_release,
};

/* The number of a link is told by its scheme. */
static uint64_t link_number(const struct scheme *scheme)
{
	return scheme->id + 1;
}

static int directory_look_up(struct node *directory, const char *name, size_t length,
			     struct node **found)
{
	struct scheme *target = namespace_find(namespace_current(), name, length);
	struct scheme_link *link;

	if (!target)
		return -ENOENT;
	link = kmalloc(sizeof(*link));
	if (!link) {
		scheme_put(target);
		return -ENOMEM;
	}
	node_init(&link->node, &link_ops, directory->scheme, link_number(target),
		  MODE_SYMLINK | 0777);
	link->target = target;
	link->node.size = strlen(target->name) + 1;
	*found = &link->node;
	return 0;
}

struct listing {
	struct directory_sink *sink;
	uint64_t *cookie;
	uint64_t index; /* of the scheme visited next */
};

static bool list_scheme(struct scheme *scheme, void *argument)
{
	struct listing *listing = argument;

	/* The root scheme has no name, and no path of Linux's leads to it. */
	if (listing->index++ < *listing->cookie || !scheme->name[0])
		return true;
	if (!listing->sink->entry(listing->sink, scheme->name, strlen(scheme->name),
				  link_number(scheme), MODE_SYMLINK, listing->index))
		return false;
	*listing->cookie = listing->index;
	return true;
}

static int directory_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct listing listing = { .sink = sink, .cookie = cookie };

	(void)file;
	namespace_visit(namespace_current(), list_scheme, &listing);
	return 0;
}

static const struct node_ops directory_ops = {
	.lookup = directory_look_up,
	.read_directory = directory_read,
};

static int scheme_directory_start(void)
{
	struct node *root = kmalloc(sizeof(*root));
	int error;

	directory_scheme = scheme_create("scheme", "schemefs", NULL, SCHEME_READ_ONLY, NULL);
	if (!directory_scheme || !root)
		return -ENOMEM;
	node_init(root, &directory_ops, directory_scheme, 1, MODE_DIRECTORY | 0555);
	root->flags = NODE_NO_CACHE;
	root->links = 2;
	error = scheme_set_root(directory_scheme, root);
	return error ? error : namespace_add(namespace_first(), directory_scheme);
}

SCHEME(scheme_directory) = { .name = "scheme", .level = 20, .start = scheme_directory_start };
