/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects: files, directories, links, forks, by number. Permissions are the caller's to check,
 * as are names "." and "..", read-only mounts, and paths.  An object that somebody uses is held
 * (hmfs_object_hold()), so that its contents stay when its last name goes. Numbers are those of
 * a dataset, `struct hmfs_id` is unique in the volume.  All functions take the volume's lock
 * themselves and may wait for the device. Errors, beside those noted: -ENOENT (no such object),
 * -EIO, -ENOMEM, -ENOSPC, -EROFS (the volume, or dataset, is). */
#pragma once

#include <hmfs/volume.h>

struct hmfs_id {
	uint32_t dataset;
	uint64_t object;
};

/* As in stat(2). */
enum hmfs_mode {
	HMFS_MODE_TYPE = 0170000,
	HMFS_MODE_FIFO = 0010000,
	HMFS_MODE_CHARACTER = 0020000,
	HMFS_MODE_DIRECTORY = 0040000,
	HMFS_MODE_BLOCK = 0060000,
	HMFS_MODE_REGULAR = 0100000,
	HMFS_MODE_LINK = 0120000,
	HMFS_MODE_SOCKET = 0140000,
	HMFS_MODE_PERMISSIONS = 07777,
};
#define HMFS_LINK_MAX   0x7fffffffu
#define HMFS_TARGET_MAX 4095u /* bytes of a symbolic link's target */

/* What stat(2) and more wants. Names of the record's. */
struct hmfs_attributes {
	uint32_t mode, links, uid, gid, flags, generation, forks;
	uint64_t size, blocks; /* bytes (directories: entries); blocks of 4096 bytes */
	uint64_t access, modify, change, birth, raw_device, version;
};
int must_check hmfs_read_attributes(struct hmfs_volume *volume, struct hmfs_id id,
				    struct hmfs_attributes *attributes);

enum hmfs_set {
	HMFS_SET_MODE = 1, /* the permission bits */
	HMFS_SET_UID = 2,
	HMFS_SET_GID = 4,
	HMFS_SET_ACCESS = 8,
	HMFS_SET_MODIFY = 16,
	HMFS_SET_CHANGE = 32,
	HMFS_SET_BIRTH = 64, /* for receiving */
};
/* Stores those that `which` names, and nothing else. */
int must_check hmfs_set_attributes(struct hmfs_volume *volume, struct hmfs_id id, unsigned which,
				   const struct hmfs_attributes *attributes);

/* Holds count. Letting go of the last one of an object without names deletes it, by and by. */
int must_check hmfs_object_hold(struct hmfs_volume *volume, struct hmfs_id id);
void hmfs_object_let_go(struct hmfs_volume *volume, struct hmfs_id id);

/* --- Names. What changes a directory sets its times and those of the objects. --- */

/* -ENOTDIR. `type`: mode >> 12; may be NULL. */
int must_check hmfs_lookup(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
			   size_t length, struct hmfs_id *found, uint8_t *type);

struct hmfs_template {
	uint32_t mode, uid, gid; /* with the type */
	uint64_t raw_device;
	const char *target; /* of symbolic links */
	uint64_t time;      /* of all four times; 0: now */
};
/* Makes an object, held once. -EEXIST, -ENAMETOOLONG, -EINVAL (empty, '/', or a 0 in it). */
int must_check hmfs_create(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
			   size_t length, const struct hmfs_template *like, struct hmfs_id *made);
/* The same without a name, which hmfs_link() may give it. */
int must_check hmfs_create_nameless(struct hmfs_volume *volume, uint32_t dataset,
				    const struct hmfs_template *like, struct hmfs_id *made);
/* -EEXIST, -EMLINK, -EXDEV (of another dataset), -EPERM (directories, forks). */
int must_check hmfs_link(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
			 size_t length, struct hmfs_id target);
/* Any kind; -ENOTEMPTY for directories with names in them. */
int must_check hmfs_unlink(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
			   size_t length);
enum hmfs_rename_flags {
	HMFS_RENAME_NO_REPLACE = 1, /* -EEXIST */
	HMFS_RENAME_EXCHANGE = 2,   /* -ENOENT if the new name means nothing */
};
/* With rename(2)'s rules: what the new name meant is gone with the same commit, or batch of the
 * log. -EISDIR, -ENOTDIR, -ENOTEMPTY, -EXDEV, -EINVAL (a directory into itself). */
int must_check hmfs_rename(struct hmfs_volume *volume, struct hmfs_id from, const char *name,
			   size_t length, struct hmfs_id to, const char *new_name,
			   size_t new_length, unsigned flags);

/* Calls `entry` for the names from *cookie (0: the first) on until it returns false, which
 * leaves *cookie at that name; else it is behind the last one. A cookie stays valid while names
 * come and go. Cookies are below 2^62. `entry` is called with the volume's lock held: it calls
 * nothing of HMFS. "." and ".." are not among them. */
typedef bool hmfs_name_visitor(void *context, const char *name, size_t length, uint64_t object,
			       uint8_t type, uint64_t next_cookie);
int must_check hmfs_list(struct hmfs_volume *volume, struct hmfs_id directory, uint64_t *cookie,
			 hmfs_name_visitor *entry, void *context);

/* The target of a symbolic link: its length, of which what fits is stored. -EINVAL. */
ssize_t must_check hmfs_read_link(struct hmfs_volume *volume, struct hmfs_id id, char *buffer,
				  size_t size);
/* The path of an object from its dataset's root, if it can be told: "/a/b", a fork's as
 * "/a/b/..namedfork/mime"; else "object 123". Terminated, cut to what fits. For messages. */
void hmfs_describe(struct hmfs_volume *volume, struct hmfs_id id, char *buffer, size_t size);

/* --- Forks --- */

/* The fork as an object of its own, to be used with the functions of file.h. With `create` it
 * is made if it is not there; 1 is returned if so. -ENOENT, -EOPNOTSUPP (forks of forks),
 * -ENAMETOOLONG, -EINVAL. With hold, as hmfs_create() gives it. `type`: enum hmfs_fork_type.
 *
 * "mime" and "checksum" as HMFS_FORK_USER or _COMPUTED are computed, and made up to date here; what
 * an embedder has of the contents in its cache must have been given to the volume before. -EROFS
 * where that cannot be stored: hmfs_fork_get() works nevertheless. "mime" can be set by
 * hmfs_fork_set(), and stays so until it is removed; for "checksum" that is -EPERM. */
int must_check hmfs_fork_open(struct hmfs_volume *volume, struct hmfs_id of, const char *name,
			      size_t length, uint8_t type, bool create, struct hmfs_id *fork);
int must_check hmfs_fork_remove(struct hmfs_volume *volume, struct hmfs_id of, const char *name,
				size_t length, uint8_t type);
/* As hmfs_list(), the `type` being the fork's. */
int must_check hmfs_fork_list(struct hmfs_volume *volume, struct hmfs_id of, uint64_t *cookie,
			      hmfs_name_visitor *entry, void *context);
/* Whole contents at once, as extended attributes want it: atomic, up to HMFS_ATTRIBUTE_MAX
 * bytes. get: the length, of which what fits is stored; -ENODATA. set: `value` NULL removes;
 * flags 1: -EEXIST if it is there, 2: -ENODATA if not; -E2BIG. */
#define HMFS_ATTRIBUTE_MAX 65536u
ssize_t must_check hmfs_fork_get(struct hmfs_volume *volume, struct hmfs_id of, const char *name,
				 size_t length, uint8_t type, void *value, size_t size);
int must_check hmfs_fork_set(struct hmfs_volume *volume, struct hmfs_id of, const char *name,
			     size_t length, uint8_t type, const void *value, size_t size,
			     unsigned flags);
/* The objects whose fork `name` has the contents `value` (NULL: any), by the index, from
 * *cookie (all zeros: the first) on, until `found` returns false. No lock is held when it is
 * called. */
int must_check hmfs_find(struct hmfs_volume *volume, uint32_t dataset, const char *name,
			 size_t length, const void *value, size_t size,
			 bool (*found)(void *context, struct hmfs_id id), void *context);
