/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From dentries to paths. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#include "dentry_priv.h"
#include "mount_priv.h"

/* A path is written from its end. */
struct reverse {
	char *buffer;
	size_t start; /* of what is written; the end is the buffer's */
	bool full;
};

static void prepend(struct reverse *reverse, const char *text, size_t length)
{
	if (length > reverse->start) {
		reverse->full = true;
		return;
	}
	reverse->start -= length;
	memcpy(reverse->buffer + reverse->start, text, length);
}

static void prepend_string(struct reverse *reverse, const char *text)
{
	prepend(reverse, text, strlen(text));
}

/* Writes the parts up to `root` or the top of the tree that the dentry is in, and returns that
 * top. dentry_lock is held. */
static const struct dentry *prepend_parts(struct reverse *reverse, const struct dentry *dentry,
					  const struct dentry *root)
{
	while (dentry != root) {
		if (dentry->parent) {
			prepend(reverse, dentry->name, dentry->name_length);
			prepend(reverse, "/", 1);
			dentry = dentry->parent;
		} else if (dentry->covers) {
			dentry = dentry->covers;
		} else {
			break;
		}
	}
	return dentry;
}

static void prepend_anonymous(struct reverse *reverse, const struct node *node)
{
	const char *kind = "anon_inode";
	char text[40];

	if (node_is(node, MODE_FIFO))
		kind = "pipe";
	else if (node_is(node, MODE_SOCKET))
		kind = "socket";
	snprintf(text, sizeof(text), "%s:[%llu]", kind, (unsigned long long)node->number);
	prepend_string(reverse, text);
}

static bool is_root_of_tree(const struct dentry *dentry)
{
	return mount_is_tree_root(dentry) || dentry == bare_root();
}

/* Says where the tree is that `top` is the top of, if it is not the one asked for. */
static void prepend_place(struct reverse *reverse, const struct dentry *top,
			  const struct dentry *root)
{
	const struct scheme *scheme = top->node->scheme;

	if (!scheme || scheme->root != top) {
		prepend_anonymous(reverse, top->node);
	} else if (!is_root_of_tree(top)) {
		prepend_string(reverse, scheme->name);
		prepend_string(reverse, "/scheme/");
	} else if (root && top != bare_root()) {
		prepend_string(reverse, "(unreachable)");
	}
}

/* What becomes of names that are gone. */
enum removed_names {
	REMOVED_REFUSED,
	REMOVED_MARKED,
	REMOVED_AS_THEY_WERE,
};

static ssize_t write_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
			  enum removed_names removed)
{
	struct reverse reverse = { .buffer = buffer, .start = size };
	const struct dentry *top;
	size_t length;

	prepend(&reverse, "", 1);
	spin_lock(&dentry_lock);
	if (dentry->removed && removed == REMOVED_REFUSED) {
		spin_unlock(&dentry_lock);
		return -ENOENT;
	}
	if (dentry->removed && removed == REMOVED_MARKED)
		prepend_string(&reverse, " (deleted)");
	top = prepend_parts(&reverse, dentry, root);
	/* A top of a tree has no part of its own. */
	if (top == dentry && (top == root || is_root_of_tree(top)))
		prepend(&reverse, "/", 1);
	if (top != root)
		prepend_place(&reverse, top, root);
	spin_unlock(&dentry_lock);
	if (reverse.full)
		return -ERANGE;
	length = size - reverse.start;
	memmove(buffer, buffer + reverse.start, length);
	return (ssize_t)length - 1;
}

ssize_t dentry_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
		    bool mark_removed)
{
	return write_path(dentry, root, buffer, size,
			  mark_removed ? REMOVED_MARKED : REMOVED_REFUSED);
}

#define SCHEMES_PREFIX "/scheme/"

/* Turns "/a/b" into "file:/a/b", and "/scheme/NAME/a" into "NAME:/a". */
static void make_scheme_name(char *name, const char *path)
{
	static const char tree[] = "file";
	const char *scheme = tree, *rest = path;
	size_t length = sizeof(tree) - 1;

	if (strncmp(path, SCHEMES_PREFIX, sizeof(SCHEMES_PREFIX) - 1) == 0) {
		scheme = path + sizeof(SCHEMES_PREFIX) - 1;
		for (rest = scheme; *rest && *rest != '/';)
			rest++;
		length = (size_t)(rest - scheme);
	} else if (strcmp(path, "/") == 0) {
		rest = "";
	}
	memcpy(name, scheme, length);
	name[length] = ':';
	memcpy(name + length + 1, rest, strlen(rest) + 1);
}

int dentry_scheme_name(struct dentry *dentry, char **name)
{
	const size_t longer = 6; /* "file:", and the end */
	char *path = kmalloc(PATH_MAX_LENGTH);
	char *made = NULL;
	ssize_t length = -ENOMEM;

	if (path)
		length = write_path(dentry, NULL, path, PATH_MAX_LENGTH, REMOVED_AS_THEY_WERE);
	if (length >= 0) {
		made = kmalloc((size_t)length + longer);
		if (made)
			make_scheme_name(made, path);
		else
			length = -ENOMEM;
	}
	kfree(path);
	*name = made;
	if (length == -ERANGE)
		return -ENAMETOOLONG;
	return length < 0 ? (int)length : 0;
}

int dentry_copy_place(struct dentry *dentry, struct dentry **parent, char **name, size_t *length)
{
	char *copy = kmalloc(NAME_MAX_LENGTH + 1);
	int error = 0;

	if (!copy)
		return -ENOMEM;
	spin_lock(&dentry_lock);
	if (dentry->removed) {
		error = -ENOENT;
	} else if (!dentry->parent) {
		error = -EBUSY;
	} else {
		*length = dentry->name_length;
		memcpy(copy, dentry->name, dentry->name_length + 1);
		*parent = dentry->parent;
		dentry_get(*parent);
	}
	spin_unlock(&dentry_lock);
	if (error)
		kfree(copy);
	else
		*name = copy;
	return error;
}
