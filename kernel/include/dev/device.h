/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Devices as the kernel keeps them, for the buses that find them and for the driver kit's back
 * end, which acts for the drivers. Devices are added at boot and never freed.
 */
#pragma once

#include <arch/mmu.h>
#include <base/list.h>
#include <ddk/driver.h>
#include <irq/irq.h>
#include <sched/mutex.h>

#define DEVICE_RANGE_MAX 6
#define DEVICE_LINE_MAX  2

enum device_range_kind {
	DEVICE_RANGE_NONE = 0,
	DEVICE_RANGE_MEMORY,
	DEVICE_RANGE_PORTS,
};

struct device_range {
	enum device_range_kind kind;
	bool prefetchable;
	phys_t base; /* 0: nobody gave it an address */
	uint64_t size;
};

struct pci_function {
	uint8_t bus, slot, function;
	uint8_t revision;
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem;
	uint32_t class_code;
	uint8_t msi, msix; /* offsets of the capabilities; 0: none */
	/* Under device->lock: */
	volatile uint32_t *msix_table; /* NULL: not mapped */
	size_t msix_length;            /* of the mapping */
};

/* An interrupt that a driver connected; see device_irq_connect(). */
struct device_irq {
	struct irq_handler handler;
	struct list_node node; /* device->lock */
	unsigned index;
	bool (*handle)(void *context);
	void *context;
	struct device *device;
	/* The bus's: what the device is to write, and whether it was told to. */
	uint64_t address;
	uint32_t data;
	bool moved, live;
};

struct device {
	/* Immutable once the device is in the list. */
	char name[24];
	enum driver_bus bus;
	const char *platform_name; /* what platform drivers match; static */
	struct device_range ranges[DEVICE_RANGE_MAX];
	uint8_t lines[DEVICE_LINE_MAX]; /* of platform devices: ISA interrupt lines */
	unsigned line_count;
	struct pci_function pci;
	struct list_node node; /* the list of devices; only ever added to */

	/* RANK_DRIVER_SLEEP: interrupts and what of `pci` is for them, writes to the command
	 * register. */
	struct mutex lock;
	struct list irqs;

	/* Written by the thread that starts drivers. */
	const struct driver *driver; /* NULL: none serves it */
	_Atomic(void *) state;       /* the driver's */
};

/* A device that is not in the list yet, with its lock ready; NULL: out of memory. */
struct device *device_create(enum driver_bus bus);
/* Puts it into the list and asks the drivers that match. Thread context. */
void device_add(struct device *device);
/* Calls `visit` for each device, in order of addition, until it returns false. */
void device_visit_all(bool (*visit)(struct device *device, void *argument), void *argument);

/* Interrupts, by index: see ddk/irq.h. */
unsigned device_irq_count(const struct device *device);
int must_check device_irq_connect(struct device *device, unsigned index,
				  bool (*handle)(void *context), void *context);
void device_irq_disconnect(struct device *device, unsigned index);
void device_irq_direct(struct device *device, unsigned index, unsigned cpu);

/* Configuration space of a PCI function: `size` 1, 2 or 4, `offset` aligned to it. What lies
 * outside reads as all ones. Any context. */
uint32_t pci_read_config(const struct pci_function *pci, unsigned offset, unsigned size);
void pci_write_config(const struct pci_function *pci, unsigned offset, unsigned size,
		      uint32_t value);
/* The offset of the first capability `id` behind the one at `after` (0: of all), or 0. */
unsigned pci_find_capability(const struct pci_function *pci, unsigned id, unsigned after);
void pci_set_bus_master(struct device *device, bool on);
/* See ddk/pci.h. */
int must_check pci_reset(struct device *device);
bool pci_is_present(const struct pci_function *pci);
/* True if drivers may write there: not to what the bus looks after. */
bool pci_config_is_drivers(const struct pci_function *pci, unsigned offset, unsigned size);
