/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A group's record: the runs of blocks in use, or a bit map where that is shorter. */
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

static const struct hmfs_group_record no_record;

static void group_key(uint64_t number, struct hmfs_key *key)
{
	*key = (struct hmfs_key){ .place = HMFS_PLACE(HMFS_KIND_GROUP, number) };
}

static bool load_runs(struct hmfs_group *group, const struct hmfs_group_record *record,
		      size_t length)
{
	const uint8_t *bytes = (const uint8_t *)(record + 1);
	uint32_t behind = 0;

	if (length != sizeof(*record) + record->runs * sizeof(struct hmfs_group_run))
		return false;
	for (unsigned i = 0; i < record->runs; i++) {
		struct hmfs_group_run run;

		memcpy(&run, bytes + i * sizeof(run), sizeof(run));
		if (run.first < behind || run.last < run.first || run.last >= group->size)
			return false;
		hmfs_bits_set(group->used, run.first, (uint32_t)run.last - run.first + 1);
		behind = (uint32_t)run.last + 1;
	}
	return true;
}

static bool load_bits(struct hmfs_group *group, const struct hmfs_group_record *record,
		      size_t length)
{
	if (length != sizeof(*record) + sizeof(group->used))
		return false;
	memcpy(group->used, record + 1, sizeof(group->used));
	return bitmap_find_set(group->used, HMFS_GROUP_BLOCKS, group->size) == HMFS_GROUP_BLOCKS;
}

int hmfs_group_load(struct hmfs_space *space, struct hmfs_group *group)
{
	const struct hmfs_group_record *record = (const void *)space->buffer;
	bool right = false;
	struct hmfs_key key;
	ssize_t length;

	group->free = group->size;
	group_key(group->number, &key);
	length = hmfs_map_get(space->map, &key, space->buffer, sizeof(space->buffer));
	if (length == -ENOENT)
		return 0;
	if (length < 0)
		return (int)length;
	if ((size_t)length >= sizeof(*record) && (size_t)length <= sizeof(space->buffer))
		right = record->runs == HMFS_GROUP_BITS ? load_bits(group, record, (size_t)length)
							: load_runs(group, record, (size_t)length);
	if (right) {
		group->free -= hmfs_bits_count(group->used, 0, group->size);
		right = group->size - group->free == record->used;
	}
	if (right)
		return 0;
	hmfs_space_say(space, "the record of block group %llu makes no sense",
		       (unsigned long long)group->number);
	return -EIO;
}

/* What the commit's record says, into `bits`; how many are in use. */
static uint32_t committed_bits(const struct hmfs_group *group, uint64_t *bits)
{
	static const enum hmfs_state hidden[] = { HMFS_SEALED, HMFS_NEXT, HMFS_LATE,
						  HMFS_TENTATIVE };

	memcpy(bits, group->used, sizeof(group->used));
	for (size_t i = 0; i < array_length(hidden); i++) {
		const uint64_t *state = group->state[hidden[i]];

		for (unsigned word = 0; state && word < HMFS_GROUP_WORDS; word++)
			bits[word] &= ~state[word];
	}
	return hmfs_bits_count(bits, 0, group->size);
}

/* The runs of the bit map behind the record in their place, if they are shorter. */
static size_t pack(struct hmfs_group_record *record, const uint64_t *bits, uint32_t size,
		   struct hmfs_group_run *runs)
{
	unsigned count = 0;

	for (size_t at = 0;;) {
		size_t first = bitmap_find_set(bits, size, at);

		if (first == size)
			break;
		if (count == HMFS_GROUP_BITS - 1) {
			record->runs = HMFS_GROUP_BITS;
			return sizeof(*record) + HMFS_GROUP_BLOCKS / 8;
		}
		at = bitmap_find_clear(bits, size, first);
		runs[count++] = (struct hmfs_group_run){ (uint16_t)first, (uint16_t)(at - 1) };
	}
	record->runs = (uint16_t)count;
	memcpy(record + 1, runs, count * sizeof(*runs));
	return sizeof(*record) + count * sizeof(*runs);
}

int hmfs_group_store(struct hmfs_space *space, struct hmfs_group *group)
{
	struct hmfs_group_record *record = (void *)space->buffer;
	uint64_t *bits = (void *)(record + 1);
	struct hmfs_summary *summary = group->summary;
	unsigned i = group->number % HMFS_SUMMARY_GROUPS;
	struct hmfs_key key;
	unsigned longest;
	size_t length;
	int error;

	*record = no_record;
	record->used = committed_bits(group, bits);
	longest = hmfs_bits_longest(bits, group->size);
	length = pack(record, bits, group->size, space->runs);
	group_key(group->number, &key);
	/* One that is all free needs no record, but the map may have an older one. */
	error = record->used ? hmfs_map_put(space->map, &key, record, length)
			     : hmfs_map_remove(space->map, &key);
	if (error)
		return error;
	group->changed = false;
	summary->recorded.used[i] = (uint16_t)record->used;
	summary->recorded.longest[i] = record->used ? (uint8_t)longest : 0;
	summary->changed = true;
	return 0;
}
