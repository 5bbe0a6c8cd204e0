/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files about contents share.
 *
 *   chunk.c       chunk records: read, checked, written
 *   chunk_edit.c  runs put into a chunk in memory and taken out of it
 *   edit.c        changes of several chunks of an object that happen all or not at all
 *   place.c       places for new blocks; lent.c: unwritten runs that are being written
 *   put.c         blocks that were written become a file's
 *   transfer.c    blocks read, verified, healed; written
 *
 * The lock is held where nothing else is said.
 */
#pragma once

#include "volume_priv.h"

/* Blocks that are read or written at a time, at most: 1 MiB. */
#define HMFS_TRANSFER_BLOCKS 256u
/* Chunks that a change may touch: those of a transfer, wherever it begins. */
#define HMFS_EDIT_CHUNKS (HMFS_TRANSFER_BLOCKS / HMFS_CHUNK_BLOCKS + 1)

/* Chunks that may be inline: of files the first, of symbolic links the second, too. */
#define HMFS_INLINE_CHUNKS 2u
/* Runs that may be placed within one. */
#define HMFS_EDIT_PLACES 32u
/* The last block that a file can have. */
#define HMFS_LAST_BLOCK ((uint64_t)HMFS_SIZE_MAX / HMFS_BLOCK_SIZE)

static inline uint64_t hmfs_chunk_of(uint64_t file_block)
{
	return file_block / HMFS_CHUNK_BLOCKS;
}

static inline unsigned hmfs_block_in_chunk(uint64_t file_block)
{
	return (unsigned)(file_block % HMFS_CHUNK_BLOCKS);
}

static inline uint64_t hmfs_blocks_of_bytes(uint64_t bytes)
{
	return bytes / HMFS_BLOCK_SIZE + (bytes % HMFS_BLOCK_SIZE != 0);
}

/* How many copies of data the volume writes. */
static inline unsigned hmfs_data_copies(const struct hmfs_volume *volume)
{
	return volume->root.flags & HMFS_ROOT_DATA_TWICE ? 2 : 1;
}

static inline bool hmfs_is_directory(const struct hmfs_object_record *record)
{
	return (record->mode & 0170000) == 0040000;
}

static inline struct hmfs_key hmfs_chunk_key(uint64_t object, uint64_t number)
{
	return (struct hmfs_key){ object, HMFS_PLACE(HMFS_KIND_CHUNK, number), 0 };
}

/* --- chunk_edit.c --- */

/* The run that has the block of the chunk; NULL: a hole, or an inline chunk. */
const struct hmfs_run *hmfs_chunk_find(const struct hmfs_chunk *chunk, unsigned block);
/* A part of a run. */
struct hmfs_run hmfs_run_part(const struct hmfs_run *run, unsigned first, unsigned blocks);
/* Makes [first, first + blocks) a hole. The runs and parts of runs that were there go to
 * `taken`, of up to HMFS_CHUNK_BLOCKS: how many. */
unsigned hmfs_chunk_clear(struct hmfs_chunk *chunk, unsigned first, unsigned blocks,
			  struct hmfs_run *taken);
/* Puts a run where a hole is. It becomes one with its neighbours where that is the same. */
void hmfs_chunk_insert(struct hmfs_chunk *chunk, const struct hmfs_run *run);

/* --- edit.c --- */

/* A change of an object's contents, and of its record. The chunks are edited one by one; nothing
 * happens to the volume before hmfs_edit_apply(). */
struct hmfs_edit {
	struct hmfs_volume *volume;
	struct hmfs_dataset *dataset;
	uint64_t number; /* of the object */
	struct hmfs_object object;
	bool quiet; /* the object's record stays, and is not even read */

	uint64_t chunk_number; /* of the one that is being edited */
	struct hmfs_chunk chunk;

	/* What hmfs_edit_save() was called for. */
	unsigned chunks;
	struct {
		uint64_t number;
		uint32_t offset, length; /* of the value; length 0: it is removed */
	} saved[HMFS_EDIT_CHUNKS];
	size_t values_used, values_size;
	uint8_t *values;

	/* Tentative blocks that are put with this edit: confirmed by hmfs_edit_prepare(), given
	 * back if it does not come to that. */
	unsigned placed;
	struct {
		uint64_t address[2];
		unsigned count;
	} place[HMFS_EDIT_PLACES];

	/* What the object lets go of. */
	unsigned taken;
	struct hmfs_run runs[HMFS_EDIT_CHUNKS * HMFS_CHUNK_BLOCKS];
};

/* -ENOENT, -EIO, -ENOMEM, -EISDIR, -EPERM (a fork that is computed). */
int must_check hmfs_edit_begin(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
			       uint64_t number, bool quiet, struct hmfs_edit **edit);
int must_check hmfs_edit_load(struct hmfs_edit *edit, uint64_t chunk_number);
/* Blocks of the chunk become a hole, and are let go of. */
void hmfs_edit_clear(struct hmfs_edit *edit, unsigned first, unsigned blocks);
/* Puts a run into the chunk, where it has a hole. sums: a checksum per block, NULL with
 * HMFS_RUN_UNWRITTEN. */
void hmfs_edit_insert(struct hmfs_edit *edit, const struct hmfs_run *run,
		      const uint8_t (*sums)[HMFS_SUM_MAX]);
/* The chunk is as it shall be. Up to HMFS_EDIT_CHUNKS times, then hmfs_edit_full(). */
void hmfs_edit_save(struct hmfs_edit *edit);
static inline bool hmfs_edit_full(const struct hmfs_edit *edit)
{
	return edit->chunks == HMFS_EDIT_CHUNKS;
}
/* A run is placed for the edit: *got blocks. -ENOSPC, too, if there are HMFS_EDIT_PLACES. */
int must_check hmfs_edit_place(struct hmfs_edit *edit, enum hmfs_use use, uint64_t first,
			       unsigned count, uint64_t address[2], unsigned *got);
/* Makes sure that hmfs_edit_apply() cannot fail: -ENOMEM. */
int must_check hmfs_edit_prepare(struct hmfs_edit *edit);
/* Stores the chunks and the object's record, and lets go of what was taken out. */
void hmfs_edit_apply(struct hmfs_edit *edit);
/* Both, if nothing is to be done between. */
int must_check hmfs_edit_commit(struct hmfs_edit *edit);
void hmfs_edit_end(struct hmfs_edit *edit);
/* The contents changed now, as the times of the object shall say. */
void hmfs_edit_touch(struct hmfs_edit *edit);

/* A dataset lets go of a run: lent blocks when they come back, others now. */
void hmfs_run_release(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
		      const struct hmfs_run *run);

/* --- place.c --- */

#define HMFS_HINTS 64u

struct hmfs_contents {
	struct hmfs_edit *spare; /* memory of one that ended */
	struct list lent;        /* lent.c */
	uint64_t next[2];        /* where the last run that was placed ended, of each copy */
	/* Where that of a file did, which ended with `file_block`. */
	struct hmfs_hint {
		struct hmfs_id id;
		uint64_t file_block, address;
	} hints[HMFS_HINTS];
};
/* Made when it is first needed; -ENOMEM. */
int must_check hmfs_contents_get(struct hmfs_volume *volume, struct hmfs_contents **contents);

/* hmfs_place_blocks() without its lock. */
int must_check hmfs_place(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
			  enum hmfs_use use, uint64_t first, unsigned count, uint64_t address[2],
			  unsigned *got);
/* The same, but never in place. */
int must_check hmfs_place_new(struct hmfs_volume *volume, enum hmfs_use use, struct hmfs_id id,
			      uint64_t first, unsigned count, uint64_t address[2], unsigned *got);
void hmfs_give_back(struct hmfs_volume *volume, const uint64_t address[2], unsigned count);
/* They are to stay. */
int must_check hmfs_confirm(struct hmfs_volume *volume, const uint64_t address[2], unsigned count);
/* Space that was freed may become usable: lets go of the lock and commits; whether it is worth
 * trying again. `*tries` counts. */
bool hmfs_make_space(struct hmfs_volume *volume, unsigned *tries);

/* --- lent.c --- */

/* Part of an unwritten run that somebody writes into. The file has it until it is put, and then
 * still has it. */
struct hmfs_lent {
	struct list_node node;
	uint32_t dataset;
	struct hmfs_run run;
	/* Blocks that the file let go of meanwhile; they are freed when they come back. */
	uint16_t gone;
};
/* -EBUSY: some of it is lent already; -ENOMEM. */
int must_check hmfs_lend(struct hmfs_volume *volume, uint32_t dataset, const struct hmfs_run *run);
/* Whether any of the run's blocks is lent. */
bool hmfs_lent_any(const struct hmfs_volume *volume, const struct hmfs_run *run);
struct hmfs_lent *hmfs_lent_find(struct hmfs_volume *volume, uint64_t address);
/* The file lets go of the run: whether all of it is lent, or else what of it is not, in `left`:
 * how many runs, up to HMFS_CHUNK_BLOCKS. */
unsigned hmfs_lent_release(struct hmfs_volume *volume, const struct hmfs_run *run,
			   struct hmfs_run *left);
/* It comes back. */
void hmfs_lent_end(struct hmfs_volume *volume, struct hmfs_lent *lent);

/* --- put.c --- */

/* What blocks were when somebody looked. */
struct hmfs_found {
	bool is_inline; /* the file's first chunk was looked up, and is */
	size_t inline_length;
	uint8_t inline_data[HMFS_INLINE_MAX];
	struct hmfs_block blocks[];
};

struct hmfs_put {
	uint64_t first;
	unsigned count;
	uint64_t address[2];
	const uint8_t (*sums)[HMFS_SUM_MAX];
	/* What the first and the last block must still be (-EAGAIN); NULL: anything. */
	const struct hmfs_found *head, *tail;
	uint64_t grow_to; /* size; 0: it stays */
	bool touch;       /* the times */
};
/* hmfs_put_blocks() and more. */
int must_check hmfs_put(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
			const struct hmfs_put *put);
/* The chunk that is being edited is inline: its bytes become its first block. Waits for the
 * device. */
int must_check hmfs_edit_expand(struct hmfs_edit *edit);

/* --- read.c --- */

/* Where a block of a chunk is; a hole, unwritten and inline: HMFS_NO_BLOCK. */
void hmfs_chunk_block(const struct hmfs_chunk *chunk, unsigned block, struct hmfs_block *found);
/* A file has bytes in the record of a chunk that is not the first: -EIO. */
int hmfs_complain_of_inline(struct hmfs_dataset *dataset, uint64_t object);
bool hmfs_block_is_same(const struct hmfs_volume *volume, const struct hmfs_block *a,
			const struct hmfs_block *b);

/* --- punch.c --- */

/* The numbers of chunks that there are from *number on and before `end`: how many, up to `max`;
 * *number is behind them, or `end`. */
int must_check hmfs_chunks_next(struct hmfs_dataset *dataset, uint64_t object, uint64_t *number,
				uint64_t end, uint64_t *numbers, unsigned max);
/* Zeros to a part of a block of the file, if there is data. The lock is NOT held. */
int must_check hmfs_zero_part(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			      size_t size);

/* --- write.c: the lock is NOT held --- */

enum hmfs_write_flags {
	HMFS_WRITE_KEEP = 1,     /* the size stays, and the times */
	HMFS_WRITE_PROMISED = 2, /* may use the reserve: what frees space needs it */
};
/* The beginning of the bytes, up to HMFS_TRANSFER_BLOCKS blocks: how many bytes were written.
 * bytes NULL: zeros, within one block. */
ssize_t must_check hmfs_write_piece(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
				    const uint8_t *bytes, size_t size, unsigned flags);

/* --- read.c and transfer.c: the lock is NOT held --- */

/* Room for looking at `count` blocks, and a block behind it. */
struct hmfs_found *hmfs_found_allocate(struct hmfs_volume *volume, unsigned count, uint8_t **block);
/* Reads and verifies whole blocks, whatever the size. */
int must_check hmfs_read_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
				unsigned count, struct hmfs_found *found, void *buffer);

/* Reads `count` blocks into `buffer` and verifies them; what has no address becomes zeros. Bad
 * copies are healed. -EIO: *bad is the first block of which no copy is good; the others behind
 * it may not have been read. */
int must_check hmfs_transfer_read(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
				  const struct hmfs_block *blocks, unsigned count, void *buffer,
				  unsigned *bad);
/* Writes all copies. */
int must_check hmfs_transfer_write(struct hmfs_volume *volume, const uint64_t address[2],
				   unsigned count, const void *buffer);
