/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For fat_fuzz.c: what is done with a volume that is mounted. */
#include <base/format.h>
#include <base/string.h>
#include <fs/file_system.h>
#include <scheme/ktest_tree.h>

#include "fat_disks.h"
#include "fat_input.h"
#include "unit.h"

#define OPERATIONS_MAX 48u
#define PATHS_MAX      48u
#define PATH_BYTES     300u
#define DEPTH_MAX      5u
#define HELD_MAX       4u

/* --- Reading all that there is ---------------------------------------------------------------- */

static char paths[PATHS_MAX][PATH_BYTES];
static unsigned path_count;
static uint8_t contents[70000];

struct names {
	struct directory_sink sink;
	const char *directory;
};

static bool add_path(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		     uint32_t mode_type, uint64_t next_cookie)
{
	const struct names *names = container_of(sink, struct names, sink);

	(void)number;
	(void)mode_type;
	(void)next_cookie;
	EXPECT(length > 0 && length <= NAME_MAX_LENGTH && !memchr(name, '/', length) &&
	       !memchr(name, '\0', length));
	if (path_count == PATHS_MAX)
		return false;
	if ((length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.'))
		return true;
	if (strlen(names->directory) + length + 2 > PATH_BYTES)
		return true;
	snprintf(paths[path_count++], PATH_BYTES, "%s/%.*s", names->directory, (int)length, name);
	return true;
}

static void list_directory(struct ktest_tree *tree, const char *path)
{
	struct names names = { .sink.entry = add_path, .directory = path };
	struct file *file;

	if (ktest_open(tree, *path ? path : "/", FILE_READ_ONLY | FILE_DIRECTORY, &file))
		return;
	(void)file_read_directory(file, &names.sink);
	file_put(file);
}

static void read_at(struct ktest_tree *tree, const char *path, uint64_t offset, unsigned flags)
{
	struct file *file;
	struct io io;

	if (ktest_open(tree, path, FILE_READ_ONLY | flags, &file))
		return;
	io_init_kernel(&io, contents, sizeof(contents));
	(void)!file_read(file, &io, &offset);
	file_put(file);
}

static unsigned depth_of(const char *path)
{
	unsigned depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

/* Gathers the paths, breadth first, on the way. */
static void read_all(struct ktest_tree *tree)
{
	struct node_attributes attributes;

	path_count = 0;
	list_directory(tree, "");
	for (unsigned i = 0; i < path_count; i++) {
		if (!ktest_attributes(tree, paths[i], &attributes))
			continue;
		if ((attributes.mode & MODE_TYPE) != MODE_DIRECTORY)
			read_at(tree, paths[i], 0, 0);
		else if (depth_of(paths[i]) < DEPTH_MAX)
			list_directory(tree, paths[i]);
	}
}

/* --- Changes ---------------------------------------------------------------------------------- */

static struct file *held[HELD_MAX];

static const char *take_path(struct input *input)
{
	unsigned index = take(input);

	return path_count > 0 ? paths[index % path_count] : "x";
}

/* A name that is there, or one that may be, in a directory or a file. */
static void take_new_path(struct input *input, char path[PATH_BYTES + 100])
{
	static const char *const names[] = { "new",
					     "A long name that needs slots",
					     "a.txt",
					     "UPPER.C",
					     "caf\xc3\xa9 \xe2\x82\xac",
					     "x",
					     "\xff\xfe",
					     "lower.Case" };
	unsigned kind = take(input);

	if (kind < 64)
		snprintf(path, PATH_BYTES + 100, "%s", names[kind % array_length(names)]);
	else if (kind < 128)
		snprintf(path, PATH_BYTES + 100, "%s", take_path(input));
	else
		snprintf(path, PATH_BYTES + 100, "%s/%s", take_path(input),
			 names[kind % array_length(names)]);
}

static void write_at(struct input *input, struct ktest_tree *tree, const char *path)
{
	static const unsigned modes[] = { 0,           0,          FILE_CREATE,   FILE_DIRECT,
					  FILE_APPEND, FILE_DSYNC, FILE_TRUNCATE, FILE_CREATE };
	unsigned kind = take(input);
	uint32_t length = take_16(input), offset = take_16(input);
	struct file *file;

	if (kind >= 240)
		offset = take_number(input);
	if (ktest_open(tree, path, FILE_READ_WRITE | modes[kind % 8], &file))
		return;
	(void)!ktest_file_write_at(file, contents, length, offset);
	if (kind & 8)
		(void)file_sync(file, kind & 16);
	if (kind & 32)
		(void)file_truncate(file, take_number(input));
	if (kind & 64)
		(void)file_allocate(file, take(input) % 4, take_16(input), take_16(input));
	file_put(file);
}

/* Files stay open while other things happen to them. */
static void hold(struct input *input, struct ktest_tree *tree)
{
	struct file **place = &held[take(input) % HELD_MAX];

	if (*place) {
		(void)!ktest_file_write_at(*place, contents, take_16(input), take_16(input));
		file_put(*place);
		*place = NULL;
	} else if (ktest_open(tree, take_path(input), FILE_READ_WRITE, place)) {
		*place = NULL;
	}
}

static void change_attributes(struct input *input, struct ktest_tree *tree)
{
	const struct node_changes changes = {
		.which = take(input),
		.mode = take_16(input) & 07777,
		.size = take_number(input),
		.access = take_32(input) * 1000000000ull,
		.modify = take_32(input) * 1000000000ull,
	};
	struct dentry *found;

	if (path_walk(&tree->walker, NULL, take_path(input), 0, &found))
		return;
	(void)path_set_attributes(&tree->walker, found, &changes);
	dentry_put(found);
}

static void change_volume(struct input *input, struct ktest_tree *tree, struct fat_disk *disk)
{
	struct scheme *scheme = tree->scheme;
	struct scheme_statistics statistics;
	struct file_system_options options = { .text = "" };

	switch (take(input) % 5) {
	case 0:
		scheme->ops->statistics(scheme, &statistics);
		break;
	case 1:
		(void)scheme->ops->sync(scheme);
		break;
	case 2:
		disk->fail_writes = !disk->fail_writes;
		break;
	case 3:
		options.read_only = take(input) % 2;
		(void)file_system_find("vfat")->remount(scheme, &options);
		break;
	default:
		read_all(tree);
		break;
	}
}

static void operate(struct input *input, struct ktest_tree *tree, struct fat_disk *disk)
{
	char path[PATH_BYTES + 100], other[PATH_BYTES + 100];

	switch (take(input) % 10) {
	case 0:
		read_at(tree, take_path(input), take_number(input), 0);
		break;
	case 1:
		write_at(input, tree, take_path(input));
		break;
	case 2:
		(void)ktest_unlink(tree, take_path(input));
		break;
	case 3:
		(void)ktest_rmdir(tree, take_path(input));
		break;
	case 4:
		take_new_path(input, path);
		(void)ktest_mkdir(tree, path);
		break;
	case 5:
		take_new_path(input, path);
		write_at(input, tree, path);
		break;
	case 6:
		take_new_path(input, path);
		take_new_path(input, other);
		(void)ktest_rename(tree, path, other, take(input) % 4);
		break;
	case 7:
		hold(input, tree);
		break;
	case 8:
		change_attributes(input, tree);
		break;
	default:
		change_volume(input, tree, disk);
		break;
	}
}

/* --- All of it --- */

void fat_use(struct input *input, struct scheme *scheme, struct fat_disk *disk)
{
	struct ktest_tree tree;

	EXPECT(ktest_tree_begin(&tree, scheme));
	read_all(&tree);
	for (unsigned i = 0; i < OPERATIONS_MAX && input->next < input->end; i++)
		operate(input, &tree, disk);
	for (unsigned i = 0; i < HELD_MAX; i++) {
		if (held[i])
			file_put(held[i]);
		held[i] = NULL;
	}
	ktest_tree_end(&tree);
	disk->fail_writes = false;
}
