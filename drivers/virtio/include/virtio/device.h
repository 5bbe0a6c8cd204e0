/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Virtio devices on PCI (virtio 1.2, 4.1, the modern interface), for the drivers of each kind.
 *
 *	error = virtio_open(&virtio, device);
 *	error = virtio_negotiate(&virtio, FEATURES);      // virtio.features: what is agreed on
 *	error = ddk_irq_connect(device, 0, handler, driver);
 *	error = virtio_queue_init(&virtio, &queue, INDEX, SIZE, 0);
 *	virtio_start(&virtio);
 *
 * and at the end virtio_stop(), ddk_irq_disconnect(), virtio_queue_fini(), virtio_close().
 */
#pragma once

#include <ddk/dma.h>
#include <ddk/io.h>
#include <virtio/virtqueue.h>

#define VIRTIO_PCI_VENDOR        0x1af4
#define VIRTIO_FEATURE_VERSION_1 (1ull << 32)

struct virtio_device {
	struct device *device;
	struct ddk_region common, notification, config; /* config.length 0: it has none */
	uint32_t notification_step;
	uint16_t queue_count;
	uint64_t features;
	_Atomic bool stopped; /* it is told nothing */
};

struct virtio_queue {
	struct virtqueue ring; /* the driver's lock */
	/* Immutable after virtio_queue_init(). */
	const struct virtio_device *virtio;
	struct ddk_dma memory;
	uint16_t index;
	unsigned irq;
	size_t notification_offset;
};

/* Finds the registers, resets the device and lets it use the bus. -ENODEV (not a modern virtio
 * device, or one that makes no sense), -ENOMEM, -ETIMEDOUT. */
int must_check virtio_open(struct virtio_device *virtio, struct device *device);
/* Resets it and undoes virtio_open(). */
void virtio_close(struct virtio_device *virtio);

/* Agrees on those of `wanted` that the device offers. -ENODEV: it refuses, or does not offer
 * VIRTIO_FEATURE_VERSION_1, which is always wanted. */
int must_check virtio_negotiate(struct virtio_device *virtio, uint64_t wanted);

/* Lets the device raise interrupt number `irq` when its configuration changes. After virtio_negotiate().
 * -ENODEV: it cannot. */
int must_check virtio_watch_config(struct virtio_device *virtio, unsigned irq);

/* Sets up queue `index` with at most `size` entries (a power of two), which raises the device's
 * interrupt number `irq`. Between virtio_negotiate() and virtio_start(). -ENODEV (no such queue,
 * or no such interrupt for it), -ENOMEM. */
int must_check virtio_queue_init(struct virtio_device *virtio, struct virtio_queue *queue,
				 uint16_t index, uint16_t size, unsigned irq);
/* Frees it; the device is stopped. A queue that is all zeros is left alone. */
void virtio_queue_fini(struct virtio_queue *queue);

/* Lets the device work with its queues. */
void virtio_start(struct virtio_device *virtio);
/* Resets the device: it touches no memory afterwards. */
void virtio_stop(struct virtio_device *virtio);
/* Begins anew with a device that was stopped, or has lost its state: as after virtio_negotiate(), with the
 * same features. virtio_watch_config(), virtio_queue_restart() for each queue and virtio_start() follow.
 * -ENODEV (gone, or offers less), -ETIMEDOUT. */
int must_check virtio_restart(struct virtio_device *virtio);
/* Sets the queue up again, empty: the driver has taken back what was in it. -ENODEV. */
int must_check virtio_queue_restart(struct virtio_queue *queue);

/* Tells the device that there is something new in the queue, if it wants to know. */
void virtio_queue_notify(struct virtio_queue *queue);

/* The device's own configuration, of `size` 1, 2 or 4; all ones outside of it. */
uint32_t virtio_read_config(const struct virtio_device *virtio, size_t offset, size_t size);
/* Writes a field of 4 bytes there; nothing outside of it. */
void virtio_write_config(const struct virtio_device *virtio, size_t offset, uint32_t value);
