/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking the entries of a dataset by themselves, and against the object whose number they have:
 * one walk, since those of an object stand together and its record comes first. What belongs to no
 * object is removed. Names are looked at again when all objects are known (check_name.c).
 */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

/* The object whose entries are being seen. */
struct state {
	struct hmfs_check_object *object; /* NULL: they belong to none */
	uint64_t number;                  /* of the entries */
	uint64_t highest;                 /* number of all */
};

/* --- The table --- */

struct hmfs_check_object *hmfs_check_find(const struct hmfs_check *check, uint64_t number)
{
	size_t low = 0, high = check->table.count;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		struct hmfs_check_object *object = &check->table.objects[middle];

		if (object->number == number)
			return object;
		if (object->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int table_room(struct hmfs_check *check)
{
	struct hmfs_check_table *table = &check->table;
	const size_t room = table->room ? 2 * table->room : 256;
	struct hmfs_check_object *objects;

	if (table->count < table->room)
		return 0;
	objects = hmfs_check_allocate(check, room, sizeof(*objects));
	if (!objects)
		return -ENOMEM;
	if (table->count > 0)
		memcpy(objects, table->objects, table->count * sizeof(*objects));
	check->host->release(table->objects);
	table->objects = objects;
	table->room = room;
	return 0;
}

int hmfs_check_add(struct hmfs_check *check, const struct hmfs_check_object *object)
{
	struct hmfs_check_table *table = &check->table;
	size_t at = table->count;
	const int error = table_room(check);

	if (error)
		return error;
	while (at > 0 && table->objects[at - 1].number > object->number)
		at--;
	memmove(table->objects + at + 1, table->objects + at,
		(table->count - at) * sizeof(*object));
	table->objects[at] = *object;
	table->count++;
	return 0;
}

/* --- Objects --- */

static bool object_valid(const struct hmfs_key *key, const struct hmfs_value *value,
			 struct hmfs_object_record *record)
{
	uint32_t type;

	if (key->minor != 0 || key->place != HMFS_PLACE(HMFS_KIND_OBJECT, 0) ||
	    key->object < HMFS_ROOT_OBJECT || key->object > HMFS_PLACE_MASK ||
	    value->length < sizeof(*record))
		return false;
	memcpy(record, value->bytes, sizeof(*record));
	type = record->mode & HMFS_MODE_TYPE;
	return value->length == sizeof(*record) + (size_t)record->name_length &&
	       record->name_length <= HMFS_NAME_MAX && hmfs_mode_valid(record->mode) &&
	       record->size <= HMFS_SIZE_MAX &&
	       (type != HMFS_MODE_LINK || record->size <= HMFS_TARGET_MAX) &&
	       (type == HMFS_MODE_REGULAR || !(record->flags & HMFS_OBJECT_FORK));
}

static int see_object(struct hmfs_check *check, const struct hmfs_key *key,
		      const struct hmfs_value *value, struct state *state)
{
	struct hmfs_object_record record;
	int error;

	if (!object_valid(key, value, &record)) {
		if (!hmfs_check_object_problem(check, key->object, true, "its record is nonsense"))
			return 0;
		return hmfs_check_remove(check, &check->dataset->map, key);
	}
	error = hmfs_check_add(
		check,
		&(struct hmfs_check_object){
			.number = key->object,
			.size = record.size,
			.blocks = record.blocks,
			.links = record.links,
			.forks = record.forks,
			.type = (uint16_t)(record.mode >> 12),
			.entries = record.flags & HMFS_OBJECT_INDEXED ? record.raw_device : 0,
			.is_fork = record.flags & HMFS_OBJECT_FORK,
			.is_indexed = record.flags & HMFS_OBJECT_INDEXED,
		});
	if (error)
		return error;
	state->object = &check->table.objects[check->table.count - 1];
	state->highest = key->object;
	check->result->objects++;
	if (record.mode >> 12 == HMFS_TYPE_DIRECTORY) {
		check->table.objects[check->table.count - 1].entries = 0;
		check->result->directories++;
	}
	return 0;
}

/* --- Contents --- */

bool hmfs_check_range(const struct hmfs_check *check, uint64_t address, uint64_t blocks)
{
	const uint64_t end = check->volume->root.blocks - HMFS_END_BLOCKS;

	return address >= HMFS_RING_START + HMFS_RING_SLOTS && address < end &&
	       blocks <= end - address;
}

bool hmfs_check_run_lies_right(const struct hmfs_check *check, const struct hmfs_run *run)
{
	return hmfs_check_range(check, run->address, run->blocks) &&
	       !hmfs_set_has_any(&check->metadata, run->address, run->blocks) &&
	       run->birth <= check->volume->commit &&
	       (run->mirror == HMFS_NO_BLOCK ||
		(hmfs_check_range(check, run->mirror, run->blocks) &&
		 !hmfs_set_has_any(&check->metadata, run->mirror, run->blocks)));
}

/* Takes out runs that lie where no data can be; what they had reads as zeros. */
static int remove_runs(struct hmfs_check *check, const struct hmfs_key *key)
{
	const uint64_t number = key->place & HMFS_PLACE_MASK;
	struct hmfs_chunk *chunk = check->chunk;
	unsigned kept = 0;

	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run run = chunk->run[i];

		if (hmfs_check_run_lies_right(check, &run)) {
			chunk->run[kept++] = run;
			continue;
		}
		if (!hmfs_check_object_problem(
			    check, key->object, true,
			    "%u bytes from %llu on are lost: block %llu cannot be theirs",
			    run.blocks * HMFS_BLOCK_SIZE,
			    (unsigned long long)(number * HMFS_CHUNK_SIZE +
						 run.first * HMFS_BLOCK_SIZE),
			    (unsigned long long)run.address))
			return 0;
	}
	chunk->runs = kept;
	check->changed = true;
	return hmfs_chunk_store(check->dataset, key->object, number, chunk);
}

static bool has_contents(const struct hmfs_check_object *object)
{
	return object->type == HMFS_MODE_REGULAR >> 12 || object->type == HMFS_MODE_LINK >> 12;
}

/* Long targets of symbolic links are in two chunks. */
static bool may_be_inline(const struct hmfs_check_object *object, uint64_t number)
{
	return number == 0 || (number == 1 && object->type == HMFS_MODE_LINK >> 12);
}

static int see_chunk(struct hmfs_check *check, const struct hmfs_key *key,
		     const struct hmfs_value *value, struct state *state)
{
	const uint64_t number = key->place & HMFS_PLACE_MASK;
	struct hmfs_chunk *chunk = check->chunk;
	bool right = true;
	int error = 0;

	if (!has_contents(state->object) || key->minor != 0 ||
	    number > HMFS_SIZE_MAX / HMFS_CHUNK_SIZE ||
	    hmfs_chunk_decode(check->super.hash, value->bytes, value->length, chunk) != 0 ||
	    (chunk->is_inline && !may_be_inline(state->object, number))) {
		if (!hmfs_check_object_problem(check, key->object, true,
					       "the record of its bytes from %llu on is nonsense",
					       (unsigned long long)number * HMFS_CHUNK_SIZE))
			return 0;
		return hmfs_check_remove(check, &check->dataset->map, key);
	}
	for (unsigned i = 0; i < chunk->runs; i++)
		right = right && hmfs_check_run_lies_right(check, &chunk->run[i]);
	if (!right)
		error = remove_runs(check, key);
	for (unsigned i = 0; i < chunk->runs; i++)
		state->object->blocks_found += chunk->run[i].blocks;
	return error;
}

/* --- The walk --- */

static int see_other(struct hmfs_check *check, const struct hmfs_key *key,
		     const struct hmfs_value *value, struct state *state)
{
	switch (hmfs_check_kind(key)) {
	case HMFS_KIND_CHUNK:
		return see_chunk(check, key, value, state);
	case HMFS_KIND_NAME:
	case HMFS_KIND_FORK:
		return 0;
	default:
		if (!hmfs_check_object_problem(check, key->object, true,
					       "an entry of no known kind"))
			return 0;
		return hmfs_check_remove(check, &check->dataset->map, key);
	}
}

static int see(struct hmfs_check *check, const struct hmfs_key *key, const struct hmfs_value *value,
	       void *argument)
{
	const unsigned kind = hmfs_check_kind(key);
	struct state *state = argument;

	/* An index entry's object is a hash. */
	if (kind == HMFS_KIND_INDEX) {
		check->index_entries++;
		return 0;
	}
	if (kind == HMFS_KIND_ORPHAN && key->object == HMFS_ORPHANS)
		return 0;
	if (key->object != state->number || kind == HMFS_KIND_OBJECT) {
		*state = (struct state){ .number = key->object, .highest = state->highest };
	}
	if (kind == HMFS_KIND_OBJECT)
		return see_object(check, key, value, state);
	if (state->object)
		return see_other(check, key, value, state);
	if (!hmfs_check_problem(check, true, "an entry of object %llu, which is not there",
				(unsigned long long)key->object))
		return 0;
	return hmfs_check_remove(check, &check->dataset->map, key);
}

int hmfs_check_records(struct hmfs_check *check)
{
	struct hmfs_dataset_record *record = &check->dataset->record;
	const struct hmfs_key first = { 0 };
	struct state state = { 0 };
	int error;

	check->table.count = 0;
	check->lost_and_found = 0;
	check->index_entries = 0;
	check->index_found = 0;
	error = hmfs_check_walk(check, &check->dataset->map, &first, see, &state);
	if (error || state.highest < record->next_object)
		return error;
	if (!hmfs_check_problem(check, true, "object %llu has a number that was never given",
				(unsigned long long)state.highest))
		return 0;
	if (state.highest == UINT64_MAX)
		return 0;
	record->next_object = state.highest + 1;
	hmfs_dataset_changed(check->dataset);
	check->changed = true;
	return 0;
}
