/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Places for blocks that are going to be written. A file that grows continues where its last run
 * ended; what begins anew continues where the volume's last run ended, so that what is written
 * together lies together. Blocks are tentative until they are put: a commit in between does not
 * count them as used, and they are free again when the power goes.
 */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

int hmfs_contents_get(struct hmfs_volume *volume, struct hmfs_contents **contents)
{
	struct hmfs_contents *made = volume->contents;

	if (!made) {
		made = volume->host->allocate(sizeof(*made));
		if (!made)
			return -ENOMEM;
		memset(made, 0, sizeof(*made));
		list_init(&made->lent);
		made->next[1] = volume->root.blocks / 2;
		volume->contents = made;
	}
	*contents = made;
	return 0;
}

void hmfs_contents_end(struct hmfs_volume *volume)
{
	struct hmfs_contents *contents = volume->contents;
	struct list_node *node;

	if (!contents)
		return;
	while ((node = list_pop_front(&contents->lent)))
		volume->host->release(container_of(node, struct hmfs_lent, node));
	volume->host->release(contents->spare);
	volume->host->release(contents);
	volume->contents = NULL;
}

/* --- Runs. --- */

static int place_run(struct hmfs_volume *volume, enum hmfs_use use, uint64_t hint, unsigned count,
		     uint64_t address[2], unsigned *got)
{
	struct hmfs_space *space = volume->space;
	uint64_t first, second;
	int error;

	address[1] = HMFS_NO_BLOCK;
	error = hmfs_space_allocate(space, use, hint, 1, count, &address[0], &first);
	if (error)
		return error;
	if (hmfs_data_copies(volume) == 1) {
		*got = (unsigned)first;
		return 0;
	}
	error = hmfs_space_allocate(space, use, volume->contents->next[1], 1, first, &address[1],
				    &second);
	if (error) {
		hmfs_space_undo(space, address[0], first);
		return error;
	}
	if (second < first)
		hmfs_space_undo(space, address[0] + second, first - second);
	*got = (unsigned)second;
	volume->contents->next[1] = address[1] + second;
	return 0;
}

static struct hmfs_hint *hint_of(struct hmfs_contents *contents, struct hmfs_id id)
{
	const uint64_t mixed = (id.object + ((uint64_t)id.dataset << 32)) * 0x9e3779b97f4a7c15;

	return &contents->hints[mixed >> 32 & (HMFS_HINTS - 1)];
}

int hmfs_place_new(struct hmfs_volume *volume, enum hmfs_use use, struct hmfs_id id, uint64_t first,
		   unsigned count, uint64_t address[2], unsigned *got)
{
	struct hmfs_contents *contents = volume->contents;
	struct hmfs_hint *hint = hint_of(contents, id);
	const bool goes_on = hint->id.object == id.object && hint->id.dataset == id.dataset &&
			     hint->file_block == first;
	int error;

	error = place_run(volume, use, goes_on ? hint->address : contents->next[0], count, address,
			  got);
	if (error)
		return error;
	contents->next[0] = address[0] + *got;
	*hint = (struct hmfs_hint){ id, first + *got, contents->next[0] };
	return 0;
}

/* --- In place. --- */

/* Whether the dataset alone has the run, so that it may be written. */
static bool may_lend(const struct hmfs_volume *volume, const struct hmfs_dataset *dataset,
		     const struct hmfs_run *run)
{
	return run->flags == HMFS_RUN_UNWRITTEN && run->birth > dataset->record.parent_commit &&
	       (run->mirror != 0) == (hmfs_data_copies(volume) == 2);
}

/* Lends what is unwritten from `first` on: 1; or makes *count so small that it ends before the
 * next thing that is unwritten: 0. */
static int lend_unwritten(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
			  struct hmfs_edit *edit, uint64_t first, unsigned *count,
			  uint64_t address[2])
{
	const unsigned block = hmfs_block_in_chunk(first);
	const struct hmfs_run *run;
	struct hmfs_run part;
	unsigned end;
	int error;

	error = hmfs_edit_load(edit, hmfs_chunk_of(first));
	if (error)
		return error;
	end = (unsigned)min_u64(HMFS_CHUNK_BLOCKS, block + *count);
	run = hmfs_chunk_find(&edit->chunk, block);
	if (!run || !(run->flags & HMFS_RUN_UNWRITTEN)) {
		for (*count = 1; block + *count < end; ++*count) {
			run = hmfs_chunk_find(&edit->chunk, block + *count);
			if (run && run->flags & HMFS_RUN_UNWRITTEN)
				break;
		}
		return 0;
	}
	*count = (unsigned)min_u64(end, run->first + run->blocks) - block;
	if (!may_lend(volume, dataset, run))
		return 0;
	part = hmfs_run_part(run, block, *count);
	error = hmfs_lend(volume, dataset->number, &part);
	if (error)
		return error == -EBUSY ? 0 : error;
	address[0] = part.address;
	address[1] = part.mirror;
	return 1;
}

int hmfs_place(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
	       enum hmfs_use use, uint64_t first, unsigned count, uint64_t address[2],
	       unsigned *got)
{
	const struct hmfs_id id = { dataset->number, object };
	struct hmfs_edit *edit;
	int error;

	error = hmfs_edit_begin(volume, dataset, object, false, &edit);
	if (error)
		return error;
	*got = 0;
	if (edit->object.record.flags & HMFS_OBJECT_UNWRITTEN) {
		error = lend_unwritten(volume, dataset, edit, first, &count, address);
		*got = count;
	}
	hmfs_edit_end(edit);
	if (error < 0)
		return error;
	return error ? 0 : hmfs_place_new(volume, use, id, first, count, address, got);
}

int hmfs_confirm(struct hmfs_volume *volume, const uint64_t address[2], unsigned count)
{
	int error = hmfs_space_confirm_data(volume->space, address[0], count);

	if (!error && address[1])
		error = hmfs_space_confirm_data(volume->space, address[1], count);
	/* What was confirmed before it is given back, which the log cannot tell. */
	if (error)
		volume->must_commit = true;
	return error;
}

void hmfs_give_back(struct hmfs_volume *volume, const uint64_t address[2], unsigned count)
{
	struct hmfs_lent *lent = hmfs_lent_find(volume, address[0]);

	if (lent) {
		hmfs_lent_end(volume, lent);
		return;
	}
	hmfs_space_undo(volume->space, address[0], count);
	if (address[1])
		hmfs_space_undo(volume->space, address[1], count);
}

bool hmfs_make_space(struct hmfs_volume *volume, unsigned *tries)
{
	int error;

	/* Others may take what the first commit gave. */
	if (*tries >= 2 ||
	    hmfs_space_free_after(volume->space) <= hmfs_space_free_blocks(volume->space))
		return false;
	++*tries;
	hmfs_unlock(volume);
	error = hmfs_commit(volume);
	hmfs_lock(volume);
	return error == 0;
}

/* --- For page caches. --- */

static int reserve(struct hmfs_volume *volume, uint64_t count)
{
	uint64_t blocks;

	if (__builtin_mul_overflow(count, hmfs_data_copies(volume), &blocks))
		return -ENOSPC;
	return hmfs_space_reserve(volume->space, blocks);
}

int hmfs_reserve(struct hmfs_volume *volume, uint64_t count)
{
	unsigned tries = 0;
	int error;

	hmfs_lock(volume);
	do {
		error = reserve(volume, count);
	} while (error == -ENOSPC && hmfs_make_space(volume, &tries));
	hmfs_unlock(volume);
	return error;
}

void hmfs_unreserve(struct hmfs_volume *volume, uint64_t count)
{
	hmfs_lock(volume);
	hmfs_space_unreserve(volume->space, count * hmfs_data_copies(volume));
	hmfs_unlock(volume);
}

/* Which of the blocks may be lent. */
static int find_unwritten(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
			  uint64_t first, unsigned count, uint32_t *blocks)
{
	const unsigned block = hmfs_block_in_chunk(first);
	struct hmfs_edit *edit;
	int error = hmfs_edit_begin(volume, dataset, object, false, &edit);

	if (error)
		return error;
	if (edit->object.record.flags & HMFS_OBJECT_UNWRITTEN) {
		error = hmfs_edit_load(edit, hmfs_chunk_of(first));
		for (unsigned i = 0; !error && i < count; i++) {
			const struct hmfs_run *run = hmfs_chunk_find(&edit->chunk, block + i);
			struct hmfs_run part;

			if (!run || !may_lend(volume, dataset, run))
				continue;
			part = hmfs_run_part(run, block + i, 1);
			if (!hmfs_lent_any(volume, &part))
				*blocks |= 1u << i;
		}
	}
	hmfs_edit_end(edit);
	return error;
}

int hmfs_find_unwritten(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
			unsigned count, uint32_t *blocks)
{
	struct hmfs_dataset *dataset;
	int error;

	*blocks = 0;
	if (first > HMFS_LAST_BLOCK || count > HMFS_CHUNK_BLOCKS - hmfs_block_in_chunk(first))
		return -EINVAL;
	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);
	if (!error)
		error = find_unwritten(volume, dataset, id.object, first, count, blocks);
	hmfs_unlock(volume);
	return error;
}

/* The promise holds for all of the places, wherever they come from; what is lent needed none. */
static int place_reserved(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
			  uint64_t first, unsigned count, unsigned *reserved, uint64_t address[2],
			  unsigned *got)
{
	const int error = hmfs_place(volume, dataset, object, HMFS_USE_PROMISED, first,
				     (unsigned)min_u64(count, *reserved), address, got);

	if (error || hmfs_lent_find(volume, address[0]))
		return error;
	*reserved -= *got;
	hmfs_space_unreserve(volume->space, (uint64_t)*got * hmfs_data_copies(volume));
	return 0;
}

int hmfs_place_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first, unsigned count,
		      unsigned *reserved, uint64_t address[2], unsigned *got)
{
	struct hmfs_dataset *dataset;
	int error;

	if (count == 0 || first > HMFS_LAST_BLOCK)
		return count ? -EFBIG : -EINVAL;
	count = (unsigned)min_u64(count, HMFS_TRANSFER_BLOCKS);
	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);
	if (!error && reserved && *reserved)
		error = place_reserved(volume, dataset, id.object, first, count, reserved, address,
				       got);
	else if (!error)
		error = hmfs_place(volume, dataset, id.object, HMFS_USE_DATA, first, count, address,
				   got);
	hmfs_unlock(volume);
	return error;
}

void hmfs_give_back_blocks(struct hmfs_volume *volume, const uint64_t address[2], unsigned count)
{
	hmfs_lock(volume);
	hmfs_give_back(volume, address, count);
	hmfs_unlock(volume);
}
