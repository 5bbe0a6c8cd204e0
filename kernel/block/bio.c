/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bios: making them, checking them, sending them off, and their end.
 *
 * Those that must not fail for want of memory (BIO_RESERVE) come from a reserve when there is
 * none: whoever waits for one gets it when another ends, and each ends by itself.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#define RESERVE_COUNT 64

enum bio_pool {
	POOL_SMALL,   /* the segments are inside */
	POOL_LARGE,   /* room for BIO_RESERVE_SEGMENTS behind it */
	POOL_HEAP,    /* more */
	POOL_RESERVE, /* as POOL_LARGE, and goes back to the reserve */
};

struct frame *block_zeroes;

static struct slab_cache *small_bios, *large_bios;

static struct {
	struct spinlock lock; /* the list; interrupts off */
	struct list bios;
	struct wait_queue waiters;
} reserve = { .lock = SPINLOCK_INIT(RANK_BLOCK, "bio reserve"), .bios = LIST_INIT(reserve.bios) };

static size_t bio_size(unsigned capacity)
{
	return sizeof(struct bio) + capacity * sizeof(struct bio_segment);
}

void block_bio_start(void)
{
	small_bios = slab_cache_create("bio", sizeof(struct bio), 0);
	large_bios = slab_cache_create("bio large", bio_size(BIO_RESERVE_SEGMENTS), 0);
	block_zeroes = frame_allocate(BLOCK_ZEROES_ORDER, FRAME_ZERO | FRAME_DMA32);
	if (!block_zeroes)
		panic("no memory for zeros");
	wait_queue_init(&reserve.waiters, "bio reserve");
	for (unsigned i = 0; i < RESERVE_COUNT; i++) {
		struct bio *bio = kmalloc(bio_size(BIO_RESERVE_SEGMENTS));

		if (!bio)
			panic("no memory for the reserve of bios");
		list_push_back(&reserve.bios, &bio->node);
	}
}

static struct bio *take_reserve(void)
{
	irq_state_t state = spin_lock_irqsave(&reserve.lock);
	struct list_node *node = list_pop_front(&reserve.bios);

	spin_unlock_irqrestore(&reserve.lock, state);
	return node ? container_of(node, struct bio, node) : NULL;
}

static struct bio *wait_for_reserve(void)
{
	struct waiter waiter;
	struct bio *bio;

	assert_may_sleep();
	wait_begin_exclusive(&reserve.waiters, &waiter);
	while (!(bio = take_reserve()))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	return bio;
}

static void give_reserve(struct bio *bio)
{
	irq_state_t state = spin_lock_irqsave(&reserve.lock);

	list_push_back(&reserve.bios, &bio->node);
	spin_unlock_irqrestore(&reserve.lock, state);
	wait_wake(&reserve.waiters);
}

static struct bio *allocate_bio(unsigned capacity, uint8_t *pool)
{
	if (capacity <= BIO_INLINE_SEGMENTS) {
		*pool = POOL_SMALL;
		return slab_allocate(small_bios);
	}
	if (capacity <= BIO_RESERVE_SEGMENTS) {
		*pool = POOL_LARGE;
		return slab_allocate(large_bios);
	}
	*pool = POOL_HEAP;
	return capacity <= UINT16_MAX ? kmalloc(bio_size(capacity)) : NULL;
}

static bool is_urgent_thread(void)
{
	return thread_current()->priority < THREAD_PRIORITY_NORMAL;
}

struct bio *bio_create(struct block_device *device, enum bio_operation operation, uint64_t sector,
		       unsigned capacity, unsigned flags)
{
	uint8_t pool;
	struct bio *bio = allocate_bio(capacity, &pool);

	if (!bio && flags & BIO_RESERVE && capacity <= BIO_RESERVE_SEGMENTS) {
		bio = wait_for_reserve();
		pool = POOL_RESERVE;
	}
	if (!bio)
		return NULL;
	if (is_urgent_thread() && !(flags & BIO_BACKGROUND))
		flags |= BIO_URGENT;
	block_device_get(device);
	bio->device = device;
	bio->operation = operation;
	bio->flags = flags;
	bio->sector = sector;
	bio->length = 0;
	bio->segments = pool == POOL_SMALL ? bio->inline_segments : (struct bio_segment *)(bio + 1);
	bio->segment_count = 0;
	bio->segment_capacity = (uint16_t)capacity;
	bio->complete = NULL;
	bio->private = NULL;
	bio->error = 0;
	bio->pool = pool;
	return bio;
}

void bio_free(struct bio *bio)
{
	block_device_put(bio->device);
	switch ((enum bio_pool)bio->pool) {
	case POOL_SMALL:
		slab_free(small_bios, bio);
		break;
	case POOL_LARGE:
		slab_free(large_bios, bio);
		break;
	case POOL_HEAP:
		kfree(bio);
		break;
	case POOL_RESERVE:
		give_reserve(bio);
		break;
	}
}

bool bio_add_frame(struct bio *bio, struct frame *frame, uint32_t offset, uint32_t length)
{
	struct bio_segment *last = bio->segments + bio->segment_count - 1;

	if (bio->segment_count > 0 &&
	    frame_physical(last->frame) + last->offset + last->length ==
		    frame_physical(frame) + offset &&
	    (uint64_t)last->length + length <= UINT32_MAX) {
		last->length += length;
	} else if (bio->segment_count < bio->segment_capacity) {
		bio->segments[bio->segment_count++] = (struct bio_segment){ frame, offset, length };
	} else {
		return false;
	}
	bio->length += length;
	return true;
}

void block_bio_end(struct bio *bio, int error)
{
	bio->error = error;
	bio->complete(bio);
}

static void reset_bio(struct bio *bio)
{
	atomic_store_explicit(&bio->left, 1, memory_order_relaxed);
	atomic_store_explicit(&bio->first_error, 0, memory_order_relaxed);
	bio->issued = 0;
	bio->issued_offset = 0;
	bio->issued_segment = 0;
	bio->next = NULL;
}

/* The data are where they should be, or not: what remains is to make them last. */
static void bio_transferred(struct bio *bio)
{
	int error = atomic_load_explicit(&bio->first_error, memory_order_relaxed);

	if (bio->flags & BIO_FUA && !error && !(bio->state & BIO_STATE_FLUSHED) &&
	    bio->operation != BIO_FLUSH) {
		bio->state |= BIO_STATE_FLUSHED;
		block_flush_submit(bio);
		return;
	}
	if (error == -EOPNOTSUPP && bio->operation == BIO_WRITE_ZEROES &&
	    !(bio->state & BIO_STATE_OUR_ZEROES)) {
		bio->device->disk->no_write_zeroes = true;
		bio->state |= BIO_STATE_OUR_ZEROES;
		reset_bio(bio);
		block_dispatch_bio(bio->device->disk, bio);
		return;
	}
	block_bio_end(bio, error);
}

void block_bio_part_done(struct bio *bio, int error)
{
	int none = 0;

	if (error)
		atomic_compare_exchange_strong(&bio->first_error, &none, error);
	if (atomic_load_explicit(&bio->left, memory_order_acquire) == 1 ||
	    atomic_fetch_sub(&bio->left, 1) == 1)
		bio_transferred(bio);
}

static int check_place(const struct bio *bio)
{
	const struct block_device *device = bio->device;
	uint64_t count = atomic_load_explicit(&device->sector_count, memory_order_relaxed);
	uint64_t sectors = bio->length >> SECTOR_SHIFT;
	uint32_t mask = device->limits->block_size - 1;

	if (bio->length & mask || (bio->sector << SECTOR_SHIFT) & mask)
		return -EINVAL;
	return bio->sector > count || sectors > count - bio->sector ? -EINVAL : 0;
}

static int check_bio(const struct bio *bio)
{
	const struct block_device *device = bio->device;

	if (atomic_load_explicit(&device->gone, memory_order_relaxed))
		return -ENODEV;
	if (bio->operation == BIO_READ)
		return check_place(bio);
	/* What is to be durable was written already, read-only or not. */
	if (bio->operation == BIO_FLUSH)
		return bio->length ? -EINVAL : 0;
	if (atomic_load_explicit(&device->read_only, memory_order_relaxed))
		return -EROFS;
	if (bio->operation == BIO_DISCARD && device->limits->max_discard_sectors == 0)
		return -EOPNOTSUPP;
	return check_place(bio);
}

/* Makes it ready for a queue; false if there is nothing to do any more. */
static bool start_bio(struct bio *bio)
{
	struct block_disk *disk = bio->device->disk;
	int error = check_bio(bio);

	bio->state = 0;
	bio->started = clock_monotonic_ns();
	if (trace_wants(TRACE_BLOCK))
		block_trace(TRACE_BLOCK_QUEUE, bio, block_operation_of(disk, bio),
			    block_bio_sector(bio), bio->length, error);
	if (error) {
		block_bio_end(bio, error);
		return false;
	}
	reset_bio(bio);
	if (bio->flags & BIO_FUA && (!disk->description.volatile_cache ||
				     (disk->description.fua && bio->operation == BIO_WRITE)))
		bio->state |= BIO_STATE_FLUSHED;
	if (bio->operation == BIO_FLUSH)
		block_flush_submit(bio);
	else if (bio->length == 0)
		block_bio_end(bio, 0);
	else
		return true;
	return false;
}

void bio_submit(struct bio *bio)
{
	if (start_bio(bio))
		block_dispatch_bio(bio->device->disk, bio);
}

void bio_batch_init(struct bio_batch *batch)
{
	list_init(&batch->bios);
}

void bio_batch_add(struct bio_batch *batch, struct bio *bio)
{
	list_push_back(&batch->bios, &bio->node);
}

/* Neighbours in the batch that go to the same disk are given to it at once. */
void bio_batch_submit(struct bio_batch *batch)
{
	struct list list;
	struct list_node *node;
	struct block_disk *disk = NULL;

	list_init(&list);
	while ((node = list_pop_front(&batch->bios))) {
		struct bio *bio = container_of(node, struct bio, node);
		struct block_disk *next = bio->device->disk;

		if (disk != next && !list_empty(&list))
			block_dispatch_bios(disk, &list);
		disk = next;
		if (start_bio(bio))
			list_push_back(&list, &bio->node);
	}
	if (!list_empty(&list))
		block_dispatch_bios(disk, &list);
}
