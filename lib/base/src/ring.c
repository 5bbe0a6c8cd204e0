/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Byte queues. `head` and `tail` count for ever and wrap; only their low bits index. */
#include <base/ring.h>
#include <base/string.h>

void ring_init(struct ring *ring, void *buffer, size_t size)
{
	ring->bytes = buffer;
	ring->size = size;
	ring->head = 0;
	ring->tail = 0;
}

void *ring_read_span(const struct ring *ring, size_t *length)
{
	size_t position = ring->tail & (ring->size - 1);

	*length = min_size(ring_used(ring), ring->size - position);
	return ring->bytes + position;
}

void *ring_write_span(const struct ring *ring, size_t *length)
{
	size_t position = ring->head & (ring->size - 1);

	*length = min_size(ring_free(ring), ring->size - position);
	return ring->bytes + position;
}

void ring_skip(struct ring *ring, size_t length)
{
	ring->tail += length;
}

void ring_commit(struct ring *ring, size_t length)
{
	ring->head += length;
}

/* At most two spans: up to the end of the buffer, then from its beginning. */
size_t ring_put(struct ring *ring, const void *from, size_t length)
{
	const uint8_t *bytes = from;
	size_t done = 0;

	while (done < length) {
		size_t part;
		void *span = ring_write_span(ring, &part);

		part = min_size(part, length - done);
		if (part == 0)
			break;
		memcpy(span, bytes + done, part);
		ring_commit(ring, part);
		done += part;
	}
	return done;
}

size_t ring_take(struct ring *ring, void *to, size_t length)
{
	uint8_t *bytes = to;
	size_t done = 0;

	while (done < length) {
		size_t part;
		const void *span = ring_read_span(ring, &part);

		part = min_size(part, length - done);
		if (part == 0)
			break;
		memcpy(bytes + done, span, part);
		ring_skip(ring, part);
		done += part;
	}
	return done;
}
