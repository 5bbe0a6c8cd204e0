/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a bio costs: on a disk that does nothing, which is done at once. Under `cryptos exec
 * --icount` the time logged is a number of instructions (docs/block.md has the figures).
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/ktest.h>
#include <core/log.h>
#include <mm/phys/frame.h>

#define ROUNDS 2000u

static int do_nothing(struct ddk_disk_request *request, bool last)
{
	(void)last;
	block_disk_complete(request, 0);
	return 0;
}

static const struct ddk_disk_ops ops = { .submit = do_nothing };

static const struct ddk_disk_description description = {
	.prefix = "null",
	.block_count = 1 << 20,
	.block_size = SECTOR_SIZE,
	.max_blocks = 256,
	.max_segments = 32,
	.max_segment_length = 1 << 17,
	.segment_alignment = 1,
	.queue_count = 4,
	.queue_depth = 32,
};

static _Atomic unsigned completed;

static void count_bio(struct bio *bio)
{
	ktest_expect(bio->error == 0);
	atomic_fetch_add_explicit(&completed, 1, memory_order_relaxed);
}

static uint64_t measure(struct block_device *device, struct frame *frame, bool submit)
{
	uint64_t start = clock_monotonic_ns();

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct bio *bio = bio_create(device, BIO_READ, i * 8, 1, 0);

		if (!bio || !bio_add_frame(bio, frame, 0, PAGE_SIZE)) {
			ktest_expect(!"a bio");
			return 0;
		}
		bio->complete = count_bio;
		if (submit)
			bio_submit(bio);
		bio_free(bio);
	}
	return (clock_monotonic_ns() - start) / ROUNDS;
}

KTEST(block, what_a_bio_costs)
{
	struct frame *frame = frame_allocate(0, 0);
	struct ddk_disk *disk;
	uint64_t made, done;

	completed = 0;
	if (!frame || block_disk_create("null", NULL, &description, &ops, NULL, &disk)) {
		ktest_expect(!"a disk");
		return;
	}
	measure(block_disk_device(block_disk_of(disk)), frame, true);
	made = measure(block_disk_device(block_disk_of(disk)), frame, false);
	done = measure(block_disk_device(block_disk_of(disk)), frame, true);
	ktest_expect(completed == 2 * ROUNDS);
	log_info("block",
		 "a bio of 4 KiB takes %lu ns to make and free, %lu ns to submit and complete",
		 made, done - made);
	block_disk_remove(disk);
	frame_put(frame);
}
