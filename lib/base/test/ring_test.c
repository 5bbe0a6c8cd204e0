/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Byte queues, compared with a flat model. */
#include <base/ring.h>

#include "unit.h"

#include <string.h>

UNIT_TEST(ring, spans)
{
	uint8_t buffer[8];
	struct ring ring;
	size_t length;

	ring_init(&ring, buffer, sizeof(buffer));
	EXPECT(ring_read_span(&ring, &length) == buffer && length == 0);
	EXPECT(ring_write_span(&ring, &length) == buffer && length == 8);
	ring_commit(&ring, 6);
	EXPECT(ring_write_span(&ring, &length) == buffer + 6 && length == 2);
	EXPECT(ring_read_span(&ring, &length) == buffer && length == 6);
	ring_skip(&ring, 5);
	ring_commit(&ring, 2);
	EXPECT(ring_write_span(&ring, &length) == buffer && length == 5);
	EXPECT(ring_read_span(&ring, &length) == buffer + 5 && length == 3);
}

UNIT_TEST(ring, full_and_empty)
{
	uint8_t buffer[4];
	uint8_t out[8];
	struct ring ring;

	ring_init(&ring, buffer, sizeof(buffer));
	EXPECT_EQUAL(ring_take(&ring, out, 8), 0);
	EXPECT_EQUAL(ring_put(&ring, "abcdef", 6), 4);
	EXPECT_EQUAL(ring_put(&ring, "x", 1), 0);
	EXPECT_EQUAL(ring_free(&ring), 0);
	EXPECT_EQUAL(ring_take(&ring, out, 8), 4);
	EXPECT_BYTES(out, "abcd", 4);
	EXPECT_EQUAL(ring_used(&ring), 0);
}

/* The counters begin just before they wrap. */
UNIT_TEST(ring, random)
{
	uint8_t buffer[64];
	struct ring ring;
	uint64_t seed = 1;
	uint8_t next_in = 0;
	uint8_t next_out = 0;
	size_t used = 0;

	ring_init(&ring, buffer, sizeof(buffer));
	ring.head = ring.tail = (size_t)0 - 1000;
	for (unsigned round = 0; round < 50000; round++) {
		uint8_t bytes[100];
		size_t length = unit_random_below(&seed, sizeof(bytes));
		size_t done;

		if (unit_random_below(&seed, 2)) {
			for (size_t i = 0; i < length; i++)
				bytes[i] = (uint8_t)(next_in + i);
			done = ring_put(&ring, bytes, length);
			EXPECT_EQUAL(done, min_size(length, 64 - used));
			next_in = (uint8_t)(next_in + done);
			used += done;
		} else {
			done = ring_take(&ring, bytes, length);
			EXPECT_EQUAL(done, min_size(length, used));
			for (size_t i = 0; i < done; i++)
				EXPECT_EQUAL(bytes[i], next_out++);
			used -= done;
		}
		EXPECT_EQUAL(ring_used(&ring), used);
	}
}
