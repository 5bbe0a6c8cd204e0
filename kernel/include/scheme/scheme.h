/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes, the named providers of nodes, and namespaces, the sets of schemes that processes
 * see.
 *
 * Kernel schemes describe themselves in a record that is gathered at link time:
 *
 *     SCHEME(zero) = { .name = "zero", .start = zero_start };
 *
 * `start` runs once at boot (in order of `level`), creates the scheme's root and registers it
 * in the first namespace. Linux programs find scheme NAME as /scheme/NAME. File systems start at
 * level 0, devices at 10, the rest at 20 or above.
 */
#pragma once

#include <scheme/path.h>

struct namespace;
struct node_ops;

enum scheme_flags {
	SCHEME_READ_ONLY = 1 << 0,
	SCHEME_NO_EXECUTE = 1 << 1,
	SCHEME_NO_DEVICES = 1 << 2, /* device nodes cannot be opened */
	/* In which of Redox's namespaces it is: all of them are in the first one. */
	SCHEME_IN_NULL = 1 << 3,   /* also in number 0 */
	SCHEME_IN_MADE = 1 << 4,   /* also in those that programs make, without being asked for */
	SCHEME_WITH_TREE = 1 << 5, /* its nodes in those that have the tree's `file:` */
	SCHEME_NO_SET_ID = 1 << 6, /* programs get no other ids by their set-id bits */
	SCHEME_NO_ACCESS_TIME = 1 << 7,
	SCHEME_SYNCHRONOUS = 1 << 8, /* files are opened as with O_DSYNC */
	/* It is on a device, and can be unmounted: its open files that write are counted, and it is
	 * freed only when nothing of it is in use any more (scheme_ops.unused). Immutable. */
	SCHEME_ON_DEVICE = 1 << 9,
};
/* Those that mounting decides on, and remounting changes. */
#define SCHEME_MOUNT_FLAGS                                                             \
	(SCHEME_READ_ONLY | SCHEME_NO_EXECUTE | SCHEME_NO_DEVICES | SCHEME_NO_SET_ID | \
	 SCHEME_NO_ACCESS_TIME | SCHEME_SYNCHRONOUS)

struct scheme_statistics {
	uint64_t magic; /* statfs's f_type */
	uint64_t block_size, blocks, free_blocks, available_blocks, files, free_files;
};

/* A name in a scheme whose names are no tree, and what is to become of it. */
struct scheme_request {
	const char *path; /* what follows "SCHEME:", any bytes, terminated */
	size_t length;
	const struct credentials *credentials; /* the caller's, borrowed */
	unsigned flags;                        /* of open: enum file_flags */
	uint32_t mode;        /* of open and change_mode: permissions, umask applied */
	uint64_t redox_flags; /* of open: as the caller gave them, 0: it is a Linux program */
	/* Of open by Linux programs: only to look at the file's attributes, or rename it; to read
	 * where a link leads to. */
	bool look_up, link;
};

struct scheme_ops {
	/* For schemes whose names are no tree; those with a tree have none of these, unless it is
	 * only there for Linux programs. A description in *file. Permissions are the provider's to
	 * check. No lock is held. */
	int (*open)(struct scheme *scheme, const struct scheme_request *request,
		    struct file **file);
	/* Default of the two: -ENOENT. */
	int (*remove)(struct scheme *scheme, const struct scheme_request *request, bool directory);
	int (*change_mode)(struct scheme *scheme, const struct scheme_request *request);
	/* statfs. Default: zeros. */
	void (*statistics)(struct scheme *scheme, struct scheme_statistics *statistics);
	/* sync. Default: nothing to do. */
	int (*sync)(struct scheme *scheme);
	/* Called, without locks, each time the scheme was found by name; may fill it the first
	 * time. Default: nothing. */
	void (*prepare)(struct scheme *scheme);
	/* The scheme is about to be freed: lets go of `private`. Default: nothing. */
	void (*release)(struct scheme *scheme);
	/* Of SCHEME_ON_DEVICE: neither the scheme nor any name of it is in use any more. Sees to it
	 * that scheme_free() is called, not from within, as this may be called wherever a dentry
	 * may be put. */
	void (*unused)(struct scheme *scheme);
};

struct scheme {
	char name[32];                /* immutable */
	uint8_t name_length;          /* immutable */
	const char *kind;             /* the file system's name in /proc/mounts; immutable */
	const struct scheme_ops *ops; /* immutable */
	uint64_t id;                  /* st_dev; unique; immutable */
	/* enum scheme_flags. Those of SCHEME_MOUNT_FLAGS change when it is mounted or remounted, and
	 * whoever looked at them before may still act on what he saw; the others are immutable. */
	_Atomic unsigned flags;
	_Atomic uint32_t writers;     /* SCHEME_ON_DEVICE: open files that can be written */
	struct dentry *root;          /* a reference */
	_Atomic uint64_t next_number; /* for node numbers */
	void *private;                /* the provider's */
	_Atomic bool retired;         /* no namespace finds it any more */
	/* Who holds: the creator, namespaces, mounts, open files of schemes without a tree. Nodes
	 * do not: schemes outlive them, as no scheme is unmounted while one of its names is in
	 * use. But an opaque root outlives its scheme, whose storage goes with it. */
	struct refcount references;
};

struct scheme_record {
	const char *name;
	int level; /* order of start: lower first */
	int (*start)(void);
};
extern const struct scheme_record scheme_records_start[], scheme_records_end[];

#define SCHEME(identifier)                                           \
	static const struct scheme_record scheme_record_##identifier \
		__attribute__((section(".schemes"), used, aligned(8)))

/* Starts all kernel schemes. A scheme that fails is logged and left out. */
void schemes_start(void);

/* A scheme without a root yet, with one reference, which the creator of a kernel scheme just
 * keeps. `name` is cut to what fits; `kind` is static. NULL: no memory. */
struct scheme *scheme_create(const char *name, const char *kind, const struct scheme_ops *ops,
			     unsigned flags, void *private);
/* Gives it its root, a directory or a single file; takes over the reference to `root`, also on
 * failure. -ENOMEM. */
int must_check scheme_set_root(struct scheme *scheme, struct node *root);
/* Gives a scheme whose ops have `open` a root that Linux programs reach it by: whatever follows it
 * in a path is passed to open as one name. -ENOMEM. */
int must_check scheme_set_opaque_root(struct scheme *scheme);
/* Makes such a scheme, of the kernel's own, and adds it to the first namespace. `name` is static.
 * -ENOMEM, -EEXIST. */
int must_check scheme_start_opaque(const char *name, const struct scheme_ops *ops, unsigned flags);
/* Makes a scheme of the kernel's own whose root is a directory of generated names (NODE_NO_CACHE), which
 * `directory_ops` serve, and adds it to the first namespace. `name` is static. -ENOMEM, -EEXIST. */
int must_check scheme_start_directory(const char *name, const struct scheme_ops *ops,
				      const struct node_ops *directory_ops, uint64_t root_number,
				      unsigned flags);
uint64_t scheme_next_number(struct scheme *scheme);

/* Namespaces. The first one is static: it needs no references, but counts them. */
#define NAMESPACE_NULL  0 /* without names but those of a few schemes, and for good */
#define NAMESPACE_FIRST 1
uint64_t namespace_number(const struct namespace *space);
extern struct namespace namespace_of_all; /* the first one; for comparing */
static inline struct namespace *namespace_first(void)
{
	return &namespace_of_all;
}
/* The namespace of the current process, borrowed, through a hook that proc sets; the first one
 * for kernel threads and until then. */
struct namespace *namespace_current(void);
void namespace_set_current_hook(struct namespace *(*current)(void));
/* A new one, with the schemes that all have; a reference. -ENOMEM. */
int must_check namespace_make(struct namespace **made);
/* The one of that number; one that nobody made is made, and has nothing. A reference. -ENOMEM,
 * -EINVAL (beyond INT32_MAX). */
int must_check namespace_enter_number(uint64_t number, struct namespace **space);
/* Who made namespaces keeps them, together with the processes that it forked since. The last put
 * puts all that are kept. */
struct namespace_keeper *namespace_keeper_create(void);
void namespace_keeper_get(struct namespace_keeper *keeper);
void namespace_keeper_put(struct namespace_keeper *keeper);
/* Takes over the reference to a namespace that was just made. */
void namespace_keep(struct namespace_keeper *keeper, struct namespace *space);
void namespace_get(struct namespace *space);
void namespace_put(struct namespace *space);
/* Adds `scheme`, with a reference of its own; to the first one, and so to the null one if its flags
 * say so. -EEXIST, -ENOMEM, -EINVAL (no root). */
int must_check namespace_add(struct namespace *space, struct scheme *scheme);
/* Finds by exact name, which may be empty; a reference to the scheme. NULL: none. */
struct scheme *namespace_find(struct namespace *space, const char *name, size_t length);
/* True if nodes of the scheme may be found in the namespace. */
bool namespace_admits(struct namespace *space, const struct scheme *scheme);
/* What a walker's `space` is for who has that namespace: NULL for the first. Borrowed. */
static inline struct namespace *namespace_confining(struct namespace *space)
{
	return space == namespace_first() ? NULL : space;
}

/* Where the colon is that ends the scheme's name in "SCHEME:REST"; NULL: there is none. */
const char *scheme_name_end(const char *name);
void scheme_get(struct scheme *scheme);
/* For who only has the root of it: false if the last reference has gone. */
bool must_check scheme_try_get(struct scheme *scheme);
/* Takes it out of all namespaces, for good. Takes RANK_NAMESPACE. */
void scheme_retire(struct scheme *scheme);
/* The last put frees the scheme and all that is in it; but one on a device goes with the last of
 * its names. */
void scheme_put(struct scheme *scheme);
/* Calls `release` and frees the storage: after `unused`. Thread context, may sleep. */
void scheme_free(struct scheme *scheme);
/* Calls `visit`, without locks, for each scheme until it returns false. */
void namespace_visit(struct namespace *space, bool (*visit)(struct scheme *scheme, void *argument),
		     void *argument);
/* Makes the provider write back what it keeps, and all providers of a namespace. */
void scheme_sync(struct scheme *scheme);
void namespace_sync(struct namespace *space);

/* The Linux tree: its root dentry after schemes_start(): `file:` with everything mounted
 * (dev, proc, sys, tmp, scheme). A reference for the caller. */
struct dentry *linux_tree_root(void);
/* Makes `scheme`, named "file", the tree's root instead: what was `file:` leaves the namespaces, and
 * what is mounted in it by tree_build() is mounted in the new one. Before the first process starts.
 * -ENOMEM, with nothing changed. */
int must_check tree_set_root(struct scheme *scheme);
/* Calls `visit`, without locks, for each mount in order of mounting, the tree's root first,
 * until it returns false: for /proc/mounts. `at` is what dentry_path() names the mount by. */
void mounts_visit(bool (*visit)(struct scheme *scheme, struct dentry *at, void *argument),
		  void *argument);
