/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes whose names are no tree, as Linux programs see them: /scheme/NAME is a directory, and
 * all that follows it is one name, which the scheme alone understands. Looking at a name opens it
 * for no more than its attributes, as long as the node is held.
 */
#include "opaque_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "dentry_priv.h"

#define ROOT_NUMBER     1
#define LINK_TARGET_MAX 4096

size_t opaque_canonicalise(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		const char *part = from;
		size_t length;

		while (*from && *from != '/')
			from++;
		length = (size_t)(from - part);
		while (*from == '/')
			from++;
		if (length == 0 || (length == 1 && part[0] == '.'))
			continue;
		if (length == 2 && part[0] == '.' && part[1] == '.') {
			while (to > text && *--to != '/')
				;
			continue;
		}
		/* What was written lies before what is read, and so does the slash. */
		if (to > text)
			*to++ = '/';
		memmove(to, part, length);
		to += length;
	}
	*to = '\0';
	return (size_t)(to - text);
}

/* --- Asking the scheme. --- */

/* The scheme of `root` with a reference. NULL: it has ended. */
static struct scheme *scheme_of(const struct dentry *root)
{
	struct scheme *scheme = root->node->scheme;

	return scheme_try_get(scheme) ? scheme : NULL;
}

static int call_open(struct dentry *root, const struct scheme_request *request, struct file **file)
{
	struct scheme *scheme = scheme_of(root);
	int error;

	if (!scheme)
		return -ENODEV;
	error = scheme->ops->open(scheme, request, file);
	scheme_put(scheme);
	return error;
}

/* Gives the open file its name, for walks that begin there and for the paths that are shown. */
static int name_file(struct dentry *root, const char *name, size_t length, struct file *file)
{
	struct dentry *dentry = root;

	if (length) {
		dentry = dentry_allocate(name, length);
		if (!dentry)
			return -ENOMEM;
		node_get(file->node);
		dentry_attach(dentry, root, file->node, false);
	} else {
		dentry_get(root);
	}
	if (node_is(file->node, MODE_DIRECTORY))
		file->node->flags |= NODE_OPAQUE | NODE_NO_CACHE;
	file->dentry = dentry;
	return 0;
}

int opaque_open(struct dentry *root, const char *name, size_t length,
		const struct credentials *credentials, unsigned flags, uint32_t mode,
		struct file **file)
{
	const struct scheme_request request = {
		.path = name,
		.length = length,
		.credentials = credentials,
		.flags = flags,
		.mode = mode & MODE_PERMISSIONS,
	};
	int error = call_open(root, &request, file);

	if (!error && !(*file)->dentry) {
		error = name_file(root, name, length, *file);
		if (error)
			file_put(*file);
	}
	return error;
}

int opaque_open_dentry(struct dentry *dentry, const struct credentials *credentials, unsigned flags,
		       struct file **file)
{
	if (!dentry->parent)
		flags |= FILE_DIRECTORY;
	return opaque_open(dentry->parent ? dentry->parent : dentry,
			   dentry->parent ? dentry->name : "", dentry->name_length, credentials,
			   flags, 0, file);
}

int opaque_make(struct walk *walk, const struct node_template *like)
{
	unsigned flags = FILE_CREATE | FILE_EXCLUSIVE | FILE_CLOSE_ON_EXEC;
	struct file *made;
	int error;

	switch (like->mode & MODE_TYPE) {
	case MODE_DIRECTORY:
		flags |= FILE_DIRECTORY | FILE_ACCESS;
		break;
	case MODE_FILE:
		flags |= FILE_WRITE_ONLY;
		break;
	default:
		return -EPERM;
	}
	error = opaque_open(walk->at, walk->name, walk->length, walk->walker->credentials, flags,
			    like->mode, &made);
	if (error)
		return error == -EXDEV ? -EEXIST : error;
	file_put(made);
	return 0;
}

int opaque_remove(struct walk *walk, bool directory)
{
	const struct scheme_request request = {
		.path = walk->name,
		.length = walk->length,
		.credentials = walk->walker->credentials,
	};
	struct scheme *scheme = scheme_of(walk->at);
	int error;

	if (!scheme)
		return -ENODEV;
	error = scheme->ops->remove ? scheme->ops->remove(scheme, &request, directory) : -EPERM;
	scheme_put(scheme);
	return error < 0 ? error : 0;
}

/* Opens the name for looking at it only. */
static int open_to_look(struct walk *walk, struct file **file)
{
	const struct scheme_request request = {
		.path = walk->name,
		.length = walk->length,
		.credentials = walk->walker->credentials,
		.flags = FILE_ACCESS | FILE_NO_FOLLOW | FILE_CLOSE_ON_EXEC,
		.look_up = true,
	};

	return call_open(walk->at, &request, file);
}

int opaque_rename(struct walk *from, struct walk *to)
{
	struct file *moved;
	int error = open_to_look(from, &moved);

	if (error)
		return error;
	error = file_rename_open(moved, to->name, to->length);
	file_put(moved);
	return error < 0 ? error : 0;
}

/* --- What was looked up. --- */

struct opaque_node {
	struct node node;
	struct dentry *root; /* a reference */
	struct file *file;   /* open for looking at it; NULL: a link to another scheme */
	bool fresh;          /* what the node has was read just now, and nobody has seen it yet */
	struct credentials *credentials; /* of who looked; a reference */
	char name[];                     /* terminated */
};

static struct opaque_node *opaque_of(struct node *node)
{
	return container_of(node, struct opaque_node, node);
}

static void store_attributes(struct node *node, const struct node_attributes *attributes)
{
	mutex_lock(&node->lock);
	node->mode = attributes->mode & MODE_TYPE ? attributes->mode : attributes->mode | MODE_FILE;
	node->links = attributes->links;
	node->uid = attributes->uid;
	node->gid = attributes->gid;
	node->size = attributes->size;
	node->blocks = attributes->blocks;
	node->times = attributes->times;
	mutex_unlock(&node->lock);
}

static void opaque_refresh(struct node *node)
{
	struct opaque_node *opaque = opaque_of(node);
	struct node_attributes attributes;

	if (opaque->fresh)
		opaque->fresh = false;
	else if (opaque->file && file_read_attributes(opaque->file, &attributes) >= 0)
		store_attributes(node, &attributes);
}

static int opaque_change(struct node *node, const struct node_changes *changes)
{
	struct file *file = opaque_of(node)->file;
	int error;

	if (!file)
		return -EOPNOTSUPP;
	error = file_change_attributes(file, file->credentials, changes);
	return error < 0 ? error : 0;
}

/* Where "SCHEME:REST", or what is relative to the link's directory, is in the Linux tree. */
static ssize_t write_target(const struct opaque_node *link, const char *target, char *buffer,
			    size_t size)
{
	const char *scheme = link->node.scheme->name;
	const char *slash = strrchr(link->name, '/');
	int length = slash ? (int)(slash - link->name) : 0;
	const char *end = target;

	while (*end && *end != ':' && *end != '/')
		end++;
	if (*end == ':')
		return snprintf(buffer, size, "/scheme/%.*s/%s", (int)(end - target), target,
				end + 1);
	if (*target == '/')
		return snprintf(buffer, size, "/scheme/%s%s", scheme, target);
	return snprintf(buffer, size, "/scheme/%s/%.*s/%s", scheme, length, link->name, target);
}

static ssize_t opaque_read_link(struct node *node, char *buffer, size_t size)
{
	struct opaque_node *link = opaque_of(node);
	const struct scheme_request request = {
		.path = link->name,
		.length = strlen(link->name),
		.credentials = link->credentials,
		.flags = FILE_READ_ONLY | FILE_NO_FOLLOW | FILE_CLOSE_ON_EXEC,
		.link = true,
	};
	struct file *file;
	ssize_t length;
	struct io io;
	char *text;
	int error;

	if (link->file && !node_is(node, MODE_SYMLINK))
		return -EINVAL;
	text = kmalloc(2 * LINK_TARGET_MAX);
	if (!text)
		return -ENOMEM;
	error = call_open(link->root, &request, &file);
	if (error) {
		kfree(text);
		return error;
	}
	io_init_kernel(&io, text, LINK_TARGET_MAX - 1);
	length = file_read(file, &io, NULL);
	file_put(file);
	if (length >= 0) {
		char *path = text + LINK_TARGET_MAX;

		text[length] = '\0';
		length = write_target(link, text, path, LINK_TARGET_MAX);
		memcpy(buffer, path, min_size(size, (size_t)length));
	}
	kfree(text);
	return length;
}

static void opaque_release(struct node *node)
{
	struct opaque_node *opaque = opaque_of(node);

	if (opaque->file)
		file_put(opaque->file);
	dentry_put(opaque->root);
	credentials_put(opaque->credentials);
	kfree(opaque);
}

static const struct node_ops opaque_ops = {
	.refresh = opaque_refresh,
	.change = opaque_change,
	.read_link = opaque_read_link,
	.release = opaque_release,
};

/* Takes over `file`, which may be NULL. */
static struct opaque_node *opaque_create(struct walk *walk, struct file *file)
{
	struct opaque_node *opaque = kzalloc(sizeof(*opaque) + walk->length + 1);
	const uint32_t mode = file ? MODE_FILE | 0666 : MODE_SYMLINK | 0777;
	struct node_attributes attributes = { 0 };

	if (!opaque) {
		if (file)
			file_put(file);
		return NULL;
	}
	opaque->fresh = file && file_read_attributes(file, &attributes) >= 0;
	node_init(&opaque->node, &opaque_ops, walk->at->node->scheme, attributes.number, mode);
	memcpy(opaque->name, walk->name, walk->length);
	opaque->root = walk->at;
	opaque->file = file;
	opaque->credentials = (struct credentials *)walk->walker->credentials;
	dentry_get(walk->at);
	credentials_get(opaque->credentials);
	if (opaque->fresh)
		store_attributes(&opaque->node, &attributes);
	if (node_is(&opaque->node, MODE_DIRECTORY))
		opaque->node.flags = NODE_OPAQUE | NODE_NO_CACHE;
	return opaque;
}

int opaque_look_up(struct walk *walk, struct dentry **found)
{
	struct opaque_node *opaque;
	struct dentry *dentry;
	struct file *file = NULL;
	int error = open_to_look(walk, &file);

	if (error && error != -EXDEV)
		return error;
	opaque = opaque_create(walk, error ? NULL : file);
	if (!opaque)
		return -ENOMEM;
	dentry = dentry_allocate(walk->name, walk->length);
	if (!dentry) {
		node_put(&opaque->node);
		return -ENOMEM;
	}
	dentry_attach(dentry, walk->at, &opaque->node, false);
	*found = dentry;
	return 0;
}

/* --- The root. --- */

/* Walks never look up single names here. */
static int root_look_up(struct node *directory, const char *name, size_t length,
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
	.lookup = root_look_up,
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

int scheme_start_directory(const char *name, const struct scheme_ops *ops,
			   const struct node_ops *directory_ops, uint64_t root_number,
			   unsigned flags)
{
	struct scheme *scheme = scheme_create(name, name, ops, flags, NULL);
	struct node *root = kmalloc(sizeof(*root));
	int error;

	if (!scheme || !root) {
		kfree(root);
		if (scheme)
			scheme_put(scheme);
		return -ENOMEM;
	}
	node_init(root, directory_ops, scheme, root_number, MODE_DIRECTORY | 0555);
	root->flags |= NODE_NO_CACHE;
	root->links = 2;
	error = scheme_set_root(scheme, root);
	if (!error)
		error = namespace_add(namespace_first(), scheme);
	if (error)
		scheme_put(scheme);
	return error;
}
