/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations of directories: looking up, making, removing, listing. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>
#include <time/clock.h>

#include "fat_priv.h"

void fat_directory_note_change(struct fat_node *directory)
{
	struct fat *fs = directory->fs;

	mutex_lock(&directory->node.lock);
	node_touch_locked(&directory->node, CHANGE_MODIFY);
	mutex_lock(&fs->lock);
	if (directory->map.complete)
		directory->node.size = (uint64_t)directory->map.known << fs->geometry.cluster_shift;
	mutex_unlock(&fs->lock);
	mutex_unlock(&directory->node.lock);
	fat_note_dirty(directory);
}

/* --- Looking up. --- */

static int directory_op_lookup(struct node *directory, const char *text, size_t length,
			       struct node **result)
{
	struct fat_node *parent = fat_node_of(directory), *node;
	struct fat_found found;
	struct fat_name name;
	int error = fat_name_from_text(text, length, &name);

	if (error)
		return error == -EINVAL ? -ENOENT : error;
	mutex_lock(&parent->fs->lock);
	error = fat_slot_find(parent, &name, &found);
	if (!error)
		error = fat_node_get(parent->fs, &found, &node);
	mutex_unlock(&parent->fs->lock);
	if (!error)
		*result = &node->node;
	return error;
}

static size_t directory_op_name_of(struct node *node, char *name)
{
	const char *stored = fat_node_of(node)->name;

	return stored ? string_copy(name, stored, NAME_MAX_LENGTH + 1) : 0;
}

/* --- Making. --- */

static void fill_new_entry(struct fat *fs, struct fat_entry *entry, bool is_directory)
{
	struct fat_time now;

	fat_time_from_ns(fs, clock_realtime_ns(), &now);
	*entry = (struct fat_entry){
		.attributes = is_directory ? FAT_DIRECTORY : FAT_ARCHIVE,
		.create_fine = now.fine,
		.create_time = now.time,
		.create_date = now.date,
		.access_date = now.date,
		.modify_time = now.time,
		.modify_date = now.date,
	};
}

/* Gives a new directory its cluster, which nothing points to yet. */
static int make_cluster(struct fat_node *parent, struct fat_entry *entry)
{
	struct fat_deferred *deferred = kmalloc(sizeof(*deferred));
	struct fat *fs = parent->fs;
	uint32_t cluster;
	int error;

	if (!deferred)
		return -ENOMEM;
	error = fat_chain_start(fs, &cluster);
	if (error) {
		kfree(deferred);
		return error;
	}
	error = fat_slot_fill_directory(fs, cluster, parent->place ? parent->start : 0, entry);
	if (error) {
		fat_defer(fs, deferred, 0, cluster);
		return error;
	}
	kfree(deferred);
	fat_entry_set_cluster(fs, entry, cluster);
	return 0;
}

/* Takes back what make_cluster() did. It was not written yet, but may be under way. */
static void drop_cluster(struct fat *fs, const struct fat_entry *entry)
{
	struct fat_deferred *deferred;

	if (!(entry->attributes & FAT_DIRECTORY))
		return;
	deferred = kmalloc(sizeof(*deferred));
	if (deferred)
		fat_defer(fs, deferred, 0, fat_entry_cluster(fs, entry));
}

/* Writes the new name and makes its node. fs->lock is held. */
static int add_entry(struct fat_node *parent, struct fat_found *found, struct fat_node **node)
{
	struct fat_room room;
	int error = fat_slot_make_room(parent, &found->name, NULL, &room);

	if (error)
		return error;
	error = fat_slot_write(parent, &room, &found->name, &found->entry);
	if (error)
		return error;
	found->place = room.place;
	found->first = room.first;
	found->slot = room.first + room.count - 1;
	found->is_long = room.count > 1;
	memcpy(found->entry.name, room.alias.name, sizeof(found->entry.name));
	found->entry.lower_case = room.alias.lower_case;
	error = fat_node_get(parent->fs, found, node);
	if (error && fat_slot_remove(parent, found))
		(void)fat_complain(parent->fs, "an entry could not be taken back");
	return error;
}

static int make(struct fat_node *parent, struct fat_found *found, bool is_directory,
		struct fat_node **node)
{
	struct fat *fs = parent->fs;
	int error = fat_check_writable(fs);

	if (error)
		return error;
	fill_new_entry(fs, &found->entry, is_directory);
	if (is_directory)
		error = make_cluster(parent, &found->entry);
	if (error)
		return error;
	error = add_entry(parent, found, node);
	if (error)
		drop_cluster(fs, &found->entry);
	else if (fat_buffers_crowded(fs))
		fat_try_commit(fs);
	return error;
}

static int directory_op_create(struct node *directory, const char *text, size_t length,
			       const struct node_template *like, struct node **made)
{
	struct fat_node *parent = fat_node_of(directory), *node;
	uint32_t type = like->mode & MODE_TYPE;
	struct fat_found found;
	int error;

	if (type != MODE_FILE && type != MODE_DIRECTORY)
		return -EPERM;
	error = fat_name_from_text(text, length, &found.name);
	if (!error)
		error = fat_name_check(&found.name);
	if (error)
		return error;
	mutex_lock(&parent->fs->lock);
	error = make(parent, &found, type == MODE_DIRECTORY, &node);
	mutex_unlock(&parent->fs->lock);
	if (error)
		return error;
	fat_note_work(parent->fs);
	fat_directory_note_change(parent);
	*made = &node->node;
	return 0;
}

/* --- Removing. --- */

int fat_node_prepare_unlink(struct fat_node *node)
{
	if (!node->last_deferred)
		node->last_deferred = kmalloc(sizeof(*node->last_deferred));
	return node->last_deferred ? 0 : -ENOMEM;
}

void fat_node_unlinked(struct fat_node *node, bool held)
{
	mutex_lock(&node->node.lock);
	node->node.links = 0;
	node_touch_locked(&node->node, 0);
	mutex_unlock(&node->node.lock);
	if (held)
		node_put(&node->node);
}

static int remove_entry(struct fat_node *parent, const struct fat_name *name, struct fat_node *node,
			bool *held)
{
	struct fat_found found;
	int error = fat_check_writable(parent->fs);

	if (!error)
		error = fat_slot_find(parent, name, &found);
	if (!error && found.place != node->place)
		error = -ENOENT;
	if (!error && node_is(&node->node, MODE_DIRECTORY))
		error = fat_slot_check_empty(node);
	if (!error)
		error = fat_node_prepare_unlink(node);
	if (!error)
		error = fat_slot_remove(parent, &found);
	if (!error)
		fat_node_forget(node, held);
	return error;
}

static int directory_op_unlink(struct node *directory, const char *text, size_t length,
			       struct node *target)
{
	struct fat_node *parent = fat_node_of(directory);
	struct fat_name name;
	bool held = false;
	int error = fat_name_from_text(text, length, &name);

	if (error)
		return error;
	mutex_lock(&parent->fs->lock);
	error = remove_entry(parent, &name, fat_node_of(target), &held);
	mutex_unlock(&parent->fs->lock);
	if (error)
		return error;
	fat_note_work(parent->fs);
	fat_node_unlinked(fat_node_of(target), held);
	fat_directory_note_change(parent);
	return 0;
}

/* --- Listing. --- */

/* Cookies are slots. The lock is not held while the sink takes a name: it may be user memory. */
static int directory_op_list(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct fat_node *directory = fat_node_of(file->node);
	struct fat *fs = directory->fs;
	char text[NAME_MAX_LENGTH + 1];
	struct fat_found found;

	for (;;) {
		uint32_t type;
		size_t length;
		int result = 0;

		mutex_lock(&fs->lock);
		if (*cookie < FAT_DIRECTORY_SLOTS)
			result = fat_slot_next(directory, (uint32_t)*cookie, &found);
		mutex_unlock(&fs->lock);
		if (result <= 0)
			return result;
		length = fat_found_text(&found, text);
		type = found.entry.attributes & FAT_DIRECTORY ? MODE_DIRECTORY : MODE_FILE;
		if (length && !sink->entry(sink, text, length, fat_node_number(fs, found.place),
					   type, found.slot + 1))
			return 0;
		*cookie = found.slot + 1;
	}
}

static int directory_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	return changes->which & CHANGE_SIZE ? -EISDIR : fat_node_change(node, changes);
}

static int directory_op_sync(struct file *file, bool data_only)
{
	(void)data_only;
	return fat_sync(fat_node_of(file->node)->fs);
}

const struct node_ops fat_directory_ops = {
	.lookup = directory_op_lookup,
	.name_of = directory_op_name_of,
	.create = directory_op_create,
	.unlink = directory_op_unlink,
	.rename = fat_directory_op_rename,
	.set_attributes = directory_op_set_attributes,
	.release = fat_node_op_release,
	.read_directory = directory_op_list,
	.control = fat_op_control,
	.sync = directory_op_sync,
};
