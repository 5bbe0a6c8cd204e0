/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bounce buffers: where a bio's memory is nothing that the device can reach (too high, not
 * aligned, pieces with gaps), frames of the block layer's own stand for it.
 *
 * Each disk that may need some keeps enough for one request, so that it goes on without memory.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>

#define BOUNCE_FRAMES 16

static bool may_bounce(const struct ddk_disk_description *description)
{
	return description->below_4g || description->segment_alignment > 1 ||
	       description->gap_alignment != 0;
}

static unsigned frame_flags_for(const struct block_disk *disk)
{
	return disk->description.below_4g ? FRAME_DMA32 : 0;
}

int block_bounce_create(struct block_disk *disk)
{
	spinlock_init(&disk->bounce_lock, RANK_BLOCK, "bounce frames");
	list_init(&disk->bounce_frames);
	if (!may_bounce(&disk->description))
		return 0;
	for (unsigned i = 0; i < BOUNCE_FRAMES; i++) {
		struct frame *frame = frame_allocate(0, frame_flags_for(disk));

		if (!frame) {
			block_bounce_destroy(disk);
			return -ENOMEM;
		}
		list_push_back(&disk->bounce_frames, &frame->node);
		disk->bounce_count++;
	}
	return 0;
}

static struct frame *pop_frame(struct list *list)
{
	struct list_node *node = list_pop_front(list);

	return node ? container_of(node, struct frame, node) : NULL;
}

void block_bounce_destroy(struct block_disk *disk)
{
	struct frame *frame;

	while ((frame = pop_frame(&disk->bounce_frames)))
		frame_put(frame);
}

static struct frame *take_frame(struct block_disk *disk)
{
	irq_state_t state = spin_lock_irqsave(&disk->bounce_lock);
	struct frame *frame = pop_frame(&disk->bounce_frames);

	if (frame)
		disk->bounce_count--;
	spin_unlock_irqrestore(&disk->bounce_lock, state);
	return frame ? frame : frame_allocate(0, frame_flags_for(disk));
}

static void give_frame(struct block_disk *disk, struct frame *frame)
{
	irq_state_t state = spin_lock_irqsave(&disk->bounce_lock);
	bool keep = disk->bounce_count < BOUNCE_FRAMES;

	if (keep) {
		list_push_back(&disk->bounce_frames, &frame->node);
		disk->bounce_count++;
	}
	spin_unlock_irqrestore(&disk->bounce_lock, state);
	if (!keep)
		frame_put(frame);
}

/* Copies `length` bytes between the bio, from `offset` on, and the frames of the request. */
static void copy(struct block_request *request, bool to_bio)
{
	const struct bio *bio = request->bios;
	uint64_t skip = request->offset, left = request->length;
	struct list_node *node = list_first(&request->bounce);
	size_t at = 0;

	for (unsigned i = 0; left > 0 && node; i++) {
		const struct bio_segment *segment = &bio->segments[i];
		uint64_t offset = min_u64(skip, segment->length);
		uint64_t end = min_u64(segment->length, offset + left);

		skip -= offset;
		while (offset < end && node) {
			char *page = frame_address(container_of(node, struct frame, node));
			char *memory =
				(char *)frame_address(segment->frame) + segment->offset + offset;
			size_t part = min_size((size_t)(end - offset), PAGE_SIZE - at);

			if (to_bio)
				memcpy(memory, page + at, part);
			else
				memcpy(page + at, memory, part);
			offset += part;
			left -= part;
			at += part;
			if (at == PAGE_SIZE) {
				at = 0;
				node = list_next(&request->bounce, node);
			}
		}
	}
}

static void free_frames(struct block_request *request)
{
	struct block_disk *disk = block_disk_of_request(request);
	struct frame *frame;

	while ((frame = pop_frame(&request->bounce)))
		give_frame(disk, frame);
}

uint64_t block_bounce_build(struct block_request *request, uint64_t length)
{
	struct block_disk *disk = block_disk_of_request(request);
	const struct ddk_disk_description *description = &disk->description;
	uint64_t done = 0;
	unsigned count = 0;

	while (done < length && count < min_u64(description->max_segments, BOUNCE_FRAMES)) {
		struct frame *frame = take_frame(disk);

		if (!frame)
			break;
		list_push_back(&request->bounce, &frame->node);
		request->segments[count].device_address = frame_physical(frame);
		request->segments[count].length = (uint32_t)min_u64(length - done, PAGE_SIZE);
		done += request->segments[count++].length;
	}
	/* Whole blocks; a frame holds at least one. */
	request->hardware.segment_count = count;
	request->length = done;
	if (done > 0 && request->bios->operation == BIO_WRITE)
		copy(request, false);
	return done;
}

void block_bounce_unbuild(struct block_request *request, int error)
{
	if (!error && request->bios->operation == BIO_READ)
		copy(request, true);
	free_frames(request);
}
