/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A byte queue in a fixed buffer whose size is a power of two. Not locked.
 */
#pragma once

#include <base/types.h>

struct ring {
	uint8_t *bytes;
	size_t size; /* a power of two */
	size_t head; /* bytes ever put in */
	size_t tail; /* bytes ever taken out */
};

void ring_init(struct ring *ring, void *buffer, size_t size);

static inline size_t ring_used(const struct ring *ring)
{
	return ring->head - ring->tail;
}

static inline size_t ring_free(const struct ring *ring)
{
	return ring->size - ring_used(ring);
}

/* Copy in or out as much as fits; return the number of bytes. */
size_t ring_put(struct ring *ring, const void *from, size_t length);
size_t ring_take(struct ring *ring, void *to, size_t length);

/* The longest contiguous readable or writable part, for copying without a bounce buffer;
 * ring_skip() and ring_commit() then consume or add that many bytes. */
void *ring_read_span(const struct ring *ring, size_t *length);
void *ring_write_span(const struct ring *ring, size_t *length);
void ring_skip(struct ring *ring, size_t length);
void ring_commit(struct ring *ring, size_t length);
