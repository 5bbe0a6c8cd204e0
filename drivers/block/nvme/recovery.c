/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When the controller does not do what it should: a request that takes too long is looked for,
 * then aborted; if that does not help, or if the controller leaves an admin command without an
 * answer, it is reset and all requests are submitted again; one that cannot be reset, or is
 * gone, is given up.
 */
#include <base/errno.h>
#include <ddk/log.h>
#include <ddk/pci.h>
#include <ddk/timer.h>

#include "nvme.h"

#define INSIST_TIME (100 * DDK_MILLISECOND) /* for what a forgotten doorbell held up */
#define ABORT_TIME  DDK_SECOND              /* for what was aborted, so the controller says */
#define START_TRIES 3
/* One that needs more resets than this is of no use. */
#define RESETS_MAX    8
#define RESETS_WINDOW (60 * DDK_SECOND)

void nvme_control_acquire(struct nvme_controller *controller)
{
	ddk_mutex_acquire(&controller->control);
}

void nvme_control_release(struct nvme_controller *controller)
{
	if (controller->broken && !controller->dead && !controller->leaving && !controller->asleep)
		nvme_controller_reset(controller, NULL);
	ddk_mutex_release(&controller->control);
}

/* The disks whose requests were sent away may try again. */
static void tell_disks(struct nvme_controller *controller)
{
	struct list_node *node;

	list_for_each (node, &controller->namespaces) {
		struct nvme_namespace *namespace = container_of(node, struct nvme_namespace, node);
		struct ddk_disk *disk = namespace->held;

		for (unsigned i = 0; i < controller->queue_count && disk; i++)
			ddk_disk_ready(disk, i);
	}
}

static void set_states(struct nvme_controller *controller, enum nvme_queue_state state)
{
	for (unsigned i = 0; i < controller->queue_count; i++)
		nvme_queue_set_state(&controller->queues[i], state);
}

void nvme_controller_give_up(struct nvme_controller *controller, const char *why)
{
	if (controller->dead)
		return;
	controller->dead = true;
	ddk_error(controller->device, "%s: given up", why);
	ddk_pci_set_bus_master(controller->device, false);
	set_states(controller, NVME_QUEUE_DEAD);
	for (unsigned i = 0; i < controller->queue_count; i++)
		nvme_queue_take_away(&controller->queues[i], NULL, -ENODEV);
	tell_disks(controller);
}

/* Stops the controller by its registers, or else by the bus. */
static int stop(struct nvme_controller *controller)
{
	int error = nvme_controller_disable(controller);

	if (error != -ETIMEDOUT)
		return error;
	ddk_pci_set_bus_master(controller->device, false);
	nvme_controller_disconnect(controller);
	error = ddk_pci_reset(controller->device);
	if (!error)
		error = nvme_controller_connect(controller);
	return error;
}

static int start(struct nvme_controller *controller)
{
	int error = nvme_controller_enable(controller);

	if (!error)
		error = nvme_controller_start_queues(controller);
	if (!error)
		nvme_start_events(controller);
	return controller->broken ? -ETIMEDOUT : error;
}

static bool was_reset_often(struct nvme_controller *controller)
{
	uint64_t now = ddk_time();

	if (now - controller->reset_window > RESETS_WINDOW) {
		controller->reset_window = now;
		controller->reset_count = 0;
	}
	return ++controller->reset_count > RESETS_MAX;
}

int nvme_controller_restart(struct nvme_controller *controller)
{
	int error = -EIO;

	set_states(controller, NVME_QUEUE_HELD);
	for (unsigned i = 0; i < START_TRIES && error && error != -ENODEV; i++)
		error = start(controller);
	if (error) {
		nvme_controller_give_up(controller, "does not start again");
		return error;
	}
	tell_disks(controller);
	/* It may have other namespaces now. */
	controller->rescan = true;
	ddk_work_queue(&controller->work);
	return 0;
}

void nvme_controller_reset(struct nvme_controller *controller,
			   const struct ddk_disk_request *culprit)
{
	int error;

	if (controller->dead)
		return;
	if (was_reset_often(controller)) {
		nvme_controller_give_up(controller, "fails again and again");
		return;
	}
	ddk_warning(controller->device, "reset");
	set_states(controller, NVME_QUEUE_HELD);
	error = stop(controller);
	if (error) {
		nvme_controller_give_up(controller, error == -ENODEV ? "gone" : "does not stop");
		return;
	}
	for (unsigned i = 0; i < controller->queue_count; i++) {
		/* What it did before it stopped is done. */
		nvme_queue_process(&controller->queues[i]);
		nvme_queue_take_away(&controller->queues[i], culprit, -EAGAIN);
	}
	(void)!nvme_controller_restart(controller);
}

/* Waits for the request to end; true if it did. */
static bool wait_for_end(struct nvme_queue *queue, const struct ddk_disk_request *request,
			 uint64_t time)
{
	uint64_t end = ddk_time() + time;

	for (;;) {
		nvme_queue_process(queue);
		if (!nvme_queue_has(queue, request, false, NULL))
			return true;
		if (ddk_time() > end)
			return false;
		ddk_sleep(DDK_MILLISECOND);
	}
}

/* A controller that looks at doorbells in memory may have overlooked one. */
static bool insist(struct nvme_queue *queue, const struct ddk_disk_request *request)
{
	struct nvme_controller *controller = queue->ring.controller;

	if (!controller->shadow_used || !controller->shadow_trusted)
		return false;
	ddk_lock_acquire(&queue->lock);
	nvme_ring_insist(&queue->ring);
	ddk_lock_release(&queue->lock);
	if (!wait_for_end(queue, request, INSIST_TIME))
		return false;
	controller->shadow_trusted = false;
	ddk_warning(controller->device, "overlooks doorbells in memory: not relied on any more");
	return true;
}

static bool abort_request(struct nvme_queue *queue, const struct ddk_disk_request *request)
{
	struct nvme_controller *controller = queue->ring.controller;
	struct nvme_command command = { .opcode = NVME_ADMIN_ABORT };
	uint32_t result;
	uint16_t id;

	if (!nvme_queue_has(queue, request, true, &id))
		return true;
	command.word10 = (uint32_t)id << 16 | queue->ring.id;
	if (nvme_admin_run(controller, &command, &result))
		return false;
	/* Bit 0: it was not aborted (5.1.1). It may just have been done. */
	return wait_for_end(queue, request, result & 1 ? 0 : ABORT_TIME);
}

/* True if the request ended, by itself or by less than a reset. */
static bool recover_gently(struct nvme_queue *queue, const struct ddk_disk_request *request)
{
	struct nvme_controller *controller = queue->ring.controller;

	if (wait_for_end(queue, request, 0)) {
		ddk_warning(controller->device, "queue %u: an interrupt was missing",
			    queue->ring.id);
		return true;
	}
	if (nvme_controller_is_gone(controller)) {
		nvme_controller_give_up(controller, "gone");
		return true;
	}
	if (nvme_controller_has_failed(controller)) {
		ddk_error(controller->device, "reports a fatal error");
		return false;
	}
	return insist(queue, request) || abort_request(queue, request);
}

void nvme_recover(struct nvme_queue *queue, struct ddk_disk_request *request)
{
	struct nvme_controller *controller = queue->ring.controller;

	nvme_control_acquire(controller);
	if (nvme_queue_has(queue, request, false, NULL) && !recover_gently(queue, request))
		nvme_controller_reset(controller, request);
	nvme_control_release(controller);
}
