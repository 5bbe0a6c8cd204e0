/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleep: the disks keep their requests, the controller is told that power may go, and what it forgets
 * is told it again when it wakes.
 */
#include <base/errno.h>
#include <base/string.h>

#include "nvme.h"

/* The list of namespaces changes only in the work, which does nothing now. */
static void resume_disks(struct nvme_controller *controller, const struct list_node *end)
{
	struct list_node *node;

	list_for_each (node, &controller->namespaces) {
		if (node == end)
			break;
		ddk_disk_resume(container_of(node, struct nvme_namespace, node)->disk);
	}
}

static int suspend_disks(struct nvme_controller *controller)
{
	struct list_node *node;

	list_for_each (node, &controller->namespaces) {
		int error = ddk_disk_suspend(container_of(node, struct nvme_namespace, node)->disk);

		if (error) {
			resume_disks(controller, node);
			return error;
		}
	}
	return 0;
}

int nvme_suspend(struct device *device)
{
	struct nvme_controller *controller = ddk_device_state(device);
	int error;

	/* While the disks come to rest recovery may have to reset the controller, by commands. */
	controller->resting = true;
	ddk_work_flush(&controller->work);
	error = suspend_disks(controller);
	if (error) {
		controller->resting = false;
		ddk_work_queue(&controller->work);
		return error;
	}
	nvme_control_acquire(controller);
	controller->asleep = true;
	if (!controller->dead)
		nvme_controller_shut_down(controller);
	nvme_control_release(controller);
	return 0;
}

/* What has been plugged in meanwhile may look the same, but for this. Under `control`. */
static int check_identity(struct nvme_controller *controller)
{
	char serial[DDK_DISK_SERIAL_MAX];
	int error;

	string_copy(serial, controller->serial, sizeof(serial));
	error = nvme_controller_identify(controller);
	if (!error && strcmp(serial, controller->serial) != 0)
		error = -ENODEV;
	if (error)
		nvme_controller_give_up(controller, "is another one");
	return error;
}

int nvme_resume(struct device *device)
{
	struct nvme_controller *controller = ddk_device_state(device);
	int error = 0;

	nvme_control_acquire(controller);
	controller->asleep = false;
	if (!controller->dead)
		error = nvme_controller_restart(controller);
	if (!error && !controller->dead)
		error = check_identity(controller);
	nvme_control_release(controller);
	resume_disks(controller, NULL);
	controller->resting = false;
	ddk_work_queue(&controller->work);
	return error;
}
