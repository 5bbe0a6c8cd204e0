/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations of directories: looking up, making, linking, removing, renaming, listing. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>
#include <time/clock.h>

#include "hmfs_vfs.h"

#define NAMES_SIZE 8192u /* of names that are taken with one look */

bool hmfs_name_is(const char *name, size_t length, const char *other)
{
	return length == strlen(other) && memcmp(name, other, length) == 0;
}

/* The names of a directory changed, and the volume knows its times. */
static void note_change(struct node *directory)
{
	hmfs_inode_of(directory)->stale = true;
}

/* --- Looking up. --- */

static int directory_op_lookup(struct node *directory, const char *name, size_t length,
			       struct node **result)
{
	struct hmfs_inode *parent = hmfs_inode_of(directory), *inode;
	struct hmfs_id id;
	int error;

	if (hmfs_name_is(name, length, HMFS_FORKS_NAME)) {
		error = hmfs_inode_get_forks(parent, &inode);
	} else if (parent == parent->fs->root && hmfs_name_is(name, length, HMFS_SNAPSHOTS_NAME)) {
		error = hmfs_inode_get_snapshots(parent->fs, &inode);
	} else {
		error = hmfs_lookup(parent->fs->volume, parent->id, name, length, &id, NULL);
		if (!error)
			error = hmfs_inode_get(parent->fs, id, &inode);
	}
	if (!error)
		*result = &inode->node;
	return error;
}

/* --- Making. --- */

static struct hmfs_template template_of(const struct node_template *like)
{
	return (struct hmfs_template){
		.mode = like->mode,
		.uid = like->uid,
		.gid = like->gid,
		.raw_device = like->raw_device,
		.target = like->target,
	};
}

/* Names that mean something else already. */
static int check_new_name(const struct hmfs_inode *parent, const char *name, size_t length)
{
	if (hmfs_name_is(name, length, HMFS_FORKS_NAME) ||
	    (parent == parent->fs->root && hmfs_name_is(name, length, HMFS_SNAPSHOTS_NAME)))
		return -EEXIST;
	return hmfs_inode_check_writable(parent);
}

/* What needs space for metadata gets it, if a commit can give some. */
static bool may_try_again(struct hmfs_inode *inode, int error)
{
	return error == -ENOSPC && hmfs_vfs_make_room(inode->fs);
}

static int directory_op_create(struct node *directory, const char *name, size_t length,
			       const struct node_template *like, struct node **made)
{
	struct hmfs_inode *parent = hmfs_inode_of(directory), *inode;
	struct hmfs_template template = template_of(like);
	struct hmfs_id id;
	int error = check_new_name(parent, name, length);

	if (error)
		return error;
	error = hmfs_create(parent->fs->volume, parent->id, name, length, &template, &id);
	if (may_try_again(parent, error))
		error = hmfs_create(parent->fs->volume, parent->id, name, length, &template, &id);
	if (error)
		return error;
	note_change(directory);
	if ((like->mode & MODE_TYPE) == MODE_DIRECTORY)
		directory->links++;
	error = hmfs_inode_adopt(parent->fs, id, true, &inode);
	if (error) {
		/* Nobody knows of it yet, and what cannot be opened is better not there. */
		if (hmfs_unlink(parent->fs->volume, parent->id, name, length))
			return -EIO;
		return error;
	}
	hmfs_vfs_wake(parent->fs);
	*made = &inode->node;
	return 0;
}

static int directory_op_create_temporary(struct node *directory, const struct node_template *like,
					 struct node **made)
{
	struct hmfs_inode *parent = hmfs_inode_of(directory), *inode;
	struct hmfs_template template = template_of(like);
	struct hmfs_id id;
	int error = hmfs_inode_check_writable(parent);

	if (error)
		return error;
	error = hmfs_create_nameless(parent->fs->volume, parent->id.dataset, &template, &id);
	if (error)
		return error;
	error = hmfs_inode_adopt(parent->fs, id, false, &inode);
	if (error)
		return error;
	inode->node.links = 0;
	/* One that must not get a name is told from others by that. */
	inode->is_private = !like->linkable;
	*made = &inode->node;
	return 0;
}

static int directory_op_link(struct node *directory, const char *name, size_t length,
			     struct node *target)
{
	struct hmfs_inode *parent = hmfs_inode_of(directory), *inode = hmfs_inode_of(target);
	int error = check_new_name(parent, name, length);

	if (!error && inode->fs != parent->fs)
		error = -EXDEV;
	if (!error && (inode->kind != HMFS_INODE_OBJECT || inode->is_private))
		error = inode->is_private ? -ENOENT : -EPERM;
	if (error)
		return error;
	error = hmfs_link(parent->fs->volume, parent->id, name, length, inode->id);
	if (may_try_again(parent, error))
		error = hmfs_link(parent->fs->volume, parent->id, name, length, inode->id);
	if (error)
		return error;
	mutex_lock(&target->lock);
	target->links++;
	node_touch_locked(target, 0);
	mutex_unlock(&target->lock);
	hmfs_inode_remember(inode);
	hmfs_inode_dirty(inode);
	note_change(directory);
	return 0;
}

/* --- Removing. --- */

/* A name of it went. */
static void note_unlinked(struct node *node)
{
	struct hmfs_inode *inode = hmfs_inode_of(node);
	bool last;

	mutex_lock(&node->lock);
	last = node->links <= 1 || node_is(node, MODE_DIRECTORY);
	node->links = last ? 0 : node->links - 1;
	node_touch_locked(node, 0);
	mutex_unlock(&node->lock);
	inode->stale = true;
	inode->fs->freed = true;
	if (!last) {
		if (node->object)
			hmfs_inode_dirty(inode);
		return;
	}
	if (inode->kind == HMFS_INODE_OBJECT) {
		struct hmfs_inode *forks =
			hmfs_inode_find(inode->fs, node->number | HMFS_NUMBER_FORKS);

		if (forks) {
			hmfs_inode_forget(forks);
			node_put(&forks->node);
		}
	}
	hmfs_inode_forget(inode);
}

static int directory_op_unlink(struct node *directory, const char *name, size_t length,
			       struct node *target)
{
	struct hmfs_inode *parent = hmfs_inode_of(directory);
	int error = hmfs_inode_check_writable(parent);

	if (!error && hmfs_inode_of(target)->kind != HMFS_INODE_OBJECT)
		error = -EPERM;
	if (!error)
		error = hmfs_unlink(parent->fs->volume, parent->id, name, length);
	if (may_try_again(parent, error))
		error = hmfs_unlink(parent->fs->volume, parent->id, name, length);
	if (error)
		return error;
	note_change(directory);
	if (node_is(target, MODE_DIRECTORY) && directory->links > 2)
		directory->links--;
	note_unlinked(target);
	hmfs_vfs_wake(parent->fs);
	return 0;
}

/* --- Renaming. --- */

static int check_rename(const struct hmfs_inode *from, const struct hmfs_inode *moved,
			const struct hmfs_inode *to, const char *to_name, size_t to_length,
			const struct hmfs_inode *replaced)
{
	int error = hmfs_inode_check_writable(from);

	if (error)
		return error;
	if (moved->kind != HMFS_INODE_OBJECT || (replaced && replaced->kind != HMFS_INODE_OBJECT))
		return -EPERM;
	return replaced ? hmfs_inode_check_writable(to) : check_new_name(to, to_name, to_length);
}

/* The contents of a file that takes the place of another are written before the names change: who
 * does that without fsync(2) relies on having one or the other after a crash. */
static void write_before(struct hmfs_inode *moved, const struct hmfs_inode *replaced)
{
	int ignored = 0; /* fsync(2) tells of it */

	if (replaced && replaced->node.size && moved->node.object && moved->cache.dirty_pages)
		ignored = hmfs_inode_write(moved);
	(void)ignored;
}

static int directory_op_rename(struct node *from, const char *from_name, size_t from_length,
			       struct node *moved, struct node *to, const char *to_name,
			       size_t to_length, struct node *replaced, bool exchange)
{
	struct hmfs_inode *source = hmfs_inode_of(from), *target = hmfs_inode_of(to);
	struct hmfs_inode *old = replaced ? hmfs_inode_of(replaced) : NULL;
	unsigned flags = exchange ? HMFS_RENAME_EXCHANGE : 0;
	int error = check_rename(source, hmfs_inode_of(moved), target, to_name, to_length, old);

	if (error)
		return error;
	if (!exchange)
		write_before(hmfs_inode_of(moved), old);
	error = hmfs_rename(source->fs->volume, source->id, from_name, from_length, target->id,
			    to_name, to_length, flags);
	if (may_try_again(source, error))
		error = hmfs_rename(source->fs->volume, source->id, from_name, from_length,
				    target->id, to_name, to_length, flags);
	if (error)
		return error;
	note_change(from);
	note_change(to);
	node_touch(moved, 0);
	hmfs_inode_of(moved)->stale = true;
	if (exchange)
		old->stale = true;
	else if (replaced)
		note_unlinked(replaced);
	hmfs_vfs_wake(source->fs);
	return 0;
}

/* --- Listing. --- */

struct listed {
	uint64_t number, next_cookie;
	uint8_t type, length;
	char name[];
} __attribute__((packed));

/* Names are taken under the volume's lock, and passed on without it. */
struct listing {
	char *names;
	size_t used;
	bool full;
};

static bool take_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		      uint64_t next_cookie)
{
	struct listing *listing = context;
	struct listed *entry = (struct listed *)(listing->names + listing->used);

	if (NAMES_SIZE - listing->used < sizeof(*entry) + length) {
		listing->full = true;
		return false;
	}
	entry->number = object;
	entry->next_cookie = next_cookie;
	entry->type = type;
	entry->length = (uint8_t)length;
	memcpy(entry->name, name, length);
	listing->used += sizeof(*entry) + length;
	return true;
}

/* Passes them on: false if there was no room. */
static bool pass_names(const struct listing *listing, uint32_t dataset, bool forks,
		       uint64_t *cookie, struct directory_sink *sink)
{
	for (size_t at = 0; at < listing->used;) {
		const struct listed *entry = (const struct listed *)(listing->names + at);
		const struct hmfs_id id = { dataset, entry->number };
		uint32_t type = forks ? MODE_FILE : (uint32_t)entry->type << 12;

		/* Attributes that are no forks to users are for listxattr(2), which checks who asks. */
		if (!(forks && entry->type == HMFS_FORK_ATTRIBUTE) &&
		    !sink->entry(sink, entry->name, entry->length, hmfs_inode_number(id), type,
				 entry->next_cookie))
			return false;
		*cookie = entry->next_cookie;
		at += sizeof(*entry) + entry->length;
	}
	return true;
}

int hmfs_list_names(struct hmfs_inode *directory, hmfs_lister *lister, bool forks, uint64_t *cookie,
		    struct directory_sink *sink)
{
	struct listing listing = { .names = kmalloc(NAMES_SIZE) };
	int error = 0;

	if (!listing.names)
		return -ENOMEM;
	do {
		uint64_t next = *cookie;

		listing.used = 0;
		listing.full = false;
		error = lister(directory->fs->volume, directory->id, &next, take_name, &listing);
		if (error || !pass_names(&listing, directory->id.dataset, forks, cookie, sink))
			break;
		if (!listing.full)
			*cookie = next;
	} while (listing.full);
	kfree(listing.names);
	return error;
}

static int directory_op_list(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	return hmfs_list_names(hmfs_inode_of(file->node), hmfs_list, false, cookie, sink);
}

static int directory_op_sync(struct file *file, bool data_only)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);

	(void)data_only;
	return hmfs_inode_check_writable(inode) ? 0 : hmfs_sync(inode->fs->volume);
}

const struct node_ops hmfs_directory_ops = {
	.lookup = directory_op_lookup,
	.create = directory_op_create,
	.create_temporary = directory_op_create_temporary,
	.link = directory_op_link,
	.unlink = directory_op_unlink,
	.rename = directory_op_rename,
	.refresh = hmfs_op_refresh,
	.set_attributes = hmfs_op_set_attributes,
	.get_extended = hmfs_op_get_extended,
	.set_extended = hmfs_op_set_extended,
	.list_extended = hmfs_op_list_extended,
	.release = hmfs_inode_op_release,
	.read_directory = directory_op_list,
	.control = hmfs_op_control,
	.sync = directory_op_sync,
};
