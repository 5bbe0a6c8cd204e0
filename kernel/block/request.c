/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests: what of the bios that wait goes to the device at once.
 *
 * A request is a part of one bio, or all of several that are neighbours on the disk. What a device
 * cannot do is cut: its description says how long, of how many and which pieces of memory a
 * request may be.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/frame.h>

/* --- Choosing bios. --- */

/* Whether the device can do all of the bio as it is, whatever comes before and behind. */
static bool is_plain(const struct ddk_disk_description *description, const struct bio *bio)
{
	for (unsigned i = 0; i < bio->segment_count; i++) {
		const struct bio_segment *segment = &bio->segments[i];
		uint64_t start = frame_physical(segment->frame) + segment->offset;

		if (segment->length > description->max_segment_length ||
		    (start | segment->length) & (description->segment_alignment - 1) ||
		    (description->below_4g && start + segment->length > 1ull << 32))
			return false;
		if (description->gap_alignment &&
		    (start | segment->length) & (description->gap_alignment - 1))
			return false;
	}
	return true;
}

/* Puts neighbours of the request's bio before and behind it. */
static void gather(struct block_queue *queue, struct block_request *request, struct bio *first)
{
	const struct ddk_disk_description *description = &queue->disk->description;
	uint64_t room = (uint64_t)description->max_blocks * description->block_size;
	unsigned segments = description->max_segments;
	struct bio *last = first;

	if (first->length > room || first->segment_count > segments ||
	    !is_plain(description, first))
		return;
	room -= first->length;
	segments -= first->segment_count;
	for (bool before = false;;) {
		uint64_t sector =
			before ? block_bio_sector(request->bios) : block_bio_end_sector(last);
		struct bio *bio = block_queue_neighbour(queue, first, sector, before);

		if (!bio || bio->length > room || bio->segment_count > segments ||
		    !is_plain(description, bio)) {
			if (before)
				return;
			before = true;
			continue;
		}
		block_queue_take(queue, bio);
		room -= bio->length;
		segments -= bio->segment_count;
		if (before) {
			bio->next = request->bios;
			request->bios = bio;
		} else {
			last->next = bio;
			last = bio;
		}
	}
}

static struct block_request *take_again(struct block_queue *queue)
{
	struct list_node *node;

	list_for_each (node, &queue->again) {
		struct block_request *request = container_of(node, struct block_request, node);

		if (request->not_before > clock_monotonic_ns())
			continue;
		block_queue_take_again(queue, request);
		return request;
	}
	return NULL;
}

struct block_request *block_request_begin(struct block_queue *queue, struct bio *bio)
{
	struct block_request *request = &queue->requests[queue->free_tags[--queue->free_count]];

	atomic_store_explicit(&request->state, REQUEST_TAKEN, memory_order_relaxed);
	request->failures = request->timeouts = 0;
	request->first_issued = 0;
	request->hardware.segment_count = 0;
	request->bios = bio;
	request->offset = bio->issued;
	request->length = 0;
	request->background = (bio->flags & BIO_BACKGROUND) != 0;
	queue->background += request->background;
	block_count_begin(queue, request);
	return request;
}

struct block_request *block_request_take(struct block_queue *queue)
{
	struct block_request *request;
	struct bio *bio;

	if (!list_empty(&queue->again) && (request = take_again(queue)))
		return request;
	if (queue->free_count == 0 || queue->waiting_count == 0 ||
	    !(bio = block_queue_choose(queue)))
		return NULL;
	block_queue_take(queue, bio);
	request = block_request_begin(queue, bio);
	if (queue->by_sector.root && bio->issued == 0 && !(bio->state & BIO_STATE_ALONE))
		gather(queue, request, bio);
	return request;
}

/* --- Segments. --- */

/* Adds as much of [address, address + length) as may be; returns how much that is. */
static uint64_t add_piece(const struct ddk_disk_description *description,
			  struct block_request *request, uint64_t address, uint64_t length)
{
	struct ddk_disk_segment *segments = request->segments;
	unsigned *count = &request->hardware.segment_count;
	uint64_t done = 0;

	if ((address | length) & (description->segment_alignment - 1) ||
	    (description->below_4g && address + length > 1ull << 32))
		return 0;
	while (done < length) {
		struct ddk_disk_segment *last = &segments[*count - 1];
		uint64_t part = min_u64(length - done, description->max_segment_length);

		if (*count > 0 && last->device_address + last->length == address + done &&
		    last->length < description->max_segment_length) {
			part = min_u64(part, description->max_segment_length - last->length);
			last->length += (uint32_t)part;
		} else if (*count < description->max_segments &&
			   (*count == 0 || description->gap_alignment == 0 ||
			    ((last->device_address + last->length) | (address + done)) %
					    description->gap_alignment ==
				    0)) {
			segments[*count].device_address = address + done;
			segments[*count].length = (uint32_t)part;
			(*count)++;
		} else {
			break;
		}
		done += part;
	}
	return done;
}

/* Takes away what is behind the last whole block. */
static void trim(struct block_request *request, uint32_t block_size)
{
	uint64_t excess = request->length & (block_size - 1);

	request->length -= excess;
	while (excess > 0) {
		struct ddk_disk_segment *last =
			&request->segments[request->hardware.segment_count - 1];
		uint64_t part = min_u64(excess, last->length);

		last->length -= (uint32_t)part;
		excess -= part;
		if (last->length == 0)
			request->hardware.segment_count--;
	}
}

/* The memory of the bio from its mark on. */
static void add_bio(const struct ddk_disk_description *description, struct block_request *request,
		    const struct bio *bio, uint64_t room)
{
	uint64_t skip = bio->issued_offset;

	for (unsigned i = bio->issued_segment; i < bio->segment_count && room > 0; i++) {
		const struct bio_segment *segment = &bio->segments[i];
		uint64_t length = min_u64(segment->length - skip, room);
		uint64_t done =
			add_piece(description, request,
				  frame_physical(segment->frame) + segment->offset + skip, length);

		request->length += done;
		room -= done;
		if (done < length)
			return;
		skip = 0;
	}
}

static uint64_t add_zeroes(const struct ddk_disk_description *description,
			   struct block_request *request, uint64_t room)
{
	uint64_t address = frame_physical(block_zeroes);
	uint64_t most = min_u64(BLOCK_ZEROES_SIZE, description->max_segment_length);
	unsigned count = 0;

	while (room > 0 && count < description->max_segments) {
		uint32_t part = (uint32_t)min_u64(room, most);

		request->segments[count++] = (struct ddk_disk_segment){ address, part };
		request->length += part;
		room -= part;
	}
	request->hardware.segment_count = count;
	return request->length;
}

/* --- Building. --- */

enum ddk_disk_operation block_operation_of(const struct block_disk *disk, const struct bio *bio)
{
	switch (bio->operation) {
	case BIO_READ:
		return DDK_DISK_READ;
	case BIO_FLUSH:
		return DDK_DISK_FLUSH;
	case BIO_DISCARD:
		return DDK_DISK_DISCARD;
	case BIO_WRITE_ZEROES:
		return disk->no_write_zeroes ? DDK_DISK_WRITE : DDK_DISK_WRITE_ZEROES;
	default:
		return DDK_DISK_WRITE;
	}
}

/* Of the first bio, what fits into one request. False: no memory. */
static bool build_first(struct block_disk *disk, struct block_request *request, uint64_t left)
{
	const struct ddk_disk_description *description = &disk->description;
	uint64_t most = (uint64_t)description->max_blocks * description->block_size;
	struct bio *bio = request->bios;

	switch (request->hardware.operation) {
	case DDK_DISK_FLUSH:
		return true;
	case DDK_DISK_DISCARD:
		most = (uint64_t)description->max_discard_blocks * description->block_size;
		request->length = min_u64(left, most);
		return true;
	case DDK_DISK_WRITE_ZEROES:
		most = (uint64_t)description->max_write_zeroes_blocks * description->block_size;
		request->length = min_u64(left, most);
		return true;
	default:
		break;
	}
	most = min_u64(most, left);
	if (bio->operation == BIO_WRITE_ZEROES)
		return add_zeroes(description, request, most) > 0;
	add_bio(description, request, bio, most);
	trim(request, description->block_size);
	return request->length > 0 || block_bounce_build(request, most) > 0;
}

/* The usual bio: one piece of memory that the disk can do as it is. False: it is another. */
static inline bool build_simple(const struct block_disk *disk, struct block_request *request,
				const struct bio *bio)
{
	const struct bio_segment *segment = bio->segments;
	uint64_t address;

	if (bio->segment_count != 1 || bio->operation > BIO_WRITE ||
	    bio->length > disk->simple_length || request->offset != 0)
		return false;
	address = frame_physical(segment->frame) + segment->offset;
	if ((address | bio->length) & disk->simple_mask || address > disk->simple_last)
		return false;
	request->segments[0] = (struct ddk_disk_segment){ address, (uint32_t)bio->length };
	request->hardware.segment_count = 1;
	request->length = bio->length;
	return true;
}

/* Moves the mark of a bio of which `length` bytes are under way now. */
static void advance(struct bio *bio, uint64_t length)
{
	bio->issued += length;
	if (!bio->segment_count)
		return;
	length += bio->issued_offset;
	while (length >= bio->segments[bio->issued_segment].length && length > 0) {
		length -= bio->segments[bio->issued_segment].length;
		bio->issued_segment++;
	}
	bio->issued_offset = (uint32_t)length;
}

static void put_back(struct block_queue *queue, struct bio *bio)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	block_queue_put_back(queue, bio);
	spin_unlock_irqrestore(&queue->lock, state);
}

static void give_back(struct block_queue *queue, struct block_request *request)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	queue->submitted--;
	block_queue_put_back(queue, request->bios);
	block_count_undo(queue, request);
	block_request_free(queue, request);
	/* The memory may come back with another queue's request, which does not look here. */
	block_queue_arm_soon(queue);
	spin_unlock_irqrestore(&queue->lock, state);
}

static unsigned flags_of(const struct block_disk *disk, const struct bio *bio)
{
	unsigned flags = bio->flags & BIO_URGENT ? DDK_DISK_URGENT : 0;

	if (bio->flags & BIO_FUA && disk->description.fua && bio->operation == BIO_WRITE)
		flags |= DDK_DISK_FUA;
	return flags;
}

bool block_request_build(struct block_queue *queue, struct block_request *request)
{
	struct block_disk *disk = queue->disk;
	struct ddk_disk_request *hardware = &request->hardware;
	struct bio *bio = request->bios;
	uint64_t sector = block_bio_sector(bio) + (request->offset >> SECTOR_SHIFT);

	hardware->operation = block_operation_of(disk, bio);
	hardware->flags = flags_of(disk, bio);
	hardware->driver[0] = hardware->driver[1] = 0;
	if (!build_simple(disk, request, bio) &&
	    !build_first(disk, request, bio->length - request->offset)) {
		give_back(queue, request);
		return false;
	}
	request->whole = request->length == bio->length;
	if (!request->whole) {
		advance(bio, request->length);
		if (bio->issued < bio->length) {
			atomic_fetch_add_explicit(&bio->left, 1, memory_order_relaxed);
			put_back(queue, bio);
		}
	}
	for (const struct bio *next = bio->next; next; next = next->next)
		add_bio(&disk->description, request, next, next->length);
	hardware->block = bio->operation == BIO_FLUSH ? 0 : sector >> disk->block_shift;
	hardware->count = (uint32_t)(request->length >> (SECTOR_SHIFT + disk->block_shift));
	return true;
}

void block_request_unbuild(struct block_request *request, int error)
{
	if (!list_empty(&request->bounce))
		block_bounce_unbuild(request, error);
}
