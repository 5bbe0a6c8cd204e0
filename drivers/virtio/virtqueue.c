/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <base/errno.h>
#include <ddk/dma.h>
#include <virtio/virtqueue.h>

#define DESCRIPTOR_NEXT  1
#define DESCRIPTOR_WRITE 2
#define USED_NO_NOTIFY   1
#define RING_FLAGS       0 /* 16-bit words before both rings */
#define RING_INDEX       1
#define RING_HEADER      4 /* bytes */
#define RING_EVENT       2 /* bytes behind both rings */
#define USED_ALIGNMENT   4

size_t virtqueue_available_offset(uint16_t size)
{
	return (size_t)size * sizeof(struct virtqueue_descriptor);
}

size_t virtqueue_used_offset(uint16_t size)
{
	return align_up(virtqueue_available_offset(size) + RING_HEADER +
				(size_t)size * sizeof(uint16_t) + RING_EVENT,
			USED_ALIGNMENT);
}

size_t virtqueue_bytes(uint16_t size)
{
	return virtqueue_used_offset(size) + RING_HEADER +
	       (size_t)size * sizeof(struct virtqueue_used_entry) + RING_EVENT;
}

void virtqueue_init(struct virtqueue *queue, uint16_t size, void *memory,
		    struct virtqueue_slot *slots)
{
	char *base = memory;

	*queue = (struct virtqueue){
		.size = size,
		.free_count = size,
		.descriptors = memory,
		.available = (void *)(base + virtqueue_available_offset(size)),
		.used_flags = (void *)(base + virtqueue_used_offset(size)),
		.used = (void *)(base + virtqueue_used_offset(size) + RING_HEADER),
		.slots = slots,
	};
	for (uint16_t i = 0; i < size; i++)
		slots[i] = (struct virtqueue_slot){ .next = (uint16_t)(i + 1) };
}

int virtqueue_add(struct virtqueue *queue, const struct virtqueue_segment *segments,
		  unsigned readable, unsigned writable, void *token)
{
	unsigned count = readable + writable;
	uint16_t first = queue->free_first, at = first;
	uint32_t room = 0;

	if (queue->broken)
		return -EIO;
	if (count > queue->free_count)
		return -ENOSPC;
	for (unsigned i = 0; i < count; i++) {
		volatile struct virtqueue_descriptor *descriptor = &queue->descriptors[at];
		uint16_t flags = i >= readable ? DESCRIPTOR_WRITE : 0;

		room += i >= readable ? segments[i].length : 0;
		descriptor->address = segments[i].address;
		descriptor->length = segments[i].length;
		descriptor->flags = i + 1 < count ? flags | DESCRIPTOR_NEXT : flags;
		descriptor->next = queue->slots[at].next;
		at = queue->slots[at].next;
	}
	queue->free_first = at;
	queue->free_count = (uint16_t)(queue->free_count - count);
	queue->slots[first].token = token;
	queue->slots[first].writable = room;
	queue->slots[first].count = (uint16_t)count;

	queue->available[RING_HEADER / 2 + (queue->available_index & (queue->size - 1))] = first;
	ddk_dma_write_barrier();
	queue->available[RING_INDEX] = ++queue->available_index;
	return 0;
}

bool virtqueue_wants_notification(const struct virtqueue *queue)
{
	/* The index must be visible before the flag is looked at, as the device looks at the
	 * two the other way round. */
	ddk_dma_barrier();
	return !queue->broken && !(queue->used_flags[RING_FLAGS] & USED_NO_NOTIFY);
}

/* Frees the descriptors of the request that begins at `first`. */
static void *release_request(struct virtqueue *queue, uint16_t first)
{
	struct virtqueue_slot *slot = &queue->slots[first];
	void *token = slot->token;
	uint16_t last = first;

	for (uint16_t i = 1; i < slot->count; i++)
		last = queue->slots[last].next;
	queue->slots[last].next = queue->free_first;
	queue->free_first = first;
	queue->free_count = (uint16_t)(queue->free_count + slot->count);
	slot->token = NULL;
	return token;
}

bool virtqueue_has_used(const struct virtqueue *queue)
{
	return !queue->broken && queue->used_flags[RING_INDEX] != queue->used_index;
}

void *virtqueue_take(struct virtqueue *queue, uint32_t *written)
{
	volatile struct virtqueue_used_entry *entry;
	uint32_t id, length;

	if (!virtqueue_has_used(queue))
		return NULL;
	ddk_dma_read_barrier();
	entry = &queue->used[queue->used_index & (queue->size - 1)];
	id = entry->id;
	length = entry->length;
	/* Each entry ends a request that is under way; so the device cannot have more of them
	 * than there are. */
	if (id >= queue->size || !queue->slots[id].token) {
		queue->broken = true;
		return NULL;
	}
	queue->used_index++;
	*written = length < queue->slots[id].writable ? length : queue->slots[id].writable;
	return release_request(queue, (uint16_t)id);
}

void *virtqueue_take_back(struct virtqueue *queue)
{
	for (uint16_t i = 0; i < queue->size; i++)
		if (queue->slots[i].token)
			return release_request(queue, i);
	return NULL;
}
