/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit on the host: CPUs, and what PCI devices can do beyond their registers. */
#include "mock.h"

#include <base/checked.h>
#include <base/errno.h>
#include <unit.h>

#include <string.h>

/* Where the header ends that the bus looks after. */
#define HEADER_END 0x40

unsigned ddk_cpu_count(void)
{
	return mock_device()->cpu_count ? mock_device()->cpu_count : 1;
}

unsigned ddk_irq_count(struct device *device)
{
	return device->irq_count ? device->irq_count : MOCK_IRQ_COUNT;
}

void ddk_irq_direct(struct device *device, unsigned index, unsigned cpu)
{
	EXPECT(index < MOCK_IRQ_COUNT && device->handlers[index]);
	device->irq_cpus[index] = cpu % ddk_cpu_count();
}

void ddk_pci_identify(const struct device *device, struct ddk_pci_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	memcpy(&identity->vendor, device->config, 2);
	memcpy(&identity->device, device->config + 2, 2);
	identity->revision = device->config[8];
	memcpy(&identity->class_code, device->config + 9, 3);
	memcpy(&identity->subsystem_vendor, device->config + 0x2c, 2);
	memcpy(&identity->subsystem, device->config + 0x2e, 2);
}

int ddk_pci_write_config(struct device *device, unsigned offset, unsigned size, uint32_t value)
{
	EXPECT((size == 1 || size == 2 || size == 4) && offset % size == 0);
	if (offset < HEADER_END)
		return -EPERM;
	if (!device->gone && range_within(offset, size, sizeof(device->config)))
		memcpy(device->config + offset, &value, size);
	return 0;
}

int ddk_pci_reset(struct device *device)
{
	device->resets++;
	for (unsigned i = 0; i < MOCK_IRQ_COUNT; i++)
		if (device->handlers[i])
			return -EBUSY;
	if (device->gone)
		return -ENODEV;
	device->bus_master = false;
	return device->reset ? device->reset(device) : -EOPNOTSUPP;
}

bool ddk_pci_is_present(const struct device *device)
{
	return !device->gone;
}
