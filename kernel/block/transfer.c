/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waiting for bios, and transfers of the kernel's own memory, which go through frames: that memory
 * may be anywhere, stacks included.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <sched/thread.h>

#define TRANSFER_ORDER_MAX 4 /* 64 KiB */

/* Of a thread that waits, on its stack. */
struct bio_wait {
	struct spinlock lock; /* RANK_BLOCK; interrupts off: the waiter leaves behind the waker */
	struct thread *thread;
	_Atomic bool done;
};

static void wake_waiter(struct bio *bio)
{
	struct bio_wait *wait = bio->private;
	irq_state_t state = spin_lock_irqsave(&wait->lock);

	atomic_store_explicit(&wait->done, true, memory_order_release);
	thread_wake(wait->thread);
	spin_unlock_irqrestore(&wait->lock, state);
}

static void wait_until_done(struct bio_wait *wait)
{
	irq_state_t state;

	for (;;) {
		thread_set_state(THREAD_SLEEPING);
		if (atomic_load_explicit(&wait->done, memory_order_acquire))
			break;
		thread_block(DEADLINE_NEVER);
	}
	thread_set_state(THREAD_RUNNABLE);
	state = spin_lock_irqsave(&wait->lock);
	spin_unlock_irqrestore(&wait->lock, state);
}

int bio_submit_and_wait(struct bio *bio)
{
	struct bio_wait wait = { .thread = thread_current() };

	assert_may_sleep();
	spinlock_init(&wait.lock, RANK_BLOCK, "bio wait");
	bio->complete = wake_waiter;
	bio->private = &wait;
	bio_submit(bio);
	wait_until_done(&wait);
	bio->private = NULL;
	return bio->error;
}

static struct frame *allocate_buffer(size_t length, size_t *size)
{
	unsigned order = 0;
	struct frame *frame;

	while (order < TRANSFER_ORDER_MAX && ((size_t)PAGE_SIZE << order) < length)
		order++;
	while (!(frame = frame_allocate(order, 0)) && order > 0)
		order--;
	*size = (size_t)PAGE_SIZE << order;
	return frame;
}

static int transfer_part(struct block_device *device, enum bio_operation operation, unsigned flags,
			 uint64_t sector, struct frame *frame, size_t length)
{
	struct bio *bio = bio_create(device, operation, sector, 1, flags);
	int error;

	if (!bio)
		return -ENOMEM;
	error = bio_add_frame(bio, frame, 0, (uint32_t)length) ? bio_submit_and_wait(bio) : -EINVAL;
	bio_free(bio);
	return error;
}

int block_read(struct block_device *device, uint64_t sector, void *to, size_t length)
{
	size_t size, part;
	struct frame *frame = allocate_buffer(length, &size);
	int error = 0;

	if (!frame)
		return -ENOMEM;
	for (size_t done = 0; done < length && !error; done += part) {
		part = min_size(length - done, size);
		error = transfer_part(device, BIO_READ, 0, sector + (done >> SECTOR_SHIFT), frame,
				      part);
		if (!error)
			memcpy((char *)to + done, frame_address(frame), part);
	}
	frame_put(frame);
	return error;
}

int block_write(struct block_device *device, uint64_t sector, const void *from, size_t length,
		unsigned flags)
{
	size_t size, part;
	struct frame *frame = allocate_buffer(length, &size);
	int error = 0;

	if (!frame)
		return -ENOMEM;
	for (size_t done = 0; done < length && !error; done += part) {
		part = min_size(length - done, size);
		memcpy(frame_address(frame), (const char *)from + done, part);
		error = transfer_part(device, BIO_WRITE, flags, sector + (done >> SECTOR_SHIFT),
				      frame, part);
	}
	frame_put(frame);
	return error;
}

int block_flush(struct block_device *device)
{
	struct bio *bio = bio_create(device, BIO_FLUSH, 0, 0, 0);
	int error;

	if (!bio)
		return -ENOMEM;
	error = bio_submit_and_wait(bio);
	bio_free(bio);
	return error;
}
