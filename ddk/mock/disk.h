/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit on the host: the class of disks, as a test plays it.
 *
 *     struct ddk_disk *disk = mock_disk(0);
 *     struct mock_request *request = mock_request_create(disk, DDK_DISK_READ, 0, 8);
 *
 *     mock_request_submit(request, true);
 *     EXPECT_EQUAL(mock_request_wait(request), 0);
 *     EXPECT_BYTES(mock_request_data(request), wanted, 4096);
 *     mock_request_free(request);
 *
 * The memory of requests is cut into segments at random, as the disk's limits allow. The rules of
 * ddk/disk.h are checked: what breaks them fails the test.
 */
#pragma once

#include "mock.h"

#include <ddk/disk.h>

/* What the class would have made of a disk. */
struct ddk_disk {
	struct list_node node; /* in mock_disks */
	struct device *device;
	struct ddk_disk_description description;
	const struct ddk_disk_ops *ops;
	void *context;
	struct mock_request **slots; /* those that the driver has, by queue and tag */
	unsigned in_flight;
	bool removing, suspended;
	bool in_submit[DDK_DISK_QUEUE_MAX];
	bool in_timed_out;
	unsigned ready[DDK_DISK_QUEUE_MAX]; /* how often ddk_disk_ready() was called */
	unsigned resized;                   /* how often ddk_disk_resize() was */
	unsigned suspends;                  /* how often ddk_disk_suspend() was */
};

/* A request and the memory it is about. Made and freed by the test. */
struct mock_request {
	struct ddk_disk_request request;
	/* Called when it completes, without locks, if not NULL; may submit others. */
	void (*complete)(struct mock_request *request);
	void *context; /* the test's */
	bool busy;     /* the driver has it */
	bool completed;
	int error;
	uint8_t *data; /* of reads and writes: their bytes; see mock_request_data() */
	size_t length;
	struct ddk_disk_segment *segments;
	struct ddk_dma memory;
};

/* All that are there, oldest first. */
extern struct list mock_disks;
/* Called, if not NULL, in ddk_disk_create(), where the class reads the partition table. Reset by
 * mock_start(). */
extern void (*mock_disk_created)(struct ddk_disk *disk);
/* Where the choices about segments come from; not 0. Reset by mock_start(). */
extern uint64_t mock_disk_random;

/* The disk at a place in the list; NULL: none. */
struct ddk_disk *mock_disk(unsigned index);
unsigned mock_disk_count(void);

/* `block` and `count` are not checked, so that nonsense can be sent, but for reads and writes
 * `count` is at least 1 and at most max_blocks. The data is zeros. */
struct mock_request *mock_request_create(struct ddk_disk *disk, enum ddk_disk_operation operation,
					 uint64_t block, uint32_t count);
/* The driver does not have it. */
void mock_request_free(struct mock_request *request);
/* Hands it to the driver, with a free tag of its queue (request.queue; there must be one), and
 * returns what the driver says: the request is not the driver's after an error. -EBUSY: no tag is
 * free, or the queue's `submit` is running (somebody submits from within a completion), or the disk is
 * suspended. A request may be submitted again when it is done. */
int mock_request_submit(struct mock_request *request, bool last);
/* Lets time pass until it is done, and returns its error. Fails the test after two minutes. */
int mock_request_wait(struct mock_request *request);
/* Its bytes in order. What is written there before a write is submitted is what the device gets;
 * what the device gave is there when a read has completed. */
uint8_t *mock_request_data(struct mock_request *request);
/* It takes too long: asks the driver to let it go, and checks that it did. Does nothing if it has
 * completed. */
void mock_request_time_out(struct mock_request *request);
/* create, submit, wait, copy, free in one: the error. `bytes` are copied in or out. */
int mock_disk_transfer(struct ddk_disk *disk, enum ddk_disk_operation operation, uint64_t block,
		       uint32_t count, void *bytes);
