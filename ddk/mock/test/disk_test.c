/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mock's class of disks with a driver that keeps the rules: what tests of drivers stand on. */
#include "../disk.h"

#include <base/errno.h>
#include <ddk/timer.h>
#include <unit.h>

#include <string.h>

#define BLOCKS 64
#define BLOCK  512

/* A driver whose device is memory. It completes after a while, in the order it was given. */
static struct {
	uint8_t bytes[BLOCKS * BLOCK];
	struct ddk_disk_request *held[8];
	unsigned count;
	struct ddk_timer timer;
	bool stuck;
} ram;

static struct device machine;

static void transfer(const struct ddk_disk_request *request)
{
	uint8_t *at = ram.bytes + request->block * BLOCK;

	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		void *memory = mock_dma(segment->device_address, segment->length);

		if (request->operation == DDK_DISK_WRITE)
			memcpy(at, memory, segment->length);
		else
			memcpy(memory, at, segment->length);
		at += segment->length;
	}
}

static void finish_first(int error)
{
	struct ddk_disk_request *request = ram.held[0];

	memmove(ram.held, ram.held + 1, sizeof(ram.held) - sizeof(ram.held[0]));
	ram.count--;
	if (!error)
		transfer(request);
	ddk_disk_complete(request, error);
}

static void expire(struct ddk_timer *timer)
{
	(void)timer;
	while (ram.count && !ram.stuck)
		finish_first(0);
}

static int submit(struct ddk_disk_request *request, bool last)
{
	if (request->block + request->count > BLOCKS)
		return -EREMOTEIO;
	EXPECT(ram.count < array_length(ram.held));
	EXPECT_EQUAL(request->tag, ram.count);
	ram.held[ram.count++] = request;
	if (last)
		ddk_timer_arm(&ram.timer, DDK_MILLISECOND);
	return 0;
}

static void timed_out(struct ddk_disk_request *request)
{
	EXPECT(request == ram.held[0]);
	finish_first(-ETIMEDOUT);
}

static const struct ddk_disk_ops operations = { .submit = submit, .timed_out = timed_out };

static struct ddk_disk *prepare(uint32_t gap_alignment, uint32_t max_segments)
{
	struct ddk_disk_description description = {
		.prefix = "ram",
		.block_count = BLOCKS,
		.block_size = BLOCK,
		.max_blocks = 32,
		.max_segments = max_segments,
		.max_segment_length = 8192,
		.gap_alignment = gap_alignment,
		.segment_alignment = 4,
		.queue_count = 1,
		.queue_depth = array_length(ram.held),
	};
	struct ddk_disk *disk;

	memset(&machine, 0, sizeof(machine));
	memset(&ram, 0, sizeof(ram));
	machine.fail_after = -1;
	mock_start(&machine);
	ddk_timer_init(&ram.timer, expire);
	EXPECT_EQUAL(ddk_disk_create(&machine, &description, &operations, NULL, &disk), 0);
	EXPECT(mock_disk(0) == disk && mock_disk_count() == 1);
	return disk;
}

static void check_segments(const struct mock_request *made, uint32_t gap, uint32_t most)
{
	const struct ddk_disk_request *request = &made->request;
	size_t total = 0;

	EXPECT(request->segment_count > 0 && request->segment_count <= most);
	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		uint64_t end = segment->device_address + segment->length;

		EXPECT(segment->length > 0 && segment->length <= 8192);
		EXPECT(segment->device_address % 4 == 0 && segment->length % 4 == 0);
		EXPECT(!gap || i == 0 || segment->device_address % gap == 0);
		EXPECT(!gap || i + 1 == request->segment_count || end % gap == 0);
		total += segment->length;
	}
	EXPECT_EQUAL(total, (size_t)request->count * BLOCK);
}

UNIT_TEST(mock_disk, segments_keep_the_limits)
{
	static const struct {
		uint32_t gap, most;
	} limits[] = { { 0, 3 }, { 0, 64 }, { 4096, 5 }, { 4096, 64 } };

	for (size_t i = 0; i < array_length(limits); i++) {
		struct ddk_disk *disk = prepare(limits[i].gap, limits[i].most);

		for (unsigned round = 0; round < 500; round++) {
			struct mock_request *request =
				mock_request_create(disk, DDK_DISK_READ, 0, 1 + round % 32);

			check_segments(request, limits[i].gap, limits[i].most);
			mock_request_free(request);
		}
		ddk_disk_remove(disk);
		mock_finish();
	}
}

UNIT_TEST(mock_disk, transfers)
{
	struct ddk_disk *disk = prepare(0, 16);
	uint8_t bytes[4 * BLOCK], back[4 * BLOCK];
	struct mock_request *requests[9];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_WRITE, 3, 4, bytes), 0);
	EXPECT_BYTES(ram.bytes + 3 * BLOCK, bytes, sizeof(bytes));
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, 3, 4, back), 0);
	EXPECT_BYTES(back, bytes, sizeof(bytes));
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, BLOCKS - 1, 2, back), -EREMOTEIO);
	for (unsigned i = 0; i < 9; i++) {
		requests[i] = mock_request_create(disk, DDK_DISK_READ, i, 1);
		EXPECT_EQUAL(mock_request_submit(requests[i], i == 7), i == 8 ? -EBUSY : 0);
	}
	EXPECT_EQUAL(mock_request_wait(requests[0]), 0);
	for (unsigned i = 0; i < 9; i++)
		mock_request_free(requests[i]);
	ddk_disk_remove(disk);
	mock_finish();
}

UNIT_TEST(mock_disk, time_out_and_removal)
{
	struct ddk_disk *disk = prepare(0, 16);
	struct mock_request *request = mock_request_create(disk, DDK_DISK_READ, 0, 1);

	ram.stuck = true;
	EXPECT_EQUAL(mock_request_submit(request, true), 0);
	mock_run_for(DDK_SECOND);
	EXPECT(request->busy);
	mock_request_time_out(request);
	EXPECT_EQUAL(request->error, -ETIMEDOUT);
	/* Removal waits for what is under way. */
	ram.stuck = false;
	EXPECT_EQUAL(mock_request_submit(request, true), 0);
	ddk_disk_remove(disk);
	EXPECT(request->completed && !request->error);
	mock_request_free(request);
	mock_finish();
}
