/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and trees into a volume. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "program.h"
#include "tree.h"
#include "walk.h"

#define BUFFER_SIZE ((size_t)1 << 20)

/* A folder whose times are set when all in it is done. */
struct folder_times {
	struct hmfs_id id;
	struct hmfs_attributes attributes;
};

struct tree_import {
	struct import *import;
	uint32_t dataset;
	struct folder_times *folders;
	size_t count, room;
};

void import_begin(struct import *import, struct tool_volume *volume)
{
	struct stat status;

	*import = (struct import){ .volume = volume, .owners = true };
	import->buffer = allocate(BUFFER_SIZE);
	if (fstat(volume->device.file, &status) == 0) {
		import->skip_device = status.st_dev;
		import->skip_inode = status.st_ino;
	}
}

void import_end(struct import *import)
{
	free(import->buffer);
	link_table_free(&import->links);
	progress_end();
}

/* An error of the volume, not of the source. */
static int volume_error(struct import *import, int error, const char *path)
{
	if (error == -ENOSPC && import->quiet_full)
		return error;
	return complain_of(error, "%s: cannot be stored in %s", printable(path),
			   import->volume->path);
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

/* Writes what is not zeros, by blocks. What is a hole thus follows from the contents alone. */
static int write_data(struct import *import, struct hmfs_id id, uint64_t offset, size_t length)
{
	const uint8_t *bytes = import->buffer;
	size_t from = 0, to;

	while (from < length) {
		size_t step = min_size(HMFS_BLOCK_SIZE, length - from);
		ssize_t put;

		if (is_zero(bytes + from, step)) {
			from += step;
			continue;
		}
		for (to = from + step; to < length; to += step) {
			step = min_size(HMFS_BLOCK_SIZE, length - to);
			if (is_zero(bytes + to, step))
				break;
		}
		put = hmfs_write(import->volume->volume, id, offset + from, bytes + from,
				 to - from);
		if (put < 0)
			return (int)put;
		from = to;
	}
	return 0;
}

/* The bytes read, all that the buffer holds if the file has them. */
static ssize_t fill_buffer(struct import *import, int file)
{
	size_t have = 0;

	while (have < BUFFER_SIZE) {
		ssize_t got = read(file, (uint8_t *)import->buffer + have, BUFFER_SIZE - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

/* Goes to the next data of a file, and tells where that is; or stays, at its end. */
static uint64_t skip_hole(int file, uint64_t offset)
{
	off_t data = lseek(file, (off_t)offset, SEEK_DATA), end;

	if (data > (off_t)offset) {
		offset = align_down((uint64_t)data, HMFS_BLOCK_SIZE);
		return (uint64_t)max_i64(lseek(file, (off_t)offset, SEEK_SET), 0);
	}
	if (data < 0 && errno == ENXIO) {
		end = lseek(file, 0, SEEK_END);
		return end > (off_t)offset ? (uint64_t)end : offset;
	}
	(void)lseek(file, (off_t)offset, SEEK_SET);
	return offset;
}

/* `source_error`: it was the file that could not be read. */
static int import_contents(struct import *import, int file, bool seekable, struct hmfs_id id,
			   bool *source_error)
{
	uint64_t offset = 0;
	int error = 0;

	for (;;) {
		ssize_t got;

		if (seekable)
			offset = skip_hole(file, offset);
		got = fill_buffer(import, file);
		*source_error = got < 0;
		if (got <= 0) {
			error = (int)got;
			break;
		}
		error = write_data(import, id, offset, (size_t)got);
		if (error)
			return error;
		offset += (uint64_t)got;
		import->done += (uint64_t)got;
		progress("storing", import->done, import->total);
		error = tool_volume_breathe(import->volume);
		if (error)
			return error;
	}
	if (!error)
		error = hmfs_resize(import->volume->volume, id, offset);
	return error;
}

int import_stream(struct import *import, int file, struct hmfs_id id)
{
	bool source_error = false;

	return import_contents(import, file, false, id, &source_error);
}

static int import_file(struct import *import, const char *path, struct hmfs_id id)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY), error;
	bool source_error = false;

	if (file < 0) {
		complain("%s: %s", printable(path), strerror(errno));
		import->failures++;
		return 0;
	}
	error = import_contents(import, file, true, id, &source_error);
	close(file);
	if (error && source_error) {
		complain("%s: %s", printable(path), strerror(-error));
		import->failures++;
		return 0;
	}
	return error ? volume_error(import, error, path) : 0;
}

/* --- what stat(2) says --- */

static uint64_t nanoseconds(const struct timespec *time)
{
	return time->tv_sec < 0 ? 0 : (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

static void attributes_of(const struct import *import, const struct stat *status,
			  struct hmfs_attributes *attributes)
{
	*attributes = (struct hmfs_attributes){
		.mode = status->st_mode,
		.uid = import->owners ? status->st_uid : import->uid,
		.gid = import->owners ? status->st_gid : import->gid,
		.access = nanoseconds(&status->st_atim),
		.modify = nanoseconds(&status->st_mtim),
	};
	if (!import->reproducible)
		return;
	attributes->modify = min_u64(attributes->modify, import->latest);
	attributes->access = attributes->change = attributes->birth = attributes->modify;
}

static int set_times(struct import *import, struct hmfs_id id,
		     const struct hmfs_attributes *attributes)
{
	unsigned which = HMFS_SET_ACCESS | HMFS_SET_MODIFY;

	if (import->reproducible)
		which |= HMFS_SET_CHANGE | HMFS_SET_BIRTH;
	return hmfs_set_attributes(import->volume->volume, id, which, attributes);
}

static void add_folder(struct tree_import *tree, struct hmfs_id id,
		       const struct hmfs_attributes *attributes)
{
	if (tree->count == tree->room) {
		tree->room = tree->room ? 2 * tree->room : 64;
		tree->folders = realloc(tree->folders, tree->room * sizeof(*tree->folders));
		if (!tree->folders)
			die("out of memory");
	}
	tree->folders[tree->count++] = (struct folder_times){ id, *attributes };
}

/* --- one object --- */

static int create(struct import *import, const struct walk_entry *entry, struct hmfs_id folder,
		  const struct hmfs_attributes *attributes, struct hmfs_id *made)
{
	struct hmfs_template like = {
		.mode = attributes->mode,
		.uid = attributes->uid,
		.gid = attributes->gid,
		.time = import->reproducible ? attributes->modify : 0,
	};
	char target[PATH_MAX];
	ssize_t length;
	int error;

	if (S_ISCHR(attributes->mode) || S_ISBLK(attributes->mode))
		like.raw_device = entry->status.st_rdev;
	if (S_ISLNK(attributes->mode)) {
		length = readlink(entry->path, target, sizeof(target) - 1);
		if (length < 0) {
			complain("%s: %s", printable(entry->path), strerror(errno));
			import->failures++;
			return 1;
		}
		target[length] = 0;
		like.target = target;
	}
	error = place_name_allowed(folder, entry->name, strlen(entry->name));
	if (!error)
		error = hmfs_create(import->volume->volume, folder, entry->name,
				    strlen(entry->name), &like, made);
	if (error == -EEXIST)
		complain("%s: there is something of that name in %s already",
			 printable(entry->path), import->volume->path);
	else if (error && error != -ENOSPC && error != -EIO && error != -ENOMEM)
		complain_of(error, "%s", printable(entry->path));
	else if (error)
		return volume_error(import, error, entry->path);
	if (error) {
		import->failures++;
		return 1;
	}
	return 0;
}

/* Another name of a file that was stored before: 1 if it is one. */
static int import_link(struct import *import, const struct walk_entry *entry, struct hmfs_id folder)
{
	const struct link_entry *known;
	int error;

	if (S_ISDIR(entry->status.st_mode) || entry->status.st_nlink < 2)
		return 0;
	known = link_table_find(&import->links, entry->status.st_dev, entry->status.st_ino);
	if (!known->inode)
		return 0;
	error = hmfs_link(import->volume->volume, folder, entry->name, strlen(entry->name),
			  known->id);
	return error ? volume_error(import, error, entry->path) : 1;
}

static void remember_link(struct import *import, const struct walk_entry *entry, struct hmfs_id id)
{
	struct link_entry *known;

	if (S_ISDIR(entry->status.st_mode) || entry->status.st_nlink < 2)
		return;
	known = link_table_find(&import->links, entry->status.st_dev, entry->status.st_ino);
	known->device = entry->status.st_dev;
	known->inode = entry->status.st_ino;
	known->id = id;
	link_table_added(&import->links);
}

/* Contents, attributes, times of what was just made. */
static int fill(struct tree_import *tree, const struct walk_entry *entry, struct hmfs_id id,
		const struct hmfs_attributes *attributes)
{
	struct import *import = tree->import;
	int error = 0;

	if (S_ISREG(entry->status.st_mode))
		error = import_file(import, entry->path, id);
	if (error)
		return error;
	error = attributes_import(import->volume->volume, id, entry->path, &import->failures);
	if (!error && S_ISDIR(entry->status.st_mode))
		add_folder(tree, id, attributes);
	else if (!error)
		error = set_times(import, id, attributes);
	return error ? volume_error(import, error, entry->path) : 0;
}

static int import_entry(void *context, const struct walk_entry *entry, uint64_t *made)
{
	struct tree_import *tree = context;
	struct import *import = tree->import;
	struct hmfs_id folder = { tree->dataset, entry->folder }, id;
	struct hmfs_attributes attributes;
	int error;

	if (entry->status.st_dev == import->skip_device &&
	    entry->status.st_ino == import->skip_inode)
		return 0;
	error = import_link(import, entry, folder);
	if (error)
		return error > 0 ? 0 : error;
	attributes_of(import, &entry->status, &attributes);
	error = create(import, entry, folder, &attributes, &id);
	if (error)
		return error > 0 ? 0 : error;
	remember_link(import, entry, id);
	error = fill(tree, entry, id, &attributes);
	hmfs_object_let_go(import->volume->volume, id);
	if (error) {
		/* Half a file is worse than none. */
		if (S_ISREG(entry->status.st_mode))
			(void)!hmfs_unlink(import->volume->volume, folder, entry->name,
					   strlen(entry->name));
		return error;
	}
	*made = id.object;
	progress("storing", import->done, import->total);
	return tool_volume_breathe(import->volume);
}

/* The folder that `source` is merged into takes its attributes. */
static int merge_root(struct tree_import *tree, const char *source, const struct stat *status,
		      struct hmfs_id id)
{
	struct hmfs_attributes attributes;
	int error;

	attributes_of(tree->import, status, &attributes);
	error = hmfs_set_attributes(tree->import->volume->volume, id,
				    HMFS_SET_MODE | HMFS_SET_UID | HMFS_SET_GID, &attributes);
	if (!error)
		error = attributes_import(tree->import->volume->volume, id, source,
					  &tree->import->failures);
	if (error)
		return volume_error(tree->import, error, source);
	add_folder(tree, id, &attributes);
	return 0;
}

int import_tree(struct import *import, const char *source, struct hmfs_id folder, const char *name,
		bool merge)
{
	struct tree_import tree = { .import = import, .dataset = folder.dataset };
	struct walk_entry entry = { .path = source, .name = name, .folder = folder.object };
	uint64_t made = folder.object;
	int error;

	if ((merge ? stat : lstat)(source, &entry.status) < 0)
		return complain_of(-errno, "%s", printable(source));
	if (merge)
		error = merge_root(&tree, source, &entry.status, folder);
	else
		error = import_entry(&tree, &entry, &made);
	if (!error && S_ISDIR(entry.status.st_mode) && made)
		error = walk_tree(source, made, import_entry, &tree, &import->failures);
	while (!error && tree.count > 0) {
		const struct folder_times *last = &tree.folders[--tree.count];

		error = set_times(import, last->id, &last->attributes);
		if (error)
			volume_error(import, error, source);
	}
	free(tree.folders);
	progress_end();
	return error;
}
