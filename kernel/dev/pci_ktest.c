/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI on the machine, with QEMU's device "edu" (1234:11e8), which raises interrupts by message or
 * pin when it is told to. tests/kernel.sh gives the machine three: two of which share a pin's line,
 * and one behind a bridge. Without them there is nothing to test.
 */
#include "pci_bus.h"
#include "pci_priv.h"

#include <base/errno.h>
#include <core/ktest.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>
#include <sync/cpu.h>
#include <time/clock.h>

#define EDU_VENDOR   0x1234
#define EDU_DEVICE   0x11e8
#define EDU_MAX      4
#define EDU_LIVE     (0x04 / 4) /* reads as the complement of what was written */
#define EDU_STATUS   (0x24 / 4)
#define EDU_RAISE    (0x60 / 4)
#define EDU_RELEASE  (0x64 / 4)
#define EDU_LENGTH   4096
#define ANSWER_WAIT  NS_PER_SECOND
#define LIVE_PATTERN 0x12345678u

struct edu {
	struct device *device; /* a reference */
	volatile uint32_t *registers;
	_Atomic unsigned handled;
	_Atomic unsigned cpu; /* that handled it last */
};

static bool open_edu(struct edu *edu, struct device *device)
{
	*edu = (struct edu){ .device = device };
	if (!device->ranges[0].base)
		return false;
	edu->registers = kernel_map_device(device->ranges[0].base, EDU_LENGTH, MMU_UNCACHED);
	return edu->registers;
}

static void close_edu(struct edu *edu)
{
	if (edu->registers)
		kernel_unmap_device((void *)edu->registers, EDU_LENGTH);
	device_put(edu->device);
}

static unsigned find_all(struct edu *edus)
{
	unsigned count = 0;

	for (struct device *device = device_next(NULL); device; device = device_next(device)) {
		if (device->bus != DRIVER_BUS_PCI || device->pci.vendor != EDU_VENDOR ||
		    device->pci.device != EDU_DEVICE || device->driver || count == EDU_MAX)
			continue;
		device_get(device);
		ktest_expect(open_edu(&edus[count], device));
		count++;
	}
	return count;
}

static void close_all(struct edu *edus, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close_edu(&edus[i]);
}

static bool handle(void *context)
{
	struct edu *edu = context;
	uint32_t status = edu->registers[EDU_STATUS];

	if (!status)
		return false;
	edu->registers[EDU_RELEASE] = status;
	edu->cpu = cpu_id();
	edu->handled++;
	return true;
}

/* Raises one interrupt and waits until it has been handled; true if it was, once. */
static bool raise_one(struct edu *edu)
{
	uint64_t deadline = clock_deadline_after(ANSWER_WAIT);
	unsigned before = edu->handled;

	edu->registers[EDU_RAISE] = 1;
	while (edu->handled == before && clock_monotonic_ns() < deadline)
		thread_yield();
	return edu->handled == before + 1;
}

KTEST(pci, messages_go_where_they_are_directed)
{
	struct edu edus[EDU_MAX];
	unsigned count = find_all(edus);

	for (unsigned i = 0; i < count; i++) {
		struct edu *edu = &edus[i];

		ktest_expect(device_irq_count(edu->device) == 1);
		ktest_expect(device_irq_connect(edu->device, 0, handle, edu) == 0);
		ktest_expect(device_irq_connect(edu->device, 0, handle, edu) == -EBUSY);
		pci_set_bus_master(edu->device, true);
		for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
			device_irq_direct(edu->device, 0, cpu);
			ktest_expect(raise_one(edu));
			ktest_expect(edu->cpu == cpu);
		}
		ktest_expect(pci_reset(edu->device) == -EBUSY);
		pci_set_bus_master(edu->device, false);
		device_irq_disconnect(edu->device, 0);
	}
	close_all(edus, count);
}

KTEST(pci, pins_are_used_and_shared)
{
	struct edu edus[EDU_MAX];
	unsigned count = find_all(edus);
	uint8_t messages[EDU_MAX];

	for (unsigned i = 0; i < count; i++) {
		/* As if they had no messages. */
		messages[i] = edus[i].device->pci.msi;
		edus[i].device->pci.msi = 0;
		ktest_expect(device_irq_connect(edus[i].device, 0, handle, &edus[i]) == 0);
	}
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < count; i++)
			ktest_expect(raise_one(&edus[i]));
	for (unsigned i = 0; i < count; i++) {
		ktest_expect(edus[i].handled == 3);
		device_irq_disconnect(edus[i].device, 0);
		edus[i].device->pci.msi = messages[i];
	}
	/* Nobody listens: it stays quiet. */
	for (unsigned i = 0; i < count; i++) {
		edus[i].registers[EDU_RAISE] = 1;
		edus[i].registers[EDU_RELEASE] = 1;
		ktest_expect(edus[i].handled == 3);
	}
	close_all(edus, count);
}

/* The device in the place of one that was taken out, with a reference. */
static struct device *find_again(const struct pci_function *place)
{
	for (struct device *device = device_next(NULL); device; device = device_next(device))
		if (device->bus == DRIVER_BUS_PCI && device->pci.segment == place->segment &&
		    device->pci.bus == place->bus && device->pci.slot == place->slot &&
		    device->pci.function == place->function)
			return device;
	return NULL;
}

KTEST(pci, what_was_taken_out_is_found_again)
{
	struct edu edus[EDU_MAX], again;
	unsigned count = find_all(edus);

	for (unsigned i = 0; i < count; i++) {
		const struct pci_function *place = &edus[i].device->pci;
		struct device *device;

		ktest_expect(pci_remove(edus[i].device) == 0);
		ktest_expect(pci_remove(edus[i].device) == -ENODEV);
		ktest_expect(edus[i].device->gone && !find_again(place));
		/* What has no address gets one. */
		pci_write_config(place, PCI_BAR, 4, 0);
		ktest_expect(pci_rescan() == 0);
		device = find_again(place);
		ktest_expect(device && device != edus[i].device);
		if (!device)
			continue;
		ktest_expect(open_edu(&again, device));
		again.registers[EDU_LIVE] = LIVE_PATTERN;
		ktest_expect(again.registers[EDU_LIVE] == ~LIVE_PATTERN);
		close_edu(&again);
	}
	close_all(edus, count);
}

/* Those that can be, and that nobody uses. */
KTEST(pci, functions_are_reset)
{
	for (struct device *device = device_next(NULL); device; device = device_next(device)) {
		const struct pci_function *pci = &device->pci;
		uint32_t before[PCI_HEADER_END / 4];
		int error;

		if (device->bus != DRIVER_BUS_PCI || device->driver ||
		    pci->header != PCI_HEADER_DEVICE)
			continue;
		for (unsigned i = 0; i < array_length(before); i++)
			before[i] = pci_read_config(pci, 4 * i, 4);
		error = pci_reset(device);
		ktest_expect(error == 0 || error == -EOPNOTSUPP);
		for (unsigned i = 2; i < array_length(before); i++)
			ktest_expect(pci_read_config(pci, 4 * i, 4) == before[i]);
		ktest_expect(pci_is_present(pci));
	}
}
