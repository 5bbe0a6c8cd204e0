/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PCI transport, on devices that are in order and on those that are not. */
#include "model.h"

#include <base/errno.h>
#include <unit.h>
#include <virtio/device.h>

#include <string.h>

static struct virtio_model model;
static struct virtio_device virtio;

static int open_model(void)
{
	return virtio_open(&virtio, &model.device);
}

UNIT_TEST(virtio, sets_up_a_queue)
{
	struct virtio_queue queue = { 0 };
	int token;
	struct virtqueue_segment segment = { .length = 8 };
	struct model_request request;
	struct ddk_dma memory;

	virtio_model_init(&model, 2, 64);
	model.features |= 5;
	model.config[4] = 0x78;
	model.config[5] = 0x56;
	EXPECT_EQUAL(open_model(), 0);
	EXPECT_EQUAL(virtio_negotiate(&virtio, 4 | 8), 0);
	EXPECT_EQUAL(model.accepted, VIRTIO_FEATURE_VERSION_1 | 4);
	EXPECT_EQUAL(virtio.features, VIRTIO_FEATURE_VERSION_1 | 4);
	EXPECT_EQUAL(virtio_read_config(&virtio, 4, 2), 0x5678);
	EXPECT_EQUAL(virtio_read_config(&virtio, sizeof(model.config), 4), UINT32_MAX);
	EXPECT_EQUAL(virtio_queue_init(&virtio, &queue, 1, 16, 3), 0);
	EXPECT_EQUAL(queue.ring.size, 16);
	EXPECT_EQUAL(model.queues[1].size, 16);
	EXPECT_EQUAL(model.queues[1].vector, 3);
	EXPECT_EQUAL(model.queues[1].used % 4, 0);
	virtio_start(&virtio);
	EXPECT_EQUAL(model.status, 15);
	EXPECT(model.device.bus_master);
	EXPECT_EQUAL(ddk_dma_allocate(&model.device, 8, 0, &memory), 0);
	segment.address = memory.device_address;
	EXPECT_EQUAL(virtqueue_add(&queue.ring, &segment, 1, 0, &token), 0);
	EXPECT(virtio_model_take(&model, 1, &request));
	EXPECT_EQUAL(request.address, segment.address);
	EXPECT_EQUAL(virtio_queue_init(&virtio, &queue, 2, 16, 0), -ENODEV);
	virtio_stop(&virtio);
	virtio_queue_fini(&queue);
	virtio_close(&virtio);
	ddk_dma_free(&memory);
	mock_finish();
}

/* Each of these spoils a sound device, which must then be refused, with nothing left over. */
static void no_version(void)
{
	model.features = 0;
}

static void refused_features(void)
{
	model.refuses_features = true;
}

static void refused_vectors(void)
{
	model.refuses_vectors = true;
}

static void stuck_status(void)
{
	model.never_resets = true;
	model.status = 4;
}

static void no_capabilities(void)
{
	model.device.config[0x34] = 0;
}

static void ring_of_capabilities(void)
{
	model.device.config[MODEL_CAPABILITY_COMMON] = 0;
	model.device.config[MODEL_CAPABILITY_CONFIG + 1] = MODEL_CAPABILITY_COMMON;
}

static void wrong_bar(void)
{
	model.device.config[MODEL_CAPABILITY_COMMON + 4] = 0xff;
}

static void absent_bar(void)
{
	model.device.config[MODEL_CAPABILITY_NOTIFY + 4] = 1;
}

static void short_common(void)
{
	model.device.config[MODEL_CAPABILITY_COMMON + 12] = 0x37;
}

static void far_common(void)
{
	memset(model.device.config + MODEL_CAPABILITY_COMMON + 8, 0xff, 4);
}

static void endless_notification(void)
{
	memset(model.device.config + MODEL_CAPABILITY_NOTIFY + 12, 0xff, 4);
}

static void far_notification(void)
{
	memset(model.device.config + MODEL_CAPABILITY_NOTIFY + 16, 0xff, 4);
}

static void no_queue(void)
{
	model.queue_size = 0;
}

static void odd_queue(void)
{
	model.queue_size = 48;
}

static void few_queues(void)
{
	model.queue_count = 1;
}

UNIT_TEST(virtio, refuses_what_makes_no_sense)
{
	static void (*const spoil[])(void) = {
		no_version,           refused_features,     refused_vectors, stuck_status,
		no_capabilities,      ring_of_capabilities, wrong_bar,       absent_bar,
		short_common,         far_common,           no_queue,        odd_queue,
		endless_notification, far_notification,     few_queues,
	};

	for (size_t i = 0; i < array_length(spoil); i++) {
		struct virtio_queue queue = { 0 };
		int error;

		virtio_model_init(&model, 4, 64);
		spoil[i]();
		error = open_model();
		if (!error) {
			error = virtio_negotiate(&virtio, 0);
			if (!error)
				error = virtio_queue_init(&virtio, &queue, 1, 16, 0);
			virtio_close(&virtio);
			virtio_queue_fini(&queue);
		}
		if (!error)
			unit_fail(__FILE__, __LINE__, "case %zu was accepted", i);
		mock_finish();
	}
}

UNIT_TEST(virtio, any_capabilities)
{
	uint64_t random = 11;

	for (int round = 0; round < 20000; round++) {
		struct virtio_queue queue = { 0 };
		unsigned changes = 1 + (unsigned)unit_random_below(&random, 8);

		virtio_model_init(&model, 4, 64);
		while (changes--)
			model.device.config[0x34 + unit_random_below(&random, 0x60)] =
				(uint8_t)unit_random(&random);
		if (!open_model()) {
			if (!virtio_negotiate(&virtio, 0) &&
			    !virtio_queue_init(&virtio, &queue, 3, 16, 0))
				virtio_queue_notify(&queue);
			virtio_close(&virtio);
			virtio_queue_fini(&queue);
		}
		mock_finish();
	}
}

UNIT_TEST(virtio, runs_out_of_memory)
{
	for (int fail = 0; fail < 2; fail++) {
		struct virtio_queue queue = { 0 };

		virtio_model_init(&model, 2, 64);
		EXPECT_EQUAL(open_model(), 0);
		EXPECT_EQUAL(virtio_negotiate(&virtio, 0), 0);
		model.device.fail_after = fail;
		EXPECT_EQUAL(virtio_queue_init(&virtio, &queue, 0, 16, 0), -ENOMEM);
		virtio_close(&virtio);
		mock_finish();
	}
}
