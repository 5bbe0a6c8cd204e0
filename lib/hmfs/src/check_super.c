/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking what has fixed places: both superblocks, both rings of root records. */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

static int super_copy(struct hmfs_check *check, uint64_t block, const char *which)
{
	struct hmfs_device *device = check->device.below;
	struct hmfs_super *copy = (struct hmfs_super *)check->block;
	const int error = device->ops->read(device, block, 1, copy);
	const char *wrong;

	if (!error && hmfs_super_intact(copy) && memcmp(copy, &check->super, sizeof(*copy)) == 0)
		return 0;
	if (error)
		wrong = "cannot be read";
	else if (!hmfs_super_intact(copy))
		wrong = "is damaged";
	else
		wrong = "differs from the other one";
	if (!hmfs_check_problem(check, true, "the %s superblock %s", which, wrong))
		return 0;
	return device->ops->write(device, block, 1, &check->super);
}

int hmfs_check_supers(struct hmfs_check *check)
{
	int error = hmfs_probe(check->device.below, check->host, &check->super);

	if (error)
		return error;
	error = super_copy(check, 0, "first");
	if (!error)
		error = super_copy(check, hmfs_second_super(check->super.blocks), "second");
	return error;
}

/* --- Rings --- */

static bool root_right(const struct hmfs_check *check, const struct hmfs_root *root,
		       uint64_t commit)
{
	return hmfs_root_intact(check->super.hash, root) && root->commit == commit &&
	       memcmp(root->uuid, check->super.uuid, sizeof(root->uuid)) == 0;
}

/* The root records of a commit before the last one: in both rings, or in neither if it failed.
 * The last one itself may have reached one ring alone before the power went, and the one that
 * would have followed may be there in pieces. */
static int ring_slot(struct hmfs_check *check, uint64_t commit)
{
	struct hmfs_device *device = check->device.below;
	struct hmfs_root *roots = (struct hmfs_root *)check->block;
	const uint64_t slot = commit % HMFS_RING_SLOTS;
	const uint64_t blocks[2] = { HMFS_RING_START + slot,
				     hmfs_second_ring(check->super.blocks) + slot };
	bool right[2];

	for (unsigned i = 0; i < 2; i++)
		right[i] = device->ops->read(device, blocks[i], 1, &roots[i]) == 0 &&
			   root_right(check, &roots[i], commit);
	for (unsigned i = 0; i < 2; i++) {
		/* The second ring lies elsewhere since the volume has grown. */
		if (right[i] || !right[1 - i] || roots[1 - i].blocks != check->volume->root.blocks)
			continue;
		if (commit == check->volume->root.commit) {
			/* No damage, but two copies are better. */
			if (!check->options->repair)
				continue;
		} else if (!hmfs_check_problem(
				   check, true,
				   "the root record of commit %llu is damaged in the %s "
				   "ring",
				   (unsigned long long)commit, i ? "second" : "first")) {
			continue;
		}
		return device->ops->write(device, blocks[i], 1, &roots[1 - i]);
	}
	return 0;
}

int hmfs_check_rings(struct hmfs_check *check)
{
	const uint64_t newest = check->volume->root.commit;
	int error = 0;

	for (uint64_t back = 0; !error && back + 1 < HMFS_RING_SLOTS && back < newest; back++)
		error = ring_slot(check, newest - back);
	return error;
}
