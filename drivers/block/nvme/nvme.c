/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a controller into service, and giving it back. */
#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/pci.h>

#include "nvme.h"

#define CLASS_NVME 0x010802

static void init_controller(struct nvme_controller *controller, struct device *device)
{
	controller->device = device;
	ddk_mutex_init(&controller->control, "nvme control");
	list_init(&controller->namespaces);
	ddk_work_init(&controller->work, nvme_run_work);
}

/* Up to live queues: under `control`. */
static int start(struct nvme_controller *controller)
{
	int error = nvme_controller_enable(controller);

	if (!error)
		error = nvme_controller_identify(controller);
	if (!error)
		error = nvme_controller_make_queues(controller);
	if (!error)
		error = nvme_controller_start_queues(controller);
	if (!error)
		nvme_start_events(controller);
	if (controller->broken)
		error = -ETIMEDOUT;
	return error;
}

static void report(const struct nvme_controller *controller, int error)
{
	uint32_t version = controller->version;

	if (error)
		ddk_error(controller->device, "cannot be used: error %d", -error);
	else
		ddk_info(controller->device, "%s, NVMe %u.%u, %u queues of %u%s%s",
			 controller->model, version >> 16, version >> 8 & 0xff,
			 controller->queue_count, controller->queues[0].ring.entries,
			 controller->sgl_alignment ? ", scatter lists" : "",
			 controller->shadow_used ? ", doorbells in memory" : "");
}

/* Undoes everything, whatever of it was done. No disk is left, and no namespace. */
static void shut_down(struct nvme_controller *controller)
{
	controller->leaving = true;
	ddk_mutex_acquire(&controller->control);
	if (controller->registers.length)
		nvme_controller_shut_down(controller);
	ddk_mutex_release(&controller->control);
	nvme_controller_disconnect(controller);
	ddk_work_flush(&controller->work);
	nvme_controller_close(controller);
	ddk_free(controller);
}

static int probe(struct device *device)
{
	struct nvme_controller *controller = ddk_allocate(sizeof(*controller));
	int error;

	if (!controller)
		return -ENOMEM;
	init_controller(controller, device);
	error = nvme_controller_open(controller);
	if (!error)
		error = nvme_admin_init(controller);
	if (!error)
		error = nvme_controller_connect(controller);
	if (!error) {
		ddk_mutex_acquire(&controller->control);
		error = start(controller);
		ddk_mutex_release(&controller->control);
	}
	if (error != -ENODEV)
		report(controller, error);
	if (error) {
		shut_down(controller);
		return error;
	}
	ddk_device_set_state(device, controller);
	nvme_scan(controller);
	controller->probed = true;
	ddk_work_queue(&controller->work);
	return 0;
}

static void remove(struct device *device)
{
	struct nvme_controller *controller = ddk_device_state(device);

	controller->leaving = true;
	ddk_work_flush(&controller->work);
	nvme_control_acquire(controller);
	if (nvme_controller_is_gone(controller))
		nvme_controller_give_up(controller, "gone");
	nvme_control_release(controller);
	nvme_remove_namespaces(controller);
	shut_down(controller);
}

static const struct driver_match matches[] = { MATCH_PCI_CLASS(CLASS_NVME, 0xffffff) };

DRIVER(nvme) = {
	.name = "nvme",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = nvme_suspend,
	.resume = nvme_resume,
};
