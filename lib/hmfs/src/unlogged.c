/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What data was allocated and freed since the log was told last. */
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

/* More than that is no matter for the log: 1.5 MiB. */
#define UNLOGGED_MOST 65536u

static bool grow(struct hmfs_space *space)
{
	const struct hmfs_host *host = space->context->host;
	size_t room = space->unlogged_room ? space->unlogged_room * 2 : 64;
	struct hmfs_unlogged *items;

	if (room > UNLOGGED_MOST)
		return false;
	items = host->allocate(room * sizeof(*items));
	if (!items)
		return false;
	if (space->unlogged)
		memcpy(items, space->unlogged, space->unlogged_count * sizeof(*items));
	host->release(space->unlogged);
	space->unlogged = items;
	space->unlogged_room = room;
	return true;
}

void hmfs_unlogged_add(struct hmfs_space *space, uint64_t address, uint64_t blocks, bool freed)
{
	struct hmfs_unlogged *last =
		space->unlogged_count ? &space->unlogged[space->unlogged_count - 1] : NULL;

	if (space->unlogged_lost)
		return;
	if (last && last->freed == freed && last->address + last->blocks == address) {
		last->blocks += blocks;
		return;
	}
	if (space->unlogged_count == space->unlogged_room && !grow(space)) {
		space->unlogged_lost = true;
		return;
	}
	space->unlogged[space->unlogged_count++] = (struct hmfs_unlogged){
		.address = address,
		.blocks = blocks,
		.freed = freed,
	};
}

void hmfs_unlogged_forget(struct hmfs_space *space)
{
	space->unlogged_count = 0;
	space->unlogged_lost = false;
}

int hmfs_space_take_unlogged(struct hmfs_space *space,
			     int (*visit)(void *context, uint64_t address, uint64_t blocks,
					  bool freed),
			     void *context)
{
	if (space->unlogged_lost)
		return -ENOSPC;
	for (size_t i = 0; i < space->unlogged_count; i++) {
		const struct hmfs_unlogged *item = &space->unlogged[i];
		int error = visit(context, item->address, item->blocks, item->freed);

		if (error)
			return error;
	}
	hmfs_unlogged_forget(space);
	return 0;
}
