/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open file descriptions, shared by both ABIs and by descriptors that were duplicated.
 */
#pragma once

#include <scheme/node.h>

struct credentials;
struct dentry;
struct directory_text;
struct scheme_statistics;

/* Linux's x86_64 open flags; the Redox ABI translates. */
enum file_flags {
	FILE_ACCESS = 3, /* 0 read, 1 write, 2 both */
	FILE_READ_ONLY = 0,
	FILE_WRITE_ONLY = 1,
	FILE_READ_WRITE = 2,
	FILE_CREATE = 0100,
	FILE_EXCLUSIVE = 0200,
	FILE_NO_TTY = 0400,
	FILE_TRUNCATE = 01000,
	FILE_APPEND = 02000,
	FILE_NONBLOCK = 04000,
	FILE_DSYNC = 010000,
	FILE_ASYNC = 020000,
	FILE_DIRECT = 040000,
	FILE_LARGE = 0100000,
	FILE_DIRECTORY = 0200000,
	FILE_NO_FOLLOW = 0400000,
	FILE_NO_ATIME = 01000000,
	FILE_CLOSE_ON_EXEC = 02000000, /* of the descriptor; never kept in file->flags */
	FILE_PATH = 010000000,
	FILE_TEMPORARY = 020000000,
	/* Not Linux's, and obeyed only for walkers of the Redox ABI, with FILE_NO_FOLLOW: the symbolic
	 * link itself, to be read and written (link_file.c); -EINVAL for anything else. */
	FILE_LINK = 0x20000000,
};

/* How a file in a page cache is read; the reader's, as good as it may be without a lock. */
struct file_reading {
	uint64_t next;   /* the page behind the last one that was read */
	uint64_t ahead;  /* the page behind the last one that was read ahead */
	uint32_t window; /* pages that are read ahead at a time; 0: nothing sequential was seen */
	uint8_t advice;  /* posix_fadvise(): 0 normal, 1 random, 2 sequential, 5 not again */
};

struct file {
	const struct node_ops *ops; /* node->ops unless open replaced it */
	struct node *node;          /* a reference */
	struct dentry *dentry;      /* a reference; NULL for pipes and their like */
	/* Who holds: descriptors, mappings' origins do not (they hold the dentry), I/O under
	 * way, poll entries. */
	struct refcount references;
	_Atomic uint32_t flags;     /* enum file_flags: access mode and status flags */
	bool readable, writable;    /* immutable */
	struct mutex position_lock; /* RANK_FILE_POSITION: position, directory cursor */
	uint64_t position;
	void *private;                   /* the provider's */
	struct credentials *credentials; /* of the opener; a reference */
	uint32_t owner;                  /* F_SETOWN; atomic by size */
	uint32_t other_flags; /* what the Redox ABI keeps of open's flags; atomic by size */
	/* Event queues that watch the file (event_queue.h); under their common lock. */
	struct list watchers;
	_Atomic bool watched; /* ever was */
	struct file_reading reading;
	_Atomic uint32_t errors_seen; /* of node->object.errors */
	struct directory_text *names; /* of a directory that is read as text, or NULL; set once */
};

/* A description of `node` (takes references to node, dentry and credentials); calls
 * ops->open, which sees all of `flags`; those that only concern opening are not kept.
 * Permission was checked. `dentry` may be NULL. */
int must_check file_create(struct node *node, struct dentry *dentry, unsigned flags,
			   struct credentials *credentials, struct file **file);
void file_get(struct file *file);
/* The last put calls ops->close; may sleep. */
void file_put(struct file *file);

/* read/write at the file's position (offset NULL) or at *offset. Checks the open mode (EBADF),
 * updates position and times. Bytes moved or an error. */
ssize_t must_check file_read(struct file *file, struct io *io, const uint64_t *offset);
ssize_t must_check file_write(struct file *file, struct io *io, const uint64_t *offset);
/* Linux's whence: 0 set, 1 current, 2 end, 3 data, 4 hole. The new position or an error. */
int64_t file_seek(struct file *file, int64_t offset, int whence);
/* Lists the directory, "." and ".." included, moving the position. */
int file_read_directory(struct file *file, struct directory_sink *sink);
int file_truncate(struct file *file, uint64_t size);
long file_control(struct file *file, unsigned request, uintptr_t argument);
int file_sync(struct file *file, bool data_only);
/* fallocate(2), with Linux's mode bits. */
int file_allocate(struct file *file, unsigned mode, uint64_t offset, uint64_t length);
/* FICLONERANGE: see node_ops.clone. -EBADF, -EXDEV (another scheme), -EISDIR, -EINVAL. */
int must_check file_clone(struct file *from, uint64_t from_offset, struct file *to,
			  uint64_t to_offset, uint64_t length);
/* The object that mapping the file means, with a reference; the open mode is the caller's to
 * check. -ENODEV. */
int must_check file_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
			struct vm_object **object);
/* Reads kernel memory's worth at `offset`: for exec and the like. Bytes or an error. */
ssize_t must_check file_read_kernel(struct file *file, void *to, size_t length, uint64_t offset);

/* Lists entries from *cookie on, without "." and "..", as node_ops.read_directory says, whatever the
 * position. -EBADF, -ENOTDIR. */
int must_check file_list(struct file *file, uint64_t *cookie, struct directory_sink *sink);
/* As Redox programs read directories: names, without "." and "..", joined by newlines. The first
 * takes them, once for each description; the others do that where it was not done. They share the
 * position with listings. -EBADF, -ENOTDIR, -ENOMEM. */
int must_check file_take_names(struct file *file);
ssize_t must_check file_read_names(struct file *file, struct io *io);
int64_t file_seek_names(struct file *file, int64_t offset, int whence);
/* And symbolic links opened with FILE_LINK: reading gives the target; what is written, at the
 * position, replaces the rest of it. */
ssize_t must_check file_read_link(struct file *file, struct io *io);
ssize_t must_check file_write_link(struct file *file, struct io *io);

/* What the operations of such names in node_ops do, with their defaults. */
int must_check file_duplicate(struct file *file, const char *name, size_t length,
			      struct file **made);
ssize_t must_check file_scheme_name(struct file *file, char *buffer, size_t size);
int must_check file_may_control(struct file *file, uint64_t command, uint64_t argument);
/* `path`: in the file's scheme; the caller has found that it is the same. */
int must_check file_rename_open(struct file *file, const char *path, size_t length);
int must_check file_statistics(struct file *file, struct scheme_statistics *statistics);
int must_check file_read_attributes(struct file *file, struct node_attributes *attributes);
int must_check file_change_attributes(struct file *file, const struct credentials *credentials,
				      const struct node_changes *changes);
int must_check file_watch(struct file *file, unsigned wanted);

/* Advisory locks: fcntl (by owner pointer: the fd table) and flock (owner: the file itself, the
 * whole range); the two kinds do not see each other. type: 0 read, 1 write, 2 unlock. With
 * `wait` sleeps (-ERESTART, -EDEADLK), else -EAGAIN. -EBADF (fcntl: not open for that),
 * -EINVAL, -ENOMEM. */
struct file_lock_range {
	uint64_t start, end; /* inclusive end, UINT64_MAX: to the end of the file */
	int type;
	uint32_t pid;
};
int file_lock(struct file *file, const void *owner, const struct file_lock_range *range, bool wait);
/* Finds a conflicting lock; range->type becomes 2 if there is none. */
int file_lock_query(struct file *file, const void *owner, struct file_lock_range *range);
/* Drops all locks of `owner` on the file's node (close of any descriptor). What flock locked
 * goes with the description by itself. */
void file_unlock_found(struct file *file, const void *owner);
static inline void file_unlock_all(struct file *file, const void *owner)
{
	/* Only the owner adds locks of its own, so a look without the lock misses none of them. */
	if (!list_empty(&file->node->advisory_locks))
		file_unlock_found(file, owner);
}
