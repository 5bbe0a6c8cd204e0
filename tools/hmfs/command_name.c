/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on names: ls, mkdir, rm, mv, ln. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "command.h"

int path_failed(const struct tool_volume *volume, const char *path, int error)
{
	complain_of(error, "%s: %s", volume->path, printable(path));
	return 1;
}

int finish(struct tool_volume *volume, int status)
{
	if (tool_volume_close(volume))
		status = 1;
	return finish_output() ? status : 1;
}

/* --- ls --- */

static void mode_text(uint32_t mode, char text[11])
{
	static const char types[] = "?pc?d?b?-?l?s???", bits[] = "rwxrwxrwx";
	unsigned i;

	text[0] = types[mode >> 12 & 15];
	for (i = 0; i < 9; i++)
		text[1 + i] = mode >> (8 - i) & 1 ? bits[i] : '-';
	if (mode & S_ISUID)
		text[3] = text[3] == 'x' ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = text[6] == 'x' ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = text[9] == 'x' ? 't' : 'T';
	text[10] = 0;
}

static int print_long(struct tool_volume *volume, struct hmfs_id id, const char *name)
{
	struct hmfs_attributes attributes;
	char mode[11], size[32], target[PATH_MAX];
	int error = hmfs_read_attributes(volume->volume, id, &attributes);

	if (error)
		return path_failed(volume, name, error);
	mode_text(attributes.mode, mode);
	snprintf(size, sizeof(size), "%ju", (uintmax_t)attributes.size);
	if (S_ISCHR(attributes.mode) || S_ISBLK(attributes.mode))
		snprintf(size, sizeof(size), "%u, %u", major(attributes.raw_device),
			 minor(attributes.raw_device));
	printf("%s%c %3u %5u %5u %10s %s %s", mode, attributes.forks ? '+' : ' ', attributes.links,
	       attributes.uid, attributes.gid, size, time_text(attributes.modify), printable(name));
	if (S_ISLNK(attributes.mode)) {
		ssize_t length = hmfs_read_link(volume->volume, id, target, sizeof(target));

		if (length >= 0 && length <= (ssize_t)sizeof(target))
			printf(" -> %s", printable_bytes(target, (size_t)length));
	}
	putchar('\n');
	return 0;
}

static int list_one(struct tool_volume *volume, const struct call *call, struct hmfs_id id,
		    const char *name)
{
	if (call_has(call, CALL_LONG))
		return print_long(volume, id, name);
	puts(printable(name));
	return 0;
}

static int list_snapshots(struct tool_volume *volume)
{
	struct hmfs_dataset_info info = { .number = 0 };
	int error;

	while ((error = hmfs_dataset_next(volume->volume, info.number + 1, &info)) == 0)
		if (info.number != HMFS_DATASET_LIVE)
			puts(printable(info.name));
	return error == -ENOENT ? 0 : path_failed(volume, SNAPSHOTS_NAME, error);
}

/* A folder that is to be listed. */
struct listing {
	struct listing *next;
	struct place place;
	char path[];
};

static struct listing *new_listing(const struct place *place, const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	struct listing *listing = allocate(sizeof(*listing) + size);
	bool slash = *name && *folder && folder[strlen(folder) - 1] != '/';

	listing->place = *place;
	snprintf(listing->path, size, "%s%s%s", folder, slash ? "/" : "", name);
	return listing;
}

static int list_names(struct tool_volume *volume, const struct call *call,
		      const struct listing *folder, struct listing **todo)
{
	bool forks = folder->place.kind == PLACE_FORKS;
	struct name_list names;
	int status = 0, error;
	size_t i;

	error = name_list_read(volume->volume, folder->place.id, forks, &names);
	if (error)
		return path_failed(volume, folder->path, error);
	for (i = 0; i < names.count; i++) {
		const struct name_entry *name = &names.entries[i];
		struct place place = { .id = { folder->place.id.dataset, name->object },
				       .type = name->type };
		struct listing *below;

		status |= list_one(volume, call, place.id, name->name);
		if (forks || !call_has(call, CALL_RECURSIVE) || !is_folder(&place))
			continue;
		below = new_listing(&place, folder->path, name->name);
		below->next = *todo;
		*todo = below;
		todo = &below->next;
	}
	name_list_free(&names);
	return status;
}

static int list_folders(struct tool_volume *volume, const struct call *call, struct listing *todo)
{
	bool titles = call_has(call, CALL_RECURSIVE), first = true;
	int status = 0;

	while (todo) {
		struct listing *folder = todo;

		todo = folder->next;
		if (titles)
			printf("%s%s:\n", first ? "" : "\n", printable(folder->path));
		first = false;
		status |= list_names(volume, call, folder, &todo);
		free(folder);
	}
	return status;
}

static int run_ls(const struct call *call)
{
	struct tool_volume volume;
	int i, status = 0;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	for (i = 1; i < call->count || i == 1; i++) {
		const char *path = i < call->count ? call->operands[i] : "/";
		struct place place;
		int error = place_find(volume.volume, path, !call_has(call, CALL_LONG), &place);

		if (error)
			status = path_failed(&volume, path, error);
		else if (place.kind == PLACE_SNAPSHOTS)
			status |= list_snapshots(&volume);
		else if (!is_folder(&place))
			status |= list_one(&volume, call, place.id, path);
		else
			status |= list_folders(&volume, call, new_listing(&place, path, ""));
	}
	return finish(&volume, status);
}

/* --- mkdir --- */

static int make_folder(struct tool_volume *volume, const char *path)
{
	struct hmfs_template like = { .mode = S_IFDIR | 0755, .uid = getuid(), .gid = getgid() };
	struct hmfs_id made;
	struct place folder;
	const char *name;
	size_t length;
	int error = place_find_parent(volume->volume, path, &folder, &name, &length);

	if (error == -EINVAL)
		error = -EEXIST; /* the root */
	if (!error && folder.kind != PLACE_OBJECT)
		error = -EPERM;
	if (!error)
		error = place_name_allowed(folder.id, name, length);
	if (!error)
		error = hmfs_create(volume->volume, folder.id, name, length, &like, &made);
	if (!error)
		hmfs_object_let_go(volume->volume, made);
	return error;
}

/* With the folders above; what is there already is fine. */
static int make_folders(struct tool_volume *volume, const char *path)
{
	char *text = copy_text(path), *end = text;
	struct place place;
	int error = 0;

	while (*end && !error) {
		char kept;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		kept = *end;
		*end = 0;
		error = place_find(volume->volume, text, true, &place);
		if (error == -ENOENT)
			error = make_folder(volume, text);
		else if (!error && !is_folder(&place))
			error = -ENOTDIR;
		*end = kept;
	}
	free(text);
	return error;
}

static int run_mkdir(const struct call *call)
{
	struct tool_volume volume;
	int i, error, status = 0;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	for (i = 1; i < call->count; i++) {
		error = call_has(call, CALL_PARENTS) ? make_folders(&volume, call->operands[i])
						     : make_folder(&volume, call->operands[i]);
		if (error)
			status = path_failed(&volume, call->operands[i], error);
	}
	return finish(&volume, status);
}

/* --- rm --- */

struct removal {
	struct removal *next;
	struct hmfs_id folder, id;
	bool is_folder, is_empty;
	char name[];
};

static void push_removal(struct removal **list, struct hmfs_id folder, struct hmfs_id id,
			 bool folder_too, const char *name, size_t length)
{
	struct removal *removal = allocate(sizeof(*removal) + length + 1);

	*removal = (struct removal){ *list, folder, id, folder_too, !folder_too };
	memcpy(removal->name, name, length);
	*list = removal;
}

static int push_names(struct tool_volume *volume, struct removal **list)
{
	struct removal *folder = *list;
	struct name_list names;
	size_t i;
	int error = name_list_read(volume->volume, folder->id, false, &names);

	if (error)
		return error;
	folder->is_empty = true;
	for (i = 0; i < names.count; i++) {
		struct hmfs_id id = { folder->id.dataset, names.entries[i].object };

		push_removal(list, folder->id, id, names.entries[i].type == TYPE_FOLDER,
			     names.entries[i].name, strlen(names.entries[i].name));
	}
	name_list_free(&names);
	return 0;
}

/* What is first in the list is removed, but for a folder only when it was emptied. */
static int remove_listed(struct tool_volume *volume, struct removal **list)
{
	int error = 0;

	while (*list && !error) {
		struct removal *first = *list;

		if (!first->is_empty) {
			error = push_names(volume, list);
			continue;
		}
		error = hmfs_unlink(volume->volume, first->folder, first->name,
				    strlen(first->name));
		*list = first->next;
		free(first);
		if (!error && tool_volume_breathe(volume))
			error = -EIO;
	}
	return error;
}

static int remove_path(struct tool_volume *volume, const struct call *call, const char *path)
{
	struct removal *list = NULL;
	struct place folder;
	struct hmfs_id id;
	const char *name;
	uint8_t type = 0;
	size_t length;
	int error = place_find_parent(volume->volume, path, &folder, &name, &length);

	if (error)
		return error == -EINVAL ? -EBUSY : error;
	if (folder.kind == PLACE_SNAPSHOTS)
		return -EPERM;
	if (folder.kind == PLACE_FORKS)
		return hmfs_fork_remove(volume->volume, folder.id, name, length, HMFS_FORK_USER);
	error = hmfs_lookup(volume->volume, folder.id, name, length, &id, &type);
	if (error)
		return error;
	if (type == TYPE_FOLDER && !call_has(call, CALL_RECURSIVE))
		return hmfs_unlink(volume->volume, folder.id, name, length);
	push_removal(&list, folder.id, id, type == TYPE_FOLDER, name, length);
	error = remove_listed(volume, &list);
	while (list) {
		struct removal *next = list->next;

		free(list);
		list = next;
	}
	return error;
}

static int run_rm(const struct call *call)
{
	struct tool_volume volume;
	int i, error, status = 0;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	for (i = 1; i < call->count; i++) {
		error = remove_path(&volume, call, call->operands[i]);
		if (error && !(error == -ENOENT && call_has(call, CALL_FORCE)))
			status = path_failed(&volume, call->operands[i], error);
	}
	if (tool_volume_settle(&volume))
		status = 1;
	return finish(&volume, status);
}

/* --- mv, ln --- */

/* Where something goes: into the folder `path` under the name of `source`, or, if there is none,
 * to that name. */
static int find_target(struct tool_volume *volume, const char *path, const char *source,
		       bool into_folders, struct place *folder, const char **name, size_t *length)
{
	size_t end = strlen(source), start;
	int error = -ENOENT;

	if (into_folders)
		error = place_find(volume->volume, path, true, folder);
	if (!error && folder->kind == PLACE_OBJECT && is_folder(folder)) {
		while (end > 0 && source[end - 1] == '/')
			end--;
		for (start = end; start > 0 && source[start - 1] != '/'; start--)
			;
		*name = source + start;
		*length = end - start;
	} else {
		error = place_find_parent(volume->volume, path, folder, name, length);
	}
	if (!error && folder->kind != PLACE_OBJECT)
		error = -EPERM;
	if (!error)
		error = place_name_allowed(folder->id, *name, *length);
	return error;
}

static int run_mv(const struct call *call)
{
	const char *source = call->operands[1], *target = call->operands[2], *name, *new_name;
	bool exchange = call_has(call, CALL_EXCHANGE);
	struct tool_volume volume;
	struct place from, to;
	size_t length, new_length;
	unsigned flags = 0;
	int error;

	if (call_has(call, CALL_NO_REPLACE))
		flags |= HMFS_RENAME_NO_REPLACE;
	if (exchange)
		flags |= HMFS_RENAME_EXCHANGE;
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	error = place_find_parent(volume.volume, source, &from, &name, &length);
	if (!error && from.kind != PLACE_OBJECT)
		error = -EPERM;
	if (error)
		return finish(&volume, path_failed(&volume, source, error));
	error = find_target(&volume, target, source, !exchange, &to, &new_name, &new_length);
	if (!error)
		error = hmfs_rename(volume.volume, from.id, name, length, to.id, new_name,
				    new_length, flags);
	if (!error)
		return finish(&volume, 0);
	complain_of(error, "%s: %s to %s", volume.path, printable(source), printable(target));
	return finish(&volume, 1);
}

static int run_ln(const struct call *call)
{
	const char *source = call->operands[1], *target = call->operands[2], *name;
	struct hmfs_template like = { .mode = S_IFLNK | 0777, .uid = getuid(), .gid = getgid() };
	struct tool_volume volume;
	struct place of, to;
	struct hmfs_id made;
	size_t length;
	int error = 0;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	if (!call_has(call, CALL_SYMBOLIC)) {
		error = place_find(volume.volume, source, false, &of);
		if (error || of.kind != PLACE_OBJECT || of.is_fork)
			return finish(&volume,
				      path_failed(&volume, source, error ? error : -EPERM));
	}
	error = find_target(&volume, target, source, true, &to, &name, &length);
	if (!error && call_has(call, CALL_SYMBOLIC)) {
		like.target = source;
		error = hmfs_create(volume.volume, to.id, name, length, &like, &made);
		if (!error)
			hmfs_object_let_go(volume.volume, made);
	} else if (!error) {
		error = hmfs_link(volume.volume, to.id, name, length, of.id);
	}
	return finish(&volume, error ? path_failed(&volume, target, error) : 0);
}

const struct command name_commands[] = {
	{ "ls", "VOLUME [PATH...]",
	  "lists folders, forks (PATH/..namedfork), snapshots (/.snapshots)", 1, -1,
	  TAKES(CALL_LONG) | TAKES(CALL_RECURSIVE), run_ls },
	{ "list", "VOLUME [PATH...]", "the same", 1, -1, TAKES(CALL_LONG) | TAKES(CALL_RECURSIVE),
	  run_ls },
	{ "mkdir", "VOLUME PATH...", "makes folders", 2, -1, TAKES(CALL_PARENTS), run_mkdir },
	{ "rm", "VOLUME PATH...", "removes files, forks, empty folders, with -r whole trees", 2, -1,
	  TAKES(CALL_RECURSIVE) | TAKES(CALL_FORCE), run_rm },
	{ "mv", "VOLUME PATH NEW", "renames, or moves into the folder NEW", 3, 3,
	  TAKES(CALL_NO_REPLACE) | TAKES(CALL_EXCHANGE), run_mv },
	{ "ln", "VOLUME TARGET PATH", "gives a file another name, or makes a symbolic link", 3, 3,
	  TAKES(CALL_SYMBOLIC), run_ln },
	{ .name = NULL },
};
