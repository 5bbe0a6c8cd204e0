/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The blocks of a segment that is being written. The second copies begin half a volume behind
 * the first ones, if there is space, so that damage to a place does not meet both.
 */
#include <base/errno.h>
#include <base/string.h>

#include "segment_runs.h"

#define FIRST_ROOM 16u

static int runs_make_room(struct hmfs_runs *runs)
{
	const struct hmfs_host *host = runs->context->host;
	const unsigned room = runs->room ? runs->room * 2 : FIRST_ROOM;
	struct hmfs_extent *extents;

	/* For each pair two when it is allocated, and two more when it is cut. */
	if ((runs->pairs + 1) * 4 <= runs->room)
		return 0;
	extents = host->allocate(room * sizeof(*extents));
	if (!extents)
		return -ENOMEM;
	if (runs->count)
		memcpy(extents, runs->extents, runs->count * sizeof(*extents));
	host->release(runs->extents);
	runs->extents = extents;
	runs->room = room;
	return 0;
}

static void runs_note(struct hmfs_runs *runs, uint64_t address, uint64_t blocks)
{
	for (unsigned i = runs->count; i-- && i + 4 >= runs->count;) {
		struct hmfs_extent *extent = &runs->extents[i];

		if (extent->address + extent->blocks == address) {
			extent->blocks += blocks;
			return;
		}
	}
	runs->extents[runs->count++] = (struct hmfs_extent){ address, blocks };
}

int hmfs_runs_allocate(struct hmfs_runs *runs, uint64_t least, uint64_t wanted, uint64_t address[2],
		       uint64_t *blocks)
{
	struct hmfs_space *space = runs->context->space;
	const uint64_t volume = runs->context->device->blocks;
	uint64_t got[2];
	int error = runs_make_room(runs);

	if (error)
		return error;
	error = hmfs_space_allocate(space, runs->use, runs->hint[0], least, wanted, &address[0],
				    &got[0]);
	if (error)
		return error;
	if (!runs->hint[1])
		runs->hint[1] = (address[0] + volume / 2) % volume;
	error = hmfs_space_allocate(space, runs->use, runs->hint[1], least, got[0], &address[1],
				    &got[1]);
	if (error) {
		hmfs_space_undo(space, address[0], got[0]);
		return error;
	}
	if (got[1] < got[0])
		hmfs_space_undo(space, address[0] + got[1], got[0] - got[1]);
	*blocks = got[1];
	runs->pairs++;
	for (unsigned copy = 0; copy < 2; copy++) {
		runs_note(runs, address[copy], *blocks);
		runs->hint[copy] = address[copy] + *blocks;
	}
	return 0;
}

void hmfs_runs_cut(struct hmfs_runs *runs, uint64_t end, uint64_t blocks)
{
	for (unsigned i = runs->count; blocks && i--;) {
		struct hmfs_extent *extent = &runs->extents[i];
		uint64_t behind;

		if (end <= extent->address || end > extent->address + extent->blocks)
			continue;
		/* Of runs that were joined, what lies behind stays, as one of its own. */
		behind = extent->address + extent->blocks - end;
		extent->blocks -= behind + blocks;
		if (behind)
			runs->extents[runs->count++] = (struct hmfs_extent){ end, behind };
		hmfs_space_undo(runs->context->space, end - blocks, blocks);
		return;
	}
}

int hmfs_runs_confirm(struct hmfs_runs *runs)
{
	struct hmfs_space *space = runs->context->space;

	for (unsigned i = 0; i < runs->count; i++) {
		struct hmfs_extent *extent = &runs->extents[i];
		int error = extent->blocks
				    ? hmfs_space_confirm(space, extent->address, extent->blocks)
				    : 0;

		if (!error)
			continue;
		for (unsigned back = 0; back < i; back++) {
			extent = &runs->extents[back];
			if (extent->blocks)
				hmfs_space_free(space, extent->address, extent->blocks);
			extent->blocks = 0;
		}
		hmfs_runs_undo(runs);
		return error;
	}
	return 0;
}

void hmfs_runs_undo(struct hmfs_runs *runs)
{
	for (unsigned i = 0; i < runs->count; i++) {
		struct hmfs_extent *extent = &runs->extents[i];

		hmfs_node_forget(runs->context, extent->address, extent->blocks);
		if (extent->blocks)
			hmfs_space_undo(runs->context->space, extent->address, extent->blocks);
	}
	runs->count = 0;
}

void hmfs_runs_destroy(struct hmfs_runs *runs)
{
	runs->context->host->release(runs->extents);
}
