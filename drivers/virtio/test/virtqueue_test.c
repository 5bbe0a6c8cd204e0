/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtqueues, with a device at the other end that behaves, and with one that does not. */
#include <base/errno.h>
#include <unit.h>
#include <virtio/virtqueue.h>

#include <stdlib.h>
#include <string.h>

#define SIZE 8

/* A queue and the device's view of it, by the layout of the specification. */
struct bench {
	struct virtqueue queue;
	struct virtqueue_slot slots[SIZE];
	void *memory;
	struct virtqueue_descriptor *descriptors;
	uint16_t *available;
	uint16_t *used;
	uint16_t seen; /* available entries that the device has taken */
};

static void bench_init(struct bench *bench)
{
	size_t bytes = virtqueue_bytes(SIZE);

	memset(bench, 0, sizeof(*bench));
	/* Exactly as long as it says, so that the sanitizer sees what lies outside. */
	bench->memory = aligned_alloc(16, (bytes + 15) / 16 * 16);
	EXPECT(bench->memory != NULL);
	memset(bench->memory, 0, bytes);
	virtqueue_init(&bench->queue, SIZE, bench->memory, bench->slots);
	bench->descriptors = bench->memory;
	bench->available = (uint16_t *)((char *)bench->memory + 16 * SIZE);
	bench->used = (uint16_t *)((char *)bench->memory + virtqueue_used_offset(SIZE));
}

static void bench_fini(struct bench *bench)
{
	free(bench->memory);
}

/* The device takes the next available request: its first descriptor, or -1. */
static int device_take(struct bench *bench)
{
	if (bench->seen == bench->available[1])
		return -1;
	return bench->available[2 + bench->seen++ % SIZE];
}

static void device_put(struct bench *bench, uint32_t id, uint32_t length)
{
	uint32_t *entry = (uint32_t *)(bench->used + 2) + 2 * (bench->used[1] % SIZE);

	entry[0] = id;
	entry[1] = length;
	bench->used[1]++;
}

static int add_one(struct bench *bench, uint32_t length, void *token)
{
	struct virtqueue_segment segment = { .address = 0x1000, .length = length };

	return virtqueue_add(&bench->queue, &segment, 0, 1, token);
}

UNIT_TEST(virtqueue, layout)
{
	/* virtio 1.2, 2.7: 16, 6 + 2 and 6 + 8 bytes for each entry. */
	EXPECT_EQUAL(virtqueue_available_offset(128), 2048);
	EXPECT_EQUAL(virtqueue_used_offset(128), 2312);
	EXPECT_EQUAL(virtqueue_bytes(128), 2312 + 4 + 1024 + 2);
	EXPECT_EQUAL(virtqueue_used_offset(1), 24);
}

UNIT_TEST(virtqueue, passes_a_chain)
{
	struct virtqueue_segment segments[3] = {
		{ 0x1000, 10 },
		{ 0x2000, 20 },
		{ 0x3000, 30 },
	};
	struct bench bench;
	uint32_t written = 0;
	int token, first;

	bench_init(&bench);
	EXPECT(virtqueue_take(&bench.queue, &written) == NULL);
	EXPECT_EQUAL(virtqueue_add(&bench.queue, segments, 1, 2, &token), 0);
	first = device_take(&bench);
	EXPECT(first >= 0);
	for (int i = 0, at = first; i < 3; i++) {
		EXPECT_EQUAL(bench.descriptors[at].address, segments[i].address);
		EXPECT_EQUAL(bench.descriptors[at].length, segments[i].length);
		EXPECT_EQUAL(bench.descriptors[at].flags, (i < 2 ? 1 : 0) | (i > 0 ? 2 : 0));
		at = bench.descriptors[at].next;
	}
	EXPECT_EQUAL(device_take(&bench), -1);
	EXPECT(!virtqueue_has_used(&bench.queue));
	device_put(&bench, (uint32_t)first, 33);
	EXPECT(virtqueue_has_used(&bench.queue));
	EXPECT(virtqueue_take(&bench.queue, &written) == &token);
	EXPECT_EQUAL(written, 33);
	EXPECT_EQUAL(bench.queue.free_count, SIZE);
	bench_fini(&bench);
}

UNIT_TEST(virtqueue, is_full_and_wraps)
{
	int tokens[SIZE];
	struct bench bench;
	uint32_t written;

	bench_init(&bench);
	/* Until the 16-bit indices have wrapped. */
	for (unsigned round = 0; round < 65536 / SIZE + 2; round++) {
		for (int i = 0; i < SIZE; i++)
			EXPECT_EQUAL(add_one(&bench, 4, &tokens[i]), 0);
		EXPECT_EQUAL(add_one(&bench, 4, &tokens[0]), -ENOSPC);
		for (int i = 0; i < SIZE; i++)
			device_put(&bench, (uint32_t)device_take(&bench), 4);
		for (int i = 0; i < SIZE; i++)
			EXPECT(virtqueue_take(&bench.queue, &written) == &tokens[i]);
		EXPECT(virtqueue_take(&bench.queue, &written) == NULL);
	}
	bench_fini(&bench);
}

UNIT_TEST(virtqueue, completes_out_of_order)
{
	int tokens[3], ids[3];
	struct bench bench;
	uint32_t written;

	bench_init(&bench);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQUAL(add_one(&bench, 4, &tokens[i]), 0);
		ids[i] = device_take(&bench);
	}
	device_put(&bench, (uint32_t)ids[1], 1);
	device_put(&bench, (uint32_t)ids[2], 2);
	device_put(&bench, (uint32_t)ids[0], 3);
	EXPECT(virtqueue_take(&bench.queue, &written) == &tokens[1]);
	EXPECT(virtqueue_take(&bench.queue, &written) == &tokens[2]);
	EXPECT(virtqueue_take(&bench.queue, &written) == &tokens[0]);
	EXPECT_EQUAL(written, 3);
	bench_fini(&bench);
}

UNIT_TEST(virtqueue, bounds_the_length)
{
	struct bench bench;
	uint32_t written = 0;
	int token;

	bench_init(&bench);
	EXPECT_EQUAL(add_one(&bench, 100, &token), 0);
	device_put(&bench, (uint32_t)device_take(&bench), UINT32_MAX);
	EXPECT(virtqueue_take(&bench.queue, &written) == &token);
	EXPECT_EQUAL(written, 100);
	bench_fini(&bench);
}

UNIT_TEST(virtqueue, breaks_on_bad_ids)
{
	static const uint32_t ids[] = { SIZE, 0xffff, UINT32_MAX, 5 /* not under way */ };
	uint32_t written;
	int token;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct bench bench;

		bench_init(&bench);
		EXPECT_EQUAL(add_one(&bench, 4, &token), 0);
		device_put(&bench, ids[i], 4);
		EXPECT(virtqueue_take(&bench.queue, &written) == NULL);
		EXPECT(bench.queue.broken);
		EXPECT(!virtqueue_has_used(&bench.queue));
		EXPECT(!virtqueue_wants_notification(&bench.queue));
		EXPECT_EQUAL(add_one(&bench, 4, &token), -EIO);
		/* After a reset the driver gets back what is its own. */
		EXPECT(virtqueue_take_back(&bench.queue) == &token);
		EXPECT(virtqueue_take_back(&bench.queue) == NULL);
		bench_fini(&bench);
	}
}

UNIT_TEST(virtqueue, breaks_on_repeats_and_jumps)
{
	struct bench bench;
	uint32_t written;
	int tokens[2];
	uint32_t id;

	bench_init(&bench);
	EXPECT_EQUAL(add_one(&bench, 4, &tokens[0]), 0);
	EXPECT_EQUAL(add_one(&bench, 4, &tokens[1]), 0);
	id = (uint32_t)device_take(&bench);
	device_put(&bench, id, 4);
	device_put(&bench, id, 4);
	EXPECT(virtqueue_take(&bench.queue, &written) == &tokens[0]);
	EXPECT(virtqueue_take(&bench.queue, &written) == NULL);
	EXPECT(bench.queue.broken);
	bench_fini(&bench);

	bench_init(&bench);
	EXPECT_EQUAL(add_one(&bench, 4, &tokens[0]), 0);
	bench.used[1] = 40000; /* entry 0 is that of request 0, the others repeat it */
	EXPECT(virtqueue_take(&bench.queue, &written) == &tokens[0]);
	EXPECT(virtqueue_take(&bench.queue, &written) == NULL);
	EXPECT(bench.queue.broken);
	bench_fini(&bench);
}

/* A device that scribbles over everything it can reach. */
UNIT_TEST(virtqueue, survives_scribbling)
{
	uint64_t random = 42;
	int tokens[SIZE];

	for (int round = 0; round < 2000; round++) {
		struct bench bench;
		unsigned taken = 0, added = 0;

		bench_init(&bench);
		for (int step = 0; step < 50; step++) {
			uint64_t kind = unit_random_below(&random, 3);
			uint32_t written;
			void *token;

			if (kind == 0) {
				added += add_one(&bench, 16, &tokens[step % SIZE]) == 0;
			} else if (kind == 1) {
				size_t at = unit_random_below(&random, virtqueue_bytes(SIZE));

				((uint8_t *)bench.memory)[at] = (uint8_t)unit_random(&random);
			} else if ((token = virtqueue_take(&bench.queue, &written)) != NULL) {
				EXPECT(written <= 16);
				EXPECT((int *)token >= tokens && (int *)token < tokens + SIZE);
				taken++;
			}
		}
		while (virtqueue_take_back(&bench.queue))
			taken++;
		EXPECT_EQUAL(taken, added);
		EXPECT_EQUAL(bench.queue.free_count, SIZE);
		bench_fini(&bench);
	}
}

UNIT_TEST(virtqueue, respects_no_notification)
{
	struct bench bench;

	bench_init(&bench);
	EXPECT(virtqueue_wants_notification(&bench.queue));
	bench.used[0] = 1;
	EXPECT(!virtqueue_wants_notification(&bench.queue));
	bench_fini(&bench);
}
