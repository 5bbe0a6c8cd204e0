/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scrubbing the contents of files. They are read without the lock, so a block may have been given
 * away meanwhile: what is wrong with it counts only if the file still has it afterwards.
 */
#include <base/errno.h>
#include <base/string.h>

#include "scrub.h"

static bool block_good(const struct hmfs_scrub *scrub, const uint8_t *bytes, const uint8_t *wanted)
{
	const uint32_t hash = scrub->volume->super.hash;
	uint8_t sum[HMFS_SUM_MAX];

	hmfs_sum(hash, bytes, HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, wanted, hmfs_sum_size(hash)) == 0;
}

/* The run's blocks that are bad in the copy, a bit each. */
static unsigned bad_blocks(struct hmfs_scrub *scrub, const struct hmfs_run *run, unsigned copy)
{
	struct hmfs_device *device = scrub->volume->device;
	const uint64_t address = copy ? run->mirror : run->address;
	const bool all = device->ops->read(device, address, run->blocks, scrub->buffer) == 0;
	unsigned bad = 0;

	for (unsigned i = 0; i < run->blocks; i++) {
		uint8_t *bytes = scrub->buffer + i * (size_t)HMFS_BLOCK_SIZE;

		if ((!all && device->ops->read(device, address + i, 1, bytes) != 0) ||
		    !block_good(scrub, bytes, scrub->chunk->sums[run->first + i]))
			bad |= 1u << i;
	}
	return bad;
}

/* The file has it still. */
static bool still_there(struct hmfs_scrub *scrub, struct hmfs_dataset *dataset,
			const struct hmfs_key *key, const struct hmfs_run *run)
{
	struct hmfs_chunk *now = scrub->volume->host->allocate(sizeof(*now));
	bool there = false;

	if (!now)
		return false;
	if (hmfs_chunk_load(dataset, key->object, key->place & HMFS_PLACE_MASK, now) == 0) {
		for (unsigned i = 0; i < now->runs; i++)
			there |= now->run[i].address == run->address &&
				 now->run[i].birth == run->birth &&
				 now->run[i].first == run->first &&
				 now->run[i].blocks == run->blocks;
	}
	scrub->volume->host->release(now);
	return there;
}

/* The lock is not held: hmfs_note_damage() takes it. */
static void bad_block(struct hmfs_scrub *scrub, struct hmfs_id id, const struct hmfs_key *key,
		      const struct hmfs_run *run, unsigned at, unsigned copy)
{
	struct hmfs_device *device = scrub->volume->device;
	const uint64_t file_block =
		(key->place & HMFS_PLACE_MASK) * HMFS_CHUNK_BLOCKS + run->first + at;
	const uint8_t *sum = scrub->chunk->sums[run->first + at];
	struct hmfs_block block = { .address = { run->address + at } };
	bool other = false;

	if (run->mirror)
		block.address[1] = run->mirror + at;
	memcpy(block.sum, sum, hmfs_sum_size(scrub->volume->super.hash));
	if (run->mirror)
		other = device->ops->read(device, block.address[1 - copy], 1, scrub->buffer) == 0 &&
			block_good(scrub, scrub->buffer, sum);
	hmfs_scrub_say(scrub, other, "object %llu: %s, at byte %llu, block %llu",
		       (unsigned long long)key->object, other ? "a copy was damaged" : "damaged",
		       (unsigned long long)file_block * HMFS_BLOCK_SIZE,
		       (unsigned long long)block.address[copy]);
	hmfs_note_damage(scrub->volume, id, file_block, &block, copy, other ? scrub->buffer : NULL);
}

static void scrub_run(struct hmfs_scrub *scrub, struct hmfs_dataset *dataset,
		      const struct hmfs_key *key, const struct hmfs_run *run)
{
	struct hmfs_volume *volume = scrub->volume;
	const struct hmfs_id id = { dataset->number, key->object };
	const unsigned copies = run->mirror ? 2 : 1;
	unsigned bad[2] = { 0, 0 };

	scrub->position->done += (uint64_t)copies * run->blocks;
	hmfs_unlock(volume);
	for (unsigned copy = 0; copy < copies; copy++)
		bad[copy] = bad_blocks(scrub, run, copy);
	hmfs_lock(volume);
	if (!(bad[0] | bad[1]) || !still_there(scrub, dataset, key, run))
		return;
	hmfs_unlock(volume);
	for (unsigned copy = 0; copy < copies; copy++) {
		for (unsigned i = 0; i < run->blocks; i++) {
			if (bad[copy] >> i & 1)
				bad_block(scrub, id, key, run, i, copy);
		}
	}
	hmfs_lock(volume);
}

int hmfs_scrub_data(struct hmfs_scrub *scrub, struct hmfs_dataset *dataset,
		    const struct hmfs_key *key)
{
	const struct hmfs_volume *volume = scrub->volume;
	const struct hmfs_key here = *key;
	const uint64_t parent_commit = dataset->record.parent_commit;

	if (!hmfs_chunk_is_placed(scrub->chunk, volume->root.blocks, volume->commit))
		return 0;
	for (unsigned i = 0; i < scrub->chunk->runs; i++) {
		const struct hmfs_run *run = &scrub->chunk->run[i];

		if (run->birth > parent_commit && !(run->flags & HMFS_RUN_UNWRITTEN))
			scrub_run(scrub, dataset, &here, run);
	}
	return 0;
}
