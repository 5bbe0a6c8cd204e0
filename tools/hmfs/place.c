/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From paths to objects: folders, symbolic links, forks, snapshots. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "volume.h"

#define LINKS_MAX 40u /* followed in one path */

/* A path on its way. */
struct walk {
	struct hmfs_volume *volume;
	char *text; /* what is left is text + at */
	size_t at;
	struct place *trail; /* where it came along, for ".."; the last one is where it is */
	size_t count, room;
	unsigned links;
};

static bool is_name(const char *name, size_t length, const char *wanted)
{
	return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

bool is_folder(const struct place *place)
{
	return place->kind != PLACE_OBJECT || (!place->is_fork && place->type == TYPE_FOLDER);
}

static bool is_live_root(struct hmfs_id id)
{
	return id.dataset == HMFS_DATASET_LIVE && id.object == HMFS_ROOT_OBJECT;
}

int place_name_allowed(struct hmfs_id folder, const char *name, size_t length)
{
	if (is_name(name, length, FORKS_NAME) ||
	    (is_live_root(folder) && is_name(name, length, SNAPSHOTS_NAME)))
		return -EEXIST;
	return 0;
}

int place_find_fork(struct hmfs_volume *volume, struct hmfs_id of, const char *name, size_t length,
		    struct hmfs_id *fork)
{
	static const uint8_t types[] = { HMFS_FORK_USER, HMFS_FORK_ATTRIBUTE, HMFS_FORK_COMPUTED };
	int error = -ENOENT;
	unsigned i;

	for (i = 0; i < array_length(types); i++) {
		error = hmfs_fork_open(volume, of, name, length, types[i], false, fork);
		if (error >= 0) {
			hmfs_object_let_go(volume, *fork);
			return 0;
		}
		if (error != -ENOENT && error != -EOPNOTSUPP && error != -EINVAL)
			break;
	}
	return error == -EOPNOTSUPP || error == -EINVAL ? -ENOENT : error;
}

static int walk_push(struct walk *walk, const struct place *place)
{
	if (walk->count == walk->room) {
		size_t room = walk->room ? 2 * walk->room : 32;
		struct place *more = realloc(walk->trail, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		walk->trail = more;
		walk->room = room;
	}
	walk->trail[walk->count++] = *place;
	return 0;
}

/* The target of a link takes its place before what is left. */
static int follow_link(struct walk *walk, struct hmfs_id id)
{
	struct place root = { .type = TYPE_FOLDER,
			      .id = { .dataset = id.dataset, .object = HMFS_ROOT_OBJECT } };
	char target[PATH_MAX];
	const char *rest = walk->text + walk->at;
	ssize_t length;
	char *text;

	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	length = hmfs_read_link(walk->volume, id, target, sizeof(target));
	if (length < 0)
		return (int)length;
	if ((size_t)length >= sizeof(target))
		return -ENAMETOOLONG;
	text = malloc((size_t)length + strlen(rest) + 2);
	if (!text)
		return -ENOMEM;
	memcpy(text, target, (size_t)length);
	text[length] = '/';
	strcpy(text + length + 1, rest);
	if (!*rest)
		text[length] = 0;
	free(walk->text);
	walk->text = text;
	walk->at = 0;
	if (*text != '/')
		return 0;
	walk->count = 0;
	return walk_push(walk, &root);
}

static int find_snapshot(struct walk *walk, const char *name, size_t length, struct place *next)
{
	struct hmfs_dataset_info info;
	char text[256];
	int error;

	if (length >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(text, name, length);
	text[length] = 0;
	error = hmfs_dataset_find(walk->volume, text, &info);
	if (error)
		return error;
	*next = (struct place){ .type = TYPE_FOLDER,
				.id = { .dataset = info.number, .object = HMFS_ROOT_OBJECT } };
	return 0;
}

/* One name further. A link is left to the caller. */
static int walk_name(struct walk *walk, const char *name, size_t length, struct place *next)
{
	const struct place *here = &walk->trail[walk->count - 1];

	*next = (struct place){ .kind = PLACE_OBJECT };
	if (here->kind == PLACE_SNAPSHOTS)
		return find_snapshot(walk, name, length, next);
	if (here->kind == PLACE_FORKS) {
		next->is_fork = true;
		next->type = TYPE_FILE;
		return place_find_fork(walk->volume, here->id, name, length, &next->id);
	}
	if (is_name(name, length, FORKS_NAME) && !here->is_fork) {
		*next = (struct place){ .kind = PLACE_FORKS, .id = here->id };
		return 0;
	}
	if (!is_folder(here))
		return -ENOTDIR;
	if (is_live_root(here->id) && is_name(name, length, SNAPSHOTS_NAME)) {
		*next = (struct place){ .kind = PLACE_SNAPSHOTS };
		return 0;
	}
	return hmfs_lookup(walk->volume, here->id, name, length, &next->id, &next->type);
}

/* One step. 1: arrived. */
static int walk_step(struct walk *walk, bool follow)
{
	const char *name;
	size_t length, slashes;
	struct place next;
	bool forks_follow;
	int error;

	walk->at += strspn(walk->text + walk->at, "/");
	name = walk->text + walk->at;
	length = strcspn(name, "/");
	if (length == 0)
		return 1;
	slashes = strspn(name + length, "/");
	if (is_name(name, length, ".") || is_name(name, length, "..")) {
		if (!is_folder(&walk->trail[walk->count - 1]))
			return -ENOTDIR;
		if (length == 2 && walk->count > 1)
			walk->count--;
		walk->at += length;
		return 0;
	}
	error = walk_name(walk, name, length, &next);
	if (error)
		return error;
	walk->at += length;
	/* A link's own forks are named behind it, as a file's are. */
	forks_follow =
		is_name(name + length + slashes, strcspn(name + length + slashes, "/"), FORKS_NAME);
	if (next.kind == PLACE_OBJECT && next.type == TYPE_LINK && !forks_follow &&
	    (follow || slashes))
		return follow_link(walk, next.id);
	if (slashes && !name[length + slashes] && !is_folder(&next))
		return -ENOTDIR;
	return walk_push(walk, &next);
}

int place_find(struct hmfs_volume *volume, const char *path, bool follow, struct place *place)
{
	const struct place root = { .type = TYPE_FOLDER,
				    .id = { .dataset = HMFS_DATASET_LIVE,
					    .object = HMFS_ROOT_OBJECT } };
	struct walk walk = { .volume = volume };
	int error;

	walk.text = strdup(path);
	if (!walk.text)
		return -ENOMEM;
	error = walk_push(&walk, &root);
	while (!error)
		error = walk_step(&walk, follow);
	if (error == 1) {
		*place = walk.trail[walk.count - 1];
		error = 0;
	}
	free(walk.trail);
	free(walk.text);
	return error;
}

int place_find_parent(struct hmfs_volume *volume, const char *path, struct place *place,
		      const char **name, size_t *length)
{
	size_t end = strlen(path), start;
	char *folder;
	int error;

	while (end > 0 && path[end - 1] == '/')
		end--;
	if (end == 0)
		return -EINVAL;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	*name = path + start;
	*length = end - start;
	if (is_name(*name, *length, ".") || is_name(*name, *length, ".."))
		return -EISDIR;
	folder = strndup(path, start);
	if (!folder)
		return -ENOMEM;
	error = place_find(volume, folder, true, place);
	free(folder);
	if (!error && !is_folder(place))
		error = -ENOTDIR;
	return error;
}
