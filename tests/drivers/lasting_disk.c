/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk of the driver "lasting": 7 blocks behind the device's DMA engine, which is polled. */
#include "lasting.h"

#include <base/errno.h>
#include <base/string.h>

#define BLOCK_SIZE  512
#define BLOCK_COUNT 7 /* the engine does not reach the last byte */

bool lasting_interrupt(void *context)
{
	struct lasting *lasting = context;
	uint32_t reasons = ddk_read32(&lasting->registers, EDU_IRQ_STATUS);

	if (reasons == 0 || reasons == UINT32_MAX)
		return false;
	ddk_write32(&lasting->registers, EDU_IRQ_ACKNOWLEDGE, reasons);
	ddk_event_signal(&lasting->event);
	return true;
}

bool lasting_copy(struct lasting *lasting, uint64_t place, uint64_t memory, uint32_t length,
		  bool to_memory)
{
	const struct ddk_region *registers = &lasting->registers;
	uint64_t end = ddk_time() + 60 * DDK_SECOND;

	ddk_write32(registers, EDU_DMA_SOURCE, (uint32_t)(to_memory ? place : memory));
	ddk_write32(registers, EDU_DMA_DESTINATION, (uint32_t)(to_memory ? memory : place));
	ddk_write32(registers, EDU_DMA_COUNT, length);
	ddk_write32(registers, EDU_DMA_COMMAND, EDU_DMA_RUN | (to_memory ? EDU_DMA_TO_MEMORY : 0));
	while (ddk_read32(registers, EDU_DMA_COMMAND) & EDU_DMA_RUN) {
		if (ddk_time() > end)
			return false;
		ddk_sleep(DDK_MILLISECOND);
	}
	ddk_dma_barrier();
	return true;
}

static int transfer(struct lasting *lasting, const struct ddk_disk_request *request)
{
	uint64_t place = EDU_MEMORY + request->block * BLOCK_SIZE;

	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];

		if (!lasting_copy(lasting, place, segment->device_address, segment->length,
				  request->operation == DDK_DISK_READ))
			return -EIO;
		place += segment->length;
	}
	return 0;
}

static void on_transfer(struct ddk_work *work)
{
	struct lasting *lasting = container_of(work, struct lasting, transfer);
	struct ddk_disk_request *request;

	ddk_lock_acquire(&lasting->lock);
	request = lasting->request;
	lasting->request = NULL;
	ddk_lock_release(&lasting->lock);
	if (request)
		ddk_disk_complete(request, transfer(lasting, request));
}

static int submit(struct ddk_disk_request *request, bool last)
{
	struct lasting *lasting = ddk_disk_context(request->disk);

	(void)last;
	if (request->operation > DDK_DISK_WRITE || request->queue != 0 || request->tag != 0 ||
	    request->driver[0] != 0 || request->block + request->count > BLOCK_COUNT)
		return -EOPNOTSUPP;
	ddk_lock_acquire(&lasting->lock);
	lasting->request = request;
	ddk_lock_release(&lasting->lock);
	ddk_work_queue(&lasting->transfer);
	return 0;
}

static void timed_out(struct ddk_disk_request *request)
{
	struct lasting *lasting = ddk_disk_context(request->disk);

	/* The work ends by itself, with an error. */
	ddk_work_flush(&lasting->transfer);
}

static int read_health(struct ddk_disk *disk, struct ddk_disk_health *health)
{
	(void)disk;
	memset(health, 0xff, sizeof(*health));
	health->failing = false;
	health->temperature = 21;
	return 0;
}

int lasting_make_disk(struct lasting *lasting)
{
	static const struct ddk_disk_ops ops = {
		.submit = submit,
		.timed_out = timed_out,
		.read_health = read_health,
	};
	struct ddk_disk_description description = {
		.prefix = "lasting",
		.model = "lasting",
		.block_count = BLOCK_COUNT,
		.block_size = BLOCK_SIZE,
		.max_blocks = BLOCK_COUNT,
		.max_segments = BLOCK_COUNT,
		.max_segment_length = 4096,
		.segment_alignment = 4,
		.below_4g = true,
		.queue_count = 1,
		.queue_depth = 1,
		.timeout_ns = 120 * DDK_SECOND,
	};

	ddk_work_init(&lasting->transfer, on_transfer);
	return ddk_disk_create(lasting->device, &description, &ops, lasting, &lasting->disk);
}

void lasting_remove_disk(struct lasting *lasting)
{
	ddk_disk_remove(lasting->disk);
	ddk_work_flush(&lasting->transfer);
}
