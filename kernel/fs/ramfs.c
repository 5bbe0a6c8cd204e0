/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ramfs: nodes and schemes. */
#include "ramfs_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <scheme/device.h>
#include <scheme/pipe.h>

#define MAGIC 0x01021994 /* Linux's tmpfs */

static struct slab_cache *node_cache;

void ramfs_get(struct ramfs *fs)
{
	refcount_get(&fs->references);
}

void ramfs_put(struct ramfs *fs)
{
	if (refcount_put(&fs->references))
		kfree(fs);
}

/* --- Nodes other than files and directories. --- */

static ssize_t link_op_read(struct node *node, char *buffer, size_t size)
{
	const char *target;
	size_t length;

	mutex_lock(&node->lock);
	target = ramfs_node_of(node)->target;
	length = strlen(target);
	memcpy(buffer, target, min_size(size, length));
	mutex_unlock(&node->lock);
	return (ssize_t)length;
}

static int link_op_set(struct node *node, char *target, size_t keep)
{
	struct ramfs_node *link = ramfs_node_of(node);
	char *unused = target;
	int error = 0;

	mutex_lock(&node->lock);
	if (strlen(link->target) < keep) {
		error = -EINVAL;
	} else {
		memcpy(target, link->target, keep);
		unused = link->target;
		link->target = target;
		node->size = strlen(target);
		node_touch_locked(node, CHANGE_MODIFY);
	}
	mutex_unlock(&node->lock);
	kfree(unused);
	return error;
}

static int socket_op_open(struct node *node, struct file *file)
{
	(void)node;
	(void)file;
	return -ENXIO;
}

static const struct node_ops link_ops = {
	.get_extended = ramfs_op_get_extended,
	.set_extended = ramfs_op_set_extended,
	.list_extended = ramfs_op_list_extended,
	.read_link = link_op_read,
	.set_link = link_op_set,
	.release = ramfs_node_release,
};

static const struct node_ops fifo_ops = {
	.get_extended = ramfs_op_get_extended,
	.set_extended = ramfs_op_set_extended,
	.list_extended = ramfs_op_list_extended,
	.open = fifo_open,
	.release = ramfs_node_release,
};

static const struct node_ops device_ops = {
	.get_extended = ramfs_op_get_extended,
	.set_extended = ramfs_op_set_extended,
	.list_extended = ramfs_op_list_extended,
	.open = device_open,
	.release = ramfs_node_release,
};

static const struct node_ops socket_ops = {
	.get_extended = ramfs_op_get_extended,
	.set_extended = ramfs_op_set_extended,
	.list_extended = ramfs_op_list_extended,
	.open = socket_op_open,
	.release = ramfs_node_release,
};

static const struct node_ops *ops_of(uint32_t mode)
{
	switch (mode & MODE_TYPE) {
	case MODE_FILE:
		return &ramfs_file_ops;
	case MODE_DIRECTORY:
		return &ramfs_directory_ops;
	case MODE_SYMLINK:
		return &link_ops;
	case MODE_FIFO:
		return &fifo_ops;
	case MODE_CHARACTER:
	case MODE_BLOCK:
		return &device_ops;
	case MODE_SOCKET:
		return &socket_ops;
	default:
		return NULL;
	}
}

/* --- Life of nodes. --- */

/* What the type of the node needs. */
static int create_contents(struct ramfs_node *node, const struct node_template *like)
{
	struct ramfs_data *data;

	switch (like->mode & MODE_TYPE) {
	case MODE_FILE:
		data = ramfs_data_create(node->fs);
		if (!data)
			return -ENOMEM;
		node->node.object = &data->object;
		break;
	case MODE_SYMLINK:
		node->target = kstrdup(like->target);
		if (!node->target)
			return -ENOMEM;
		node->node.size = strlen(node->target);
		break;
	case MODE_DIRECTORY:
		node->directory.next_cookie = 1;
		break;
	case MODE_FIFO:
		node->node.flags |= NODE_STREAM;
		break;
	default:
		break;
	}
	return 0;
}

int ramfs_node_create(struct ramfs *fs, struct scheme *scheme, const struct node_template *like,
		      uint32_t links, struct ramfs_node **made)
{
	const struct node_ops *ops = ops_of(like->mode);
	struct ramfs_node *node;
	int error = 0;

	if (!ops)
		return -EINVAL;
	node = slab_allocate_zeroed(node_cache);
	if (!node)
		return -ENOMEM;
	node_init(&node->node, ops, scheme, scheme_next_number(scheme), like->mode);
	list_init(&node->extended);
	node->fs = fs;
	node->linkable = like->linkable;
	node->node.links = links;
	node->node.uid = like->uid;
	node->node.gid = like->gid;
	node->node.raw_device = like->raw_device;
	ramfs_get(fs);
	if (++fs->nodes > fs->node_limit)
		error = -ENOSPC;
	if (!error)
		error = create_contents(node, like);
	if (error)
		node_put(&node->node);
	else
		*made = node;
	return error;
}

void ramfs_node_release(struct node *released)
{
	struct ramfs_node *node = ramfs_node_of(released);
	struct ramfs *fs = node->fs;

	if (node_is(released, MODE_DIRECTORY))
		ramfs_directory_release(node);
	else if (node_is(released, MODE_SYMLINK))
		kfree(node->target);
	ramfs_extended_release(node);
	if (released->object)
		vm_object_put(released->object);
	slab_free(node_cache, node);
	fs->nodes--;
	ramfs_put(fs);
}

/* --- Schemes. --- */

void ramfs_statistics(struct scheme *scheme, struct scheme_statistics *statistics)
{
	const struct ramfs *fs = scheme->private;
	uint64_t pages = fs->pages, nodes = fs->nodes;

	*statistics = (struct scheme_statistics){
		.magic = MAGIC,
		.block_size = PAGE_SIZE,
		.blocks = fs->page_limit,
		.free_blocks = fs->page_limit - min_u64(pages, fs->page_limit),
		.files = fs->node_limit,
		.free_files = fs->node_limit - min_u64(nodes, fs->node_limit),
	};
	statistics->available_blocks = statistics->free_blocks;
}

static const struct scheme_ops ramfs_scheme_ops = {
	.statistics = ramfs_statistics,
};

static struct ramfs *allocate_fs(const struct ramfs_options *options)
{
	struct frame_statistics memory;
	struct ramfs *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	frame_read_statistics(&memory);
	refcount_init(&fs->references, 1);
	fs->page_limit = options->size_limit ? options->size_limit / PAGE_SIZE : memory.total / 2;
	fs->node_limit = options->node_limit ? options->node_limit : memory.total / 2;
	return fs;
}

static int create_root(struct ramfs *fs, struct scheme *scheme, const struct ramfs_options *options)
{
	const struct node_template like = {
		.mode = MODE_DIRECTORY | (options->mode & MODE_PERMISSIONS),
		.uid = options->uid,
		.gid = options->gid,
	};
	struct ramfs_node *root;
	int error = ramfs_node_create(fs, scheme, &like, 2, &root);

	return error ? error : scheme_set_root(scheme, &root->node);
}

int ramfs_create_with(const char *name, const char *kind, const struct scheme_ops *ops,
		      const struct ramfs_options *options, struct scheme **result)
{
	struct scheme *scheme;
	struct ramfs *fs;
	int error;

	/* The boot thread makes the first one. */
	if (!node_cache) {
		node_cache = slab_cache_create("ramfs_node", sizeof(struct ramfs_node), 0);
		ramfs_directory_init();
	}
	fs = allocate_fs(options);
	if (!fs)
		return -ENOMEM;
	scheme = scheme_create(name, kind, ops, 0, fs);
	error = scheme ? create_root(fs, scheme, options) : -ENOMEM;
	/* The root holds the file system from now on. */
	ramfs_put(fs);
	if (error && scheme)
		scheme_put(scheme);
	else if (!error)
		*result = scheme;
	return error;
}

int ramfs_create(const char *name, const char *kind, unsigned flags,
		 const struct ramfs_options *options, struct scheme **scheme)
{
	int error = ramfs_create_with(name, kind, &ramfs_scheme_ops, options, scheme);

	if (!error)
		(*scheme)->flags |= flags;
	return error;
}
