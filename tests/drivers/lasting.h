/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the driver "lasting" share. */
#pragma once

#include <ddk/disk.h>
#include <ddk/dma.h>
#include <ddk/io.h>
#include <ddk/irq.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>

#define EDU_LIVENESS        0x04
#define EDU_FACTORIAL       0x08
#define EDU_STATUS          0x20
#define EDU_STATUS_IRQ      0x80
#define EDU_IRQ_STATUS      0x24
#define EDU_IRQ_ACKNOWLEDGE 0x64
#define EDU_DMA_SOURCE      0x80
#define EDU_DMA_DESTINATION 0x88
#define EDU_DMA_COUNT       0x90
#define EDU_DMA_COMMAND     0x98
#define EDU_DMA_RUN         0x1
#define EDU_DMA_TO_MEMORY   0x2

#define EDU_MEMORY 0x40000 /* as the device sees its own */

struct lasting {
	struct device *device;
	struct ddk_region registers;
	struct ddk_mutex mutex; /* ticks */
	unsigned ticks;
	struct ddk_event event;
	struct ddk_timer timer;
	struct ddk_work tick;
	struct ddk_disk *disk;
	struct ddk_work transfer;
	struct ddk_lock lock; /* request */
	struct ddk_disk_request *request;
};

bool lasting_interrupt(void *context);
/* Has the device copy between a place of its own and memory; waits for it. */
bool lasting_copy(struct lasting *lasting, uint64_t place, uint64_t memory, uint32_t length,
		  bool to_memory);
int lasting_make_disk(struct lasting *lasting);
void lasting_remove_disk(struct lasting *lasting);
