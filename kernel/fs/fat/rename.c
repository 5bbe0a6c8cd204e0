/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renaming. Two entries must never show the same clusters on disk, so the old one goes first: in one
 * sector with the new one where that can be, else it is written before the new one is made.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "fat_priv.h"

struct renaming {
	struct fat_node *from, *to;
	struct fat_node *moved, *replaced; /* `replaced` may be NULL */
	struct fat_name from_name, to_name;
	struct fat_found old, target; /* the entries; `target` is that of `replaced` */
	char *name;                   /* to be kept with the node */
	bool held;
	bool split; /* the old entry is gone on disk before the new one is there */
};

/* Finds both entries and checks that they are those meant. */
static int find_entries(struct renaming *renaming)
{
	int error = fat_slot_find(renaming->from, &renaming->from_name, &renaming->old);

	if (!error && renaming->old.place != renaming->moved->place)
		error = -ENOENT;
	if (error || !renaming->replaced)
		return error;
	error = fat_slot_find(renaming->to, &renaming->to_name, &renaming->target);
	if (!error && renaming->target.place != renaming->replaced->place)
		error = -ENOENT;
	if (!error && node_is(&renaming->replaced->node, MODE_DIRECTORY))
		error = fat_slot_check_empty(renaming->replaced);
	if (!error)
		error = fat_node_prepare_unlink(renaming->replaced);
	return error;
}

static bool same_sector(uint64_t place, uint64_t other)
{
	return place / (SECTOR_SIZE / FAT_SLOT_SIZE) == other / (SECTOR_SIZE / FAT_SLOT_SIZE);
}

/* Takes away the old entry, on disk too if the new one is elsewhere. */
static int remove_old(struct renaming *renaming, uint64_t new_place)
{
	struct fat *fs = renaming->from->fs;
	int error = fat_slot_remove(renaming->from, &renaming->old);

	if (error || same_sector(renaming->old.place, new_place))
		return error;
	fat_try_commit(fs);
	renaming->split = true;
	return 0;
}

/* The entry of `replaced` becomes that of `moved`; the name stays as it is written there. */
static int replace(struct renaming *renaming)
{
	struct fat *fs = renaming->from->fs;
	struct fat_entry entry = renaming->old.entry;
	int error = remove_old(renaming, renaming->target.place);

	if (error)
		return error;
	memcpy(entry.name, renaming->target.entry.name, sizeof(entry.name));
	entry.lower_case = renaming->target.entry.lower_case;
	error = fat_entry_write(fs, renaming->target.place, &entry);
	if (error)
		return error;
	fat_node_forget(renaming->replaced, &renaming->held);
	fat_node_move(renaming->moved, renaming->target.place);
	return 0;
}

static int move(struct renaming *renaming)
{
	const struct fat_found *old = renaming->from == renaming->to ? &renaming->old : NULL;
	struct fat_room room;
	int error = fat_slot_make_room(renaming->to, &renaming->to_name, old, &room);

	if (error)
		return error;
	if (room.place == renaming->old.place) {
		error = fat_slot_write(renaming->to, &room, &renaming->to_name,
				       &renaming->old.entry);
		if (!error)
			error = fat_slot_remove_before(renaming->to, &renaming->old, room.first);
		return error;
	}
	error = remove_old(renaming, room.place);
	if (!error)
		error = fat_slot_write(renaming->to, &room, &renaming->to_name,
				       &renaming->old.entry);
	if (!error)
		fat_node_move(renaming->moved, room.place);
	return error;
}

/* A directory says which one it is in. */
static int set_parent(struct fat_node *directory, const struct fat_node *parent)
{
	struct fat *fs = directory->fs;
	uint32_t cluster, count;
	struct fat_entry entry;
	uint64_t place;
	int result = fat_chain_find_locked(directory, 0, &cluster, &count);

	if (result <= 0)
		return result;
	place = fat_cluster_sector(&fs->geometry, cluster) * (SECTOR_SIZE / FAT_SLOT_SIZE) + 1;
	result = fat_entry_read(fs, place, &entry);
	if (result || memcmp(entry.name, "..         ", 11) != 0)
		return result;
	fat_entry_set_cluster(fs, &entry, parent->place ? parent->start : 0);
	return fat_entry_write(fs, place, &entry);
}

static int rename_locked(struct renaming *renaming)
{
	struct fat_node *moved = renaming->moved;
	int error = fat_check_writable(moved->fs);

	if (!error)
		error = find_entries(renaming);
	if (!error)
		error = renaming->replaced ? replace(renaming) : move(renaming);
	if (!error && renaming->from != renaming->to && node_is(&moved->node, MODE_DIRECTORY))
		error = set_parent(moved, renaming->to);
	/* Not for seconds: a file that has no name on disk is lost if the power fails. */
	if (renaming->split)
		fat_try_commit(moved->fs);
	return error;
}

static int parse(struct renaming *renaming, const char *from, size_t from_length, const char *to,
		 size_t to_length)
{
	int error = fat_name_from_text(from, from_length, &renaming->from_name);

	if (!error)
		error = fat_name_from_text(to, to_length, &renaming->to_name);
	if (!error && !renaming->replaced)
		error = fat_name_check(&renaming->to_name);
	if (error)
		return error;
	if (renaming->replaced) {
		to = renaming->replaced->name;
		to_length = strlen(to);
	}
	renaming->name = kmalloc(to_length + 1);
	if (!renaming->name)
		return -ENOMEM;
	memcpy(renaming->name, to, to_length);
	renaming->name[to_length] = '\0';
	return 0;
}

static void finish(struct renaming *renaming)
{
	struct fat_node *moved = renaming->moved;

	kfree(moved->name);
	moved->name = renaming->name;
	renaming->name = NULL;
	fat_note_dirty(moved);
	fat_note_work(moved->fs);
	node_touch(&moved->node, 0);
	if (renaming->replaced)
		fat_node_unlinked(renaming->replaced, renaming->held);
	fat_directory_note_change(renaming->from);
	if (renaming->to != renaming->from)
		fat_directory_note_change(renaming->to);
}

int fat_directory_op_rename(struct node *from, const char *from_name, size_t from_length,
			    struct node *moved, struct node *to, const char *to_name,
			    size_t to_length, struct node *replaced, bool exchange)
{
	struct fat *fs = fat_node_of(from)->fs;
	struct renaming *renaming;
	int error;

	if (exchange)
		return -EINVAL;
	renaming = kzalloc(sizeof(*renaming));
	if (!renaming)
		return -ENOMEM;
	renaming->from = fat_node_of(from);
	renaming->to = fat_node_of(to);
	renaming->moved = fat_node_of(moved);
	renaming->replaced = replaced ? fat_node_of(replaced) : NULL;
	error = parse(renaming, from_name, from_length, to_name, to_length);
	if (!error) {
		mutex_lock(&fs->lock);
		error = rename_locked(renaming);
		mutex_unlock(&fs->lock);
	}
	if (!error)
		finish(renaming);
	kfree(renaming->name);
	kfree(renaming);
	return error;
}
