/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the driver share.
 *
 * The interface is `open` from open to close. Meanwhile the hardware is `running`, but for the time in which it is
 * reset because it hangs. Who looks at the rings holds `lock` and finds it running.
 * What need not be done at once, or may sleep, is the work's: the link, resets, and what came while the
 * handler had done enough.
 */
#pragma once

#include <base/errno.h>
#include <ddk/dma.h>
#include <ddk/io.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/net.h>
#include <ddk/pci.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>

#include "registers.h"

#define RING_ENTRIES   256
#define RECEIVE_BUFFER 2048
#define MTU            1500

struct e1000e {
	/* Immutable. */
	struct device *device;
	struct ddk_region registers;
	bool msix;
	uint32_t causes; /* those that are wanted */
	uint8_t address[DDK_NET_ADDRESS_LENGTH];
	struct ddk_net *net;

	struct ddk_dma receive_ring, send_ring;
	struct ddk_dma buffers; /* RING_ENTRIES of RECEIVE_BUFFER bytes */

	/* Guards all below, and who changes registers of the rings while they run. */
	struct ddk_lock lock;
	bool open, running;
	bool dead;             /* it was pulled out, or does not come back */
	unsigned receive_next; /* the descriptor that the device fills next */
	bool in_damaged;       /* the rest of a frame is to come that is not wanted */
	/* Descriptors [send_head, send_tail) are the device's; of those it knows the ones before send_told. */
	unsigned send_head, send_tail, send_told;
	struct ddk_net_frame *frames[RING_ENTRIES];
	unsigned filter;
	unsigned stalled;   /* ticks in which nothing left though something should have */
	unsigned last_head; /* of the tick before */
	bool hung, receive_more, link_changed; /* what the work is to see to */
	unsigned resets;                       /* without a frame having left since */

	struct ddk_timer timer;
	struct ddk_work work;
};

static inline uint32_t e1000e_read(const struct e1000e *e, enum e1000e_register offset)
{
	return ddk_read32(&e->registers, offset);
}

static inline void e1000e_write(const struct e1000e *e, enum e1000e_register offset, uint32_t value)
{
	ddk_write32(&e->registers, offset, value);
}

/* hardware.c. Thread context. */
/* Stops all that it does and resets it: no DMA, no interrupts then. -ENODEV (it is gone), -ETIMEDOUT. */
int must_check e1000e_reset(struct e1000e *e);
/* Its address, as it has it after a reset. -ENODEV: none that is one. */
int must_check e1000e_read_address(struct e1000e *e);
/* After a reset: tells it everything, and lets it begin; but it raises no interrupts yet. */
void e1000e_start(struct e1000e *e);
/* The way in for frames, as `filter` says. */
uint32_t e1000e_receive_control(const struct e1000e *e);
bool e1000e_is_gone(const struct e1000e *e);

/* rings.c */
/* -ENOMEM. */
int must_check e1000e_rings_allocate(struct e1000e *e);
void e1000e_rings_free(struct e1000e *e);
/* All buffers to be filled, nothing to be sent; the device does not know of it yet. */
void e1000e_rings_init(struct e1000e *e);
/* Passes on up to `limit` frames that came; true: there may be more. lock is held, and it runs. */
bool e1000e_receive(struct e1000e *e, unsigned limit);
/* Gives back what was sent. No lock is held. */
void e1000e_finish_sent(struct e1000e *e);
/* Gives back all frames, with that error: the device does not look at them any more. No lock is held. */
void e1000e_return_frames(struct e1000e *e, int error);
int e1000e_send(struct ddk_net *net, struct ddk_net_frame *frame, bool last);

/* run.c */
bool e1000e_handle(void *context);
void e1000e_tick(struct ddk_timer *timer);
void e1000e_run_work(struct ddk_work *work);
int e1000e_open(struct ddk_net *net);
void e1000e_close(struct ddk_net *net);
void e1000e_set_filter(struct ddk_net *net, unsigned filter);
