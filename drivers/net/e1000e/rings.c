/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two rings. What the device writes into descriptors is read once and checked: at worst a frame that it never
 * received is passed on, out of the driver's own buffers.
 */
#include "e1000e.h"

#define TELL_AFTER   16 /* frames that wait for the doorbell at most */
#define FINISH_BATCH 32

static volatile struct receive_descriptor *receive_descriptors(const struct e1000e *e)
{
	return e->receive_ring.memory;
}

static volatile struct send_descriptor *send_descriptors(const struct e1000e *e)
{
	return e->send_ring.memory;
}

int e1000e_rings_allocate(struct e1000e *e)
{
	const size_t size = RING_ENTRIES * sizeof(struct receive_descriptor);
	int error = ddk_dma_allocate(e->device, size, 0, &e->receive_ring);

	if (!error)
		error = ddk_dma_allocate(e->device, size, 0, &e->send_ring);
	if (!error)
		error = ddk_dma_allocate(e->device, RING_ENTRIES * RECEIVE_BUFFER, 0, &e->buffers);
	return error;
}

void e1000e_rings_free(struct e1000e *e)
{
	ddk_dma_free(&e->buffers);
	ddk_dma_free(&e->send_ring);
	ddk_dma_free(&e->receive_ring);
}

/* A descriptor is the device's again. */
static void offer_buffer(struct e1000e *e, unsigned index)
{
	volatile struct receive_descriptor *descriptor = &receive_descriptors(e)[index];

	descriptor->address = e->buffers.device_address + (uint64_t)index * RECEIVE_BUFFER;
	descriptor->length = 0;
	descriptor->errors = 0;
	descriptor->status = 0;
}

void e1000e_rings_init(struct e1000e *e)
{
	for (unsigned i = 0; i < RING_ENTRIES; i++)
		offer_buffer(e, i);
	e->receive_next = 0;
	e->in_damaged = false;
	e->send_head = e->send_tail = e->send_told = 0;
	e->last_head = e->stalled = 0;
	ddk_dma_write_barrier();
}

/* --- Receiving --------------------------------------------------------------------------------- */

/* What lies in the buffer: a frame, or a part of one that is too long, or was damaged. */
static void pass_on(struct e1000e *e, unsigned index, uint8_t status, uint8_t errors,
		    uint16_t length)
{
	const uint8_t *buffer = e->buffers.memory;
	bool whole = (status & RECEIVE_END) && !e->in_damaged;

	if (whole && !(errors & RECEIVE_ERRORS_FATAL) && length >= DDK_NET_HEADER_LENGTH &&
	    length <= RECEIVE_BUFFER)
		ddk_net_received(e->net, buffer + (size_t)index * RECEIVE_BUFFER, length);
	else if (status & RECEIVE_END)
		ddk_net_dropped(e->net, 1, true);
	e->in_damaged = !(status & RECEIVE_END);
}

bool e1000e_receive(struct e1000e *e, unsigned limit)
{
	unsigned count = 0;

	for (; count < limit; count++) {
		unsigned index = e->receive_next;
		volatile struct receive_descriptor *descriptor = &receive_descriptors(e)[index];
		uint8_t status = descriptor->status;

		if (!(status & RECEIVE_DONE))
			break;
		ddk_dma_read_barrier();
		pass_on(e, index, status, descriptor->errors, descriptor->length);
		offer_buffer(e, index);
		e->receive_next = (index + 1) % RING_ENTRIES;
	}
	if (count) {
		ddk_dma_write_barrier();
		e1000e_write(e, REGISTER_RDT, (e->receive_next + RING_ENTRIES - 1) % RING_ENTRIES);
	}
	return count == limit;
}

/* --- Sending ------------------------------------------------------------------------------------ */

static unsigned under_way(const struct e1000e *e)
{
	return (e->send_tail - e->send_head) % RING_ENTRIES;
}

static void tell(struct e1000e *e)
{
	if (e->send_told == e->send_tail)
		return;
	e->send_told = e->send_tail;
	ddk_dma_write_barrier();
	e1000e_write(e, REGISTER_TDT, e->send_tail);
}

static void fill_descriptor(struct e1000e *e, const struct ddk_net_frame *frame)
{
	volatile struct send_descriptor *descriptor = &send_descriptors(e)[e->send_tail];

	descriptor->address = frame->device_address;
	descriptor->length = (uint16_t)frame->length;
	descriptor->checksum_offset = 0;
	descriptor->command = SEND_END | SEND_CHECK | SEND_REPORT;
	descriptor->status = 0;
	descriptor->checksum_start = 0;
	descriptor->tag = 0;
}

int e1000e_send(struct ddk_net *net, struct ddk_net_frame *frame, bool last)
{
	struct e1000e *e = ddk_net_context(net);
	int error = 0;

	ddk_lock_acquire(&e->lock);
	if (e->dead) {
		error = -ENODEV;
	} else if (!e->running || under_way(e) == RING_ENTRIES - 1) {
		error = -EAGAIN;
	} else {
		fill_descriptor(e, frame);
		e->frames[e->send_tail] = frame;
		e->send_tail = (e->send_tail + 1) % RING_ENTRIES;
	}
	if (e->running &&
	    (last || error || (e->send_tail - e->send_told) % RING_ENTRIES >= TELL_AFTER))
		tell(e);
	ddk_lock_release(&e->lock);
	return error;
}

/* Takes up to `limit` frames off the ring that have left. The lock is held. */
static unsigned take_sent(struct e1000e *e, struct ddk_net_frame **frames, unsigned limit)
{
	unsigned count = 0;

	while (count < limit && e->send_head != e->send_told) {
		if (!(send_descriptors(e)[e->send_head].status & SEND_DONE))
			break;
		frames[count++] = e->frames[e->send_head];
		e->send_head = (e->send_head + 1) % RING_ENTRIES;
		e->resets = 0;
	}
	return count;
}

void e1000e_finish_sent(struct e1000e *e)
{
	struct ddk_net_frame *frames[FINISH_BATCH];
	unsigned count;

	do {
		ddk_lock_acquire(&e->lock);
		count = e->running ? take_sent(e, frames, FINISH_BATCH) : 0;
		ddk_lock_release(&e->lock);
		for (unsigned i = 0; i < count; i++)
			ddk_net_sent(e->net, frames[i], 0);
	} while (count == FINISH_BATCH);
}

void e1000e_return_frames(struct e1000e *e, int error)
{
	for (;;) {
		struct ddk_net_frame *frame = NULL;
		bool sent = false;

		ddk_lock_acquire(&e->lock);
		if (e->send_head != e->send_tail) {
			frame = e->frames[e->send_head];
			sent = e->send_head != e->send_told &&
			       (send_descriptors(e)[e->send_head].status & SEND_DONE);
			if (e->send_head == e->send_told)
				e->send_told = (e->send_told + 1) % RING_ENTRIES;
			e->send_head = (e->send_head + 1) % RING_ENTRIES;
		}
		ddk_lock_release(&e->lock);
		if (!frame)
			return;
		ddk_net_sent(e->net, frame, sent ? 0 : error);
	}
}
