/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocating and freeing runs of blocks. What a block can be is explained in space_priv.h. */
#include <base/checked.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

#include <stdarg.h>

#include "space_priv.h"

/* Groups that are kept although nothing changed in them, but for the cache's size. */
#define GROUPS_KEPT 64u

void hmfs_space_say(struct hmfs_space *space, const char *format, ...)
{
	const struct hmfs_host *host = space->context->host;
	char line[160];
	va_list arguments;

	if (!host->log)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	host->log(host->context, HMFS_LOG_ERROR, line);
}

/* --- Runs, piece by piece --- */

void hmfs_piece_start(struct hmfs_piece *piece, uint64_t address, uint64_t blocks)
{
	*piece = (struct hmfs_piece){ .address = address, .left = blocks };
}

bool hmfs_piece_next(struct hmfs_piece *piece)
{
	piece->address += piece->count;
	piece->left -= piece->count;
	piece->group = piece->address / HMFS_GROUP_BLOCKS;
	piece->first = piece->address % HMFS_GROUP_BLOCKS;
	piece->count = (uint32_t)min_u64(piece->left, HMFS_GROUP_BLOCKS - piece->first);
	return piece->left != 0;
}

/* --- Beginning and end --- */

/* Metadata is kept apart from data, so that large files lie in one run. */
void hmfs_space_rewind(struct hmfs_space *space)
{
	uint64_t middle = space->group_count / 2 * HMFS_GROUP_BLOCKS;

	space->cursor[HMFS_USE_METADATA] = middle;
	space->cursor[HMFS_USE_MERGE] = middle;
}

static void lists_init(struct hmfs_space *space)
{
	list_init(&space->groups);
	list_init(&space->pinned);
	list_init(&space->summaries);
	for (unsigned i = 0; i < HMFS_SPACE_BUCKETS; i++) {
		list_init(&space->group_buckets[i]);
		list_init(&space->summary_buckets[i]);
	}
}

int hmfs_space_create(struct hmfs_context *context, struct hmfs_map *map, uint64_t blocks,
		      uint64_t free_blocks, struct hmfs_space **created)
{
	struct hmfs_space *space = context->host->allocate(sizeof(*space));

	if (!space)
		return -ENOMEM;
	memset(space, 0, sizeof(*space));
	space->context = context;
	space->map = map;
	space->blocks = blocks;
	space->group_count = (blocks + HMFS_GROUP_BLOCKS - 1) / HMFS_GROUP_BLOCKS;
	space->free = min_u64(free_blocks, blocks);
	space->group_limit = (unsigned)min_u64(
		GROUPS_KEPT + context->host->cache_bytes / 8 / sizeof(struct hmfs_group), 4096);
	lists_init(space);
	hmfs_space_rewind(space);
	if (context->host->random)
		context->host->random(&space->dead_serial, sizeof(space->dead_serial));
	*created = space;
	return 0;
}

void hmfs_space_destroy(struct hmfs_space *space)
{
	if (!space)
		return;
	hmfs_groups_destroy(space);
	hmfs_summaries_destroy(space);
	space->context->host->release(space->unlogged);
	space->context->host->release(space);
}

uint64_t hmfs_space_free_blocks(const struct hmfs_space *space)
{
	return space->free;
}

int hmfs_space_grow(struct hmfs_space *space, uint64_t blocks)
{
	uint64_t last = space->group_count - 1;
	struct hmfs_group *group;
	uint32_t more;
	int error = hmfs_group_get(space, last, &group);

	if (error)
		return error;
	if (blocks < space->blocks)
		return -EINVAL;
	space->free += blocks - space->blocks;
	space->blocks = blocks;
	space->group_count = (blocks + HMFS_GROUP_BLOCKS - 1) / HMFS_GROUP_BLOCKS;
	more = hmfs_group_size(space, last) - group->size;
	group->size += more;
	group->free += more;
	hmfs_summary_note(group, more);
	group->changed = true;
	hmfs_group_settle(space, group);
	return 0;
}

/* --- Allocating --- */

static int take(struct hmfs_space *space, enum hmfs_use use, struct hmfs_group *group,
		uint32_t first, uint32_t count)
{
	bool late = use == HMFS_USE_METADATA && space->phase == HMFS_COMMIT_FLUSHED;
	enum hmfs_state state = late ? HMFS_LATE : HMFS_TENTATIVE;

	if (late || use != HMFS_USE_METADATA) {
		int error = hmfs_group_prepare(space, group, state);

		if (error)
			return error;
		hmfs_group_mark(space, group, state, first, count);
	} else {
		group->changed = true;
	}
	hmfs_group_use(space, group, first, count);
	hmfs_group_settle(space, group);
	return 0;
}

/* Data lies with data, and what merges write with that. */
static enum hmfs_use cursor_of(enum hmfs_use use)
{
	if (use == HMFS_USE_PROMISED)
		return HMFS_USE_DATA;
	return use == HMFS_USE_URGENT ? HMFS_USE_MERGE : use;
}

int hmfs_space_allocate(struct hmfs_space *space, enum hmfs_use use, uint64_t hint, uint64_t least,
			uint64_t wanted, uint64_t *address, uint64_t *got)
{
	uint64_t limit = hmfs_space_limit(space, use);
	uint64_t *cursor;
	struct hmfs_group *group;
	uint32_t first, count;
	int error;

	least = max_u64(least, 1);
	wanted = min_u64(min_u64(max_u64(wanted, least), limit), HMFS_GROUP_BLOCKS);
	if (least > wanted)
		return -ENOSPC;
	cursor = &space->cursor[cursor_of(use)];
	if (hint == 0 || hint >= space->blocks)
		hint = *cursor;
	error = hmfs_space_find(space, hint, (uint32_t)least, (uint32_t)wanted, &group, &first,
				&count);
	if (!error)
		error = take(space, use, group, first, count);
	if (error)
		return error;
	*address = group->number * HMFS_GROUP_BLOCKS + first;
	*got = count;
	*cursor = *address + count < space->blocks ? *address + count : 0;
	return 0;
}

/* Tentative ones become used, with the next commit if one is under way. They were checked. */
static void confirm_piece(struct hmfs_space *space, struct hmfs_group *group, uint32_t first,
			  uint32_t count)
{
	hmfs_group_unmark(space, group, HMFS_TENTATIVE, first, count);
	if (space->phase == HMFS_COMMIT_NONE)
		group->changed = true;
	else
		hmfs_group_mark(space, group, HMFS_NEXT, first, count);
	hmfs_group_settle(space, group);
}

int hmfs_space_confirm(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct hmfs_piece piece;
	struct hmfs_group *group;

	if (!range_within(address, blocks, space->blocks))
		return -EINVAL;
	hmfs_piece_start(&piece, address, blocks);
	while (hmfs_piece_next(&piece)) {
		/* Tentative ones are in memory. */
		group = hmfs_group_in_memory(space, piece.group);
		if (!group || hmfs_group_marked(group, HMFS_TENTATIVE, piece.first, piece.count) !=
				      piece.count)
			return -EINVAL;
		if (space->phase != HMFS_COMMIT_NONE &&
		    hmfs_group_prepare(space, group, HMFS_NEXT) != 0)
			return -ENOMEM;
	}
	hmfs_piece_start(&piece, address, blocks);
	while (hmfs_piece_next(&piece)) {
		group = hmfs_group_in_memory(space, piece.group);
		confirm_piece(space, group, piece.first, piece.count);
	}
	return 0;
}

int hmfs_space_confirm_data(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	int error = hmfs_space_confirm(space, address, blocks);

	if (!error)
		hmfs_unlogged_add(space, address, blocks, false);
	return error;
}

/* --- Giving back --- */

/* Frees what is used and not freed already. -EIO, -ENOMEM, -EUCLEAN. */
static int free_piece(struct hmfs_space *space, const struct hmfs_piece *piece)
{
	struct hmfs_group *group;
	uint32_t first = piece->first, count = piece->count;
	int error = hmfs_group_get(space, piece->group, &group);

	if (error)
		return error;
	/* Whoever has them says they are: damage that checksums cannot see. */
	if (hmfs_bits_count(group->used, first, count) != count ||
	    hmfs_group_marked(group, HMFS_FREED, first, count) != 0 ||
	    hmfs_group_marked(group, HMFS_SEALED, first, count) != 0 ||
	    hmfs_group_marked(group, HMFS_TENTATIVE, first, count) != 0)
		return -EUCLEAN;
	error = hmfs_group_prepare(space, group, HMFS_FREED);
	if (error)
		return error;
	hmfs_group_mark(space, group, HMFS_FREED, first, count);
	group->changed = true;
	hmfs_group_settle(space, group);
	return 0;
}

static void lost(struct hmfs_space *space, uint64_t address, uint64_t blocks, int error)
{
	hmfs_space_say(space, "%llu blocks at %llu cannot be freed (error %d): fsck can",
		       (unsigned long long)blocks, (unsigned long long)address, -error);
}

/* For lack of memory frees wait for a while. */
static bool postpone(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	if (space->postponed_count == HMFS_POSTPONED)
		return false;
	space->postponed[space->postponed_count++] = (struct hmfs_run_of_blocks){ address, blocks };
	return true;
}

int hmfs_space_free_postponed(struct hmfs_space *space)
{
	while (space->postponed_count) {
		const struct hmfs_run_of_blocks *run =
			&space->postponed[space->postponed_count - 1];
		struct hmfs_piece piece;
		int error = 0;

		hmfs_piece_start(&piece, run->address, run->blocks);
		if (hmfs_piece_next(&piece))
			error = free_piece(space, &piece);
		if (error == -ENOMEM)
			return -ENOMEM;
		if (error)
			lost(space, run->address, run->blocks, error);
		space->postponed_count--;
	}
	return 0;
}

void hmfs_space_free_segment(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct hmfs_piece piece;

	if (address < HMFS_RING_START + HMFS_RING_SLOTS ||
	    !range_within(address, blocks, space->blocks)) {
		lost(space, address, blocks, -EUCLEAN);
		return;
	}
	hmfs_piece_start(&piece, address, blocks);
	while (hmfs_piece_next(&piece)) {
		int error = free_piece(space, &piece);

		if (error == -ENOMEM && postpone(space, piece.address, piece.count))
			error = 0;
		if (error)
			lost(space, piece.address, piece.count, error);
	}
}

void hmfs_space_free(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	hmfs_space_free_segment(space, address, blocks);
	hmfs_unlogged_add(space, address, blocks, true);
}

void hmfs_space_undo(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct hmfs_piece piece;

	hmfs_piece_start(&piece, address, blocks);
	while (hmfs_piece_next(&piece)) {
		struct hmfs_group *group;
		int error = hmfs_group_get(space, piece.group, &group);

		if (error) {
			lost(space, piece.address, piece.count, error);
			continue;
		}
		if (hmfs_group_marked(group, HMFS_TENTATIVE, piece.first, piece.count) !=
		    piece.count)
			group->changed = true;
		hmfs_group_unmark(space, group, HMFS_TENTATIVE, piece.first, piece.count);
		hmfs_group_unmark(space, group, HMFS_NEXT, piece.first, piece.count);
		hmfs_group_unmark(space, group, HMFS_LATE, piece.first, piece.count);
		hmfs_group_unuse(space, group, piece.first, piece.count);
		hmfs_group_settle(space, group);
	}
}

int hmfs_space_claim(struct hmfs_space *space, uint64_t address, uint64_t blocks)
{
	struct hmfs_piece piece;
	bool twice = false;

	if (!range_within(address, blocks, space->blocks))
		return -EUCLEAN;
	hmfs_piece_start(&piece, address, blocks);
	while (hmfs_piece_next(&piece)) {
		struct hmfs_group *group;
		int error = hmfs_group_get(space, piece.group, &group);

		if (error)
			return error;
		if (hmfs_bits_count(group->used, piece.first, piece.count) != 0)
			twice = true;
		hmfs_group_use(space, group, piece.first, piece.count);
		group->changed = true;
		hmfs_group_settle(space, group);
	}
	return twice ? -EUCLEAN : 0;
}

int hmfs_space_next_free(struct hmfs_space *space, uint64_t *address, uint64_t minimum,
			 uint64_t *blocks)
{
	uint64_t number = *address / HMFS_GROUP_BLOCKS;
	uint32_t at = *address % HMFS_GROUP_BLOCKS;

	minimum = max_u64(minimum, 1);
	for (; number < space->group_count; number++, at = 0) {
		struct hmfs_summary *summary;
		struct hmfs_group *group;
		int error = hmfs_summary_get(space, number / HMFS_SUMMARY_GROUPS, &summary);

		if (!error && hmfs_summary_longest(space, summary, number) < 0)
			continue;
		if (!error)
			error = hmfs_group_get(space, number, &group);
		if (error)
			return error;
		while (at < group->size) {
			uint32_t first = (uint32_t)bitmap_find_clear(group->used, group->size, at);

			at = (uint32_t)bitmap_find_set(group->used, group->size, first);
			if (at - first >= minimum) {
				*address = number * HMFS_GROUP_BLOCKS + first;
				*blocks = at - first;
				return 0;
			}
		}
	}
	return -ENOENT;
}
