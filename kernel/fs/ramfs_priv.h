/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ramfs: files whose only home is memory.
 *
 *   ramfs.c            nodes and schemes
 *   ramfs_directory.c  names
 *   ramfs_file.c       reading and writing files
 *   ramfs_extended.c   extended attributes
 *   ramfs_data.c       the pages of a file, and the archive's bytes that stand in for them
 */
#pragma once

#include <base/rbtree.h>
#include <fs/fs.h>
#include <mm/vm/object.h>
#include <scheme/node.h>
#include <scheme/scheme.h>

/* One file system. */
struct ramfs {
	/* Who holds: nodes, and the data of files, which mappings may keep longer. */
	struct refcount references;
	uint64_t page_limit, node_limit; /* immutable */
	_Atomic uint64_t pages, nodes;   /* in use */
	/* Names of directories that were released together with what is in them. That only
	 * happens when the root is, to nobody's interest but the thread that does it. */
	struct ramfs_entry *dying;
	bool draining;
};

/* A name in a directory. All under the directory's directory_lock. */
struct ramfs_entry {
	struct rbtree_node order_node; /* by cookie */
	struct ramfs_entry *hash_next;
	uint64_t cookie;
	struct ramfs_node *node; /* a reference */
	uint32_t hash;
	uint8_t length;
	char name[];
};

/* All under the directory's directory_lock. */
struct ramfs_directory {
	struct rbtree order; /* the entries, oldest first */
	struct ramfs_entry **buckets;
	uint32_t bucket_count; /* a power of two, or 0 */
	uint32_t count;
	uint64_t next_cookie; /* never used before: listings go by it */
};

struct ramfs_node {
	struct node node;
	struct ramfs *fs;     /* a reference; immutable */
	bool linkable;        /* was made without a name, and may get one; immutable */
	struct list extended; /* attributes; under node.lock */
	unsigned seals;       /* enum memory_file_seals, of files; under node.lock */
	union {
		struct ramfs_directory directory;
		char *target; /* of a symbolic link; under node.lock */
	};
};

/*
 * The contents of a regular file. A page is either in the object's tree, or it is the archive's
 * (it lies below archive_length and is not marked in `punched`), or it is a hole.
 *
 * All but `fs` is under object.lock.
 */
struct ramfs_data {
	struct vm_object object;
	struct ramfs *fs;       /* a reference; immutable */
	uint64_t charged;       /* pages that count against the limit */
	const uint8_t *archive; /* what the file was at boot; never freed */
	uint64_t archive_length;
	uint64_t archive_left; /* how many pages are the archive's */
	uint64_t *punched;     /* bitmap of archive pages that are none any more; NULL: none */
};

static inline struct ramfs_node *ramfs_node_of(struct node *node)
{
	return container_of(node, struct ramfs_node, node);
}

static inline struct ramfs_data *ramfs_data_of(const struct node *node)
{
	return container_of(node->object, struct ramfs_data, object);
}

/* --- ramfs.c --- */

void ramfs_get(struct ramfs *fs);
void ramfs_put(struct ramfs *fs);
/* As ramfs_create(), with operations of the scheme that end in ramfs_statistics(). */
int must_check ramfs_create_with(const char *name, const char *kind, const struct scheme_ops *ops,
				 const struct ramfs_options *options, struct scheme **scheme);
void ramfs_statistics(struct scheme *scheme, struct scheme_statistics *statistics);
/* A node without a name, with one reference. `links` is what it starts with. -ENOSPC, -ENOMEM. */
int must_check ramfs_node_create(struct ramfs *fs, struct scheme *scheme,
				 const struct node_template *like, uint32_t links,
				 struct ramfs_node **made);

/* --- ramfs_directory.c --- */

extern const struct node_ops ramfs_directory_ops;
/* Once, before the first directory is made. */
void ramfs_directory_init(void);
/* Frees the names in a directory that is being released, and what they hold. */
void ramfs_directory_release(struct ramfs_node *directory);

/* --- ramfs_file.c --- */

extern const struct node_ops ramfs_file_ops;
void ramfs_node_release(struct node *node);

/* --- ramfs_extended.c: what node_ops says --- */

ssize_t ramfs_op_get_extended(struct node *node, const char *name, void *value, size_t size);
int ramfs_op_set_extended(struct node *node, const char *name, const void *value, size_t size,
			  unsigned flags);
ssize_t ramfs_op_list_extended(struct node *node, char *names, size_t size);
/* Frees all, of a node that is being released. */
void ramfs_extended_release(struct ramfs_node *node);

/* --- ramfs_data.c --- */

/* Empty contents, with one reference to the object. NULL: out of memory. */
struct ramfs_data *ramfs_data_create(struct ramfs *fs);
/* Makes `length` bytes of the archive the contents; they stay for ever. node->lock is held. */
void ramfs_data_set_archive(struct node *node, const void *archive, uint64_t length);
/* Sets the size of the contents; what is new is zero. node->lock is held. */
void ramfs_data_resize(struct ramfs_data *data, uint64_t size);
/* The page at `index` with a reference, made where there is none. -ENOSPC, -ENOMEM. */
int must_check ramfs_data_page(struct ramfs_data *data, uint64_t index, struct frame **frame);
/* Makes [start, end) zero, whole pages by dropping them. node->lock is held. -ENOSPC, -ENOMEM. */
int must_check ramfs_data_zero(struct ramfs_data *data, uint64_t start, uint64_t end);
/* The first page at or after `index` that has data, or with `hole` that has none; one past the
 * last of the object where there is none. */
uint64_t ramfs_data_seek(struct ramfs_data *data, uint64_t index, bool hole);
/* The pages that hold data, in the tree and in the archive. */
uint64_t ramfs_data_pages(struct ramfs_data *data);

/* A stretch of contents: a page in the tree, or bytes of the archive, or (both NULL) zeros. */
struct ramfs_piece {
	struct frame *frame; /* a reference */
	const uint8_t *archive;
	uint64_t length; /* from the offset asked for; of a frame: to its end */
};
void ramfs_data_find(struct ramfs_data *data, uint64_t offset, struct ramfs_piece *piece);
