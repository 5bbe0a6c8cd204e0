/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading pages. The volume tells where blocks are and what their checksums must be, bios go straight
 * into the pages, and a worker compares before anybody sees them, or for few pages the device's
 * interrupt, since waking a worker takes longer than that. What is not as it should be is
 * looked up anew, as the file may have changed meanwhile, and then read from its second copy, by a
 * thread that may wait.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include "hmfs_vfs.h"

#define BLOCK_SECTORS (HMFS_BLOCK_SIZE / SECTOR_SIZE)
#define ATTEMPTS      8 /* at a block that changes its place all the time */
#define FEW_BLOCKS    4 /* that an interrupt compares */

_Static_assert(HMFS_BLOCK_SIZE == PAGE_SIZE, "a page is a block");

/* Blocks of one chunk on their way. */
struct reading {
	struct work work;
	struct hmfs_transfer transfer;
	struct hmfs_inode *inode;
	unsigned count;
	_Atomic int left;  /* bios, and the maker until all are made */
	_Atomic int error; /* of some bio */
	uint32_t doubtful; /* bits of blocks that are not as they should be */
	struct frame *frames[HMFS_CHUNK_BLOCKS];
	struct hmfs_block blocks[HMFS_CHUNK_BLOCKS];
};

static bool is_right(const struct hmfs_vfs *fs, const void *bytes, const struct hmfs_block *block)
{
	uint8_t sum[HMFS_SUM_MAX];

	hmfs_sum(fs->hash, bytes, HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, block->sum, fs->sum_size) == 0;
}

/* --- The second look, in the volume's thread. --- */

static bool read_copy(struct hmfs_vfs *fs, const struct hmfs_block *block, unsigned copy,
		      void *bytes, int *error)
{
	int failed;

	if (block->address[copy] >= fs->disk.device.blocks) {
		*error = -EIO;
		return false;
	}
	failed = fs->disk.device.ops->read(&fs->disk.device, block->address[copy], 1, bytes);
	if (failed)
		*error = failed;
	return !failed && is_right(fs, bytes, block);
}

/* Reads the block from either copy, and heals the other. */
static int read_either(struct hmfs_inode *inode, uint64_t place, const struct hmfs_block *block,
		       void *bytes)
{
	struct hmfs_vfs *fs = inode->fs;
	int error = -EIO;

	if (read_copy(fs, block, 0, bytes, &error))
		return 0;
	if (!block->address[1] || !read_copy(fs, block, 1, bytes, &error))
		return error;
	hmfs_note_damage(fs->volume, inode->id, place, block, 0, bytes);
	return 0;
}

static bool is_same_block(const struct hmfs_vfs *fs, const struct hmfs_block *a,
			  const struct hmfs_block *b)
{
	return a->address[0] == b->address[0] && a->address[1] == b->address[1] &&
	       memcmp(a->sum, b->sum, fs->sum_size) == 0;
}

/* One block, wherever it is by now. */
static int read_again(struct hmfs_inode *inode, uint64_t place, void *bytes)
{
	struct hmfs_block block, before = { 0 };
	size_t length;
	int error = -EIO;

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		int result = hmfs_find_blocks(inode->fs->volume, inode->id, place, 1, &block, bytes,
					      &length);

		if (result < 0)
			return result;
		if (result > 0) {
			length = place ? 0 : length;
			memset((char *)bytes + length, 0, HMFS_BLOCK_SIZE - length);
			return 0;
		}
		if (block.address[0] == HMFS_NO_BLOCK) {
			memset(bytes, 0, HMFS_BLOCK_SIZE);
			return 0;
		}
		/* It stayed where it is: then it is damaged. */
		if (i && is_same_block(inode->fs, &block, &before))
			break;
		error = read_either(inode, place, &block, bytes);
		if (!error)
			return 0;
		before = block;
	}
	if (error == -EIO && !inode->fs->disk.block->gone)
		hmfs_note_damage(inode->fs->volume, inode->id, place, &before, 0, NULL);
	return error;
}

static void end_doubtful(struct hmfs_transfer *transfer)
{
	struct reading *reading = container_of(transfer, struct reading, transfer);
	struct hmfs_inode *inode = reading->inode;

	for (unsigned i = 0; i < reading->count; i++) {
		int error;

		if (!(reading->doubtful & 1u << i))
			continue;
		error = read_again(inode, reading->frames[i]->index,
				   frame_address(reading->frames[i]));
		page_cache_read_done(&inode->cache, reading->frames[i], error);
	}
	kfree(reading);
}

/* --- The first look, in a worker or an interrupt. --- */

static void verify(struct work *work)
{
	struct reading *reading = container_of(work, struct reading, work);
	struct hmfs_inode *inode = reading->inode;
	struct hmfs_vfs *fs = inode->fs;
	uint32_t doubtful = 0;

	for (unsigned i = 0; i < reading->count; i++)
		if (reading->error ||
		    !is_right(fs, frame_address(reading->frames[i]), &reading->blocks[i]))
			doubtful |= 1u << i;
	reading->doubtful = doubtful;
	/* With the last of them the inode may go. */
	for (unsigned i = 0; i < reading->count; i++)
		if (!(doubtful & 1u << i))
			page_cache_read_done(&inode->cache, reading->frames[i], 0);
	if (doubtful)
		hmfs_vfs_end_later(fs, &reading->transfer);
	else
		kfree(reading);
}

static void reading_put(struct reading *reading, int error)
{
	if (error)
		reading->error = error;
	if (--reading->left != 0)
		return;
	/* The other hashes take too long for an interrupt. */
	if (reading->count <= FEW_BLOCKS && reading->inode->fs->hash == HMFS_HASH_XXH3)
		verify(&reading->work);
	else
		work_queue(&reading->work);
}

static void complete(struct bio *bio)
{
	struct reading *reading = bio->private;
	int error = bio->error;

	bio_free(bio);
	reading_put(reading, error);
}

/* --- Starting. --- */

/* Adds bios for all blocks of it. */
static void add_bios(struct reading *reading, struct bio_batch *batch, unsigned flags)
{
	struct block_device *device = reading->inode->fs->disk.block;
	struct bio *bio = NULL;

	reading->left = 1;
	for (unsigned i = 0; i < reading->count; i++) {
		uint64_t sector = reading->blocks[i].address[0] * BLOCK_SECTORS;

		if (bio && bio->sector + (bio->length >> SECTOR_SHIFT) == sector &&
		    bio_add_frame(bio, reading->frames[i], 0, PAGE_SIZE))
			continue;
		bio = bio_create(device, BIO_READ, sector, reading->count - i, flags);
		if (!bio || !bio_add_frame(bio, reading->frames[i], 0, PAGE_SIZE)) {
			if (bio)
				bio_free(bio);
			/* They are read one by one, then. */
			reading->error = -ENOMEM;
			break;
		}
		bio->complete = complete;
		bio->private = reading;
		reading->left++;
		bio_batch_add(batch, bio);
	}
	/* None has been submitted yet, unless there are none. */
	reading_put(reading, 0);
}

static void fill(struct page_cache *cache, struct frame *frame, size_t length)
{
	memset((char *)frame_address(frame) + length, 0, PAGE_SIZE - length);
	page_cache_read_done(cache, frame, 0);
}

/* A small file whose bytes, `length` of them, are in the first page already if that is the file's. */
static void fill_inline(struct page_cache *cache, struct frame **frames, unsigned count,
			size_t length)
{
	for (unsigned i = 0; i < count; i++)
		fill(cache, frames[i], frames[i]->index ? 0 : length);
}

/* What has no block is zeros; the others are put together. */
static void fill_holes(struct reading *reading, struct page_cache *cache, struct frame **frames,
		       unsigned count)
{
	reading->count = 0;
	for (unsigned i = 0; i < count; i++) {
		if (reading->blocks[i].address[0] == HMFS_NO_BLOCK) {
			fill(cache, frames[i], 0);
			continue;
		}
		if (reading->count != i)
			reading->blocks[reading->count] = reading->blocks[i];
		reading->frames[reading->count++] = frames[i];
	}
}

/* Starts reading pages of one chunk, or fails as a whole. */
static int start_reading(struct hmfs_inode *inode, uint64_t first, unsigned count,
			 struct frame **frames, struct bio_batch *batch, unsigned flags)
{
	struct reading *reading = kmalloc(sizeof(*reading));
	size_t length = 0;
	int result;

	if (!reading)
		return -ENOMEM;
	result = hmfs_find_blocks(inode->fs->volume, inode->id, first, count, reading->blocks,
				  frame_address(frames[0]), &length);
	if (result) {
		kfree(reading);
		if (result > 0)
			fill_inline(&inode->cache, frames, count, length);
		return result < 0 ? result : 0;
	}
	work_init(&reading->work, verify);
	reading->transfer.end = end_doubtful;
	reading->inode = inode;
	reading->error = 0;
	fill_holes(reading, &inode->cache, frames, count);
	if (!reading->count) {
		kfree(reading);
		return 0;
	}
	add_bios(reading, batch, flags);
	return 0;
}

int hmfs_cache_op_read(struct page_cache *cache, struct cache_run *run)
{
	struct hmfs_inode *inode = cache->private;
	struct bio_batch batch;

	bio_batch_init(&batch);
	for (unsigned done = 0, part; done < run->count; done += part) {
		uint64_t first = run->index + done;
		int error;

		part = (unsigned)min_u64(run->count - done,
					 HMFS_CHUNK_BLOCKS - first % HMFS_CHUNK_BLOCKS);
		error = start_reading(inode, first, part, run->frames + done, &batch,
				      run->bio_flags);
		for (unsigned i = 0; error && i < part; i++)
			page_cache_read_done(cache, run->frames[done + i], error);
	}
	bio_batch_submit(&batch);
	return 0;
}
