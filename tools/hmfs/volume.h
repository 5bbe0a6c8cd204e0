/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A volume in an image or on a disk, mounted by this process; and paths in it. */
#pragma once

#include <hmfs/file.h>
#include <hmfs/object.h>
#include <hmfs/volume.h>

#include "device.h"

struct tool_volume {
	struct file_device device;
	const char *path; /* of the image */
	struct hmfs_volume *volume;
};

/* Both end the program with a message if they cannot. */
void tool_volume_open(struct tool_volume *volume, const char *path, enum file_device_access access);
/* Mounts the device that is open already. */
void tool_volume_mount(struct tool_volume *volume, enum file_device_access access);
/* Commits. 0, or an error that was complained of. */
int tool_volume_close(struct tool_volume *volume);
/* To be called between operations that change much: commits and merges by and by. An error is
 * complained of. */
int tool_volume_breathe(struct tool_volume *volume);
/* Brings to an end what goes on in the background: what was removed gives back its space. */
int tool_volume_settle(struct tool_volume *volume);

/* --- Paths: "/a/b", "/a/..namedfork/NAME", "/.snapshots/NAME/a" --- */

#define FORKS_NAME     "..namedfork"
#define SNAPSHOTS_NAME ".snapshots"

enum place_kind {
	PLACE_OBJECT,
	PLACE_FORKS,     /* the folder of the forks of `id` */
	PLACE_SNAPSHOTS, /* the folder of snapshots */
};
struct place {
	enum place_kind kind;
	struct hmfs_id id;
	bool is_fork;
	uint8_t type; /* mode >> 12 of objects */
};
#define TYPE_FOLDER 4u
#define TYPE_FILE   8u
#define TYPE_LINK   10u

/* What the path means; symbolic links on the way are followed, and with `follow` at its end. A
 * negative errno; -ELOOP. */
int must_check place_find(struct hmfs_volume *volume, const char *path, bool follow,
			  struct place *place);
/* The folder of the path's last name, and that name, without slashes behind it. -EINVAL for "/",
 * -EISDIR for names that are no names ("." and ".."). */
int must_check place_find_parent(struct hmfs_volume *volume, const char *path, struct place *place,
				 const char **name, size_t *length);
/* Whether something can be made under that name there: 0, or -EEXIST for the two names above. */
int must_check place_name_allowed(struct hmfs_id folder, const char *name, size_t length);
bool is_folder(const struct place *place);

/* The fork `name` of `of`, one of the user's or, if there is none, of the other kinds: its
 * object, as its name keeps it. -ENOENT. */
int must_check place_find_fork(struct hmfs_volume *volume, struct hmfs_id of, const char *name,
			       size_t length, struct hmfs_id *fork);

/* --- Names of a folder, or of forks, all at once --- */

struct name_entry {
	uint64_t object;
	uint8_t type;
	char *name;
};
struct name_list {
	struct name_entry *entries;
	size_t count, room;
	bool no_memory;
};
/* Sorted by bytes. An error leaves it empty. */
int must_check name_list_read(struct hmfs_volume *volume, struct hmfs_id folder, bool forks,
			      struct name_list *list);
void name_list_free(struct name_list *list);
