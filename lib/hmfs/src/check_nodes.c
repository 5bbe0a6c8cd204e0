/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking the nodes of all maps. A segment that several datasets have is looked at once. Its
 * blocks are noted as metadata, so that nothing else may have them.
 */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

struct segments {
	struct hmfs_segment_pointer *list;
	size_t count, room;
};

static int segments_add(struct hmfs_check *check, struct segments *segments,
			const struct hmfs_segment_pointer *segment)
{
	size_t low = 0, high = segments->count;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const uint64_t there = segments->list[middle].head.address[0];

		if (there == segment->head.address[0])
			return 0;
		if (there < segment->head.address[0])
			low = middle + 1;
		else
			high = middle;
	}
	if (segments->count == segments->room) {
		const size_t room = segments->room ? 2 * segments->room : 64;
		struct hmfs_segment_pointer *list = hmfs_check_allocate(check, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		if (segments->count > 0)
			memcpy(list, segments->list, segments->count * sizeof(*list));
		check->host->release(segments->list);
		segments->list = list;
		segments->room = room;
	}
	memmove(segments->list + low + 1, segments->list + low,
		(segments->count - low) * sizeof(*segments->list));
	segments->list[low] = *segment;
	segments->count++;
	return 0;
}

/* Those behind the first `gone` ones, which were freed. */
static int gather_map(struct hmfs_check *check, struct segments *segments,
		      const struct hmfs_map_root *root, unsigned gone)
{
	int error = 0;

	for (unsigned i = gone; !error && i < root->count && i < HMFS_LIST_MAX; i++)
		error = segments_add(check, segments, &root->segments[i]);
	return error;
}

/* A segment that a dataset let go of, and that is to be freed, or that an older one still has. */
static int gather_dead(struct hmfs_check *check, const struct hmfs_key *key,
		       const struct hmfs_value *value, void *argument)
{
	struct hmfs_segment_pointer segment;

	if (hmfs_check_kind(key) != HMFS_KIND_DEAD_SEGMENT)
		return 0;
	if (value->length != sizeof(segment)) {
		if (!hmfs_check_problem(check, true, "a dead segment's record is nonsense"))
			return 0;
		return hmfs_check_remove(check, &check->volume->map, key);
	}
	memcpy(&segment, value->bytes, sizeof(segment));
	return segments_add(check, argument, &segment);
}

static int gather(struct hmfs_check *check, struct segments *segments)
{
	struct hmfs_map_root *root = hmfs_check_allocate(check, 1, sizeof(*root));
	const struct hmfs_key first = { 0 };
	int error = root ? 0 : -ENOMEM;

	if (!error) {
		hmfs_map_root(&check->volume->map, root);
		error = gather_map(check, segments, root, 0);
	}
	for (size_t i = 0; !error && i < check->dataset_count; i++) {
		unsigned gone = 0;

		/* What has an heir has let go of its own already. */
		if (hmfs_check_is_dying(&check->datasets[i])) {
			if (check->datasets[i].heir)
				continue;
			if (check->datasets[i].reaped.object == UINT64_MAX)
				gone = (unsigned)min_u64(check->datasets[i].reaped.place,
							 HMFS_LIST_MAX);
		}
		error = hmfs_check_open(check, i);
		if (error == -EIO) {
			check->incomplete = true;
			error = 0;
			continue;
		}
		if (!error) {
			hmfs_map_root(&check->dataset->map, root);
			error = gather_map(check, segments, root, gone);
		}
	}
	if (!error)
		error = hmfs_check_walk(check, &check->volume->map, &first, gather_dead, segments);
	check->host->release(root);
	return error;
}

/* --- One segment --- */

static int claim(void *argument, uint64_t address, uint64_t blocks)
{
	struct hmfs_check *check = argument;

	if (!hmfs_check_range(check, address, blocks)) {
		hmfs_check_problem(check, false, "metadata points to blocks %llu+%llu",
				   (unsigned long long)address, (unsigned long long)blocks);
		return 0;
	}
	for (uint64_t block = address; block < address + blocks; block++) {
		int error;

		if (hmfs_set_has(&check->metadata, block)) {
			hmfs_check_problem(check, false, "metadata block %llu has two owners",
					   (unsigned long long)block);
			check->incomplete = true;
			continue;
		}
		error = hmfs_set_add(check, &check->metadata, block);
		if (!error)
			error = hmfs_set_add(check, &check->used, block);
		if (error)
			return error;
	}
	check->result->metadata_blocks += blocks;
	hmfs_check_progress(check, blocks);
	return 0;
}

static bool copy_good(struct hmfs_check *check, const struct hmfs_pointer *pointer, unsigned copy)
{
	struct hmfs_device *device = check->device.below;
	uint8_t sum[HMFS_SUM_MAX];

	if (pointer->blocks > HMFS_NODE_BLOCKS ||
	    !hmfs_check_range(check, pointer->address[copy], pointer->blocks) ||
	    device->ops->read(device, pointer->address[copy], pointer->blocks, check->block) != 0)
		return false;
	hmfs_sum(check->super.hash, check->block, pointer->blocks * (size_t)HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, pointer->sum, hmfs_sum_size(check->super.hash)) == 0;
}

static int bad_copy(void *argument, const struct hmfs_pointer *pointer, unsigned copy, int error)
{
	struct hmfs_check *check = argument;
	struct hmfs_device *device = check->device.below;
	const unsigned long long address = pointer->address[copy & 1];

	if (error == -ENOMEM)
		return error;
	if (error == -EUCLEAN) {
		check->incomplete = true;
		hmfs_check_problem(check, false, "metadata at block %llu makes no sense", address);
		return 0;
	}
	if (!hmfs_check_range(check, address, pointer->blocks)) {
		hmfs_check_problem(check, false, "a copy of metadata should be at block %llu",
				   address);
		return 0;
	}
	if (!copy_good(check, pointer, 1 - (copy & 1))) {
		check->incomplete = true;
		hmfs_check_problem(check, false,
				   "metadata at block %llu is lost: both copies are damaged",
				   address);
		return 0;
	}
	if (!hmfs_check_problem(check, !check->incomplete,
				"metadata at block %llu is damaged, its copy is not", address))
		return 0;
	return device->ops->write(device, address, pointer->blocks, check->block);
}

static int check_segment(struct hmfs_check *check, const struct hmfs_segment_pointer *segment)
{
	struct hmfs_context *context = &check->volume->context;
	int error = hmfs_segment_visit_blocks(context, segment, claim, check);

	/* Nothing is mended where something else may be. */
	if (!error || error == -EIO)
		error = hmfs_segment_verify(context, segment, true, NULL, bad_copy, check);
	if (error == -EIO || error == -EUCLEAN) {
		if (!check->incomplete)
			hmfs_check_problem(check, false,
					   "a map's segment at block %llu cannot be read",
					   (unsigned long long)segment->head.address[0]);
		check->incomplete = true;
		error = 0;
	}
	return error;
}

int hmfs_check_nodes(struct hmfs_check *check)
{
	struct segments segments = { 0 };
	int error = gather(check, &segments);

	for (size_t i = 0; !error && i < segments.count; i++)
		error = check_segment(check, &segments.list[i]);
	check->host->release(segments.list);
	return error;
}
