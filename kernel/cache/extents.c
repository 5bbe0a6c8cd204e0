/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs of pages as bios, where the provider tells where bytes lie on the device. Whole pages that
 * lie one behind the other share a bio; a page that lies in pieces has a bio for each.
 */
#include "cache_priv.h"

#include <base/string.h>
#include <mm/phys/slab.h>

#define READ_SEGMENTS  CACHE_RUN_MAX
#define WRITE_SEGMENTS BIO_RESERVE_SEGMENTS
#define BATCH_BIOS     4    /* of writes, which must not hold many */
#define ATTEMPTS       1000 /* to get memory for a write: ten seconds */

/* A run on its way into bios. */
struct transfer {
	struct page_cache *cache;
	const struct cache_run *run;
	bool write;
	uint64_t limit; /* where the file's last block ends */
	struct cache_extent extent;
	uint64_t extent_start;
	struct bio *bio; /* being filled, or NULL */
	struct bio_batch batch;
	unsigned batched;
};

/* A page in pieces. */
struct pieces {
	struct page_cache *cache;
	struct frame *frame;
	bool write;
	_Atomic int left, error;
};

static void page_done(struct page_cache *cache, struct frame *frame, bool write, int error)
{
	if (write)
		page_cache_write_done(cache, frame, error);
	else
		page_cache_read_done(cache, frame, error);
}

/* A device that is gone says so, whatever the bio met. */
static int bio_result(const struct bio *bio)
{
	return bio->error && bio->device->gone ? -ENODEV : bio->error;
}

static void complete_pages(struct bio *bio)
{
	struct page_cache *cache = bio->private;
	bool write = bio->operation == BIO_WRITE;
	int error = bio_result(bio);

	for (unsigned i = 0; i < bio->segment_count; i++) {
		const struct bio_segment *segment = &bio->segments[i];
		phys_t physical = frame_physical(segment->frame);

		for (uint32_t done = 0; done < segment->length; done += PAGE_SIZE)
			page_done(cache, done ? frame_at(physical + done) : segment->frame, write,
				  error);
	}
	bio_free(bio);
}

static void pieces_put(struct pieces *pieces, int error)
{
	int expected = 0;

	if (error)
		atomic_compare_exchange_strong(&pieces->error, &expected, error);
	if (--pieces->left)
		return;
	page_done(pieces->cache, pieces->frame, pieces->write, pieces->error);
	kfree(pieces);
}

static void complete_piece(struct bio *bio)
{
	struct pieces *pieces = bio->private;
	int error = bio_result(bio);

	bio_free(bio);
	pieces_put(pieces, error);
}

static struct bio *make_bio(struct transfer *transfer, uint64_t sector, unsigned capacity)
{
	return bio_create(transfer->cache->device, transfer->write ? BIO_WRITE : BIO_READ, sector,
			  capacity, transfer->run->bio_flags);
}

static void flush_batch(struct transfer *transfer)
{
	if (transfer->batched)
		bio_batch_submit(&transfer->batch);
	transfer->batched = 0;
}

static void add_to_batch(struct transfer *transfer, struct bio *bio)
{
	bio_batch_add(&transfer->batch, bio);
	if (++transfer->batched >= BATCH_BIOS && transfer->write)
		flush_batch(transfer);
}

static void finish_bio(struct transfer *transfer)
{
	if (transfer->bio)
		add_to_batch(transfer, transfer->bio);
	transfer->bio = NULL;
}

/* What is to be written is lost if there is no memory for it: waits for some, a while. */
static bool wait_for_memory(struct transfer *transfer, unsigned attempts)
{
	if (!transfer->write || attempts >= ATTEMPTS)
		return false;
	flush_batch(transfer);
	return reclaim_wait(1);
}

static int ask_where(struct transfer *transfer, uint64_t offset)
{
	struct page_cache *cache = transfer->cache;
	unsigned attempts = 0;
	int error;

	do
		error = cache->ops->find(cache, offset, &transfer->extent);
	while (error == -ENOMEM && wait_for_memory(transfer, attempts++));
	return error;
}

/* Finds where `offset` is, if that is not known already. */
static int find(struct transfer *transfer, uint64_t offset)
{
	struct cache_extent *extent = &transfer->extent;
	int error;

	if (extent->length && offset >= transfer->extent_start &&
	    offset - transfer->extent_start < extent->length)
		return 0;
	extent->length = 0;
	error = ask_where(transfer, offset);
	transfer->extent_start = offset;
	return !error && !extent->length ? -EIO : error;
}

static uint64_t extent_end(const struct transfer *transfer)
{
	uint64_t end = transfer->extent_start + transfer->extent.length;

	return end < transfer->extent_start ? UINT64_MAX : end;
}

static bool is_hole(const struct transfer *transfer)
{
	return transfer->extent.sector == CACHE_HOLE;
}

static uint64_t sector_of(const struct transfer *transfer, uint64_t offset)
{
	return transfer->extent.sector + ((offset - transfer->extent_start) >> SECTOR_SHIFT);
}

/* Adds a page of which `length` bytes lie together. */
static int add_page(struct transfer *transfer, struct frame *frame, uint64_t offset,
		    uint32_t length)
{
	uint64_t sector = sector_of(transfer, offset);
	struct bio *bio = transfer->bio;

	if (bio && bio->sector + (bio->length >> SECTOR_SHIFT) == sector &&
	    bio_add_frame(bio, frame, 0, length))
		return 0;
	finish_bio(transfer);
	bio = make_bio(transfer, sector, transfer->write ? WRITE_SEGMENTS : READ_SEGMENTS);
	if (!bio || !bio_add_frame(bio, frame, 0, length)) {
		if (bio)
			bio_free(bio);
		return -ENOMEM;
	}
	bio->complete = complete_pages;
	bio->private = transfer->cache;
	transfer->bio = bio;
	return 0;
}

/* One piece of a page; *offset moves behind it. */
static int add_piece(struct transfer *transfer, struct pieces *pieces, uint64_t *offset,
		     uint64_t end)
{
	uint32_t in_page = *offset % PAGE_SIZE, length;
	struct bio *bio;
	int error = find(transfer, *offset);

	if (error)
		return error;
	length = (uint32_t)(min_u64(end, extent_end(transfer)) - *offset);
	if (is_hole(transfer)) {
		/* What the file ends before is not on the device. */
		if (transfer->write && in_page == 0)
			return -EIO;
		if (!transfer->write)
			memset((char *)frame_address(pieces->frame) + in_page, 0, length);
		*offset += length;
		return 0;
	}
	bio = make_bio(transfer, sector_of(transfer, *offset), 1);
	if (!bio || !bio_add_frame(bio, pieces->frame, in_page, length)) {
		if (bio)
			bio_free(bio);
		return -ENOMEM;
	}
	bio->complete = complete_piece;
	bio->private = pieces;
	pieces->left++;
	add_to_batch(transfer, bio);
	*offset += length;
	return 0;
}

static int add_page_in_pieces(struct transfer *transfer, struct frame *frame, uint64_t offset,
			      uint64_t end)
{
	struct pieces *pieces;
	unsigned attempts = 0;
	int error = 0;

	do
		pieces = kzalloc(sizeof(*pieces));
	while (!pieces && wait_for_memory(transfer, attempts++));
	if (!pieces)
		return -ENOMEM;
	pieces->cache = transfer->cache;
	pieces->frame = frame;
	pieces->write = transfer->write;
	pieces->left = 1;
	finish_bio(transfer);
	while (offset < end && !error)
		error = add_piece(transfer, pieces, &offset, end);
	pieces_put(pieces, error);
	return 0;
}

/* An error is this page's; nothing is under way for it then. */
static int transfer_page(struct transfer *transfer, struct frame *frame, uint64_t offset)
{
	uint64_t end = min_u64(offset + PAGE_SIZE, transfer->limit);
	int error;

	if (!transfer->write && end < offset + PAGE_SIZE)
		memset((char *)frame_address(frame) + (end > offset ? end - offset : 0), 0,
		       offset + PAGE_SIZE - max_u64(end, offset));
	if (end <= offset) {
		page_done(transfer->cache, frame, transfer->write, 0);
		return 0;
	}
	error = find(transfer, offset);
	if (error)
		return error;
	if (extent_end(transfer) < end)
		return add_page_in_pieces(transfer, frame, offset, end);
	if (!is_hole(transfer))
		return add_page(transfer, frame, offset, (uint32_t)(end - offset));
	if (transfer->write)
		return -EIO;
	memset(frame_address(frame), 0, PAGE_SIZE);
	page_done(transfer->cache, frame, false, 0);
	return 0;
}

static int transfer_run(struct page_cache *cache, struct cache_run *run, bool write)
{
	struct transfer transfer = { .cache = cache, .run = run, .write = write };

	/* Whole pages are written, so that what follows the end is zeros there too. */
	transfer.limit = align_up(cache_size(cache), write && !cache->ops->fixed_size
							     ? PAGE_SIZE
							     : cache->device->limits->block_size);
	bio_batch_init(&transfer.batch);
	for (unsigned i = 0; i < run->count; i++) {
		int error =
			transfer_page(&transfer, run->frames[i], (run->index + i) << PAGE_SHIFT);

		if (error)
			page_done(cache, run->frames[i], write, error);
	}
	finish_bio(&transfer);
	flush_batch(&transfer);
	return 0;
}

int cache_read_extents(struct page_cache *cache, struct cache_run *run)
{
	return transfer_run(cache, run, false);
}

int cache_write_extents(struct page_cache *cache, struct cache_run *run)
{
	return transfer_run(cache, run, true);
}
