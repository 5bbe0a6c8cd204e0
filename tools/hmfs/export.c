/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and trees out of a volume. Nothing is written through links that lie at the target, and no
 * name of the volume leads out of it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute.h"
#include "program.h"
#include "tree.h"

#define BUFFER_SIZE ((size_t)1 << 20)

/* Something that is to be written out; a folder is met twice, before and behind what it holds. */
struct todo {
	struct todo *next;
	struct hmfs_id id;
	bool is_fork, done;
	char *target;
};

void export_begin(struct export *export, struct tool_volume *volume)
{
	*export = (struct export){ .volume = volume };
	export->buffer = allocate(BUFFER_SIZE);
}

void export_end(struct export *export)
{
	free(export->buffer);
	link_table_free(&export->links);
	progress_end();
}

/* Something of the system's failed: said, counted, gone on. */
static int target_failed(struct export *export, const char *target)
{
	complain("%s: %s", printable(target), strerror(errno));
	export->failures++;
	return 0;
}

static int write_all(int file, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t put = write(file, bytes, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		length -= (size_t)put;
	}
	return 0;
}

/* The next bytes of it from *offset on, which goes to the next data; 0 at the end. A read of a file
 * with holes ends where its data does. */
static ssize_t read_next(struct export *export, struct hmfs_id id, bool sparse, uint64_t *offset)
{
	struct hmfs_volume *volume = export->volume->volume;
	int64_t data = (int64_t)*offset, hole;
	size_t size = BUFFER_SIZE;

	if (sparse) {
		data = hmfs_seek(volume, id, *offset, false);
		if (data < 0)
			return data == -ENXIO ? 0 : (ssize_t)data;
		hole = hmfs_seek(volume, id, (uint64_t)data, true);
		if (hole < 0)
			return (ssize_t)hole;
		size = min_size(size, (size_t)(hole - data));
	}
	*offset = (uint64_t)data;
	return hmfs_read(volume, id, *offset, export->buffer, size);
}

int export_contents(struct export *export, struct hmfs_id id, int file, bool sparse,
		    const char *name, const char *target)
{
	uint64_t offset = 0, at;
	int error;

	for (;;) {
		ssize_t got;

		at = offset;
		got = read_next(export, id, sparse, &offset);
		if (got < 0)
			return complain_of((int)got, "%s: %s", export->volume->path,
					   printable(name));
		if (got == 0)
			break;
		error = 0;
		if (offset > at && lseek(file, (off_t)offset, SEEK_SET) < 0)
			error = -errno;
		if (!error)
			error = write_all(file, export->buffer, (size_t)got);
		if (error) {
			errno = -error;
			return target_failed(export, target);
		}
		offset += (uint64_t)got;
		export->done += (uint64_t)got;
		progress("copying", export->done, export->total);
	}
	return 0;
}

static int export_file(struct export *export, struct hmfs_id id,
		       const struct hmfs_attributes *attributes, const char *target)
{
	int file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), error;
	struct stat status;
	bool regular;

	if (file < 0)
		return target_failed(export, target);
	regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
	error = export_contents(export, id, file, regular, target, target);
	if (!error && regular && ftruncate(file, (off_t)attributes->size) < 0)
		error = target_failed(export, target);
	if (close(file) < 0 && !error)
		error = target_failed(export, target);
	return error;
}

static int export_link(struct export *export, struct hmfs_id id, const char *target)
{
	char text[PATH_MAX];
	ssize_t length = hmfs_read_link(export->volume->volume, id, text, sizeof(text));

	if (length >= (ssize_t)sizeof(text))
		length = -ENAMETOOLONG;
	if (length < 0)
		return complain_of((int)length, "%s", printable(target));
	text[length] = 0;
	if (symlink(text, target) < 0 &&
	    (errno != EEXIST || unlink(target) < 0 || symlink(text, target) < 0))
		return target_failed(export, target);
	return 0;
}

/* Makes the object, without what it is like. 1: it could not be. */
static int make_target(struct export *export, struct hmfs_id id,
		       const struct hmfs_attributes *attributes, const char *target)
{
	uint64_t failures = export->failures;
	struct stat status;
	int error = 0;

	switch (attributes->mode & S_IFMT) {
	case S_IFREG:
		error = export_file(export, id, attributes, target);
		break;
	case S_IFLNK:
		error = export_link(export, id, target);
		break;
	case S_IFDIR:
		if (mkdir(target, 0700) < 0 &&
		    (errno != EEXIST || lstat(target, &status) < 0 || !S_ISDIR(status.st_mode)))
			target_failed(export, target);
		break;
	default:
		if (mknod(target, attributes->mode, attributes->raw_device) < 0)
			target_failed(export, target);
	}
	return error ? error : export->failures > failures;
}

static void set_time(struct timespec *time, uint64_t nanoseconds)
{
	time->tv_sec = (time_t)(nanoseconds / 1000000000);
	time->tv_nsec = (long)(nanoseconds % 1000000000);
}

static int set_attributes(struct export *export, struct hmfs_id id, bool is_fork,
			  const struct hmfs_attributes *attributes, const char *target)
{
	struct timespec times[2];
	int error = 0;

	if (geteuid() == 0 && lchown(target, attributes->uid, attributes->gid) < 0)
		target_failed(export, target);
	if (!is_fork)
		error = attributes_export(export->volume->volume, id, target, geteuid() == 0,
					  &export->failures);
	if (error)
		return complain_of(error, "%s", printable(target));
	if (!S_ISLNK(attributes->mode) && chmod(target, attributes->mode & 07777) < 0)
		target_failed(export, target);
	set_time(&times[0], attributes->access);
	set_time(&times[1], attributes->modify);
	if (utimensat(AT_FDCWD, target, times, AT_SYMLINK_NOFOLLOW) < 0)
		target_failed(export, target);
	return 0;
}

static void push(struct todo **list, struct hmfs_id id, bool is_fork, bool done, char *target)
{
	struct todo *todo = allocate(sizeof(*todo));

	*todo = (struct todo){ *list, id, is_fork, done, target };
	*list = todo;
}

static bool is_safe_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* What a folder holds is to be done before it is finished. */
static int push_folder(struct export *export, const struct todo *folder, struct todo **list)
{
	struct name_list names;
	size_t i;
	int error = name_list_read(export->volume->volume, folder->id, false, &names);

	if (error)
		return complain_of(error, "%s", printable(folder->target));
	push(list, folder->id, false, true, copy_text(folder->target));
	for (i = names.count; i-- > 0;) {
		struct hmfs_id id = { folder->id.dataset, names.entries[i].object };

		if (is_safe_name(names.entries[i].name)) {
			push(list, id, false, false,
			     format_text("%s/%s", folder->target, names.entries[i].name));
		} else {
			complain("%s: left out a name that is none: \"%s\"",
				 printable(folder->target), printable(names.entries[i].name));
			export->failures++;
		}
	}
	name_list_free(&names);
	return 0;
}

/* 1: it is another name of something that was written already. */
static int export_hard_link(struct export *export, const struct todo *todo,
			    const struct hmfs_attributes *attributes)
{
	struct link_entry *known;

	if (todo->is_fork || S_ISDIR(attributes->mode) || attributes->links < 2)
		return 0;
	known = link_table_find(&export->links, todo->id.dataset, todo->id.object);
	if (known->inode) {
		if (link(known->path, todo->target) < 0 &&
		    (errno != EEXIST || unlink(todo->target) < 0 ||
		     link(known->path, todo->target) < 0))
			target_failed(export, todo->target);
		return 1;
	}
	known->device = todo->id.dataset;
	known->inode = todo->id.object;
	known->path = copy_text(todo->target);
	link_table_added(&export->links);
	return 0;
}

static int export_one(struct export *export, const struct todo *todo, struct todo **list)
{
	struct hmfs_attributes attributes;
	int error;

	error = hmfs_read_attributes(export->volume->volume, todo->id, &attributes);
	if (error)
		return complain_of(error, "%s", printable(todo->target));
	if (todo->done)
		return set_attributes(export, todo->id, false, &attributes, todo->target);
	if (export_hard_link(export, todo, &attributes))
		return 0;
	error = make_target(export, todo->id, &attributes, todo->target);
	if (error)
		return error > 0 ? 0 : error;
	if (S_ISDIR(attributes.mode))
		return push_folder(export, todo, list);
	return set_attributes(export, todo->id, todo->is_fork, &attributes, todo->target);
}

int export_tree(struct export *export, const struct place *place, const char *target)
{
	struct todo *list = NULL;
	int result = 0, error;

	push(&list, place->id, place->is_fork, false, copy_text(target));
	while (list) {
		struct todo *todo = list;

		list = todo->next;
		/* What is damaged is left out; the rest is brought to safety. */
		error = export_one(export, todo, &list);
		if (error)
			result = error;
		free(todo->target);
		free(todo);
	}
	progress_end();
	return result;
}
