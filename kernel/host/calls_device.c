/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of hosts for their device, but for memory and interrupts. What a driver in the kernel may not do, one in
 * a host may not either; what the kit's user half checks before it calls is a broken rule here.
 */
#include "calls.h"

#include <arch/port.h>
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <ddk/monitor.h>
#include <ddk/parameter.h>
#include <dev/device.h>
#include <mm/vm/user.h>
#include <sync/cpu.h>

static void describe_pci(const struct pci_function *pci, struct host_description *description)
{
	description->vendor = pci->vendor;
	description->device = pci->device;
	description->subsystem_vendor = pci->subsystem_vendor;
	description->subsystem = pci->subsystem;
	description->class_code = pci->class_code;
	description->revision = pci->revision;
	description->pci_bus = pci->bus;
	description->slot = pci->slot;
	description->function = pci->function;
}

static void describe_ranges(const struct device *device, struct host_description *description)
{
	for (unsigned i = 0; i < HOST_RANGE_MAX; i++) {
		const struct device_range *range = &device->ranges[i];

		if (range->kind == DEVICE_RANGE_NONE || !range->base)
			continue;
		description->ranges[i].size = range->size;
		description->ranges[i].is_ports = range->kind == DEVICE_RANGE_PORTS;
	}
}

long host_call_describe(struct host *host, const uint64_t arguments[6])
{
	const struct device *device = host->device;
	struct host_description description = {
		.bus = device->bus,
		.cpu_count = cpu_count(),
		.irq_count = device_irq_count(device),
		.object = host_current_object(),
		.object_length = host->object->length,
	};

	_Static_assert(HOST_RANGE_MAX == DEVICE_RANGE_MAX, "all ranges are told");
	string_copy(description.name, device->name, sizeof(description.name));
	string_copy(description.driver, host_driver_name(host), sizeof(description.driver));
	if (device->bus == DRIVER_BUS_PCI)
		describe_pci(&device->pci, &description);
	else
		string_copy(description.platform_name, device->platform_name,
			    sizeof(description.platform_name));
	describe_ranges(device, &description);
	return copy_to_user(user_out(arguments[0], sizeof(description)), &description);
}

long host_call_parameter(struct host *host, const uint64_t arguments[6])
{
	char name[HOST_TEXT_MAX], value[DDK_PARAMETER_MAX];
	size_t size = min_u64(arguments[3], sizeof(value));
	int error = host_copy_text(name, arguments[0], arguments[1]);

	if (error)
		return error;
	if (size == 0 || !ddk_parameter(host->device, name, value, size))
		return -ENOENT;
	error = copy_to_user(user_out(arguments[2], strlen(value) + 1), value);
	return error ? error : (long)strlen(value);
}

/* The port at `offset` of range `index`, or -1: the host is condemned. */
static int find_port(struct host *host, uint64_t index, uint64_t offset, uint64_t size)
{
	const struct device_range *range =
		index < DEVICE_RANGE_MAX ? &host->device->ranges[index] : NULL;

	if (range && range->kind == DEVICE_RANGE_PORTS && range->base &&
	    (size == 1 || size == 2 || size == 4) && range_within(offset, size, range->size))
		return (int)(range->base + offset);
	host_condemn(host, "wanted %lu bytes at %#lx of ports %lu", size, offset, index);
	return -1;
}

long host_call_port_read(struct host *host, const uint64_t arguments[6])
{
	int port = find_port(host, arguments[0], arguments[1], arguments[2]);

	if (port < 0)
		return -EPERM;
	if (arguments[2] == 1)
		return arch_port_read8((uint16_t)port);
	if (arguments[2] == 2)
		return arch_port_read16((uint16_t)port);
	return arch_port_read32((uint16_t)port);
}

long host_call_port_write(struct host *host, const uint64_t arguments[6])
{
	int port = find_port(host, arguments[0], arguments[1], arguments[2]);

	if (port < 0)
		return -EPERM;
	if (arguments[2] == 1)
		arch_port_write8((uint16_t)port, (uint8_t)arguments[3]);
	else if (arguments[2] == 2)
		arch_port_write16((uint16_t)port, (uint16_t)arguments[3]);
	else
		arch_port_write32((uint16_t)port, (uint32_t)arguments[3]);
	return 0;
}

/* What is only for PCI functions. */
static bool is_pci(struct host *host, const char *what)
{
	if (host->device->bus == DRIVER_BUS_PCI)
		return true;
	host_condemn(host, "wanted to %s, and its device is not on PCI", what);
	return false;
}

static bool fits(uint64_t offset, uint64_t size)
{
	return (size == 1 || size == 2 || size == 4) && offset <= UINT16_MAX;
}

long host_call_config_read(struct host *host, const uint64_t arguments[6])
{
	if (!is_pci(host, "read configuration"))
		return -EPERM;
	if (!fits(arguments[0], arguments[1]))
		return UINT32_MAX;
	return pci_read_config(&host->device->pci, (unsigned)arguments[0], (unsigned)arguments[1]);
}

long host_call_config_write(struct host *host, const uint64_t arguments[6])
{
	const struct pci_function *pci = &host->device->pci;
	unsigned offset = (unsigned)arguments[0], size = (unsigned)arguments[1];

	if (!is_pci(host, "write configuration"))
		return -EPERM;
	if (!fits(arguments[0], arguments[1]) || !pci_config_is_drivers(pci, offset, size))
		return -EPERM;
	pci_write_config(pci, offset, size, (uint32_t)arguments[2]);
	return 0;
}

/* Without an IOMMU the device reaches all memory, on the word of a driver that nobody trusts. */
static bool may_master(const struct host *host)
{
	char word[8];

	if (host->device->domain)
		return true;
	return command_line_get("drivers.unsafe_dma", word, sizeof(word)) &&
	       strcmp(word, "yes") == 0;
}

/* Under the host's lock, so that none is switched on after the end. */
static bool note_mastering(struct host *host)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);
	bool allowed = !host->closed && !host->condemned;

	spin_unlock_irqrestore(&host->lock, state);
	return allowed;
}

long host_call_bus_master(struct host *host, const uint64_t arguments[6])
{
	if (!is_pci(host, "master its bus"))
		return -EPERM;
	if (arguments[0] && !may_master(host)) {
		host->refused = true;
		log_error("host",
			  "%s: driver %s wants its device to use memory, and no IOMMU confines it: "
			  "refused (drivers.unsafe_dma=yes allows it)",
			  host->device->name, host_driver_name(host));
		host_condemn(host, "needs an IOMMU, and there is none");
		return -EPERM;
	}
	if (arguments[0] && !note_mastering(host))
		return -ENODEV;
	host->mastering |= arguments[0] != 0;
	pci_set_bus_master(host->device, arguments[0] != 0);
	return 0;
}

long host_call_pci_reset(struct host *host, const uint64_t arguments[6])
{
	(void)arguments;
	return is_pci(host, "reset its function") ? pci_reset(host->device) : -EPERM;
}

long host_call_pci_present(struct host *host, const uint64_t arguments[6])
{
	(void)arguments;
	return is_pci(host, "look at its function") ? pci_is_present(&host->device->pci) : -EPERM;
}

long host_call_monitor(struct host *host, const uint64_t arguments[6])
{
	struct ddk_monitor_reply reply;

	switch (arguments[0]) {
	case DDK_MONITOR_VERSION:
	case DDK_MONITOR_POINTER_DATA:
	case DDK_MONITOR_POINTER_STATUS:
	case DDK_MONITOR_POINTER_COMMAND:
		break;
	default:
		host_condemn(host, "wanted command %lu of the monitor", arguments[0]);
		return -EPERM;
	}
	/* It is about keyboards and pointers. */
	if (host->device->bus != DRIVER_BUS_PLATFORM ||
	    !ddk_monitor_call((enum ddk_monitor_command)arguments[0], (uint32_t)arguments[1],
			      &reply))
		return 0;
	if (copy_to_user(user_out(arguments[2], sizeof(reply)), &reply))
		return -EFAULT;
	return 1;
}
