/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Write-back. Pages are copied first, as they may change while they are on their way and the checksum
 * must be that of what gets there. Then blocks are placed, written with as few bios as can be, and put
 * into the file by a thread, whereupon the pages are done. Files that are small enough go into their
 * record at once.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#include "hmfs_vfs.h"

#define BLOCK_SECTORS (HMFS_BLOCK_SIZE / SECTOR_SIZE)
#define BYTES_ORDER   7u /* 512 KiB: CACHE_RUN_MAX pages */
#define WRITINGS_MIN  2u /* made when it is mounted, so that there is always one to wait for */
#define WRITINGS_MAX  8u
#define ATTEMPTS      1000u /* to get memory: ten seconds */
#define ROOM_LOOKS    100u  /* for room: a second */
#define RETRY_NS      (10 * NS_PER_MILLISECOND)

_Static_assert(CACHE_RUN_MAX << PAGE_SHIFT == PAGE_SIZE << BYTES_ORDER, "a run fits");

struct extent {
	uint64_t address[2];
	uint16_t first, count; /* of the run's blocks */
};

/* A run of pages on its way. */
struct hmfs_writing {
	struct list_node node; /* in fs->writings */
	struct hmfs_transfer transfer;
	struct hmfs_inode *inode;
	uint64_t first; /* block of the file */
	unsigned count, extent_count;
	int place_error;     /* blocks behind the last extent have no place */
	_Atomic int left;    /* bios, and the maker */
	_Atomic int error;   /* of some bio */
	struct frame *bytes; /* 2^BYTES_ORDER frames */
	struct frame *frames[CACHE_RUN_MAX];
	struct extent extents[CACHE_RUN_MAX];
	uint8_t sums[CACHE_RUN_MAX][HMFS_SUM_MAX];
};

/* --- Memory. --- */

static struct hmfs_writing *writing_create(void)
{
	struct hmfs_writing *writing = kmalloc(sizeof(*writing));

	if (!writing)
		return NULL;
	writing->bytes = frame_allocate(BYTES_ORDER, 0);
	if (writing->bytes)
		return writing;
	kfree(writing);
	return NULL;
}

static void writing_destroy(struct hmfs_writing *writing)
{
	frame_put(writing->bytes);
	kfree(writing);
}

static struct hmfs_writing *take_free(struct hmfs_vfs *fs)
{
	struct list_node *node;

	spin_lock(&fs->writing_lock);
	node = list_pop_front(&fs->writings);
	spin_unlock(&fs->writing_lock);
	return node ? container_of(node, struct hmfs_writing, node) : NULL;
}

/* One more, if there may be and there is memory. */
static struct hmfs_writing *make_another(struct hmfs_vfs *fs)
{
	struct hmfs_writing *writing = NULL;
	bool may;

	spin_lock(&fs->writing_lock);
	may = fs->writing_count < WRITINGS_MAX;
	fs->writing_count += may;
	spin_unlock(&fs->writing_lock);
	if (!may)
		return NULL;
	writing = writing_create();
	if (!writing) {
		spin_lock(&fs->writing_lock);
		fs->writing_count--;
		spin_unlock(&fs->writing_lock);
	}
	return writing;
}

static struct hmfs_writing *writing_get(struct hmfs_vfs *fs)
{
	struct hmfs_writing *writing = take_free(fs);
	struct waiter waiter;

	fs->writing++;
	if (!writing)
		writing = make_another(fs);
	if (writing)
		return writing;
	wait_begin(&fs->writing_free, &waiter);
	while (!(writing = take_free(fs)))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	return writing;
}

static void writing_put(struct hmfs_vfs *fs, struct hmfs_writing *writing)
{
	spin_lock(&fs->writing_lock);
	list_push_front(&fs->writings, &writing->node);
	spin_unlock(&fs->writing_lock);
	fs->writing--;
	wait_wake_all(&fs->writing_free);
}

int hmfs_writings_create(struct hmfs_vfs *fs)
{
	spinlock_init(&fs->writing_lock, RANK_LEAF, "hmfs writings");
	list_init(&fs->writings);
	wait_queue_init(&fs->writing_free, "hmfs writings");
	while (fs->writing_count < WRITINGS_MIN) {
		struct hmfs_writing *writing = writing_create();

		if (!writing)
			return -ENOMEM;
		list_push_back(&fs->writings, &writing->node);
		fs->writing_count++;
	}
	return 0;
}

void hmfs_writings_destroy(struct hmfs_vfs *fs)
{
	struct hmfs_writing *writing;

	while ((writing = take_free(fs)))
		writing_destroy(writing);
}

/* --- Room. --- */

/* Space that was freed may be used again after a commit: the last resort. */
static int reserve(struct hmfs_inode *inode, uint64_t count)
{
	struct hmfs_vfs *fs = inode->fs;
	int error = hmfs_reserve(fs->volume, count);

	/* What was removed while it was written is free when those pages have arrived. */
	for (unsigned i = 0; error == -ENOSPC && i < ROOM_LOOKS; i++) {
		if (!hmfs_vfs_make_room(fs)) {
			if (!fs->writing && !fs->reaping)
				break;
			thread_sleep_until(clock_deadline_after(RETRY_NS));
		}
		error = hmfs_reserve(fs->volume, count);
	}
	return error;
}

/* How many pages of the range are not dirty: those that are have a block reserved. */
static uint64_t count_clean(struct page_cache *cache, uint64_t first, uint64_t end)
{
	uint64_t count = 0;

	mutex_lock(&cache->object.lock);
	for (uint64_t index = first; index < end; index++) {
		const struct frame *frame = radix_get(&cache->object.pages, index);

		count += !frame || !(__atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE) & PAGE_DIRTY);
	}
	mutex_unlock(&cache->object.lock);
	return count;
}

/* Whether the page is on its way to the disk: the place that it had there is used up then. */
static bool is_writing(struct page_cache *cache, uint64_t index)
{
	const struct frame *frame;
	bool writing;

	mutex_lock(&cache->object.lock);
	frame = radix_get(&cache->object.pages, index);
	writing = frame && __atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE) & PAGE_WRITING;
	mutex_unlock(&cache->object.lock);
	return writing;
}

/* How many pages of the range are neither dirty nor have blocks on the disk that wait for them, as
 * fallocate() promises. Those that cannot be told count. */
static uint64_t count_homeless(struct hmfs_inode *inode, uint64_t first, uint64_t end)
{
	uint64_t count = 0;

	while (first < end) {
		const uint64_t chunk_end = align_down(first, HMFS_CHUNK_BLOCKS) + HMFS_CHUNK_BLOCKS;
		const unsigned pages = (unsigned)(min_u64(end, chunk_end) - first);
		uint32_t there = 0;

		if (hmfs_find_unwritten(inode->fs->volume, inode->id, first, pages, &there))
			there = 0;
		for (unsigned i = 0; i < pages; i++)
			if (!(there >> i & 1) || is_writing(&inode->cache, first + i))
				count += count_clean(&inode->cache, first + i, first + i + 1);
		first += pages;
	}
	return count;
}

int hmfs_cache_op_prepare_write(struct page_cache *cache, uint64_t offset, uint64_t length)
{
	struct hmfs_inode *inode = cache->private;
	uint64_t end = (offset + length + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t count;
	int error = hmfs_inode_check_writable(inode);

	if (error)
		return error;
	count = count_clean(cache, offset >> PAGE_SHIFT, end);
	error = count ? reserve(inode, count) : 0;
	if (error == -ENOSPC) {
		count = count_homeless(inode, offset >> PAGE_SHIFT, end);
		error = count ? reserve(inode, count) : 0;
	}
	if (error)
		return error;
	inode->reserved += (int64_t)count;
	hmfs_inode_dirty(inode);
	return 0;
}

/* Up to `wanted` of what is reserved is the caller's. */
static unsigned take_reserved(struct hmfs_inode *inode, unsigned wanted)
{
	int64_t there = inode->reserved, take;

	do {
		take = min_i64(max_i64(there, 0), wanted);
	} while (!atomic_compare_exchange_weak(&inode->reserved, &there, there - take));
	return (unsigned)take;
}

/* Gives back what is reserved for more pages than are dirty or on their way, `over` of which have got
 * there. */
static void settle(struct hmfs_inode *inode, unsigned over)
{
	struct page_cache *cache = &inode->cache;
	int64_t needed, excess;

	mutex_lock(&cache->object.lock);
	/* Those on their way may not have taken what was reserved for them yet. */
	needed = (int64_t)cache->dirty_pages + cache->busy_writes - over;
	mutex_unlock(&cache->object.lock);
	excess = inode->reserved - needed;
	if (excess <= 0)
		return;
	excess = take_reserved(inode, (unsigned)min_i64(excess, INT32_MAX));
	if (excess)
		hmfs_unreserve(inode->fs->volume, (uint64_t)excess);
}

void hmfs_file_settle(struct hmfs_inode *inode)
{
	settle(inode, 0);
}

/* Asks for places until it gets one, or there is no hope. */
static int place(struct hmfs_writing *writing, unsigned done, unsigned wanted, unsigned *reserved,
		 struct extent *extent)
{
	struct hmfs_inode *inode = writing->inode;
	unsigned got = 0;
	bool committed = false;
	int error;

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		error = hmfs_place_blocks(inode->fs->volume, inode->id, writing->first + done,
					  wanted, reserved, extent->address, &got);
		if (error == -ENOMEM) {
			if (!page_cache_reclaim(wanted))
				thread_sleep_until(clock_deadline_after(RETRY_NS));
		} else if (error == -ENOSPC && reserved && !*reserved &&
			   (*reserved = take_reserved(inode, wanted))) {
			/* Another run had taken it, and did not need it. */
			continue;
		} else if (error == -ENOSPC && !committed) {
			committed = true;
			if (!hmfs_vfs_make_room(inode->fs))
				break;
		} else {
			break;
		}
	}
	extent->first = (uint16_t)done;
	extent->count = (uint16_t)got;
	return !error && (!got || got > wanted) ? -EIO : error;
}

/* --- The end of a run. --- */

/* The file is at least as long as what it has. */
static int grow(struct hmfs_inode *inode, uint64_t end)
{
	uint64_t now;
	int error = 0;

	mutex_lock(&inode->size_lock);
	now = __atomic_load_n(&inode->cache.object.size, __ATOMIC_ACQUIRE);
	end = min_u64(end, now);
	if (end > inode->disk_size) {
		error = -ENOMEM;
		for (unsigned i = 0; error == -ENOMEM && i < ATTEMPTS; i++) {
			if (i)
				thread_sleep_until(clock_deadline_after(RETRY_NS));
			error = hmfs_set_size(inode->fs->volume, inode->id, end, 0, 0);
		}
		if (!error)
			inode->disk_size = end;
	}
	mutex_unlock(&inode->size_lock);
	return error;
}

static int put_blocks(struct hmfs_writing *writing, const struct extent *extent)
{
	struct hmfs_inode *inode = writing->inode;
	int error = -ENOMEM;

	for (unsigned i = 0; error == -ENOMEM && i < ATTEMPTS; i++) {
		if (i)
			thread_sleep_until(clock_deadline_after(RETRY_NS));
		error = hmfs_put_blocks(inode->fs->volume, inode->id,
					writing->first + extent->first, extent->count,
					extent->address, &writing->sums[extent->first]);
	}
	if (error)
		hmfs_give_back_blocks(inode->fs->volume, extent->address, extent->count);
	return error;
}

/* The places were those that somebody had allocated, and that went meanwhile: others are found, and
 * waited for. */
static int write_again(struct hmfs_writing *writing, const struct extent *stale)
{
	struct hmfs_device *device = &writing->inode->fs->disk.device;
	char *bytes = frame_address(writing->bytes);
	int error = 0;

	for (unsigned done = 0; done < stale->count && !error;) {
		unsigned first = stale->first + done;
		struct extent extent;

		error = place(writing, first, stale->count - done, NULL, &extent);
		for (unsigned i = 0; i < 2 && !error && extent.address[i]; i++)
			error = device->ops->write(device, extent.address[i], extent.count,
						   bytes + ((size_t)first << PAGE_SHIFT));
		if (!error)
			error = put_blocks(writing, &extent);
		done += extent.count;
	}
	return error == -ESTALE ? -EIO : error;
}

/* Makes the extent the file's, or gives its blocks back. */
static int put_extent(struct hmfs_writing *writing, const struct extent *extent)
{
	struct hmfs_inode *inode = writing->inode;
	int error = writing->error;

	if (!error) {
		error = put_blocks(writing, extent);
		return error == -ESTALE ? write_again(writing, extent) : error;
	}
	hmfs_give_back_blocks(inode->fs->volume, extent->address, extent->count);
	return inode->fs->disk.block->gone ? -ENODEV : error;
}

static void end_writing(struct hmfs_transfer *transfer)
{
	struct hmfs_writing *writing = container_of(transfer, struct hmfs_writing, transfer);
	struct hmfs_inode *inode = writing->inode;
	struct hmfs_vfs *fs = inode->fs;
	unsigned done = 0;
	int error = 0;

	for (unsigned i = 0; i < writing->extent_count; i++) {
		const struct extent *extent = &writing->extents[i];
		int failed = put_extent(writing, extent);

		if (!failed)
			failed = grow(inode, (writing->first + extent->first + extent->count)
						     << PAGE_SHIFT);
		error = error ? error : failed;
		done += extent->count;
	}
	/* What was overwritten is free after a commit. */
	fs->freed = true;
	if (inode->reserved > 0)
		settle(inode, writing->count);
	/* With the last page the inode may go. */
	for (unsigned i = 0; i < writing->count; i++)
		page_cache_write_done(&inode->cache, writing->frames[i],
				      i < done ? error : writing->place_error);
	writing_put(fs, writing);
}

static void put(struct hmfs_writing *writing, int error)
{
	if (error)
		writing->error = error;
	if (--writing->left == 0)
		hmfs_vfs_end_later(writing->inode->fs, &writing->transfer);
}

static void complete(struct bio *bio)
{
	struct hmfs_writing *writing = bio->private;
	int error = bio->error;

	bio_free(bio);
	put(writing, error);
}

/* --- Its beginning. --- */

static void copy_pages(struct hmfs_writing *writing, const struct cache_run *run, uint64_t size)
{
	const struct hmfs_vfs *fs = writing->inode->fs;
	char *bytes = frame_address(writing->bytes);

	for (unsigned i = 0; i < run->count; i++, bytes += PAGE_SIZE) {
		uint64_t offset = (run->index + i) << PAGE_SHIFT;

		memcpy(bytes, frame_address(run->frames[i]), PAGE_SIZE);
		/* Mappings may write behind the end. */
		if (size < offset + PAGE_SIZE) {
			size_t used = size > offset ? (size_t)(size - offset) : 0;

			memset(bytes + used, 0, PAGE_SIZE - used);
		}
		hmfs_sum(fs->hash, bytes, PAGE_SIZE, writing->sums[i]);
		writing->frames[i] = run->frames[i];
	}
}

static void submit(struct hmfs_writing *writing, const struct extent *extent, unsigned copy,
		   unsigned flags)
{
	struct bio *bio;

	bio = bio_create(writing->inode->fs->disk.block, BIO_WRITE,
			 extent->address[copy] * BLOCK_SECTORS, 1, flags);
	if (!bio) {
		writing->error = -ENOMEM;
		return;
	}
	if (!bio_add_frame(bio, writing->bytes + extent->first, 0,
			   (uint32_t)extent->count << PAGE_SHIFT)) {
		bio_free(bio);
		writing->error = -EINVAL;
		return;
	}
	bio->complete = complete;
	bio->private = writing;
	writing->left++;
	bio_submit(bio);
}

static void place_and_submit(struct hmfs_writing *writing, unsigned flags)
{
	struct hmfs_inode *inode = writing->inode;
	unsigned reserved = take_reserved(inode, writing->count);

	for (unsigned done = 0; done < writing->count;) {
		struct extent *extent = &writing->extents[writing->extent_count];

		writing->place_error =
			place(writing, done, writing->count - done, &reserved, extent);
		if (writing->place_error)
			break;
		writing->extent_count++;
		submit(writing, extent, 0, flags);
		if (extent->address[1])
			submit(writing, extent, 1, flags);
		done += extent->count;
	}
	/* What was allocated before did not need it; other pages may. */
	inode->reserved += reserved;
}

/* A file that fits into its record. */
static int write_inline(struct hmfs_inode *inode, struct frame *frame, uint64_t size)
{
	int error = -ENOMEM;

	for (unsigned i = 0; error == -ENOMEM && i < ATTEMPTS; i++) {
		if (i)
			thread_sleep_until(clock_deadline_after(RETRY_NS));
		error = hmfs_put_inline(inode->fs->volume, inode->id, frame_address(frame), size);
	}
	/* It has grown meanwhile, and is written as a block. */
	if (error == -EAGAIN)
		return error;
	if (!error)
		error = grow(inode, size);
	if (take_reserved(inode, 1))
		hmfs_unreserve(inode->fs->volume, 1);
	if (!error)
		page_cache_write_done(&inode->cache, frame, 0);
	return error;
}

int hmfs_cache_op_write(struct page_cache *cache, struct cache_run *run)
{
	struct hmfs_inode *inode = cache->private;
	uint64_t size = __atomic_load_n(&cache->object.size, __ATOMIC_ACQUIRE);
	struct hmfs_writing *writing;

	if (run->index == 0 && run->count == 1 && size <= HMFS_INLINE_MAX) {
		int error = write_inline(inode, run->frames[0], size);

		if (error != -EAGAIN)
			return error;
	}
	writing = writing_get(inode->fs);
	writing->transfer.end = end_writing;
	writing->inode = inode;
	writing->first = run->index;
	writing->count = run->count;
	writing->extent_count = 0;
	writing->place_error = 0;
	writing->error = 0;
	writing->left = 1;
	copy_pages(writing, run, size);
	place_and_submit(writing, run->bio_flags);
	put(writing, 0);
	return 0;
}
