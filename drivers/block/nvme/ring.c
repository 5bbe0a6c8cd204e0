/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Submission and completion queues (4.1), and their doorbells: registers, and where the
 * controller offers it, words in memory (7.13) that it looks at while it is busy, so that it
 * has to be told of less. A register's write is what costs most, in a virtual machine.
 */
#include "nvme.h"

int nvme_ring_init(struct nvme_ring *ring, struct nvme_controller *controller, uint16_t id,
		   uint32_t entries)
{
	int error;

	ring->controller = controller;
	ring->id = id;
	ring->entries = entries;
	error = ddk_dma_allocate(controller->device, entries * sizeof(struct nvme_command), 0,
				 &ring->commands);
	if (!error)
		error = ddk_dma_allocate(controller->device,
					 entries * sizeof(struct nvme_completion), 0,
					 &ring->completions);
	if (!error)
		nvme_ring_reset(ring);
	return error;
}

void nvme_ring_fini(struct nvme_ring *ring)
{
	ddk_dma_free(&ring->commands);
	ddk_dma_free(&ring->completions);
}

void nvme_ring_reset(struct nvme_ring *ring)
{
	struct nvme_completion *completions = ring->completions.memory;

	/* No entry has the phase of a new one. */
	for (uint32_t i = 0; i < ring->entries; i++)
		completions[i] = (struct nvme_completion){ 0 };
	ring->tail = 0;
	ring->announced = 0;
	ring->head = 0;
	ring->phase = 1;
	ring->unacknowledged = 0;
}

/* The doorbell of the submission queue (0) or completion queue (1). */
static size_t doorbell_offset(const struct nvme_ring *ring, unsigned which)
{
	return (2 * (size_t)ring->id + which) * ring->controller->doorbell_stride;
}

/* True if `event` is among the values that follow `old`, up to `new`; all are indices that wrap
 * at the size of the queue, and the differences at 16 bits, in the same order. */
static bool passes_event(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

/* Puts the value into the doorbell's word in memory. False if the register need not be written. */
static bool write_shadow(const struct nvme_ring *ring, size_t offset, uint32_t value)
{
	const struct ddk_dma *shadow = &ring->controller->shadow;
	volatile uint32_t *word = (volatile uint32_t *)((char *)shadow->memory + offset);
	volatile uint32_t *event = (volatile uint32_t *)((char *)word + NVME_PAGE_SIZE);
	uint32_t old = *word;

	/* What was written to the queue comes before the word. */
	ddk_dma_write_barrier();
	*word = value;
	/* The controller writes the event index, then looks at the word once more; we do it the
	 * other way round, so that one of us sees the other. */
	ddk_dma_barrier();
	return passes_event((uint16_t)*event, (uint16_t)value, (uint16_t)old);
}

static void ring_doorbell(const struct nvme_ring *ring, unsigned which, uint32_t value)
{
	struct nvme_controller *controller = ring->controller;
	size_t offset = doorbell_offset(ring, which);

	/* The admin queue's doorbell is always rung: it does no harm, and is never lost. */
	if (controller->shadow_used && !write_shadow(ring, offset, value) &&
	    controller->shadow_trusted && ring->id != 0)
		return;
	ddk_write32(&controller->doorbells, offset, value);
}

void nvme_ring_announce(struct nvme_ring *ring)
{
	if (ring->tail == ring->announced)
		return;
	ring->announced = ring->tail;
	ring_doorbell(ring, 0, ring->tail);
}

bool nvme_ring_take(struct nvme_ring *ring, struct nvme_completion *completion)
{
	struct nvme_completion *entry =
		(struct nvme_completion *)ring->completions.memory + ring->head;
	uint16_t status = *(volatile uint16_t *)&entry->status;

	if ((status & 1) != ring->phase)
		return false;
	/* The status is written last. */
	ddk_dma_read_barrier();
	*completion = (struct nvme_completion){
		.result = *(volatile uint32_t *)&entry->result,
		.queue = *(volatile uint16_t *)&entry->queue,
		.id = *(volatile uint16_t *)&entry->id,
		.status = (uint16_t)(status >> 1),
	};
	ring->unacknowledged++;
	if (++ring->head == ring->entries) {
		ring->head = 0;
		ring->phase ^= 1;
	}
	return true;
}

void nvme_ring_acknowledge(struct nvme_ring *ring)
{
	if (ring->unacknowledged == 0)
		return;
	ring->unacknowledged = 0;
	ring_doorbell(ring, 1, ring->head);
}

void nvme_ring_insist(struct nvme_ring *ring)
{
	struct nvme_controller *controller = ring->controller;

	ring->announced = ring->tail;
	ring->unacknowledged = 0;
	(void)write_shadow(ring, doorbell_offset(ring, 0), ring->tail);
	(void)write_shadow(ring, doorbell_offset(ring, 1), ring->head);
	ddk_write32(&controller->doorbells, doorbell_offset(ring, 0), ring->tail);
	ddk_write32(&controller->doorbells, doorbell_offset(ring, 1), ring->head);
}
