/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hmfs-fuse: a volume mounted by libfuse's low-level interface.
 *
 *   main.c       options, the session
 *   work.c       the thread that commits; what is done when the volume is full
 *   node.c       what FUSE knows of: objects, folders of forks, the folder of snapshots
 *   attribute.c  stat, chmod, chown, utimes, truncate, statfs
 *   name.c       looking up, making, linking, renaming, removing
 *   folder.c     reading folders
 *   file.c       contents
 *   fork.c       extended attributes
 *   request.c    ioctl
 *
 * Permissions are the kernel's to check (default_permissions). All requests run in any number of
 * threads; the volume has its own lock.
 */
#pragma once

#define FUSE_USE_VERSION 35

#include <fuse3/fuse_lowlevel.h>
#include <hmfs/file.h>
#include <hmfs/object.h>
#include <hmfs/volume.h>
#include <sys/stat.h>

#include "volume.h"

enum node_kind {
	NODE_OBJECT,
	NODE_FORKS,     /* the folder of the forks of `id` */
	NODE_SNAPSHOTS, /* the folder of snapshots */
};

/* Immutable but for `lookups` and `next` (the table's lock), and `access_due`. An object is held as
 * long as its node lives, so that files that were removed stay while they are open. */
struct node {
	struct node *next;
	enum node_kind kind;
	struct hmfs_id id;
	uint64_t lookups; /* that the kernel has not forgotten */
	_Atomic bool access_due;
};

struct mount {
	struct tool_volume volume;
	struct hmfs_volume *hmfs; /* the same */
	uint32_t dataset;         /* that is the root */
	bool read_only, no_access_times;
	unsigned commit_seconds;
};
extern struct mount mount_state;

/* Seconds that the kernel may believe what it was told. */
#define ENTRY_SECONDS     3600.0
#define ATTRIBUTE_SECONDS 60.0

/* --- node.c --- */

int nodes_create(void);
/* Lets go of all objects. */
void nodes_destroy(void);
struct node *node_of(fuse_ino_t number);
/* The node of that, with another look-up counted. With `held` it takes over a hold of an object.
 * NULL: out of memory, or (then *error tells) the object is gone. */
struct node *node_get(enum node_kind kind, struct hmfs_id id, bool held, int *error);
void node_forget(struct node *node, uint64_t lookups);
fuse_ino_t node_number(const struct node *node);

/* --- work.c --- */

/* Begins; 0 or a negative errno. */
int work_start(void);
void work_end(void);
/* Whether what gave -ENOSPC should be tried again: what was removed gives back its space with a
 * commit. Called once for a request. */
bool made_room(int64_t result);

/* --- attribute.c --- */

int node_stat(const struct node *node, struct stat *status);
/* The number that programs see. */
uint64_t inode_number(enum node_kind kind, struct hmfs_id id);
uint64_t time_now(void);
/* What a reader does to the time of access: relatime. */
void touch_access(struct node *node);
void op_getattr(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file);
void op_setattr(fuse_req_t request, fuse_ino_t number, struct stat *status, int which,
		struct fuse_file_info *file);
void op_statfs(fuse_req_t request, fuse_ino_t number);

/* --- name.c --- */

/* Looks `name` up: a node with a look-up counted, in *entry. A negative errno. */
int find_entry(struct node *folder, const char *name, struct fuse_entry_param *entry);
/* Fills in the rest of *entry for a node; forgets the node on errors. */
int fill_entry(struct node *node, struct fuse_entry_param *entry);
void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name);
void op_forget(fuse_req_t request, fuse_ino_t number, uint64_t lookups);
void op_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgets);
void op_mknod(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void op_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode);
void op_symlink(fuse_req_t request, const char *target, fuse_ino_t parent, const char *name);
void op_readlink(fuse_req_t request, fuse_ino_t number);
void op_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
	       struct fuse_file_info *file);
void op_link(fuse_req_t request, fuse_ino_t number, fuse_ino_t parent, const char *name);
void op_unlink(fuse_req_t request, fuse_ino_t parent, const char *name);
void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name);
void op_rename(fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	       const char *new_name, unsigned flags);

/* --- folder.c --- */

void op_opendir(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file);
void op_readdir(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
		struct fuse_file_info *file);
void op_readdirplus(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
		    struct fuse_file_info *file);

/* --- file.c --- */

/* How a file is opened: what the kernel may keep. */
void set_open_flags(struct node *node, struct fuse_file_info *file);
void op_open(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file);
void op_read(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
	     struct fuse_file_info *file);
void op_write(fuse_req_t request, fuse_ino_t number, const char *bytes, size_t size, off_t offset,
	      struct fuse_file_info *file);
void op_fsync(fuse_req_t request, fuse_ino_t number, int data_only, struct fuse_file_info *file);
void op_fallocate(fuse_req_t request, fuse_ino_t number, int mode, off_t offset, off_t length,
		  struct fuse_file_info *file);
void op_lseek(fuse_req_t request, fuse_ino_t number, off_t offset, int whence,
	      struct fuse_file_info *file);
void op_copy_file_range(fuse_req_t request, fuse_ino_t from, off_t from_offset,
			struct fuse_file_info *from_file, fuse_ino_t to, off_t to_offset,
			struct fuse_file_info *to_file, size_t length, int flags);

/* --- fork.c --- */

void op_setxattr(fuse_req_t request, fuse_ino_t number, const char *name, const char *value,
		 size_t size, int flags);
void op_getxattr(fuse_req_t request, fuse_ino_t number, const char *name, size_t size);
void op_listxattr(fuse_req_t request, fuse_ino_t number, size_t size);
void op_removexattr(fuse_req_t request, fuse_ino_t number, const char *name);

/* --- request.c --- */

void op_ioctl(fuse_req_t request, fuse_ino_t number, unsigned command, void *argument,
	      struct fuse_file_info *file, unsigned flags, const void *in, size_t in_size,
	      size_t out_size);

/* 0 or a negative errno: the answer to a request that has no other. */
static inline void reply_result(fuse_req_t request, int result)
{
	fuse_reply_err(request, result < 0 ? -result : 0);
}
