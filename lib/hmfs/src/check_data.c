/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking the contents of files: every block against its checksum, each copy of it. */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

static bool block_good(const struct hmfs_check *check, const uint8_t *bytes, const uint8_t *wanted)
{
	uint8_t sum[HMFS_SUM_MAX];

	hmfs_sum(check->super.hash, bytes, HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, wanted, hmfs_sum_size(check->super.hash)) == 0;
}

/* The block is right for one of those that refer to it: who finds otherwise shares it by mistake,
 * and has no say. */
static int settle(struct hmfs_check *check, uint64_t block)
{
	return hmfs_set_has(&check->twice, block) ? hmfs_set_add(check, &check->settled, block) : 0;
}

/* One block, after reading many at once has shown that there is something about it. */
static int bad_block(struct hmfs_check *check, const struct hmfs_key *key,
		     const struct hmfs_run *run, unsigned at, unsigned copy)
{
	struct hmfs_device *device = check->device.below;
	const uint64_t place[2] = { run->address + at, run->mirror + at };
	const uint64_t offset = (key->place & HMFS_PLACE_MASK) * HMFS_CHUNK_SIZE +
				(run->first + at) * (uint64_t)HMFS_BLOCK_SIZE;
	const bool other = run->mirror != HMFS_NO_BLOCK &&
			   device->ops->read(device, place[1 - copy], 1, check->block) == 0 &&
			   block_good(check, check->block, check->chunk->sums[run->first + at]);
	int error;

	if (!hmfs_check_object_problem(check, key->object,
				       other && !hmfs_set_has(&check->settled, place[copy]),
				       other ? "a copy of its 4096 bytes from %llu on is damaged"
					     : "its 4096 bytes from %llu on are damaged, at block "
					       "%llu",
				       (unsigned long long)offset, (unsigned long long)place[copy]))
		return 0;
	error = device->ops->write(device, place[copy], 1, check->block);
	return error ? error : settle(check, place[copy]);
}

static int check_copy(struct hmfs_check *check, const struct hmfs_key *key,
		      const struct hmfs_run *run, unsigned copy)
{
	struct hmfs_device *device = check->device.below;
	const uint64_t address = copy ? run->mirror : run->address;
	uint8_t *bytes = check->host->allocate(HMFS_CHUNK_SIZE);
	int error = 0;

	if (!bytes)
		return -ENOMEM;
	if (device->ops->read(device, address, run->blocks, bytes) != 0) {
		/* Which of them it is. */
		for (unsigned i = 0; i < run->blocks; i++) {
			uint8_t *block = bytes + i * (size_t)HMFS_BLOCK_SIZE;

			if (device->ops->read(device, address + i, 1, block) != 0)
				memset(block, 0xff, HMFS_BLOCK_SIZE);
		}
	}
	for (unsigned i = 0; !error && i < run->blocks; i++) {
		if (block_good(check, bytes + i * (size_t)HMFS_BLOCK_SIZE,
			       check->chunk->sums[run->first + i]))
			error = settle(check, address + i);
		else
			error = bad_block(check, key, run, i, copy);
	}
	check->host->release(bytes);
	return error;
}

int hmfs_check_data(struct hmfs_check *check, const struct hmfs_key *key,
		    const struct hmfs_run *run)
{
	int error;

	if (run->flags & HMFS_RUN_UNWRITTEN)
		return 0;
	error = check_copy(check, key, run, 0);
	if (!error && run->mirror)
		error = check_copy(check, key, run, 1);
	return error;
}
