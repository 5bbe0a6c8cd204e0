/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Superblocks and root records: the only blocks that have fixed places. Each is there twice, at
 * both ends of the volume.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

_Static_assert(offsetof(struct hmfs_super, sum) == HMFS_BLOCK_SIZE - HMFS_SUM_MAX &&
		       offsetof(struct hmfs_root, sum) == HMFS_BLOCK_SIZE - HMFS_SUM_MAX,
	       "checksums end blocks");

/* The sum of a block whose last bytes are its own sum. */
static void seal_block(uint32_t hash, uint8_t *block)
{
	uint8_t *sum = block + HMFS_BLOCK_SIZE - HMFS_SUM_MAX, fresh[HMFS_SUM_MAX];

	memset(sum, 0, HMFS_SUM_MAX);
	hmfs_sum(hash, block, HMFS_BLOCK_SIZE, fresh);
	memcpy(sum, fresh, HMFS_SUM_MAX);
}

static bool block_intact(uint32_t hash, const uint8_t *block)
{
	uint8_t *bytes = (uint8_t *)block, *sum = bytes + HMFS_BLOCK_SIZE - HMFS_SUM_MAX;
	uint8_t found[HMFS_SUM_MAX];
	bool same;

	/* The block is changed for a moment: it is the caller's alone. */
	memcpy(found, sum, HMFS_SUM_MAX);
	seal_block(hash, bytes);
	same = memcmp(found, sum, HMFS_SUM_MAX) == 0;
	memcpy(sum, found, HMFS_SUM_MAX);
	return same;
}

void hmfs_super_seal(struct hmfs_super *super)
{
	seal_block(super->hash, (uint8_t *)super);
}

static bool hash_known(uint32_t hash)
{
	return hash >= HMFS_HASH_XXH3 && hash <= HMFS_HASH_SHA3_512;
}

bool hmfs_super_intact(const struct hmfs_super *super)
{
	return super->magic == HMFS_SUPER_MAGIC && hash_known(super->hash) &&
	       block_intact(super->hash, (const uint8_t *)super);
}

void hmfs_root_seal(uint32_t hash, struct hmfs_root *root)
{
	seal_block(hash, (uint8_t *)root);
}

bool hmfs_root_intact(uint32_t hash, const struct hmfs_root *root)
{
	return root->magic == HMFS_ROOT_MAGIC && block_intact(hash, (const uint8_t *)root);
}

/* --- Superblocks --- */

/* Reads the one at `block`: 0, -EINVAL (not one), -EUCLEAN (one that is damaged), or the device's
 * error. One that a later version wrote counts as whole if its checksum is where ours is. */
static int read_super(struct hmfs_device *device, uint64_t block, struct hmfs_super *super)
{
	const int error = device->ops->read(device, block, 1, super);

	if (error)
		return error;
	if (super->magic != HMFS_SUPER_MAGIC)
		return -EINVAL;
	return hmfs_super_intact(super) ? 0 : -EUCLEAN;
}

/* The second superblock lies where the volume ends, which is where the device ends, or else what
 * a root record of the first ring says. */
static int read_second_super(struct hmfs_device *device, const struct hmfs_host *host,
			     struct hmfs_super *super)
{
	int error = read_super(device, hmfs_second_super(device->blocks), super);
	struct hmfs_root *roots;

	if (!error)
		return 0;
	roots = host->allocate(HMFS_RING_SLOTS * sizeof(*roots));
	if (!roots)
		return -ENOMEM;
	if (device->ops->read(device, HMFS_RING_START, HMFS_RING_SLOTS, roots) != 0)
		memset(roots, 0, HMFS_RING_SLOTS * sizeof(*roots));
	for (unsigned i = 0; error && i < HMFS_RING_SLOTS; i++) {
		const uint64_t blocks = roots[i].blocks;

		/* The kind of its checksum is not known: what it points to must vouch for it. */
		if (roots[i].magic == HMFS_ROOT_MAGIC && blocks >= HMFS_MIN_BLOCKS &&
		    blocks < device->blocks &&
		    !read_super(device, hmfs_second_super(blocks), super) &&
		    memcmp(super->uuid, roots[i].uuid, sizeof(super->uuid)) == 0)
			error = 0;
	}
	host->release(roots);
	return error;
}

static int check_super(const struct hmfs_super *super, const struct hmfs_device *device)
{
	if (super->version != HMFS_VERSION || super->block_size != HMFS_BLOCK_SIZE ||
	    super->incompatible & ~(uint64_t)HMFS_INCOMPATIBLE_KNOWN)
		return -EOPNOTSUPP;
	/* A volume that was cut off is not all there. */
	if (super->blocks < HMFS_MIN_BLOCKS || super->blocks > device->blocks ||
	    super->label[sizeof(super->label) - 1])
		return -EUCLEAN;
	return 0;
}

int hmfs_probe(struct hmfs_device *device, const struct hmfs_host *host, struct hmfs_super *super)
{
	int first, second;

	if (device->blocks < HMFS_MIN_BLOCKS)
		return -EINVAL;
	first = read_super(device, 0, super);
	if (!first)
		return check_super(super, device);
	second = read_second_super(device, host, super);
	if (!second)
		return check_super(super, device);
	if (first == -EUCLEAN || second == -EUCLEAN)
		return -EUCLEAN;
	return first == -EINVAL ? second : first;
}

int hmfs_super_write(struct hmfs_volume *volume, const struct hmfs_super *super)
{
	struct hmfs_device *device = volume->device;
	int error = device->ops->write(device, hmfs_second_super(super->blocks), 1, super);

	if (!error)
		error = device->ops->flush(device);
	if (!error)
		error = device->ops->write(device, 0, 1, super);
	if (!error)
		error = device->ops->flush(device);
	return error;
}

/* --- Root records --- */

int hmfs_root_write(struct hmfs_volume *volume, const struct hmfs_root *root)
{
	struct hmfs_device *device = volume->device;
	const uint64_t slot = root->commit % HMFS_RING_SLOTS;
	int error = device->ops->write(device, HMFS_RING_START + slot, 1, root);

	if (!error)
		error = device->ops->write(device, hmfs_second_ring(volume->super.blocks) + slot, 1,
					   root);
	if (!error)
		error = device->ops->flush(device);
	return error;
}

static bool root_is_ours(const struct hmfs_super *super, const struct hmfs_root *root,
			 unsigned slot)
{
	return hmfs_root_intact(super->hash, root) &&
	       memcmp(root->uuid, super->uuid, sizeof(root->uuid)) == 0 && root->commit &&
	       root->commit % HMFS_RING_SLOTS == slot && root->blocks >= HMFS_MIN_BLOCKS &&
	       root->blocks <= super->blocks && root->free_blocks <= root->blocks;
}

int hmfs_root_find(struct hmfs_device *device, const struct hmfs_host *host,
		   const struct hmfs_super *super, struct hmfs_root *root, bool *both)
{
	const uint64_t rings[] = { HMFS_RING_START, hmfs_second_ring(super->blocks) };
	struct hmfs_root *roots = host->allocate(HMFS_RING_SLOTS * sizeof(*roots));
	int error, result = -EUCLEAN;

	if (!roots)
		return -ENOMEM;
	root->commit = 0;
	*both = false;
	for (unsigned ring = 0; ring < array_length(rings); ring++) {
		error = device->ops->read(device, rings[ring], HMFS_RING_SLOTS, roots);
		if (error && result)
			result = error;
		for (unsigned slot = 0; !error && slot < HMFS_RING_SLOTS; slot++) {
			if (!root_is_ours(super, &roots[slot], slot) ||
			    roots[slot].commit < root->commit)
				continue;
			*both = roots[slot].commit == root->commit &&
				memcmp(&roots[slot], root, sizeof(*root)) == 0;
			if (roots[slot].commit > root->commit)
				*root = roots[slot];
			result = 0;
		}
	}
	host->release(roots);
	return result;
}
