/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver with controllers that are in order: what they can do, and how it is used. */
#include "nvme_model.h"

#include <base/errno.h>
#include <ddk/timer.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

static struct nvme_model model;

static void start(void)
{
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
}

static void finish(void)
{
	nvme_model_remove(&model);
	EXPECT_EQUAL(model.shutdowns, 1);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme, finds_a_disk)
{
	const struct ddk_disk_description *description;

	nvme_model_init(&model);
	start();
	EXPECT_EQUAL(mock_disk_count(), 1);
	description = &mock_disk(0)->description;
	EXPECT_STRING(description->prefix, "nvme");
	EXPECT_EQUAL(description->unit, 1);
	EXPECT_STRING(description->model, "MODEL");
	EXPECT_EQUAL(description->block_count, 4096);
	EXPECT_EQUAL(description->block_size, 512);
	EXPECT_EQUAL(description->max_blocks, 256);
	EXPECT_EQUAL(description->gap_alignment, NVME_PAGE_SIZE);
	EXPECT_EQUAL(description->queue_count, 4);
	EXPECT(description->volatile_cache && description->fua && !description->read_only);
	EXPECT(description->max_discard_blocks && description->max_write_zeroes_blocks);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQUAL(model.device.irq_cpus[i + 1], i);
	finish();
}

/* Random transfers on all queues, compared with a copy of the disk. */
static void transfer_at_random(struct ddk_disk *disk, uint8_t *expected, unsigned rounds)
{
	uint32_t size = disk->description.block_size;
	uint64_t blocks = disk->description.block_count;

	for (unsigned i = 0; i < rounds; i++) {
		uint64_t block = unit_random_below(&model.random, blocks);
		uint32_t count =
			(uint32_t)(1 + unit_random_below(&model.random,
							 min_u64(disk->description.max_blocks,
								 blocks - block)));
		bool write = unit_random_below(&model.random, 2);
		struct mock_request *request = mock_request_create(
			disk, write ? DDK_DISK_WRITE : DDK_DISK_READ, block, count);
		uint8_t *bytes = mock_request_data(request);

		request->request.queue =
			(unsigned)unit_random_below(&model.random, disk->description.queue_count);
		for (size_t at = 0; write && at < (size_t)count * size; at++)
			bytes[at] = (uint8_t)unit_random(&model.random);
		if (write)
			memcpy(expected + block * size, bytes, (size_t)count * size);
		EXPECT_EQUAL(mock_request_submit(request, true), 0);
		EXPECT_EQUAL(mock_request_wait(request), 0);
		EXPECT_BYTES(bytes, expected + block * size, (size_t)count * size);
		mock_request_free(request);
	}
}

static void transfer_all(unsigned block_shift, unsigned sgl, unsigned max_transfer)
{
	struct nvme_model_namespace *namespace;
	uint8_t *expected;
	size_t length;

	nvme_model_init(&model);
	namespace = nvme_model_add(&model, 1, block_shift, 2048);
	model.identity.sgl = sgl;
	model.identity.max_transfer = (uint8_t)max_transfer;
	length = (size_t)2048 << block_shift;
	expected = malloc(length);
	memcpy(expected, namespace->bytes, length);
	start();
	transfer_at_random(mock_disk(0), expected, 300);
	EXPECT_BYTES(namespace->bytes, expected, length);
	if (sgl)
		EXPECT(model.sgl_commands > 0);
	else
		EXPECT_EQUAL(model.sgl_commands, 0);
	free(expected);
	finish();
}

UNIT_TEST(nvme, transfers_by_pages)
{
	transfer_all(9, 0, 5);
	transfer_all(12, 0, 0);
	EXPECT(model.prp_lists > 0);
}

UNIT_TEST(nvme, transfers_by_scatter_lists)
{
	transfer_all(9, 1, 0);
	transfer_all(12, 2, 8);
	transfer_all(11, 2, 1);
}

UNIT_TEST(nvme, flushes_discards_and_zeroes)
{
	struct ddk_disk *disk;
	struct mock_request *request;
	uint8_t bytes[512];

	nvme_model_init(&model);
	start();
	disk = mock_disk(0);
	memset(bytes, 0x55, sizeof(bytes));
	request = mock_request_create(disk, DDK_DISK_WRITE, 7, 1);
	memcpy(mock_request_data(request), bytes, sizeof(bytes));
	request->request.flags = DDK_DISK_FUA;
	EXPECT_EQUAL(mock_request_submit(request, true), 0);
	EXPECT_EQUAL(mock_request_wait(request), 0);
	mock_request_free(request);
	EXPECT_EQUAL(model.forced, 1);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_FLUSH, 0, 0, NULL), 0);
	EXPECT_EQUAL(model.flushes, 1);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_WRITE_ZEROES, 8, 2, NULL), 0);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_DISCARD, 10, 1, NULL), 0);
	EXPECT_BYTES(model.namespaces[0].bytes + 7 * 512, bytes, 512);
	memset(bytes, 0, sizeof(bytes));
	EXPECT_BYTES(model.namespaces[0].bytes + 8 * 512, bytes, 512);
	EXPECT_BYTES(model.namespaces[0].bytes + 9 * 512, bytes, 512);
	memset(bytes, 0xdd, sizeof(bytes));
	EXPECT_BYTES(model.namespaces[0].bytes + 10 * 512, bytes, 512);
	/* Past the end. */
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, 4096, 1, bytes), -EREMOTEIO);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_DISCARD, 4095, 2, NULL), -EREMOTEIO);
	finish();
}

/* Many at once, told of in batches, on every queue: `last` is what rings. */
static void keep_busy(unsigned depth)
{
	struct ddk_disk *disk = mock_disk(0);
	struct mock_request *requests[128];

	for (unsigned round = 0; round < 20; round++) {
		unsigned queue = round % disk->description.queue_count;

		for (unsigned i = 0; i < depth; i++) {
			requests[i] = mock_request_create(disk, DDK_DISK_READ, round * 8 + i, 8);
			requests[i]->request.queue = queue;
			EXPECT_EQUAL(mock_request_submit(requests[i], i + 1 == depth), 0);
		}
		for (unsigned i = 0; i < depth; i++) {
			EXPECT_EQUAL(mock_request_wait(requests[i]), 0);
			EXPECT_BYTES(mock_request_data(requests[i]),
				     model.namespaces[0].bytes + (round * 8 + i) * 512, 4096);
			mock_request_free(requests[i]);
		}
	}
}

UNIT_TEST(nvme, rings_once_for_a_batch)
{
	uint64_t before;

	nvme_model_init(&model);
	start();
	before = model.doorbells;
	keep_busy(100);
	/* One for each batch, and one for each interrupt. */
	EXPECT(model.doorbells - before <= 20 + model.device.irqs_delivered);
	finish();
}

UNIT_TEST(nvme, has_doorbells_in_memory)
{
	for (unsigned stride = 0; stride < 3; stride++) {
		nvme_model_init(&model);
		model.identity.admin_commands = NVME_ADMIN_KNOWS_DOORBELLS;
		model.capabilities |= (uint64_t)stride << 32;
		start();
		EXPECT(model.shadow);
		keep_busy(64);
		finish();
	}
}

UNIT_TEST(nvme, does_with_one_vector)
{
	nvme_model_init(&model);
	model.device.irq_count = 1;
	start();
	EXPECT_EQUAL(mock_disk(0)->description.queue_count, 1);
	keep_busy(16);
	finish();
}

UNIT_TEST(nvme, does_with_fewer_queues)
{
	nvme_model_init(&model);
	model.queues_granted = 1 << 16 | 7;
	start();
	EXPECT_EQUAL(mock_disk(0)->description.queue_count, 2);
	keep_busy(16);
	finish();
	nvme_model_init(&model);
	model.device.bar_sizes[0] = 0x1000 + 3 * 8; /* doorbells of two more */
	start();
	EXPECT_EQUAL(mock_disk(0)->description.queue_count, 2);
	finish();
}

UNIT_TEST(nvme, does_with_tiny_queues)
{
	for (unsigned entries = 2; entries < 20; entries++) {
		nvme_model_init(&model);
		model.capabilities = (model.capabilities & ~0xffffull) | (entries - 1);
		start();
		keep_busy(mock_disk(0)->description.queue_depth);
		finish();
	}
}

/* --- Namespaces ------------------------------------------------------------------------------ */

UNIT_TEST(nvme, makes_a_disk_of_each_namespace)
{
	uint8_t bytes[4096];

	nvme_model_init(&model);
	nvme_model_add(&model, 3, 12, 100);
	nvme_model_add(&model, 4, 10, 100);
	start();
	EXPECT_EQUAL(mock_disk_count(), 3);
	EXPECT_EQUAL(mock_disk(1)->description.unit, 3);
	EXPECT_EQUAL(mock_disk(1)->description.block_size, 4096);
	EXPECT_EQUAL(mock_disk(2)->description.block_size, 1024);
	EXPECT_EQUAL(mock_disk_transfer(mock_disk(1), DDK_DISK_READ, 99, 1, bytes), 0);
	EXPECT_BYTES(bytes, model.namespaces[2].bytes + 99 * 4096, 4096);
	finish();
}

UNIT_TEST(nvme, follows_its_namespaces)
{
	nvme_model_init(&model);
	start();
	nvme_model_add(&model, 2, 9, 64);
	EXPECT(nvme_model_tell(&model, 0x040002));
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 2);
	/* It grows. */
	nvme_model_add(&model, 2, 9, 128);
	EXPECT(nvme_model_tell(&model, 0x040002));
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk(1)->resized, 1);
	EXPECT_EQUAL(mock_disk(1)->description.block_count, 128);
	/* It is formatted anew. */
	nvme_model_add(&model, 2, 12, 128);
	EXPECT(nvme_model_tell(&model, 0x040002));
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk(1)->description.block_size, 4096);
	/* The first goes. */
	model.namespaces[0].active = false;
	EXPECT(nvme_model_tell(&model, 0x040002));
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 1);
	EXPECT_EQUAL(mock_disk(0)->description.unit, 2);
	finish();
}

UNIT_TEST(nvme, shares_slots_among_many_namespaces)
{
	nvme_model_init(&model);
	model.capabilities = (model.capabilities & ~0xffffull) | 63;
	for (uint32_t id = 2; id <= NVME_MODEL_NAMESPACES; id++)
		nvme_model_add(&model, id, 9, 8);
	start();
	/* Each has one slot of 55; there are not enough for all. */
	EXPECT_EQUAL(mock_disk_count(), 55);
	finish();
}

UNIT_TEST(nvme, knows_old_controllers)
{
	nvme_model_init(&model);
	model.version = 0x00010000;
	model.identity.namespace_count = 5;
	nvme_model_add(&model, 5, 9, 8);
	nvme_model_add(&model, 6, 9, 8);
	start();
	EXPECT_EQUAL(mock_disk_count(), 2);
	EXPECT_EQUAL(mock_disk(1)->description.unit, 5);
	finish();
}

static void refuse(void (*spoil)(struct nvme_namespace_data *data))
{
	nvme_model_init(&model);
	spoil(&model.namespaces[0].data);
	start();
	EXPECT_EQUAL(mock_disk_count(), 0);
	finish();
}

static void metadata(struct nvme_namespace_data *data)
{
	data->formats[0].metadata_size = 8;
}

static void small_blocks(struct nvme_namespace_data *data)
{
	data->formats[0].block_shift = 8;
}

static void large_blocks(struct nvme_namespace_data *data)
{
	data->formats[0].block_shift = 255;
}

static void absent_format(struct nvme_namespace_data *data)
{
	data->format = 1;
	data->formats[1].block_shift = 9;
}

static void more_capacity(struct nvme_namespace_data *data)
{
	data->capacity = data->size + 1;
}

static void endless(struct nvme_namespace_data *data)
{
	data->size = UINT64_MAX;
}

static void empty(struct nvme_namespace_data *data)
{
	data->size = data->capacity = 0;
}

UNIT_TEST(nvme, refuses_namespaces)
{
	refuse(metadata);
	refuse(small_blocks);
	refuse(large_blocks);
	refuse(absent_format);
	refuse(more_capacity);
	refuse(endless);
	refuse(empty);
}

UNIT_TEST(nvme, respects_write_protection)
{
	nvme_model_init(&model);
	model.namespaces[0].data.attributes = NVME_NAMESPACE_WRITE_PROTECTED;
	model.namespaces[0].data.features = NVME_NAMESPACE_GRANULARITIES;
	model.namespaces[0].data.write_granularity = 7;
	start();
	EXPECT(mock_disk(0)->description.read_only);
	EXPECT_EQUAL(mock_disk(0)->description.physical_block_size, 4096);
	finish();
}

UNIT_TEST(nvme, reads_health)
{
	struct ddk_disk_health health;

	nvme_model_init(&model);
	model.health.temperature[0] = 0x2d; /* 301 K */
	model.health.temperature[1] = 1;
	model.health.spare = 90;
	model.health.percentage_used = 3;
	model.health.units_read[0] = 7;
	model.health.units_written[1] = 1;
	model.health.power_cycles[0] = 12;
	model.health.media_errors[0] = 2;
	start();
	EXPECT_EQUAL(mock_disk(0)->ops->read_health(mock_disk(0), &health), 0);
	EXPECT_EQUAL(health.temperature, 28);
	EXPECT(!health.failing);
	EXPECT_EQUAL(health.spare_percent, 90);
	EXPECT_EQUAL(health.percentage_used, 3);
	EXPECT_EQUAL(health.blocks_read, 7000);
	EXPECT_EQUAL(health.blocks_written, UINT64_MAX - 1);
	EXPECT_EQUAL(health.power_cycles, 12);
	EXPECT_EQUAL(health.media_errors, 2);
	model.health.critical_warning = 0x1f;
	EXPECT(nvme_model_tell(&model, 0x020001));
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk(0)->ops->read_health(mock_disk(0), &health), 0);
	EXPECT(health.failing);
	EXPECT_EQUAL(model.event_count, 1);
	finish();
}

/* --- Sleep ----------------------------------------------------------------------------------- */

/* What the controller knew is gone, and it is off. */
static void lose_state(void)
{
	EXPECT(!(model.status & NVME_STATUS_READY) && !model.device.bus_master);
	model.configuration = model.status = model.admin_entries = 0;
	model.admin_sq = model.admin_cq = 0;
	memset(model.sqs, 0, sizeof(model.sqs));
	memset(model.cqs, 0, sizeof(model.cqs));
	model.shadow = model.indices = 0;
	model.event_count = model.events_enabled = 0;
}

UNIT_TEST(nvme, sleeps_and_wakes)
{
	struct nvme_model_namespace *namespace;
	struct mock_request *request;
	uint8_t *expected;

	nvme_model_init(&model);
	namespace = nvme_model_add(&model, 2, 9, 2048);
	expected = malloc(2048 * 512);
	memcpy(expected, namespace->bytes, 2048 * 512);
	start();
	for (unsigned round = 1; round <= 5; round++) {
		transfer_at_random(mock_disk(1), expected, 40);
		request = mock_request_create(mock_disk(0), DDK_DISK_WRITE, 0, 8);
		EXPECT_EQUAL(mock_request_submit(request, true), 0);
		EXPECT_EQUAL(nvme_suspend(&model.device), 0);
		/* It was done before, and the controller was told that power may go. */
		EXPECT(request->completed && request->error == 0);
		EXPECT_EQUAL(model.shutdowns, round);
		EXPECT(mock_disk(0)->suspended && mock_disk(1)->suspended);
		mock_run_for(DDK_SECOND);
		lose_state();
		EXPECT_EQUAL(nvme_resume(&model.device), 0);
		EXPECT(!mock_disk(0)->suspended && !mock_disk(1)->suspended);
		mock_request_free(request);
		mock_run();
	}
	transfer_at_random(mock_disk(1), expected, 40);
	EXPECT_BYTES(namespace->bytes, expected, 2048 * 512);
	EXPECT_EQUAL(mock_disk_count(), 2);
	free(expected);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme, namespaces_may_change_during_sleep)
{
	nvme_model_init(&model);
	nvme_model_add(&model, 2, 9, 2048);
	start();
	EXPECT_EQUAL(nvme_suspend(&model.device), 0);
	lose_state();
	model.namespaces[1].active = false;
	nvme_model_add(&model, 1, 9, 1000);
	nvme_model_add(&model, 5, 9, 512);
	EXPECT_EQUAL(nvme_resume(&model.device), 0);
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 2);
	EXPECT_EQUAL(mock_disk(0)->description.block_count, 1000);
	EXPECT_EQUAL(mock_disk(1)->description.unit, 5);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme, another_controller_is_not_driven_on)
{
	nvme_model_init(&model);
	start();
	EXPECT_EQUAL(nvme_suspend(&model.device), 0);
	lose_state();
	model.identity.serial[0] ^= 1;
	EXPECT_EQUAL(nvme_resume(&model.device), -ENODEV);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme, one_that_does_not_wake_is_given_up)
{
	nvme_model_init(&model);
	start();
	EXPECT_EQUAL(nvme_suspend(&model.device), 0);
	lose_state();
	model.never_ready = true;
	EXPECT(nvme_resume(&model.device) < 0);
	EXPECT(!mock_disk(0)->suspended);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme, one_that_was_pulled_out_asleep_is_given_up)
{
	nvme_model_init(&model);
	start();
	EXPECT_EQUAL(nvme_suspend(&model.device), 0);
	nvme_model_pull(&model);
	EXPECT(nvme_resume(&model.device) < 0);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}
