/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without any memory, bios of BIO_RESERVE are still made, one after the other, and done. */
#include "sim_test.h"

#include <block/block.h>
#include <block/disk.h>
#include <block/ram_disk.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#define THREADS 100u
#define ROUNDS  20u

static struct block_device *device;
static struct frame *data;
static _Atomic unsigned written;
static _Atomic bool memory_is_gone;

/* Each holds one bio at a time; there are fewer in the reserve than threads. */
static void write_some(void *unused)
{
	(void)unused;
	while (!memory_is_gone)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct bio *bio =
			bio_create(device, BIO_WRITE, 8, BIO_RESERVE_SEGMENTS, BIO_RESERVE);

		EXPECT(bio);
		EXPECT(bio_add_frame(bio, data, 0, PAGE_SIZE));
		thread_sleep_until(clock_deadline_after(NS_PER_MICROSECOND * 50));
		EXPECT_EQUAL(bio_submit_and_wait(bio), 0);
		bio_free(bio);
		written++;
	}
}

static void take_all_memory(void)
{
	for (int order = FRAME_ORDER_MAX; order >= 0; order--)
		while (frame_allocate((unsigned)order, 0))
			;
}

UNIT_TEST(block_reserve, writes_without_memory)
{
	sim_test_start_scheduler(3, 32 * MIB, 5);
	block_start();
	EXPECT_EQUAL(block_ram_disk_create("ram0", 64, &device), 0);
	data = frame_allocate(0, FRAME_ZERO);
	EXPECT_EQUAL(block_write(device, 8, frame_address(data), PAGE_SIZE, 0), 0);
	for (unsigned i = 0; i < THREADS; i++)
		EXPECT_EQUAL(thread_spawn("writer", write_some, NULL), 0);
	take_all_memory();
	memory_is_gone = true;
	while (written < THREADS * ROUNDS)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
}
