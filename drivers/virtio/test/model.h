/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtio device on PCI for tests, on the mock of the driver kit. It can misbehave. */
#pragma once

#include "../../../ddk/mock/mock.h"

#include <virtio/virtqueue.h>

#define MODEL_QUEUE_MAX 160
#define MODEL_BAR       4
#define MODEL_BAR_SIZE  4096

/* Where the structures lie in the BAR, and their capabilities in configuration space. */
#define MODEL_COMMON            0x000
#define MODEL_CONFIG            0x100
#define MODEL_NOTIFY            0x200
#define MODEL_NOTIFY_LENGTH     0x400
#define MODEL_NOTIFY_STEP       4
#define MODEL_CAPABILITY_COMMON 0x40
#define MODEL_CAPABILITY_NOTIFY 0x50
#define MODEL_CAPABILITY_CONFIG 0x64
#define MODEL_CAPABILITY_OTHER  0x74

struct model_queue {
	uint16_t size, vector;
	bool enabled;
	uint64_t descriptors, available, used;
	uint16_t seen; /* of the available ring */
};

struct model_request {
	uint16_t id;
	uint64_t address;
	uint32_t length;
	bool writable;
}; /* one of its segments; `id` is the request's */

struct virtio_model {
	struct device device; /* device.context is the model */

	/* Set by the test. */
	uint64_t features;
	uint16_t queue_count, queue_size;
	uint8_t config[32];
	void (*kick)(struct virtio_model *model, unsigned queue); /* the driver notifies */
	void *context;
	bool refuses_features, refuses_vectors, never_resets;

	/* The device's state. */
	uint32_t device_select, driver_select;
	uint64_t accepted;
	uint8_t status;
	uint16_t selected, config_vector;
	struct model_queue queues[MODEL_QUEUE_MAX];
};

/* A device that behaves, with `queue_count` queues of `queue_size`, started on the mock. */
void virtio_model_init(struct virtio_model *model, uint16_t queue_count, uint16_t queue_size);
/* Takes the next request (of one segment) of a queue; false if there is none. */
bool virtio_model_take(struct virtio_model *model, unsigned queue, struct model_request *request);
/* The same for a request of at most `max` segments, of which there are *count. */
bool virtio_model_take_chain(struct virtio_model *model, unsigned queue,
			     struct model_request *segments, unsigned max, unsigned *count);
/* Marks it done, with `length` bytes written, and raises the queue's interrupt. */
void virtio_model_put(struct virtio_model *model, unsigned queue, uint32_t id, uint32_t length);
