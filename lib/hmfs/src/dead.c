/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What datasets let go of. A reference is born with a commit and belongs to the dataset that made
 * it; what comes off that dataset later has it, too. So when a dataset lets go of a reference that
 * is as old as the point where it came off its parent, the parent has it still, and it goes to the
 * dataset's list of the dead; a younger one is nobody else's.
 *
 * Reflinks make references of their own, which shared.c counts.
 */
#include <base/checked.h>
#include <base/errno.h>

#include "space_priv.h"

static bool is_place(const struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	return address >= HMFS_RING_START + HMFS_RING_SLOTS && blocks != 0 &&
	       range_within(address, blocks, space->blocks);
}

int hmfs_dead_run(struct hmfs_space *space, const struct hmfs_dataset_record *dataset,
		  uint32_t number, uint64_t address, uint64_t blocks, uint64_t birth,
		  unsigned flags)
{
	struct hmfs_dead_record record = {
		.blocks = (uint32_t)blocks,
		.flags = flags,
		.birth = birth,
	};
	/* One address may die several times, by several references. */
	struct hmfs_key key = {
		.object = dataset->dead,
		.place = HMFS_PLACE(HMFS_KIND_DEAD, address),
		.minor = space->dead_serial + 1,
	};
	int error;

	if (!is_place(space, address, blocks) || blocks > HMFS_CHUNK_BLOCKS) {
		hmfs_space_say(space, "dataset %u refers to blocks that cannot be", number);
		return -EIO;
	}
	if (birth > dataset->parent_commit)
		return hmfs_shared_drop(space, address, blocks);
	error = hmfs_map_put(space->map, &key, &record, sizeof(record));
	if (!error)
		space->dead_serial++;
	return error;
}

struct burying {
	struct hmfs_space *space;
	uint64_t runs, skip;
};

static int free_run(void *argument, uint64_t address, uint64_t blocks)
{
	struct burying *burying = argument;

	if (burying->runs++ < burying->skip)
		return 0;
	hmfs_node_forget(burying->space->context, address, blocks);
	hmfs_space_free_segment(burying->space, address, blocks);
	return 0;
}

int hmfs_dead_free_segment(struct hmfs_space *space, const struct hmfs_segment_pointer *segment)
{
	struct hmfs_burial *burial = &space->burial;
	struct burying burying = { .space = space };
	int error;

	/* What was freed already may have another owner by now. */
	if (burial->address == segment->head.address[0] && burial->birth == segment->birth)
		burying.skip = burial->runs;
	error = hmfs_segment_visit_blocks(space->context, segment, free_run, &burying);
	*burial = (struct hmfs_burial){ 0 };
	if (error == -ENOMEM) {
		burial->address = segment->head.address[0];
		burial->birth = segment->birth;
		burial->runs = max_u64(burying.runs, burying.skip);
	} else if (error) {
		hmfs_space_say(space, "a list of entries at %llu cannot be freed (error %d)",
			       (unsigned long long)segment->head.address[0], -error);
	}
	return error;
}

int hmfs_dead_segment(struct hmfs_space *space, const struct hmfs_dataset_record *dataset,
		      uint32_t number, const struct hmfs_segment_pointer *segment)
{
	struct hmfs_key key;
	int error;

	if (!dataset || segment->birth > dataset->parent_commit)
		return hmfs_dead_free_segment(space, segment);
	key = (struct hmfs_key){
		.object = dataset->dead,
		.place = HMFS_PLACE(HMFS_KIND_DEAD_SEGMENT, segment->head.address[0]),
	};
	error = hmfs_map_put(space->map, &key, segment, sizeof(*segment));
	if (error)
		hmfs_space_say(space, "what dataset %u does not need any more is lost (error %d)",
			       number, -error);
	return error;
}
