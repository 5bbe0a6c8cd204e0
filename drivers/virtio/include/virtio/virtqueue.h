/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Split virtqueues (virtio 1.2, 2.7), the driver's side: rings in memory that the device shares.
 *
 * The device may be hostile. What the driver needs to know of its own requests is kept apart
 * from the shared memory; a used ring that makes no sense marks the queue broken, after which
 * it takes and gives nothing.
 *
 * Not locked: the caller serialises all calls for one queue.
 */
#pragma once

#include <base/types.h>

#define VIRTQUEUE_SIZE_MAX 1024

/* A piece of memory as the device sees it. */
struct virtqueue_segment {
	uint64_t address;
	uint32_t length;
};

struct virtqueue_descriptor {
	/* 0x00 */ uint64_t address;
	/* 0x08 */ uint32_t length;
	/* 0x0c */ uint16_t flags;
	/* 0x0e */ uint16_t next;
};

struct virtqueue_used_entry {
	/* 0x00 */ uint32_t id;
	/* 0x04 */ uint32_t length;
};

_Static_assert(sizeof(struct virtqueue_descriptor) == 16, "virtio 1.2, 2.7.5");
_Static_assert(sizeof(struct virtqueue_used_entry) == 8, "virtio 1.2, 2.7.8");

/* What the driver keeps of a descriptor. */
struct virtqueue_slot {
	void *token;       /* of a request that begins here; NULL: none */
	uint32_t writable; /* how many bytes the device may write for that request */
	uint16_t count;    /* descriptors of that request */
	uint16_t next;     /* of the request, or in the list of free ones */
};

struct virtqueue {
	uint16_t size; /* a power of two */
	bool broken;
	uint16_t free_first, free_count;
	uint16_t available_index; /* as published */
	uint16_t used_index;      /* of the next entry to look at */
	volatile struct virtqueue_descriptor *descriptors;
	volatile uint16_t *available;  /* flags, index, ring */
	volatile uint16_t *used_flags; /* flags, index */
	volatile struct virtqueue_used_entry *used;
	struct virtqueue_slot *slots;
};

/* Where the parts lie in the shared memory of a queue of `size` entries, and its length. */
size_t virtqueue_available_offset(uint16_t size);
size_t virtqueue_used_offset(uint16_t size);
size_t virtqueue_bytes(uint16_t size);

/* `memory` is cleared, has virtqueue_bytes() and is aligned to 16; `slots` has `size` entries.
 * `size` is a power of two up to VIRTQUEUE_SIZE_MAX. Both stay the caller's. */
void virtqueue_init(struct virtqueue *queue, uint16_t size, void *memory,
		    struct virtqueue_slot *slots);

/* Makes a request available: `readable` segments for the device to read, then `writable` ones
 * for it to write, at least one in all. `token` (not NULL) comes back when it is done.
 * -ENOSPC (no room now), -EIO (broken). The device must be notified afterwards, if
 * virtqueue_wants_notification(). */
int must_check virtqueue_add(struct virtqueue *queue, const struct virtqueue_segment *segments,
			     unsigned readable, unsigned writable, void *token);
bool virtqueue_wants_notification(const struct virtqueue *queue);

/* Takes a request that the device is done with: its token, and how many bytes were written, at
 * most as many as it was allowed. NULL: none (or broken). */
void *virtqueue_take(struct virtqueue *queue, uint32_t *written);
/* True if virtqueue_take() would look at something. */
bool virtqueue_has_used(const struct virtqueue *queue);

/* Takes back any request that the device has not done, once it has been reset. NULL: none. */
void *virtqueue_take_back(struct virtqueue *queue);
