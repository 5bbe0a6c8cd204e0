/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unpacks a cpio archive into a ramfs, as Linux does: by making each entry by its path, from the
 * root, links followed, so that "..", "//" and "/" at the start mean what they always mean. What
 * is there already is kept if it is of the same kind, else replaced. Unlike Linux, directories
 * on the way that the archive lacks are made.
 */
#include "initramfs_priv.h"

#include <base/errno.h>
#include <base/hash.h>
#include <base/string.h>
#include <core/log.h>
#include <cpio/cpio.h>
#include <mm/phys/slab.h>
#include <time/clock.h>

#include "ramfs_priv.h"

#define LINK_BUCKETS 64
#define REPORTS_MAX  8 /* entries that are named in the log */

/* A file of several names, by what the archive says of it. */
struct linked {
	struct linked *next;
	uint32_t archive, major, minor, inode, type;
	struct dentry *first; /* a reference */
};

struct unpack {
	struct walker walker;
	bool report;
	unsigned made, failed;
	struct linked *linked[LINK_BUCKETS];
	char path[CPIO_NAME_MAX + 1];
	char target[PATH_MAX_LENGTH];
};

static const void *boot_archive; /* set once, before the schemes start */
static size_t boot_archive_size;
static int boot_status;

void initramfs_set(const void *archive, size_t size)
{
	boot_archive = archive;
	boot_archive_size = size;
}

int initramfs_status(void)
{
	return boot_status;
}

/* --- Making what an entry says. --- */

/* Makes the directories that unpack->path goes through, as far as they are missing. */
static int make_parents(struct unpack *unpack)
{
	const struct node_template like = { .mode = MODE_DIRECTORY | 0755 };
	char *path = unpack->path;

	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		int error;

		if (slash == path)
			continue;
		*slash = '\0';
		error = path_make(&unpack->walker, NULL, path, &like);
		*slash = '/';
		if (error && error != -EEXIST)
			return error;
	}
	return 0;
}

static int make(struct unpack *unpack, const struct node_template *like)
{
	int error = path_make(&unpack->walker, NULL, unpack->path, like);

	if (error != -ENOENT)
		return error;
	error = make_parents(unpack);
	return error ? error : path_make(&unpack->walker, NULL, unpack->path, like);
}

static int find(struct unpack *unpack, struct dentry **found)
{
	return path_walk(&unpack->walker, NULL, unpack->path, 0, found);
}

/* Removes what has the name of the entry, unless it is of `type` (0: in any case) or is `keep`. */
static void clear_way(struct unpack *unpack, uint32_t type, const struct dentry *keep)
{
	struct dentry *existing;
	bool directory;

	if (find(unpack, &existing))
		return;
	directory = node_is(existing->node, MODE_DIRECTORY);
	if (!node_is(existing->node, type) && !(keep && keep->node == existing->node))
		(void)path_unlink(&unpack->walker, NULL, unpack->path, directory);
	dentry_put(existing);
}

static int set_attributes(struct unpack *unpack, const struct cpio_entry *entry,
			  struct dentry *dentry)
{
	struct node_changes changes = {
		.which = CHANGE_UID | CHANGE_GID | CHANGE_ACCESS | CHANGE_MODIFY,
		.mode = entry->mode & MODE_PERMISSIONS,
		.uid = entry->uid,
		.gid = entry->gid,
		.access = entry->mtime * NS_PER_SECOND,
		.modify = entry->mtime * NS_PER_SECOND,
	};

	if (!node_is(dentry->node, MODE_SYMLINK))
		changes.which |= CHANGE_MODE;
	return path_set_attributes(&unpack->walker, dentry, &changes);
}

static void set_contents(struct dentry *dentry, const struct cpio_entry *entry)
{
	struct node *node = dentry->node;

	if (!node_is(node, MODE_FILE))
		return;
	mutex_lock(&node->lock);
	ramfs_data_set_archive(node, entry->data, entry->size);
	mutex_unlock(&node->lock);
}

/* --- Hard links. --- */

static struct linked **linked_bucket(struct unpack *unpack, const struct cpio_entry *entry)
{
	const uint32_t key[4] = { entry->archive, entry->dev_major, entry->dev_minor,
				  entry->inode };

	return &unpack->linked[hash_bytes(0, key, sizeof(key)) % LINK_BUCKETS];
}

/* The first name of the file that the entry is a name of, or NULL. */
static struct linked *find_linked(struct unpack *unpack, const struct cpio_entry *entry)
{
	struct linked *linked = *linked_bucket(unpack, entry);

	while (linked && (linked->archive != entry->archive || linked->major != entry->dev_major ||
			  linked->minor != entry->dev_minor || linked->inode != entry->inode ||
			  linked->type != (entry->mode & MODE_TYPE)))
		linked = linked->next;
	return linked;
}

static int note_linked(struct unpack *unpack, const struct cpio_entry *entry, struct dentry *first)
{
	struct linked **bucket = linked_bucket(unpack, entry);
	struct linked *linked = kmalloc(sizeof(*linked));

	if (!linked)
		return -ENOMEM;
	*linked = (struct linked){
		.next = *bucket,
		.archive = entry->archive,
		.major = entry->dev_major,
		.minor = entry->dev_minor,
		.inode = entry->inode,
		.type = entry->mode & MODE_TYPE,
		.first = first,
	};
	dentry_get(first);
	*bucket = linked;
	return 0;
}

static void free_linked(struct unpack *unpack)
{
	for (unsigned i = 0; i < LINK_BUCKETS; i++) {
		struct linked *linked, *next;

		for (linked = unpack->linked[i]; linked; linked = next) {
			next = linked->next;
			dentry_put(linked->first);
			kfree(linked);
		}
	}
}

/* A further name of a file that was made before. Some archives have its contents only here. */
static int unpack_link(struct unpack *unpack, const struct cpio_entry *entry,
		       const struct linked *linked)
{
	int error;

	clear_way(unpack, 0, linked->first);
	error = path_link(&unpack->walker, linked->first, NULL, unpack->path);
	if (error == -ENOENT) {
		error = make_parents(unpack);
		if (!error)
			error = path_link(&unpack->walker, linked->first, NULL, unpack->path);
	}
	/* The name may have come twice. */
	if (error && error != -EEXIST)
		return error;
	if (entry->size)
		set_contents(linked->first, entry);
	return 0;
}

/* --- Entries. --- */

/* The type and what else there is to know of what is to be made. */
static int fill_template(struct unpack *unpack, const struct cpio_entry *entry,
			 struct node_template *like)
{
	*like = (struct node_template){ .mode = entry->mode & (MODE_TYPE | MODE_PERMISSIONS) };
	switch (entry->mode & MODE_TYPE) {
	case MODE_CHARACTER:
	case MODE_BLOCK:
		like->raw_device = node_device(entry->rdev_major, entry->rdev_minor);
		return 0;
	case MODE_SYMLINK:
		if (entry->size >= sizeof(unpack->target))
			return -ENAMETOOLONG;
		memcpy(unpack->target, entry->data, entry->size);
		unpack->target[entry->size] = '\0';
		like->target = unpack->target;
		return 0;
	default:
		return 0;
	}
}

static int unpack_entry(struct unpack *unpack, const struct cpio_entry *entry)
{
	uint32_t type = entry->mode & MODE_TYPE;
	bool may_be_linked = entry->nlink > 1 && type != MODE_DIRECTORY;
	struct linked *linked = may_be_linked ? find_linked(unpack, entry) : NULL;
	struct node_template like;
	struct dentry *dentry;
	int error;

	if (linked)
		return unpack_link(unpack, entry, linked);
	error = fill_template(unpack, entry, &like);
	if (error)
		return error;
	/* A link's target cannot be changed: another one takes its place. */
	clear_way(unpack, type == MODE_SYMLINK ? 0 : type, NULL);
	error = make(unpack, &like);
	if (error && error != -EEXIST)
		return error;
	error = find(unpack, &dentry);
	if (error)
		return error;
	if (type == MODE_FILE)
		set_contents(dentry, entry);
	error = node_is(dentry->node, type) ? set_attributes(unpack, entry, dentry) : -EEXIST;
	if (!error && may_be_linked)
		error = note_linked(unpack, entry, dentry);
	dentry_put(dentry);
	return error;
}

/* Names of the archive are passed to `handle` one by one, in unpack->path. */
static int each_entry(struct unpack *unpack, const void *archive, size_t size,
		      int (*handle)(struct unpack *unpack, const struct cpio_entry *entry))
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	int result;

	cpio_open(&reader, archive, size);
	while ((result = cpio_next(&reader, &entry)) > 0) {
		int error;

		memcpy(unpack->path, entry.name, entry.name_length + 1);
		error = handle(unpack, &entry);
		if (error == -ENOMEM)
			return error;
		unpack->made += !error;
		if (error && unpack->failed++ < REPORTS_MAX && unpack->report)
			log_warning("initramfs", "%s: cannot be unpacked: error %d", entry.name,
				    -error);
	}
	if (result < 0 && unpack->report)
		log_error("initramfs", "the archive is damaged at byte %zu", reader.offset);
	return result;
}

/* Directories get their times last, as making what is in them changed them. */
static int restore_times(struct unpack *unpack, const struct cpio_entry *entry)
{
	struct dentry *dentry;
	int error = 0;

	if ((entry->mode & MODE_TYPE) != MODE_DIRECTORY || find(unpack, &dentry))
		return 0;
	if (node_is(dentry->node, MODE_DIRECTORY))
		error = set_attributes(unpack, entry, dentry);
	dentry_put(dentry);
	return error;
}

int initramfs_unpack_archive(struct scheme *scheme, const void *archive, size_t size, bool report)
{
	struct unpack *unpack = kzalloc(sizeof(*unpack));
	struct credentials *credentials = credentials_create(NULL);
	int error = -ENOMEM, ignored;

	if (!unpack || !credentials)
		goto out;
	unpack->report = report;
	unpack->walker.root = unpack->walker.working_directory = scheme->root;
	unpack->walker.credentials = credentials;
	error = each_entry(unpack, archive, size, unpack_entry);
	free_linked(unpack);
	if (report)
		log_info("initramfs", "%u files from %zu bytes, %u left out", unpack->made, size,
			 unpack->failed);
	unpack->report = false;
	ignored = each_entry(unpack, archive, size, restore_times);
	(void)ignored; /* as the first time */
out:
	kfree(unpack);
	if (credentials)
		credentials_put(credentials);
	return error;
}

void initramfs_unpack(struct scheme *scheme, bool report)
{
	int error;

	if (!boot_archive)
		return;
	error = initramfs_unpack_archive(scheme, boot_archive, boot_archive_size, report);
	if (report)
		boot_status = error;
}
