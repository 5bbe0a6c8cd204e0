/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The admin queue: commands about the controller as a whole (5). There is one at a time, whose
 * sender waits for it, and beside it one asynchronous event request, which the controller
 * answers when it has something to tell.
 */
#include <base/errno.h>
#include <base/string.h>
#include <ddk/log.h>
#include <ddk/timer.h>

#include "nvme.h"

/* A command's id: what it is, and above that a number that never stays the same. */
#define ID_EVENT 1u
#define ID_STEP  2u

#define COMMAND_TIME (20 * DDK_SECOND)
/* The queue is looked at so often even without an interrupt. */
#define LOOK_TIME (500 * DDK_MILLISECOND)

int nvme_admin_init(struct nvme_controller *controller)
{
	struct nvme_admin *admin = &controller->admin;
	int error;

	ddk_lock_init(&admin->lock, "nvme admin queue");
	ddk_event_init(&admin->done, "nvme admin command");
	error = nvme_ring_init(&admin->ring, controller, 0, NVME_ADMIN_ENTRIES);
	if (!error)
		error = ddk_dma_allocate(controller->device, NVME_PAGE_SIZE, 0, &admin->buffer);
	return error;
}

void nvme_admin_fini(struct nvme_controller *controller)
{
	nvme_ring_fini(&controller->admin.ring);
	ddk_dma_free(&controller->admin.buffer);
}

/* Under the lock. Returns false if the completion is of nothing that was asked for. */
static bool accept(struct nvme_admin *admin, const struct nvme_completion *completion)
{
	if (completion->queue != 0)
		return false;
	if (admin->waiting && completion->id == admin->command_id) {
		admin->waiting = false;
		admin->status = completion->status;
		admin->result = completion->result;
		return true;
	}
	if (admin->listening && completion->id == admin->event_id) {
		admin->listening = false;
		/* One that failed would fail again. */
		admin->event_came = !(completion->status & NVME_STATUS_CODE_MASK);
		admin->event = completion->result;
		return true;
	}
	return false;
}

bool nvme_admin_interrupt(struct nvme_controller *controller)
{
	struct nvme_admin *admin = &controller->admin;
	struct nvme_completion completion;
	bool answered, event;
	unsigned count = 0;

	ddk_lock_acquire(&admin->lock);
	while (count < admin->ring.entries && nvme_ring_take(&admin->ring, &completion)) {
		admin->strays += !accept(admin, &completion);
		count++;
	}
	nvme_ring_acknowledge(&admin->ring);
	answered = !admin->waiting;
	event = admin->event_came;
	ddk_lock_release(&admin->lock);
	if (count && answered)
		ddk_event_signal(&admin->done);
	if (count && event)
		ddk_work_queue(&controller->work);
	return count != 0;
}

/* Under the lock. */
static void send(struct nvme_admin *admin, const struct nvme_command *command)
{
	*nvme_ring_place(&admin->ring) = *command;
	nvme_ring_push(&admin->ring);
	nvme_ring_announce(&admin->ring);
}

/* True if the command was answered. */
static bool look(struct nvme_controller *controller)
{
	struct nvme_admin *admin = &controller->admin;
	bool waiting;

	nvme_admin_interrupt(controller);
	ddk_lock_acquire(&admin->lock);
	waiting = admin->waiting;
	ddk_lock_release(&admin->lock);
	return !waiting;
}

static int wait_for_answer(struct nvme_controller *controller)
{
	struct nvme_admin *admin = &controller->admin;
	uint64_t end = ddk_time() + COMMAND_TIME;

	/* The event may be of an answer to another command, of long ago. */
	while (!look(controller)) {
		if (!ddk_event_wait(&admin->done, LOOK_TIME))
			continue;
		if (nvme_controller_is_gone(controller))
			return -ENODEV;
		if (ddk_time() > end)
			return -ETIMEDOUT;
	}
	return 0;
}

int nvme_admin_run(struct nvme_controller *controller, struct nvme_command *command,
		   uint32_t *result)
{
	struct nvme_admin *admin = &controller->admin;
	int error;

	if (controller->dead)
		return -ENODEV;
	if (controller->broken)
		return -ETIMEDOUT;
	if (controller->asleep)
		return -EAGAIN;
	ddk_event_clear(&admin->done);
	ddk_lock_acquire(&admin->lock);
	admin->command_id = (uint16_t)(admin->command_id + ID_STEP);
	command->id = admin->command_id;
	admin->waiting = true;
	send(admin, command);
	ddk_lock_release(&admin->lock);
	error = wait_for_answer(controller);
	if (error) {
		ddk_warning(controller->device, "admin command 0x%02x: no answer", command->opcode);
		controller->broken = true;
		return error;
	}
	/* The answer is there, and nobody else sends commands. */
	if (result)
		*result = admin->result;
	return nvme_status_error(admin->status);
}

int nvme_admin_read(struct nvme_controller *controller, struct nvme_command *command, void *to,
		    size_t length)
{
	struct nvme_admin *admin = &controller->admin;
	int error;

	/* What the device leaves as it is reads as zeros, not as what came before. */
	memset(admin->buffer.memory, 0, NVME_PAGE_SIZE);
	command->data[0] = admin->buffer.device_address;
	error = nvme_admin_run(controller, command, NULL);
	if (!error)
		memcpy(to, admin->buffer.memory, length);
	return error;
}

int nvme_identify(struct nvme_controller *controller, enum nvme_identify what, uint32_t namespace,
		  void *to)
{
	struct nvme_command command = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.namespace = namespace,
		.word10 = what,
	};

	return nvme_admin_read(controller, &command, to, NVME_IDENTIFY_LENGTH);
}

int nvme_read_log(struct nvme_controller *controller, enum nvme_log log, void *to, size_t length)
{
	struct nvme_command command = {
		.opcode = NVME_ADMIN_GET_LOG,
		.namespace = NVME_ALL_NAMESPACES,
		/* The number of words, less 1. */
		.word10 = (uint32_t)(length / 4 - 1) << 16 | log,
	};

	return nvme_admin_read(controller, &command, to, length);
}

int nvme_set_feature(struct nvme_controller *controller, enum nvme_feature feature, uint32_t value,
		     uint32_t *result)
{
	struct nvme_command command = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.word10 = feature,
		.word11 = value,
	};

	return nvme_admin_run(controller, &command, result);
}

void nvme_admin_listen(struct nvme_controller *controller)
{
	struct nvme_admin *admin = &controller->admin;
	struct nvme_command command = { .opcode = NVME_ADMIN_ASYNC_EVENT };

	ddk_lock_acquire(&admin->lock);
	if (!admin->listening) {
		admin->event_id = (uint16_t)(admin->event_id + ID_STEP) | ID_EVENT;
		command.id = admin->event_id;
		admin->listening = true;
		admin->event_came = false;
		send(admin, &command);
	}
	ddk_lock_release(&admin->lock);
}
