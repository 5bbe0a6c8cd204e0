/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many references blocks have beyond one: counts for 16 blocks a record. */
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

#define COUNTS 16u /* in a record */
/* A run of a chunk lies in so many records at most. */
#define RECORDS 2u

struct counts {
	uint32_t count[COUNTS];
};

/* The records that a run's blocks have. */
struct shared_run {
	uint64_t address, blocks, first; /* first: number of the first record */
	unsigned records;
	struct counts record[RECORDS];
};

static void shared_key(uint64_t number, struct hmfs_key *key)
{
	*key = (struct hmfs_key){ .place = HMFS_PLACE(HMFS_KIND_SHARED, number) };
}

static int run_load(struct hmfs_space *space, uint64_t address, uint64_t blocks,
		    struct shared_run *run)
{
	if (blocks == 0 || blocks > HMFS_CHUNK_BLOCKS ||
	    !range_within(address, blocks, space->blocks))
		return -EINVAL;
	memset(run, 0, sizeof(*run));
	run->address = address;
	run->blocks = blocks;
	run->first = address / COUNTS;
	run->records = (unsigned)((address + blocks - 1) / COUNTS - run->first + 1);
	for (unsigned i = 0; i < run->records; i++) {
		struct hmfs_key key;
		ssize_t length;

		shared_key(run->first + i, &key);
		length = hmfs_map_get(space->map, &key, &run->record[i], sizeof(run->record[i]));
		if (length < 0 && length != -ENOENT)
			return (int)length;
		if (length >= 0 && length != (ssize_t)sizeof(run->record[i]))
			return -EIO;
	}
	return 0;
}

static uint32_t *run_count(struct shared_run *run, uint64_t block)
{
	uint64_t address = run->address + block;

	return &run->record[address / COUNTS - run->first].count[address % COUNTS];
}

static int run_store(struct hmfs_space *space, const struct shared_run *run)
{
	int error =
		hmfs_map_prepare(space->map, run->records, run->records * sizeof(struct counts));

	for (unsigned i = 0; i < run->records && !error; i++) {
		static const struct counts none;
		const struct counts *record = &run->record[i];
		struct hmfs_key key;

		shared_key(run->first + i, &key);
		error = memcmp(record, &none, sizeof(none)) == 0
				? hmfs_map_remove(space->map, &key)
				: hmfs_map_put(space->map, &key, record, sizeof(*record));
	}
	return error;
}

int hmfs_shared_add(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct shared_run run;
	int error = run_load(space, address, blocks, &run);

	if (error)
		return error;
	for (uint64_t i = 0; i < blocks; i++) {
		uint32_t *count = run_count(&run, i);

		if (*count == UINT32_MAX)
			return -ENOSPC;
		++*count;
	}
	error = run_store(space, &run);
	if (!error)
		space->shared = HMFS_SHARED_SOME;
	return error;
}

/* Whether the volume has counts at all: looked for once. -EIO, -ENOMEM. */
static int any_shared(struct hmfs_space *space, bool *any)
{
	if (space->shared == HMFS_SHARED_UNKNOWN) {
		struct hmfs_cursor cursor = { 0 };
		struct hmfs_key first;
		int error;

		shared_key(0, &first);
		error = hmfs_cursor_seek(&cursor, space->map, &first);
		if (!error && cursor.key.object == 0 && cursor.key.place >> 56 == HMFS_KIND_SHARED)
			space->shared = HMFS_SHARED_SOME;
		else if (!error || error == -ENOENT)
			space->shared = HMFS_SHARED_NONE;
		hmfs_cursor_close(&cursor);
		if (error && error != -ENOENT)
			return error;
	}
	*any = space->shared == HMFS_SHARED_SOME;
	return 0;
}

int hmfs_shared_drop(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct shared_run run;
	uint32_t sole = 0; /* blocks that had one reference, a bit each */
	bool any;
	int error = any_shared(space, &any);

	if (!error && !any) {
		hmfs_space_free(space, address, blocks);
		return 0;
	}
	if (!error)
		error = run_load(space, address, blocks, &run);
	if (error)
		return error;
	for (uint64_t i = 0; i < blocks; i++) {
		uint32_t *count = run_count(&run, i);

		if (*count)
			--*count;
		else
			sole |= (uint32_t)1 << i;
	}
	/* Where nothing is counted nothing changes: most runs, even there. */
	if (sole != ((uint32_t)1 << blocks) - 1)
		error = run_store(space, &run);
	for (uint64_t i = 0, end; i < blocks && !error; i = end) {
		bool is_sole = sole >> i & 1;

		for (end = i + 1; end < blocks && (sole >> end & 1) == is_sole;)
			end++;
		if (is_sole)
			hmfs_space_free(space, address + i, end - i);
	}
	return error;
}

int hmfs_shared_prepare_drop(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct hmfs_piece piece;
	bool any;
	int error = any_shared(space, &any);

	if (!error && !range_within(address, blocks, space->blocks))
		error = -EINVAL;
	if (!error && any) {
		struct shared_run run;

		error = run_load(space, address, blocks, &run);
	}
	/* Counts, or an entry of the list of the dead. */
	if (!error)
		error = hmfs_map_prepare(space->map, RECORDS + 1, 3 * sizeof(struct counts));
	hmfs_piece_start(&piece, address, blocks);
	while (!error && hmfs_piece_next(&piece)) {
		struct hmfs_group *group;

		error = hmfs_group_get(space, piece.group, &group);
		if (!error)
			error = hmfs_group_prepare(space, group, HMFS_FREED);
	}
	return error;
}
