/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on the control queue, in batches. */
#include "virtio_gpu.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/log.h>
#include <ddk/timer.h>

#define ANSWER_TIMEOUT (5 * DDK_SECOND)
/* In a panic the host gets so many looks of DDK_MICROSECOND each. */
#define PANIC_PATIENCE 200000

static struct gpu_header *command_at(struct gpu *gpu, unsigned slot)
{
	return (void *)((uint8_t *)gpu->commands.memory + (size_t)slot * GPU_COMMAND_SIZE);
}

static size_t answer_offset(unsigned slot)
{
	/* That of slot 0, which may be large, comes last. */
	return slot == 0 ? (size_t)GPU_COMMANDS_MAX * sizeof(struct gpu_header)
			 : (size_t)slot * sizeof(struct gpu_header);
}

static volatile struct gpu_header *answer_at(struct gpu *gpu, unsigned slot)
{
	return (void *)((uint8_t *)gpu->answers.memory + answer_offset(slot));
}

void gpu_begin(struct gpu *gpu)
{
	ddk_mutex_acquire(&gpu->batch_mutex);
	gpu->batch_count = 0;
}

void gpu_end(struct gpu *gpu)
{
	ddk_mutex_release(&gpu->batch_mutex);
}

void *gpu_add(struct gpu *gpu, enum gpu_command_type type, size_t size)
{
	unsigned slot = gpu->batch_count++;
	struct gpu_header *header = command_at(gpu, slot);

	memset(header, 0, size);
	header->type = type;
	gpu->slots[slot].answer_size = type == GPU_GET_DISPLAY_INFO
					       ? sizeof(struct gpu_display_info)
					       : sizeof(struct gpu_header);
	return header;
}

static size_t command_size(enum gpu_command_type type)
{
	switch (type) {
	case GPU_GET_DISPLAY_INFO:
		return sizeof(struct gpu_header);
	case GPU_CREATE_PICTURE:
		return sizeof(struct gpu_create_picture);
	case GPU_SET_OUTPUT:
		return sizeof(struct gpu_set_output);
	case GPU_FLUSH:
		return sizeof(struct gpu_flush);
	case GPU_TRANSFER:
		return sizeof(struct gpu_transfer);
	case GPU_ATTACH_MEMORY:
		return sizeof(struct gpu_attach_memory);
	case GPU_DESTROY_PICTURE:
	case GPU_DETACH_MEMORY:
		return sizeof(struct gpu_name_picture);
	}
	return 0;
}

/* Puts the command of a slot into the queue, whose lock is held. */
static int enqueue(struct gpu *gpu, unsigned slot, const struct ddk_dma *more)
{
	struct gpu_header *command = command_at(gpu, slot);
	struct virtqueue_segment segments[3] = {
		{ gpu->commands.device_address + (size_t)slot * GPU_COMMAND_SIZE,
		  (uint32_t)command_size(command->type) },
	};
	unsigned readable = 1;

	if (more)
		segments[readable++] =
			(struct virtqueue_segment){ more->device_address, (uint32_t)more->size };
	segments[readable] =
		(struct virtqueue_segment){ gpu->answers.device_address + answer_offset(slot),
					    gpu->slots[slot].answer_size };
	answer_at(gpu, slot)->type = 0;
	gpu->slots[slot].done = false;
	return virtqueue_add(&gpu->control.ring, segments, readable, 1, &gpu->slots[slot]);
}

static int enqueue_batch(struct gpu *gpu, const struct ddk_dma *more)
{
	int error = 0;

	ddk_lock_acquire(&gpu->control_lock);
	gpu->pending = 0;
	for (unsigned slot = 0; slot < gpu->batch_count && !error; slot++) {
		error = enqueue(gpu, slot, slot + 1 == gpu->batch_count ? more : NULL);
		gpu->pending += !error;
	}
	virtio_queue_notify(&gpu->control);
	ddk_lock_release(&gpu->control_lock);
	return error;
}

/* Takes what the device has done. The lock is held, or this is a panic. */
static bool take_answers(struct gpu *gpu)
{
	struct gpu_slot *slot;
	uint32_t written;

	while ((slot = virtqueue_take(&gpu->control.ring, &written)) != NULL) {
		slot->written = written;
		slot->done = true;
		if (slot < &gpu->slots[GPU_COMMANDS_MAX - GPU_PANIC_COMMANDS])
			gpu->pending--;
	}
	return gpu->pending == 0 || gpu->control.ring.broken;
}

int gpu_control_restart(struct gpu *gpu)
{
	int error;

	ddk_lock_acquire(&gpu->control_lock);
	while (virtqueue_take_back(&gpu->control.ring))
		;
	gpu->pending = 0;
	error = virtio_queue_restart(&gpu->control);
	ddk_lock_release(&gpu->control_lock);
	return error;
}

void gpu_control_interrupt(struct gpu *gpu)
{
	bool over;

	ddk_lock_acquire(&gpu->control_lock);
	over = take_answers(gpu);
	ddk_lock_release(&gpu->control_lock);
	if (over)
		ddk_event_signal(&gpu->answered);
}

static bool is_answered(struct gpu *gpu)
{
	bool answered;

	ddk_lock_acquire(&gpu->control_lock);
	answered = gpu->pending == 0;
	ddk_lock_release(&gpu->control_lock);
	return answered;
}

/* An event may be that of an earlier batch. */
static bool wait_for_answers(struct gpu *gpu)
{
	uint64_t end = ddk_time() + ANSWER_TIMEOUT;

	while (!is_answered(gpu)) {
		uint64_t now = ddk_time();

		if (now >= end || gpu->control.ring.broken)
			return false;
		if (ddk_event_wait(&gpu->answered, end - now))
			return is_answered(gpu);
	}
	return true;
}

/* The answers of the batch: 0 if all are as they should be. */
static int check_answers(struct gpu *gpu)
{
	int error = 0;

	for (unsigned i = 0; i < gpu->batch_count; i++) {
		const struct gpu_slot *slot = &gpu->slots[i];
		uint32_t wanted = slot->answer_size == sizeof(struct gpu_header)
					  ? GPU_OK
					  : GPU_OK_DISPLAY_INFO;

		if (slot->written < slot->answer_size || answer_at(gpu, i)->type != wanted)
			error = -EIO;
	}
	return error;
}

int gpu_send(struct gpu *gpu, const struct ddk_dma *more)
{
	int error;

	if (gpu->failed) {
		gpu->batch_count = 0;
		return -EIO;
	}
	ddk_event_clear(&gpu->answered);
	error = enqueue_batch(gpu, more);
	/* Even then some may have been sent. */
	if (!wait_for_answers(gpu)) {
		gpu->failed = true;
		ddk_error(gpu->device, "the device does not answer");
		virtio_stop(&gpu->virtio);
		error = -EIO;
	}
	if (!error)
		error = check_answers(gpu);
	gpu->batch_count = 0;
	return error ? -EIO : 0;
}

int gpu_read_display_info(struct gpu *gpu, struct gpu_display_info *info)
{
	int error;

	gpu_begin(gpu);
	gpu_add(gpu, GPU_GET_DISPLAY_INFO, sizeof(struct gpu_header));
	error = gpu_send(gpu, NULL);
	if (!error)
		memcpy(info, (const void *)answer_at(gpu, 0), sizeof(*info));
	gpu_end(gpu);
	return error;
}

void gpu_send_in_panic(struct gpu *gpu, const struct gpu_transfer *transfer,
		       const struct gpu_flush *flush)
{
	unsigned first = GPU_COMMANDS_MAX - GPU_PANIC_COMMANDS;
	const struct gpu_slot *last = &gpu->slots[first + 1];

	if (gpu->failed || !gpu->running)
		return;
	memcpy(command_at(gpu, first), transfer, sizeof(*transfer));
	memcpy(command_at(gpu, first + 1), flush, sizeof(*flush));
	gpu->slots[first].answer_size = gpu->slots[first + 1].answer_size =
		sizeof(struct gpu_header);
	if (enqueue(gpu, first, NULL) || enqueue(gpu, first + 1, NULL)) {
		gpu->failed = true;
		return;
	}
	virtio_queue_notify(&gpu->control);
	for (unsigned i = 0; i < PANIC_PATIENCE && !last->done; i++) {
		(void)take_answers(gpu);
		ddk_delay(DDK_MICROSECOND);
	}
	/* The places are the device's until it answers. */
	gpu->failed = !last->done;
}
