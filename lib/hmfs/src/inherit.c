/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of lists of the dead when datasets go. */
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

/* An entry of a list: of its kind one of the two. */
struct dead_entry {
	struct hmfs_key key;
	bool is_segment;
	union {
		struct hmfs_dead_record run;
		struct hmfs_segment_pointer segment;
	};
};

static uint64_t birth_of(const struct dead_entry *entry)
{
	return entry->is_segment ? entry->segment.birth : entry->run.birth;
}

/* The list's first entry at or behind `from`. -ENOENT, -EIO, -ENOMEM. */
static int next_entry(struct hmfs_space *space, uint64_t list, const struct hmfs_key *from,
		      struct dead_entry *entry)
{
	struct hmfs_cursor cursor = { 0 };
	int error = hmfs_cursor_seek(&cursor, space->map, from);

	if (!error) {
		uint64_t kind = cursor.key.place >> 56;
		size_t size = kind == HMFS_KIND_DEAD ? sizeof(entry->run) : sizeof(entry->segment);

		entry->key = cursor.key;
		entry->is_segment = kind == HMFS_KIND_DEAD_SEGMENT;
		if (cursor.key.object != list ||
		    (kind != HMFS_KIND_DEAD && kind != HMFS_KIND_DEAD_SEGMENT))
			error = -ENOENT;
		else if (cursor.value.length != size)
			error = -EIO;
		else
			memcpy(&entry->run, cursor.value.bytes, size);
	}
	hmfs_cursor_close(&cursor);
	return error;
}

static struct hmfs_key list_start(uint64_t list)
{
	return (struct hmfs_key){ .object = list, .place = HMFS_PLACE(HMFS_KIND_DEAD, 0) };
}

static void step_behind(struct hmfs_key *key)
{
	if (++key->minor == 0)
		key->place++;
}

/* Frees what the entry is about and removes it. All or nothing, but for segments that cannot be
 * read. */
static int bury(struct hmfs_space *space, const struct dead_entry *entry)
{
	uint64_t address = entry->key.place & HMFS_PLACE_MASK;
	/* The counts of references may change, too. */
	int error = hmfs_map_prepare(space->map, 3, 2 * 16 * sizeof(uint32_t));

	if (error)
		return error;
	if (entry->is_segment) {
		error = hmfs_dead_free_segment(space, &entry->segment);
		/* Tried again it would be no better. */
		if (error == -EIO)
			error = 0;
	} else {
		error = hmfs_shared_drop(space, address, entry->run.blocks);
	}
	return error ? error : hmfs_map_remove(space->map, &entry->key);
}

/* Of the heir's list those go that were the snapshot's alone. */
static int step_heir(struct hmfs_space *space, struct hmfs_inherit *inherit, uint64_t parent_commit)
{
	struct dead_entry entry;
	int error = next_entry(space, inherit->heir, &inherit->position, &entry);

	if (error == -ENOENT) {
		inherit->heir_done = true;
		return 0;
	}
	if (!error && birth_of(&entry) > parent_commit)
		error = bury(space, &entry);
	if (error)
		return error;
	inherit->position = entry.key;
	step_behind(&inherit->position);
	return 0;
}

/* An entry of the snapshot's list becomes one of the heir's. 1: there was none. */
static int step_move(struct hmfs_space *space, const struct hmfs_inherit *inherit)
{
	struct hmfs_key from = list_start(inherit->snapshot), to;
	struct dead_entry entry;
	size_t size;
	int error = next_entry(space, inherit->snapshot, &from, &entry);

	if (error)
		return error == -ENOENT ? 1 : error;
	size = entry.is_segment ? sizeof(entry.segment) : sizeof(entry.run);
	to = entry.key;
	to.object = inherit->heir;
	error = hmfs_map_prepare(space->map, 2, size);
	if (!error)
		error = hmfs_map_put(space->map, &to, &entry.run, size);
	return error ? error : hmfs_map_remove(space->map, &entry.key);
}

int hmfs_dead_inherit(struct hmfs_space *space, uint64_t snapshot, uint64_t parent_commit,
		      uint64_t heir, unsigned budget)
{
	struct hmfs_inherit *inherit = &space->inherit;

	if (inherit->snapshot != snapshot || inherit->heir != heir) {
		*inherit = (struct hmfs_inherit){
			.snapshot = snapshot,
			.heir = heir,
			.position = list_start(heir),
		};
	}
	for (; budget; budget--) {
		int error = inherit->heir_done ? step_move(space, inherit)
					       : step_heir(space, inherit, parent_commit);

		if (error < 0)
			return error;
		if (error) {
			*inherit = (struct hmfs_inherit){ 0 };
			return 0;
		}
	}
	return 1;
}

int hmfs_dead_forget(struct hmfs_space *space, uint64_t list, unsigned budget)
{
	struct hmfs_key from = list_start(list);

	for (; budget; budget--) {
		struct dead_entry entry;
		int error = next_entry(space, list, &from, &entry);

		if (!error)
			error = hmfs_map_remove(space->map, &entry.key);
		if (error)
			return error == -ENOENT ? 0 : error;
	}
	return 1;
}
