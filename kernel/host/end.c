/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a host: its device is silenced first, so that nothing it was told to do reaches memory that others are given; then
 * whoever waits for the host hears of it, its threads go, the device is reset, and the classes let go of what it
 * made (or keep its place, for the next).
 */
#include "channel.h"
#include "host_priv.h"
#include "interrupt.h"

#include <base/errno.h>
#include <core/log.h>
#include <dev/device.h>
#include <iommu/iommu.h>

/* The device reads and writes no memory. */
static void silence(const struct host *host)
{
	struct device *device = host->device;

	if (device->bus != DRIVER_BUS_PCI)
		return;
	pci_set_bus_master(device, false);
	if (iommu_set_mode(device->domain, IOMMU_MODE_NONE))
		log_error("host", "%s: its IOMMU does not answer", device->name);
}

static void wait_until_gone(struct host_service *service, const struct host *host)
{
	struct waiter waiter;

	wait_begin(&service->thread_wait, &waiter);
	while (!host->gone)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

/* Into the state in which the next one expects it; drivers of devices that cannot be reset do that. */
static void reset(const struct host *host)
{
	int error;

	if (host->device->bus != DRIVER_BUS_PCI || host->device->gone)
		return;
	error = pci_reset(host->device);
	if (error && error != -EOPNOTSUPP && error != -ENODEV)
		log_warning("host", "%s: could not be reset: error %d", host->device->name, -error);
}

void host_bury(struct host_service *service, struct host *host)
{
	host_kill(host);
	host->closed = true;
	silence(host);
	host_close_channel(host);
	wait_until_gone(service, host);
	/* A thread of it may just have had it allowed. */
	silence(host);
	host_irq_disconnect_all(host);
	if (service->probed || host->mastering)
		reset(host);
	host_end_objects(host);
	host_memory_free_all(host);
	if (iommu_set_mode(host->device->domain, IOMMU_MODE_MAPPED))
		log_error("host", "%s: its IOMMU does not answer", host->device->name);
}
