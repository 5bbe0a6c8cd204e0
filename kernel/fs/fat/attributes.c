/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node and its directory entry say of each other. */
#include <base/errno.h>
#include <base/string.h>
#include <time/clock.h>

#include "fat_priv.h"

#define WRITE_BITS 0222u

static uint32_t mask_of(const struct fat *fs, const struct node *node)
{
	return node_is(node, MODE_DIRECTORY) ? fs->options.directory_mask : fs->options.file_mask;
}

/* Permissions come from the mount; all that a file can say is that it is not to be written. Of
 * directories that bit means something else. */
static void set_mode(struct fat_node *node)
{
	uint32_t permissions = 0777u & ~mask_of(node->fs, &node->node);

	if ((node->attributes & FAT_READ_ONLY) && !node_is(&node->node, MODE_DIRECTORY))
		permissions &= ~WRITE_BITS;
	node->node.mode = (node->node.mode & MODE_TYPE) | permissions;
}

void fat_node_set_attributes(struct fat_node *node, uint8_t attributes)
{
	node->attributes = attributes & FAT_ATTRIBUTES;
	set_mode(node);
}

void fat_node_load(struct fat_node *node, const struct fat_entry *entry)
{
	const struct fat *fs = node->fs;
	struct node_times *times = &node->node.times;
	struct fat_time modify = { entry->modify_date, entry->modify_time, 0 };
	struct fat_time access = { entry->access_date, 0, 0 };
	struct fat_time birth = { entry->create_date, entry->create_time, entry->create_fine };

	node->node.uid = fs->options.uid;
	node->node.gid = fs->options.gid;
	times->modify = times->change = fat_time_to_ns(fs, &modify);
	times->access = entry->access_date ? fat_time_to_ns(fs, &access) : times->modify;
	times->birth = entry->create_date ? fat_time_to_ns(fs, &birth) : times->modify;
	fat_node_set_attributes(node, entry->attributes);
}

void fat_node_fill_entry(const struct fat_node *node, struct fat_entry *entry)
{
	const struct fat *fs = node->fs;
	struct fat_time time;

	entry->attributes = node->attributes;
	fat_time_from_ns(fs, node->node.times.modify, &time);
	entry->modify_date = time.date;
	entry->modify_time = time.time;
	fat_time_from_ns(fs, node->node.times.access, &time);
	entry->access_date = time.date;
}

int fat_node_store(struct fat_node *node, uint64_t size)
{
	struct fat *fs = node->fs;
	struct fat_entry entry;
	int error;

	if (node->removed || node->place == 0)
		return 0;
	error = fat_entry_read(fs, node->place, &entry);
	if (error)
		return error;
	fat_node_fill_entry(node, &entry);
	if (node_is(&node->node, MODE_FILE)) {
		uint64_t now = __atomic_load_n(&node->node.size, __ATOMIC_RELAXED);

		entry.size = (uint32_t)min_u64(size, now);
		fat_entry_set_cluster(fs, &entry, node->start);
	}
	return fat_entry_write(fs, node->place, &entry);
}

void fat_node_touch(struct fat_node *node)
{
	if (node->place == 0)
		return;
	node_touch(&node->node, CHANGE_MODIFY);
	fat_note_dirty(node);
}

/* --- Changes that programs ask for. --- */

/* Whether a mode is one that FAT can keep: what the mount gives, with or without writing. */
static bool can_keep_mode(const struct fat_node *node, uint32_t mode)
{
	uint32_t given = 0777u & ~mask_of(node->fs, &node->node);
	uint32_t wanted = mode & given;

	if ((wanted & ~WRITE_BITS) != (given & ~WRITE_BITS) || (mode & MODE_PERMISSIONS & ~0777u))
		return false;
	if ((wanted & WRITE_BITS) == (given & WRITE_BITS))
		return true;
	return !(wanted & WRITE_BITS) && node_is(&node->node, MODE_FILE);
}

/* Takes out of the changes what cannot be kept. -EPERM, unless that is not to be told. */
static int check_changes(const struct fat_node *node, struct node_changes *changes)
{
	const struct fat_options *options = &node->fs->options;
	unsigned refused = 0;

	if ((changes->which & CHANGE_UID) && changes->uid != options->uid)
		refused |= CHANGE_UID;
	if ((changes->which & CHANGE_GID) && changes->gid != options->gid)
		refused |= CHANGE_GID;
	if ((changes->which & CHANGE_MODE) && !can_keep_mode(node, changes->mode))
		refused |= CHANGE_MODE;
	changes->which &= ~refused;
	return refused && !options->quiet ? -EPERM : 0;
}

/* As they will be read from disk. */
static void round_times(struct fat_node *node)
{
	struct node_times *times = &node->node.times;
	struct fat_time time;

	fat_time_from_ns(node->fs, times->modify, &time);
	time.fine = 0;
	times->modify = fat_time_to_ns(node->fs, &time);
	fat_time_from_ns(node->fs, times->access, &time);
	time.time = 0;
	time.fine = 0;
	times->access = fat_time_to_ns(node->fs, &time);
}

int fat_node_change(struct node *changed, const struct node_changes *wanted)
{
	struct fat_node *node = fat_node_of(changed);
	struct node_changes changes = *wanted;
	int error = fat_check_writable(node->fs);

	if (!error)
		error = check_changes(node, &changes);
	if (error)
		return error;
	if (changes.which & CHANGE_MODE) {
		bool writable = changes.mode & WRITE_BITS;

		mutex_lock(&node->fs->lock);
		if (node_is(changed, MODE_FILE))
			node->attributes = (uint8_t)((node->attributes & ~FAT_READ_ONLY) |
						     (writable ? 0 : FAT_READ_ONLY));
		set_mode(node);
		mutex_unlock(&node->fs->lock);
		changes.which &= ~(unsigned)CHANGE_MODE;
	}
	node_store_changes(changed, &changes);
	if (changes.which & (CHANGE_ACCESS | CHANGE_MODIFY))
		round_times(node);
	fat_note_dirty(node);
	return 0;
}
