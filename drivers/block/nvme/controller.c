/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controller's registers: starting and stopping it (7.6). */
#include <base/errno.h>
#include <ddk/log.h>
#include <ddk/pci.h>
#include <ddk/timer.h>

#include "nvme.h"

#define TIMEOUT_UNIT      (500 * DDK_MILLISECOND) /* of CAP.TO */
#define SHUTDOWN_TIME_MIN (5 * DDK_SECOND)
#define SHUTDOWN_TIME_MAX (60 * DDK_SECOND)

static uint32_t read_status(const struct nvme_controller *controller)
{
	return ddk_read32(&controller->registers, NVME_REGISTER_STATUS);
}

bool nvme_controller_is_gone(const struct nvme_controller *controller)
{
	return read_status(controller) == NVME_STATUS_GONE ||
	       !ddk_pci_is_present(controller->device);
}

bool nvme_controller_has_failed(const struct nvme_controller *controller)
{
	return read_status(controller) & NVME_STATUS_FATAL;
}

/* Waits until the status has `value` in `mask`. -EIO: it fails instead. */
static int wait_for_status(const struct nvme_controller *controller, uint32_t mask, uint32_t value,
			   uint64_t time)
{
	uint64_t end = ddk_time() + time;

	for (;;) {
		uint32_t status = read_status(controller);

		if (status == NVME_STATUS_GONE)
			return -ENODEV;
		if ((status & mask) == value)
			return 0;
		/* One that failed may be disabled nevertheless (3.1.6). */
		if (status & NVME_STATUS_FATAL && mask == NVME_STATUS_READY && value)
			return -EIO;
		if (ddk_time() > end)
			return -ETIMEDOUT;
		ddk_sleep(DDK_MILLISECOND);
	}
}

/* How long it may take to become ready, or unready (3.1.1). */
static uint64_t ready_time(const struct nvme_controller *controller)
{
	return (NVME_CAPABILITIES_TIMEOUT(controller->capabilities) + 1) * TIMEOUT_UNIT;
}

int nvme_controller_disable(struct nvme_controller *controller)
{
	uint32_t configuration = ddk_read32(&controller->registers, NVME_REGISTER_CONFIGURATION);

	if (configuration & NVME_CONFIGURATION_ENABLE)
		ddk_write32(&controller->registers, NVME_REGISTER_CONFIGURATION,
			    configuration & ~NVME_CONFIGURATION_ENABLE);
	return wait_for_status(controller, NVME_STATUS_READY, 0, ready_time(controller));
}

static void write_address(const struct nvme_controller *controller, size_t offset, uint64_t address)
{
	ddk_write32(&controller->registers, offset, (uint32_t)address);
	ddk_write32(&controller->registers, offset + 4, (uint32_t)(address >> 32));
}

/* Nothing that it was asked for will be answered. */
static void forget_admin_commands(struct nvme_admin *admin)
{
	ddk_lock_acquire(&admin->lock);
	nvme_ring_reset(&admin->ring);
	admin->waiting = false;
	admin->listening = false;
	admin->event_came = false;
	ddk_lock_release(&admin->lock);
}

int nvme_controller_enable(struct nvme_controller *controller)
{
	const struct ddk_region *registers = &controller->registers;
	struct nvme_admin *admin = &controller->admin;
	int error = nvme_controller_disable(controller);

	if (error)
		return error;
	controller->broken = false;
	controller->shadow_used = false;
	forget_admin_commands(admin);
	ddk_pci_set_bus_master(controller->device, true);
	ddk_write32(registers, NVME_REGISTER_ADMIN_ENTRIES,
		    (admin->ring.entries - 1) << 16 | (admin->ring.entries - 1));
	write_address(controller, NVME_REGISTER_ADMIN_SQ, admin->ring.commands.device_address);
	write_address(controller, NVME_REGISTER_ADMIN_CQ, admin->ring.completions.device_address);
	ddk_write32(registers, NVME_REGISTER_CONFIGURATION, NVME_CONFIGURATION_ENTRY_SIZES);
	ddk_write32(registers, NVME_REGISTER_CONFIGURATION,
		    NVME_CONFIGURATION_ENTRY_SIZES | NVME_CONFIGURATION_ENABLE);
	return wait_for_status(controller, NVME_STATUS_READY, NVME_STATUS_READY,
			       ready_time(controller));
}

void nvme_controller_shut_down(struct nvme_controller *controller)
{
	uint64_t time = controller->data.shutdown_time * DDK_MICROSECOND;
	uint32_t configuration = ddk_read32(&controller->registers, NVME_REGISTER_CONFIGURATION);
	int error = nvme_controller_is_gone(controller) ? -ENODEV : 0;

	time = max_u64(min_u64(time, SHUTDOWN_TIME_MAX), SHUTDOWN_TIME_MIN);
	if (!error && configuration & NVME_CONFIGURATION_ENABLE) {
		ddk_write32(&controller->registers, NVME_REGISTER_CONFIGURATION,
			    configuration | NVME_CONFIGURATION_SHUTDOWN);
		error = wait_for_status(controller, NVME_STATUS_SHUTDOWN_MASK,
					NVME_STATUS_SHUTDOWN_COMPLETE, time);
		if (error == -ETIMEDOUT)
			ddk_warning(controller->device, "did not say that it has shut down");
	}
	if (error != -ENODEV && nvme_controller_disable(controller) == -ETIMEDOUT)
		ddk_error(controller->device, "does not stop");
	/* In any case it reaches no memory from here on. */
	ddk_pci_set_bus_master(controller->device, false);
}
