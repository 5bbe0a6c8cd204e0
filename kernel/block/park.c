/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks whose driver is exchanged: what the old one had is with the class again, what comes waits, and the
 * new one goes on with it. Programs notice nothing but that it takes a moment.
 *
 * A parked disk's queues are held as those of one that sleeps, and nobody asks its driver, which it has none of:
 * who parked it has that turn until it is adopted or removed.
 */
#include "block_priv.h"

#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>

bool block_disk_park(struct ddk_disk *handle)
{
	struct block_disk *disk = block_disk_of(handle);

	if (disk->half_read)
		return false;
	block_queues_hold(disk);
	block_turn_take(&disk->asking);
	(void)!block_queues_drain(disk, DEADLINE_NEVER);
	disk->parked = true;
	log_info("block", "%s: waits for a driver", disk->whole->name);
	return true;
}

/* --- Who may take its place. --- */

/* As the class keeps texts: without blanks around them, and no more than printable. */
static bool same_text(const char *kept, const char *given, size_t size)
{
	size_t length = strnlen(given, size), kept_length = strlen(kept);

	while (length > 0 && given[length - 1] == ' ')
		length--;
	for (; length > 0 && *given == ' '; length--)
		given++;
	if (length != kept_length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (kept[i] != given[i] && given[i] >= ' ' && given[i] <= '~')
			return false;
	return true;
}

static bool same_name(const struct block_disk *disk, const struct ddk_disk_description *description)
{
	return disk->description.unit == description->unit &&
	       strncmp(disk->prefix, description->prefix, sizeof(disk->prefix) - 1) == 0;
}

static bool same_identity(const struct block_disk *disk,
			  const struct ddk_disk_description *description)
{
	return same_text(disk->description.model, description->model, DDK_DISK_MODEL_MAX) &&
	       same_text(disk->description.serial, description->serial, DDK_DISK_SERIAL_MAX);
}

/* Requests with what was begun by the old driver are cut for its limits, and for its tags. */
static bool has_room(const struct ddk_disk_description *now, const struct ddk_disk_description *was)
{
	return now->block_size == was->block_size && now->max_blocks >= was->max_blocks &&
	       now->max_segments >= was->max_segments &&
	       now->max_segment_length >= was->max_segment_length &&
	       now->segment_alignment <= was->segment_alignment &&
	       (now->gap_alignment == 0 || now->gap_alignment == was->gap_alignment) &&
	       (!now->below_4g || was->below_4g) && now->queue_depth >= was->queue_depth;
}

static bool same_abilities(const struct ddk_disk_description *now,
			   const struct ddk_disk_description *was)
{
	return now->max_discard_blocks == was->max_discard_blocks &&
	       now->max_write_zeroes_blocks == was->max_write_zeroes_blocks &&
	       now->volatile_cache == was->volatile_cache && now->fua == was->fua &&
	       now->removable == was->removable && now->read_only == was->read_only;
}

bool block_disk_fits(const struct ddk_disk *handle, const struct ddk_disk_description *description)
{
	const struct block_disk *disk =
		container_of((struct ddk_disk *)handle, struct block_disk, handle);

	return same_name(disk, description) && same_identity(disk, description) &&
	       has_room(description, &disk->description) &&
	       same_abilities(description, &disk->description) &&
	       description->queue_count >= disk->queue_count;
}

bool block_disk_is_in_the_way(const struct ddk_disk *handle,
			      const struct ddk_disk_description *description)
{
	const struct block_disk *disk =
		container_of((struct ddk_disk *)handle, struct block_disk, handle);

	return same_name(disk, description) &&
	       (description->unit != 0 || same_identity(disk, description));
}

/* --- Going on. --- */

/* What waits to be tried again has waited for a driver, not for the device: its time begins anew. */
static void renew(struct block_queue *queue)
{
	uint64_t now = clock_monotonic_ns();
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	struct list_node *node;

	list_for_each (node, &queue->again) {
		struct block_request *request = container_of(node, struct block_request, node);

		request->first_issued = now;
		request->not_before = 0;
		request->hardware.driver[0] = request->hardware.driver[1] = 0;
	}
	spin_unlock_irqrestore(&queue->lock, state);
}

void block_disk_adopt(struct ddk_disk *handle, const struct ddk_disk_description *description,
		      const struct ddk_disk_ops *ops, void *context)
{
	struct block_disk *disk = block_disk_of(handle);

	handle->ops = ops;
	handle->context = context;
	if (description->timeout_ns)
		disk->description.timeout_ns = description->timeout_ns;
	if (description->block_count << disk->block_shift != disk->sector_count)
		block_disk_resize(handle, description->block_count);
	for (unsigned i = 0; i < disk->queue_count; i++)
		renew(&disk->queues[i]);
	disk->parked = false;
	log_info("block", "%s: has a driver again", disk->whole->name);
	block_turn_end(&disk->asking);
	block_disk_resume(handle);
}
