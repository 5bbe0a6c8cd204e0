/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A namespace as a disk of the class. */
#include <base/string.h>

#include "nvme.h"

#define BLOCKS_MAX 65536u /* of a command: 16 bits, less 1 */
/* Some controllers pass over larger ranges without a word. */
#define DISCARD_MAX (1u << 30) /* bytes */

static struct nvme_queue *queue_of(const struct ddk_disk_request *request)
{
	const struct nvme_namespace *namespace = ddk_disk_context(request->disk);

	return &namespace->controller->queues[request->queue];
}

static int submit(struct ddk_disk_request *request, bool last)
{
	return nvme_queue_submit(queue_of(request), ddk_disk_context(request->disk), request, last);
}

static void timed_out(struct ddk_disk_request *request)
{
	nvme_recover(queue_of(request), request);
}

static int read_health(struct ddk_disk *disk, struct ddk_disk_health *health)
{
	const struct nvme_namespace *namespace = ddk_disk_context(disk);

	return nvme_read_health(namespace->controller, health);
}

const struct ddk_disk_ops nvme_disk_ops = {
	.submit = submit,
	.timed_out = timed_out,
	.read_health = read_health,
};

/* What the device writes at once, in bytes; 0 if it does not say. */
static uint32_t granularity(const struct nvme_namespace *namespace,
			    const struct nvme_namespace_data *data)
{
	uint32_t blocks = data->write_granularity + 1u;

	if (!(data->features & NVME_NAMESPACE_GRANULARITIES) || !is_power_of_two(blocks))
		return 0;
	return blocks << namespace->block_shift;
}

void nvme_describe_disk(const struct nvme_namespace *namespace,
			const struct nvme_namespace_data *data,
			struct ddk_disk_description *description)
{
	const struct nvme_controller *controller = namespace->controller;
	unsigned commands = controller->data.commands;
	uint32_t blocks =
		(uint32_t)min_u64(controller->transfer_max >> namespace->block_shift, BLOCKS_MAX);
	bool sgl = controller->sgl_alignment != 0;

	*description = (struct ddk_disk_description){
		.prefix = "nvme",
		.unit = namespace->id,
		.block_count = namespace->block_count,
		.block_size = 1u << namespace->block_shift,
		.physical_block_size = granularity(namespace, data),
		.max_blocks = blocks,
		.max_segments = sgl ? NVME_LIST_SGLS : NVME_LIST_PRPS + 1,
		.max_segment_length = NVME_TRANSFER_MAX,
		.gap_alignment = sgl ? 0 : NVME_PAGE_SIZE,
		.segment_alignment = sgl ? controller->sgl_alignment : 4,
		.volatile_cache = controller->data.volatile_cache & NVME_VOLATILE_CACHE,
		.fua = true,
		.read_only = namespace->read_only,
		.queue_count = controller->queue_count,
		.queue_depth = namespace->depth,
	};
	if (commands & NVME_KNOWS_DATASET_MANAGEMENT)
		description->max_discard_blocks = DISCARD_MAX >> namespace->block_shift;
	/* No data go with it, but controllers take their time. */
	if (commands & NVME_KNOWS_WRITE_ZEROES)
		description->max_write_zeroes_blocks = blocks;
	string_copy(description->model, controller->model, sizeof(description->model));
	string_copy(description->serial, controller->serial, sizeof(description->serial));
	string_copy(description->firmware, controller->firmware, sizeof(description->firmware));
}
