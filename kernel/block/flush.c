/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making writes durable: flushes, and writes that are to be durable on disks that have no such
 * writes (they are followed by a flush).
 *
 * At most one flush is with a disk. Those that come meanwhile are done together by the next one,
 * or by this one if no write has completed since it was sent; and if none has since the last that
 * succeeded, there is nothing to do. Queues count writes as they complete, before their makers
 * hear of it: the same sum twice means that nothing came between.
 */
#include "block_priv.h"

#include <base/errno.h>

static void flush_done(struct bio *bio);

void block_flush_init(struct block_disk *disk)
{
	struct block_flush *flush = &disk->flush;

	spinlock_init(&flush->lock, RANK_BLOCK, "disk flush");
	list_init(&flush->running);
	list_init(&flush->waiting);
	flush->bio.device = disk->whole;
	flush->bio.operation = BIO_FLUSH;
	flush->bio.flags = BIO_URGENT;
	flush->bio.complete = flush_done;
}

static uint64_t writes_of(struct block_disk *disk)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < disk->queue_count; i++)
		sum += atomic_load_explicit(&disk->queues[i].writes_done, memory_order_acquire);
	return sum;
}

/* Under the lock: what waits is done by the flush that is sent now. */
static void begin_flush(struct block_disk *disk)
{
	struct block_flush *flush = &disk->flush;

	flush->busy = true;
	list_splice_back(&flush->running, &flush->waiting);
	flush->running_covers = writes_of(disk);
}

static void send_flush(struct block_disk *disk)
{
	struct bio *bio = &disk->flush.bio;

	bio->state = 0;
	bio->issued = 0;
	bio->started = clock_monotonic_ns();
	bio->first_error = 0;
	bio->left = 1;
	block_dispatch_bio(disk, bio);
}

static void end_list(struct list *bios, int error)
{
	struct list_node *node;

	while ((node = list_pop_front(bios)))
		block_bio_end(container_of(node, struct bio, node), error);
}

static void flush_done(struct bio *bio)
{
	struct block_disk *disk = container_of(bio, struct block_disk, flush.bio);
	struct block_flush *flush = &disk->flush;
	int error = bio->error == -EOPNOTSUPP ? 0 : bio->error;
	irq_state_t state;
	struct list done;
	bool again;

	list_init(&done);
	state = spin_lock_irqsave(&flush->lock);
	list_splice_back(&done, &flush->running);
	if (!error)
		flush->covered = flush->running_covers;
	again = !list_empty(&flush->waiting);
	flush->busy = false;
	if (again)
		begin_flush(disk);
	spin_unlock_irqrestore(&flush->lock, state);
	if (again)
		send_flush(disk);
	end_list(&done, error);
}

void block_flush_submit(struct bio *bio)
{
	struct block_disk *disk = bio->device->disk;
	struct block_flush *flush = &disk->flush;
	bool send = false, spared = !disk->description.volatile_cache;
	irq_state_t state = spin_lock_irqsave(&flush->lock);
	uint64_t writes = writes_of(disk);

	if (spared || writes == flush->covered) {
		spared = true;
		flush->spared++;
	} else if (flush->busy && writes == flush->running_covers) {
		list_push_back(&flush->running, &bio->node);
	} else {
		list_push_back(&flush->waiting, &bio->node);
		send = !flush->busy;
		if (send)
			begin_flush(disk);
	}
	spin_unlock_irqrestore(&flush->lock, state);
	if (send)
		send_flush(disk);
	if (spared)
		block_bio_end(bio, 0);
}
