/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of virtio's GPU device in its 2D part (virtio 1.2, 5.7): a display for each output that the host
 * has switched on.
 *
 * Outputs are added and removed by one thread at a time: the one that probes the device, then the work
 * that follows a change of the configuration. Commands are sent in batches, one batch at a time; who
 * sends one sleeps until the device is done. A device that does not answer is stopped for good: its
 * displays stay, and nobody sees what is drawn.
 */
#pragma once

#include "protocol.h"

#include <ddk/display.h>
#include <ddk/dma.h>
#include <ddk/sync.h>
#include <ddk/work.h>
#include <virtio/device.h>

/* Places for commands and their answers, the last ones for a panic. */
#define GPU_COMMANDS_MAX   32
#define GPU_PANIC_COMMANDS 2
#define GPU_COMMAND_SIZE   64
#define GPU_PIXEL_BYTES    4
#define GPU_NAME_MAX       40

struct gpu;

/* A picture that the host can show, with our memory behind it. */
struct gpu_picture {
	uint32_t number; /* 0: none */
	struct ddk_dma_buffer memory;
	uint32_t width, height;
};

struct gpu_output {
	/* Immutable. */
	struct gpu *gpu;
	uint32_t number;
	char name[GPU_NAME_MAX];
	/* The thread that adds outputs. NULL: it is off. */
	struct ddk_display *display;
	/* The class's operations, of which one runs at a time. */
	struct gpu_picture picture;
};

/* One command of the batch that is under way. */
struct gpu_slot {
	uint32_t answer_size; /* that it must have */
	uint32_t written;     /* control_lock */
	bool done;            /* control_lock */
};

struct gpu {
	/* Immutable after probe. */
	struct device *device;
	struct virtio_device virtio;
	unsigned output_count;
	unsigned commands_max;   /* of a batch, as far as the queue has room */
	struct ddk_dma commands; /* GPU_COMMANDS_MAX of GPU_COMMAND_SIZE */
	struct ddk_dma answers;  /* the same; a large one is that of slot 0 */
	struct ddk_work config_work;
	_Atomic bool running; /* the queue is set up */
	_Atomic bool started; /* the work looks after the outputs */

	struct ddk_mutex batch_mutex; /* the batch, next_picture */
	unsigned batch_count;
	uint32_t next_picture;

	struct ddk_event answered;
	struct ddk_lock control_lock; /* the queue, and how far the batch is */
	struct virtio_queue control;
	unsigned pending;
	struct gpu_slot slots[GPU_COMMANDS_MAX];

	_Atomic bool failed; /* it did not answer, and was stopped */
	struct gpu_output outputs[GPU_OUTPUTS_MAX];
};

/* --- control.c --- */

/* Begins a batch; others wait. */
void gpu_begin(struct gpu *gpu);
/* Adds a command of `size` bytes (at most GPU_COMMAND_SIZE), cleared but for its type, to be filled in
 * before gpu_send(). There is room for commands_max, at least 4. */
void *gpu_add(struct gpu *gpu, enum gpu_command_type type, size_t size);
/* Sends the batch and waits for the answers; the next gpu_add() begins another. `more`: memory that
 * the device reads behind the last command (NULL: none). 0; -EIO: one of them was refused, or the device
 * does not answer (any more). */
int must_check gpu_send(struct gpu *gpu, const struct ddk_dma *more);
/* Ends what gpu_begin() began. */
void gpu_end(struct gpu *gpu);
/* Asks for the outputs; `info` is a copy. -EIO. */
int must_check gpu_read_display_info(struct gpu *gpu, struct gpu_display_info *info);
/* Sets up the queue of a device that has been stopped. -ENODEV. */
int must_check gpu_control_restart(struct gpu *gpu);
/* Looks at the queue after an interrupt. */
void gpu_control_interrupt(struct gpu *gpu);
/* In a panic: sends two commands and polls for their answers. */
void gpu_send_in_panic(struct gpu *gpu, const struct gpu_transfer *transfer,
		       const struct gpu_flush *flush);

/* --- output.c --- */

/* Makes the display of an output that is off, of a size that the host wants. */
int must_check gpu_output_start(struct gpu_output *output, struct ddk_display_mode preferred);
/* Takes the display away. One that is off is left alone. */
void gpu_output_stop(struct gpu_output *output);
/* The host has forgotten everything: shows the output's picture, if it has one, again. */
int must_check gpu_output_restore(struct gpu_output *output);
/* The host wants a size, perhaps another one than before. */
void gpu_output_prefer(struct gpu_output *output, struct ddk_display_mode preferred);

/* --- virtio_gpu.c --- */

/* Has the device report changes of its configuration. -ENODEV. */
int must_check gpu_watch_config(struct gpu *gpu);

/* --- sleep.c: see struct driver --- */

int gpu_suspend(struct device *device);
int gpu_resume(struct device *device);
