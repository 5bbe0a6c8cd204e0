/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of files and forks. Two ways: whole reads and writes, for tools and FUSE; and
 * blocks found and put one run at a time, for a page cache that does its own transfers.  All
 * functions take the volume's lock themselves; it is not held while contents are transferred.
 * Errors as in object.h; -EIO: no copy of a block has the right checksum; -EFBIG. */
#pragma once

#include <hmfs/object.h>

#define HMFS_SIZE_MAX INT64_MAX

/* Bytes read, fewer at the end of the file; each verified. */
ssize_t must_check hmfs_read(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			     void *buffer, size_t size);
/* All or an error, after which what came before it may be written. Grows the size; sets the
 * times of modification and change. */
ssize_t must_check hmfs_write(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			      const void *buffer, size_t size);
/* Sets the size; what is cut off is gone, what is new reads as zeros. Times as hmfs_write(). With an
 * error the size is as before, but what was to be cut off may read as zeros, in part. */
int must_check hmfs_resize(struct hmfs_volume *volume, struct hmfs_id id, uint64_t size);
/* Makes [offset, offset + length) read as zeros and gives back its blocks; the size stays. With an
 * error a part of the range may be done. */
int must_check hmfs_punch(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			  uint64_t length);
/* Allocates what is a hole in the range, unwritten; with `keep_size` behind the end as well. */
int must_check hmfs_allocate(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			     uint64_t length, bool keep_size);
/* The first byte of data at or after `offset`, or with `hole` of a hole (the end is one).
 * -ENXIO. */
int64_t must_check hmfs_seek(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			     bool hole);
/* Makes `to`'s range share the blocks of `from`'s. All in blocks but that `length` may end with
 * `from`. The same volume; -EXDEV for hmfs_id of different datasets is not given: they may
 * differ. -EINVAL. Grows `to`. */
int must_check hmfs_clone_range(struct hmfs_volume *volume, struct hmfs_id from,
				uint64_t from_offset, struct hmfs_id to, uint64_t to_offset,
				uint64_t length);

/* --- For page caches --- */

/* A block's place and what it must be. */
struct hmfs_block {
	uint64_t address
		[2]; /* [1]: the second copy, 0: none. [0] == HMFS_NO_BLOCK: it reads as zeros */
	uint8_t sum[HMFS_SUM_MAX];
};
#define HMFS_NO_BLOCK 0u

/* Where `count` (up to HMFS_CHUNK_BLOCKS) blocks of the file from block `first` on are, all
 * within one chunk. For a small file that lies in its record: 1 is returned, and its bytes are
 * in inline_data, *inline_length of them, the rest zeros. The blocks may be given away once the
 * file changes: a checksum that is wrong is looked up again. */
int must_check hmfs_find_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
				unsigned count, struct hmfs_block *blocks,
				uint8_t inline_data[HMFS_INLINE_MAX], size_t *inline_length);
/* Complains of a block whose copies were all bad, or, with `healed`, that the copy `copy` was:
 * has it written anew from `good`. */
void hmfs_note_damage(struct hmfs_volume *volume, struct hmfs_id id, uint64_t file_block,
		      const struct hmfs_block *block, unsigned copy, const void *good);

/* Room for writing blocks later (delayed allocation): counted, not placed. Each block that is
 * put gives back one. -ENOSPC. `count` may be what was reserved too much: unreserve. */
int must_check hmfs_reserve(struct hmfs_volume *volume, uint64_t count);
void hmfs_unreserve(struct hmfs_volume *volume, uint64_t count);

/* Which of `count` blocks from `first` on, all within one chunk, are allocated to the file already, and
 * can be written where they are (hmfs_allocate()): these need no reservation. Bit n of *blocks is
 * that of first + n. */
int must_check hmfs_find_unwritten(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
				   unsigned count, uint32_t *blocks);

/* Places for up to `count` blocks that lie together (near those of before of this file): `*got`
 * at least 1. address[1] with data_twice. They are the caller's until put or given back.
 * `reserved` (NULL: there are none): that many blocks were reserved; of these it takes those that it
 * uses up. What was allocated to the file before uses up none. */
int must_check hmfs_place_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
				 unsigned count, unsigned *reserved, uint64_t address[2],
				 unsigned *got);
void hmfs_give_back_blocks(struct hmfs_volume *volume, const uint64_t address[2], unsigned count);
/* The blocks' contents are written (not necessarily durable): they are the file's blocks
 * `first`... from now on, what was there before is freed. sums: `count` checksums of
 * HMFS_SUM_MAX bytes each. The size and times stay. With an error the caller still has the
 * blocks. `first`, `count` and `address` are those of one hmfs_place_blocks(). -ESTALE: the
 * blocks were allocated to the file before (hmfs_allocate()), and were taken from it after they
 * were placed: to be given back; place and write again. */
int must_check hmfs_put_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
			       unsigned count, const uint64_t address[2],
			       const uint8_t (*sums)[HMFS_SUM_MAX]);
/* The whole contents of a small file (size <= HMFS_INLINE_MAX bytes): into its record. -EAGAIN: it has
 * more than a first block by now. */
int must_check hmfs_put_inline(struct hmfs_volume *volume, struct hmfs_id id, const void *bytes,
			       size_t size);
/* Sets the size without touching contents below it (which the cache has), and times of modification
 * and change (0: left alone). Blocks behind a smaller size are freed, the rest of the last block is
 * the caller's to zero. */
int must_check hmfs_set_size(struct hmfs_volume *volume, struct hmfs_id id, uint64_t size,
			     uint64_t modify, uint64_t change);
