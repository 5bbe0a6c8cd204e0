/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes: the things that schemes provide. Files, directories, devices, pipes.
 *
 * Every provider fills one `static const struct node_ops`; a missing entry means the default
 * error of the operation, noted at each. Permissions, path walking, read-only checks and the
 * name cache are the caller's (path.h); an operation gets what is left to do. docs/schemes.md
 * explains it all and shows a small provider.
 */
#pragma once

#include <base/list.h>
#include <base/types.h>
#include <mm/vm/user.h>
#include <sched/mutex.h>
#include <sync/refcount.h>

struct dentry;
struct file;
struct node;
struct poller;
struct scheme;
struct scheme_statistics;
struct vm_object;

/* File types in `mode`, with Linux's and Redox's common values. */
enum node_mode {
	MODE_TYPE = 0170000,
	MODE_SOCKET = 0140000,
	MODE_SYMLINK = 0120000,
	MODE_FILE = 0100000,
	MODE_BLOCK = 0060000,
	MODE_DIRECTORY = 0040000,
	MODE_CHARACTER = 0020000,
	MODE_FIFO = 0010000,
	MODE_SETUID = 04000,
	MODE_SETGID = 02000,
	MODE_STICKY = 01000,
	MODE_PERMISSIONS = 07777,
};

#define NAME_MAX_LENGTH 255
#define PATH_MAX_LENGTH 4096 /* with the terminating 0 */

/* Nanoseconds since 1970. */
struct node_times {
	uint64_t access, modify, change, birth;
};

struct node_attributes {
	uint64_t device; /* of the scheme */
	uint64_t number;
	uint32_t mode, links, uid, gid;
	uint64_t raw_device; /* of device nodes: node_device() */
	uint64_t size, blocks /* of 512 bytes */, block_size;
	struct node_times times;
};

/* What set_attributes changes. */
enum node_change {
	CHANGE_MODE = 1 << 0, /* permission bits */
	CHANGE_UID = 1 << 1,
	CHANGE_GID = 1 << 2,
	CHANGE_SIZE = 1 << 3,
	CHANGE_ACCESS = 1 << 4,
	CHANGE_MODIFY = 1 << 5,
	/* With the two above: the time is now, whatever the structure says. With both (touch) not
	 * only the owner may, but who may write. */
	CHANGE_ACCESS_NOW = 1 << 6,
	CHANGE_MODIFY_NOW = 1 << 7,
};

struct node_changes {
	unsigned which; /* enum node_change */
	uint32_t mode, uid, gid;
	uint64_t size;
	uint64_t access, modify;
};

/* A file to be made. */
struct node_template {
	uint32_t mode; /* type and permissions, umask applied */
	uint32_t uid, gid;
	uint64_t raw_device;
	const char *target; /* of a symbolic link */
	bool linkable;      /* create_temporary: may be given a name later */
};

/* Receives directory entries: returns false when it has no room for this one. */
struct directory_sink {
	bool (*entry)(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		      uint32_t mode_type, uint64_t next_cookie);
};

struct node_ops {
	/* --- Directories; called with the directory's lock held (RANK_DIRECTORY). The lookup and
	 * read_directory of one with NODE_NO_CACHE are called without: its provider locks. --- */
	/* Finds `name`; a new reference in *found. -ENOENT. Default: -ENOTDIR. */
	int (*lookup)(struct node *directory, const char *name, size_t length, struct node **found);
	/* Of file systems that find a name under other spellings (upper and lower case): stores the one
	 * that is kept, of a node that lookup found, terminated, in name[NAME_MAX_LENGTH + 1]; its
	 * length. The name cache only has that one. Default: there is but one. */
	size_t (*name_of)(struct node *node, char *name);
	/* Makes any kind of file; a reference in *made. Default: -EPERM. */
	int (*create)(struct node *directory, const char *name, size_t length,
		      const struct node_template *like, struct node **made);
	/* A further name for `target`. Default: -EPERM. */
	int (*link)(struct node *directory, const char *name, size_t length, struct node *target);
	/* Removes the name of `target`; a directory must be empty (-ENOTEMPTY). -EPERM. */
	int (*unlink)(struct node *directory, const char *name, size_t length, struct node *target);
	/* Moves `moved`; `replaced` (may be NULL) is what the new name meant, checked to be of the
	 * same kind; an own directory must be empty. Both locked. `exchange`: swaps the two.
	 * Default: -EPERM. */
	int (*rename)(struct node *from, const char *from_name, size_t from_length,
		      struct node *moved, struct node *to, const char *to_name, size_t to_length,
		      struct node *replaced, bool exchange);
	/* Makes a regular file that has no name (O_TMPFILE). Default: -EOPNOTSUPP. */
	int (*create_temporary)(struct node *directory, const struct node_template *like,
				struct node **made);

	/* --- Any node. --- */
	/* The target of a symbolic link, not terminated; returns its whole length. -EINVAL. */
	ssize_t (*read_link)(struct node *node, char *buffer, size_t size);
	/* Replaces the target of an ordinary one by `target` (kmalloc'ed, terminated, taken over),
	 * whose first `keep` bytes are to become those of the old one; -EINVAL if that is shorter.
	 * No lock is held. Default: -EPERM. */
	int (*set_link)(struct node *node, char *target, size_t keep);
	/* For magic links (/proc/PID/fd/N, cwd, exe): where it leads, with a reference.
	 * `struct dentry` of path.h; for a file without one, dentry_create_root() of its node
	 * makes one. NULL: an ordinary link. No lock is held. */
	int (*follow)(struct node *node, struct dentry **target);
	/* Brings generated attributes (size, times) up to date in the node. No lock is held.
	 * Default: nothing. */
	void (*refresh)(struct node *node);
	/* Applies checked changes, with node->lock held; _NOW is resolved. Default:
	 * node_store_changes(), but CHANGE_SIZE is -EINVAL. */
	int (*set_attributes)(struct node *node, const struct node_changes *changes);
	/* The same for providers that check what is allowed themselves; no lock is held. Default: the
	 * checks of node_set_attributes(), then set_attributes. */
	int (*change)(struct node *node, const struct node_changes *changes);
	/* Extended attributes (extended.h), checked, with node->lock held. get: the length, of which
	 * what fits is stored, -ENODATA. set: `value` NULL removes. list: terminated names, all or
	 * -ERANGE. Defaults: -EOPNOTSUPP, and an empty list. */
	ssize_t (*get_extended)(struct node *node, const char *name, void *value, size_t size);
	int (*set_extended)(struct node *node, const char *name, const void *value, size_t size,
			    unsigned flags);
	ssize_t (*list_extended)(struct node *node, char *names, size_t size);
	/* The last reference went: frees what the provider has and the storage. Takes no sleeping
	 * lock of rank < RANK_OBJECT. Default: puts node->object, kfree. */
	void (*release)(struct node *node);

	/* --- Open files. --- */
	/* May set file->private and file->ops. Default: success. No lock is held. */
	int (*open)(struct node *node, struct file *file);
	void (*close)(struct file *file); /* the last reference went */
	/* Transfer at `offset` (meaningless for streams); bytes moved, or an error. Interrupted:
	 * -ERESTART. If the node has an object, the position's lock is held where the position
	 * is used; otherwise no lock is. Default: -EINVAL, for directories -EISDIR. */
	ssize_t (*read)(struct file *file, struct io *io, uint64_t offset);
	/* With O_APPEND the offset is found by the provider under node->lock: *offset then is where
	 * the first byte went. */
	ssize_t (*write)(struct file *file, struct io *io, uint64_t *offset);
	/* Lists entries from *cookie on (0: the start; "." and ".." are the caller's): passes each
	 * with the cookie that the next one starts from (less than INT64_MAX - 2), which becomes
	 * *cookie where the sink took it. The directory's lock is held, as above. Default:
	 * -ENOTDIR. */
	int (*read_directory)(struct file *file, uint64_t *cookie, struct directory_sink *sink);
	/* Where SEEK_END counts from; streams: -ESPIPE. Default: node->size. */
	int64_t (*seek_end)(struct file *file);
	/* The first byte of data at or after `offset`, or with `hole` of what is none; -ENXIO past
	 * the end. Default: all is data, and a hole is at the end. */
	int64_t (*seek_data)(struct file *file, uint64_t offset, bool hole);
	/* Adds the queues to wait on to `poller` (may be NULL) and returns the events of
	 * poll.h that are ready. Default: readable and writable. */
	unsigned (*poll)(struct file *file, struct poller *poller);
	/* ioctl: Linux's request and argument (a number or user address). Default: -ENOTTY. */
	long (*control)(struct file *file, unsigned request, uintptr_t argument);
	/* The object to map, with a reference. Default: node->object, or -ENODEV. */
	int (*map)(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
		   struct vm_object **object);
	/* Default: success. */
	int (*sync)(struct file *file, bool data_only);
	/* fallocate(2). Default: -EOPNOTSUPP. */
	int (*allocate)(struct file *file, unsigned mode, uint64_t offset, uint64_t length);
	/* Makes [to_offset, to_offset + length) of `to`, whose operation it is, share the blocks of
	 * `from`, a file of the same scheme (FICLONERANGE); length 0: up to its end. Access was
	 * checked. -EINVAL (not whole blocks, an overlap), -EXDEV. Default: -EOPNOTSUPP. */
	int (*clone)(struct file *from, uint64_t from_offset, struct file *to, uint64_t to_offset,
		     uint64_t length);

	/* --- Open files whose provider decides more of itself, above all processes that provide
	 * schemes (kernel/user_scheme). Called through the functions of file.h, without locks. --- */
	/* Another description, of what `name` means to this one (Redox's dup). -EBADF. */
	int (*duplicate)(struct file *file, const char *name, size_t length, struct file **made);
	/* Its name, "SCHEME:REST", not terminated: the number of bytes stored, at most `size`.
	 * Default: the dentry's; -EBADF for files without one. */
	ssize_t (*name)(struct file *file, char *buffer, size_t size);
	/* Where /proc/PID/fd/N leads, by its text, of files whose name changes: a Linux path, not
	 * terminated; the number of bytes, at most `size`. Default: the dentry's path. */
	ssize_t (*link_name)(struct file *file, char *buffer, size_t size);
	/* Moves the position, which the provider keeps. Default: as file_seek() describes. */
	int64_t (*seek)(struct file *file, int64_t offset, int whence);
	/* Is asked before descriptor flags change or are read (Redox's fcntl, its numbers): 0, or
	 * the error. Default: 0. */
	int (*may_control)(struct file *file, uint64_t command, uint64_t argument);
	/* Gives the open file the name `path` in its scheme (Redox's frename): of schemes without a
	 * tree, where no dentry can be renamed. -EBADF. */
	int (*rename_open)(struct file *file, const char *path, size_t length);
	/* Default: the scheme's. */
	int (*file_statistics)(struct file *file, struct scheme_statistics *statistics);
	/* Default: the node's. */
	int (*read_attributes)(struct file *file, struct node_attributes *attributes);
	/* Applies changes (which may be any), checking permissions itself. Default: as
	 * node_set_attributes() and file_truncate() do. */
	int (*change_attributes)(struct file *file, const struct node_changes *changes);
	/* From now on readiness for `wanted` (POLL_IN, POLL_OUT) is to be reported through poll and
	 * its queues. Called before each wait. What is ready now, or an error. Default: nothing to
	 * be done, as poll always knows. */
	int (*watch)(struct file *file, unsigned wanted);
};

enum node_flags {
	NODE_STREAM = 1 << 0, /* no offset: pread is -ESPIPE, position lock not taken */
	/* A directory that is made up on the fly (proc): its entries are not kept in the name
	 * cache, and the operations are called without its lock. */
	NODE_NO_CACHE = 1 << 1,
	/* The root of a scheme whose names are no tree (scheme_set_opaque_root()): what follows it
	 * in a path is one name. */
	NODE_OPAQUE = 1 << 2,
	/* The root of a scheme that ends when it is not in use any more (SCHEME_ON_DEVICE). */
	NODE_ENDS_SCHEME = 1 << 3,
	/* Its one description was made with it, and there is no other: opening the node by a magic link
	 * (/proc/PID/fd/N) is -ENXIO. */
	NODE_OPENED = 1 << 4,
	/* Reads and writes of bad memory do nothing, so that nobody need look at it before. */
	NODE_CHECKS_MEMORY = 1 << 8,
};

struct node {
	const struct node_ops *ops; /* immutable */
	struct scheme *scheme;      /* immutable; NULL for pipes and their like */
	uint64_t number;            /* immutable */
	/* Who holds: dentries, open files, the provider's own tables. */
	struct refcount references;
	/* enum node_flags; set before anybody sees the node, of devices by the first open. */
	unsigned flags;
	struct mutex directory_lock; /* RANK_DIRECTORY: the entries of a directory */
	struct mutex lock;           /* RANK_NODE: all below, and the contents */
	uint32_t mode, links, uid, gid;
	uint64_t raw_device;
	uint64_t size, blocks;
	struct node_times times;
	struct vm_object *object;       /* the pages of a regular file, or NULL */
	void *private;                  /* the provider's */
	struct wait_queue lock_waiters; /* advisory locks */
	struct list advisory_locks;     /* under lock */
};

/* Initialises caller's storage with one reference, one link and the current time; owner root. */
void node_init(struct node *node, const struct node_ops *ops, struct scheme *scheme,
	       uint64_t number, uint32_t mode);
void node_get(struct node *node);
void node_put(struct node *node);

static inline bool node_is(const struct node *node, uint32_t type)
{
	return (node->mode & MODE_TYPE) == type;
}

/* Refreshes and copies the attributes. */
void node_read_attributes(struct node *node, struct node_attributes *attributes);
/* Sets times to now: bits of CHANGE_ACCESS, CHANGE_MODIFY (which also sets change); 0: only
 * the time of change. The second one with node->lock held. */
void node_touch(struct node *node, unsigned which);
void node_touch_locked(struct node *node, unsigned which);
/* What set_attributes does by default: stores all but the size. node->lock is held. */
void node_store_changes(struct node *node, const struct node_changes *changes);

/* Linux's encoding of device numbers. */
static inline uint64_t node_device(unsigned major, unsigned minor)
{
	return (minor & 0xff) | (uint64_t)(major & 0xfff) << 8 | (uint64_t)(minor & ~0xffu) << 12 |
	       (uint64_t)(major & ~0xfffu) << 32;
}

static inline unsigned node_device_major(uint64_t device)
{
	return (unsigned)((device >> 8 & 0xfff) | (device >> 32 & ~0xfffull));
}

static inline unsigned node_device_minor(uint64_t device)
{
	return (unsigned)((device & 0xff) | (device >> 12 & ~0xffull));
}
