/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growing, and trimming.
 *
 * A volume grows in two steps: the superblock says how long it shall be, and the root record how
 * far it has come. The second ring and superblock move to the new end with the first step, so that
 * a mount after a crash finds them, and finishes.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* At a time, since the lock is held. */
#define TRIM_BLOCKS 32768u

/* The new end's ring: the newest root record, and nothing else that might be taken for one. */
static int write_new_ring(struct hmfs_volume *volume, uint64_t blocks)
{
	const size_t size = (size_t)HMFS_RING_SLOTS * HMFS_BLOCK_SIZE;
	uint8_t *ring = volume->host->allocate(size);
	int error;

	if (!ring)
		return -ENOMEM;
	memset(ring, 0, size);
	memcpy(ring + volume->root.commit % HMFS_RING_SLOTS * HMFS_BLOCK_SIZE, &volume->root,
	       sizeof(volume->root));
	error = volume->device->ops->write(volume->device, hmfs_second_ring(blocks),
					   HMFS_RING_SLOTS, ring);
	volume->host->release(ring);
	return error ? error : volume->device->ops->flush(volume->device);
}

static int write_new_super(struct hmfs_volume *volume, uint64_t blocks)
{
	struct hmfs_super *super = volume->host->allocate(sizeof(*super));
	int error;

	if (!super)
		return -ENOMEM;
	*super = volume->super;
	super->blocks = blocks;
	hmfs_super_seal(super);
	error = hmfs_super_write(volume, super);
	/* Which of the two counts is not known where it went wrong: rings of both lengths are
	 * right as long as no further root record is written. */
	if (error)
		volume->failed = true;
	else
		volume->super = *super;
	volume->host->release(super);
	return error;
}

int hmfs_grow_finish(struct hmfs_volume *volume)
{
	const uint64_t before = volume->blocks, after = volume->super.blocks;
	int error = hmfs_space_grow(volume->space, after);

	if (error)
		return error;
	volume->blocks = after;
	volume->must_commit = true;
	error = hmfs_space_claim(volume->space, hmfs_second_super(after), HMFS_END_BLOCKS);
	/* The new end must not be given to anybody. */
	if (error) {
		volume->failed = true;
		return error;
	}
	/* What was the end is ordinary now; the part that the new end is made of is not. */
	hmfs_space_free(
		volume->space, hmfs_second_super(before),
		min_u64(HMFS_END_BLOCKS, hmfs_second_super(after) - hmfs_second_super(before)));
	return 0;
}

int hmfs_grow(struct hmfs_volume *volume)
{
	const uint64_t blocks = volume->device->blocks;
	int error = 0;

	hmfs_lock(volume);
	hmfs_busy_begin(volume);
	if (volume->failed)
		error = -EIO;
	else if (volume->read_only)
		error = -EROFS;
	else if (blocks >= volume->super.blocks + HMFS_END_BLOCKS) {
		error = write_new_ring(volume, blocks);
		if (!error)
			error = write_new_super(volume, blocks);
	}
	if (!error && volume->blocks < volume->super.blocks) {
		error = hmfs_grow_finish(volume);
		if (!error)
			error = hmfs_commit_once(volume);
	}
	hmfs_busy_end(volume);
	hmfs_unlock(volume);
	return error;
}

int hmfs_trim(struct hmfs_volume *volume, uint64_t minimum, uint64_t *trimmed)
{
	struct hmfs_device *device = volume->device;
	uint64_t address = 0;
	int error = 0;

	*trimmed = 0;
	if (!device->ops->trim)
		return -EOPNOTSUPP;
	while (!error) {
		uint64_t blocks = 0;

		hmfs_lock(volume);
		error = volume->read_only ? -EROFS : volume->failed ? -EIO : 0;
		if (!error)
			error = hmfs_space_next_free(volume->space, &address, max_u64(minimum, 1),
						     &blocks);
		/* Under the lock: nobody is given the blocks meanwhile. */
		blocks = min_u64(blocks, TRIM_BLOCKS);
		if (!error)
			error = device->ops->trim(device, address, blocks);
		hmfs_unlock(volume);
		if (!error)
			*trimmed += blocks;
		address += blocks;
	}
	return error == -ENOENT ? 0 : error;
}
