/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Devices as the kernel keeps them, for the buses that find them and for the driver kit's back
 * end, which acts for the drivers.
 *
 * Devices come and go at any time. One thread at a time adds and removes them: the one that boots,
 * then the one that sees to hotplug (kernel/dev/pci_hotplug.c).
 */
#pragma once

#include <arch/mmu.h>
#include <base/list.h>
#include <ddk/driver.h>
#include <irq/irq.h>
#include <sched/mutex.h>
#include <sync/refcount.h>

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
	bool wide;    /* may lie above 4 GiB */
	bool claimed; /* the bus has seen to it that nothing else is at `base` */
	phys_t base;  /* 0: nobody gave it an address */
	uint64_t size;
};

struct pci_bus;

struct pci_function {
	uint16_t segment;
	uint8_t bus, slot, function;
	uint8_t revision;
	uint8_t header; /* its type, without the flag of several functions */
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem;
	uint32_t class_code;
	uint8_t msi, msix, express; /* offsets of the capabilities; 0: none */
	uint8_t pin;                /* 1 to 4: A to D; 0: none */
	struct pci_bus *upstream;   /* the bus that it is on */
	struct pci_bus *behind;     /* of a bridge: that on its other side, or NULL; the device's */
	struct list_node node;      /* upstream->functions */
	/* Under device->lock: */
	volatile uint32_t *msix_table; /* NULL: not mapped */
	size_t msix_length;            /* of the mapping */
};

enum device_irq_kind {
	DEVICE_IRQ_LINE, /* of a platform device, or a pin */
	DEVICE_IRQ_MSI,
	DEVICE_IRQ_MSIX,
};

/* An interrupt that a driver connected; see device_irq_connect(). */
struct device_irq {
	struct irq_handler handler;
	struct list_node node; /* device->lock */
	unsigned index;
	enum device_irq_kind kind;
	bool (*handle)(void *context);
	void *context;
	struct device *device;
	/* The bus's: what the device is to write, and whether it was told to. */
	uint64_t address;
	uint32_t data;
	bool moved, live, masked;
	unsigned entry; /* of the IOMMU's, which leads the message to its CPU; 0: none */
};

/* How a device sleeps (dev/dev.h). */
enum device_sleep {
	DEVICE_SLEEP_NONE = 0,  /* it does not */
	DEVICE_SLEEP_IDLE,      /* no driver has anything to do with that */
	DEVICE_SLEEP_SUSPENDED, /* by its driver */
	DEVICE_SLEEP_DROPPED,   /* the driver was taken from it, and is asked again */
	DEVICE_SLEEP_LOST,      /* it has gone meanwhile, or is another */
};

struct iommu_domain;
struct pci_state;

struct device {
	/* Who holds: the list while it is in there, its driver, the devices on the bus behind it,
	 * those who walk the list, open files that show it. */
	struct refcount references;

	/* Immutable once the device is in the list. */
	char name[24];
	enum driver_bus bus;
	const char *platform_name;      /* what platform drivers match; static */
	uint8_t lines[DEVICE_LINE_MAX]; /* of platform devices: ISA interrupt lines */
	unsigned line_count;
	struct pci_function pci;

	/* The thread's that adds and removes devices; immutable while a driver has the device. */
	struct device_range ranges[DEVICE_RANGE_MAX];

	/* The lock of the list. */
	struct list_node node;
	uint64_t id; /* ascending in the list, never given twice; 0: not in it yet */

	/* RANK_DEVICE: interrupts and what of `pci` is for them, writes to the command register. */
	struct mutex lock;
	struct list irqs;

	/* The thread that suspends and resumes. */
	enum device_sleep sleep;
	struct pci_state *saved; /* of PCI functions that sleep; NULL: it does not */

	/* Where it is behind an IOMMU, its domain: a reference; immutable once in the list. */
	struct iommu_domain *domain;
	/* Its driver is being exchanged for another, or another instance: device_handover_begin(). Written under
	 * the lock of handovers, as the next three. */
	_Atomic bool handover;
	struct list_node handover_node;
	struct list parked; /* struct device_parked, by order */
	uint64_t handover_until;

	_Atomic bool asleep; /* interrupts do not reach its driver */
	_Atomic bool gone;   /* taken out of the list; what answers in its place is another */
	/* Written by the thread that adds and removes devices. */
	const struct driver *_Atomic driver; /* NULL: none serves it */
	_Atomic(void *) state;               /* the driver's */
};

/* A device that is not in the list yet, with its lock ready and one reference, the list's; NULL:
 * out of memory. */
struct device *device_create(enum driver_bus bus);
/* Puts it into the list and asks the drivers that match. Thread context. */
void device_add(struct device *device);
/* Takes the device from its driver and out of the list; the list's reference goes. Where the driver
 * cannot let go of it, it keeps what is dead. Thread context, no lock held. */
void device_remove(struct device *device);
void device_get(struct device *device);
/* The last one frees it. Thread context. */
void device_put(struct device *device);
/* The first device of the list behind `previous` (NULL: of all), with a reference, or NULL; the
 * reference to `previous` goes. */
struct device *device_next(struct device *previous);
/* The first one whose id is greater. */
struct device *device_after(uint64_t id);

/* The two below: in the thread that adds and removes devices. Asks the driver; the device has none. False: it does not
 * take it. */
struct driver_object;
bool device_start_driver(struct device *device, struct driver_object *object);
/* Takes the device from its driver, which can let go of it (has `remove`). */
void device_drop_driver(struct device *device);

/*
 * A handover: what the driver removes from its classes until it ends (disks, displays, input devices, network
 * interfaces) is parked with the device: programs keep it open, their requests wait. What the next driver of the device
 * creates takes the place of what is parked, if it is the same by its description. At the end what nobody has
 * taken goes. Both in thread context, no lock held. A begin during a handover, of which each attempt to find a
 * driver is one, gives it time anew; when that is up, it ends by itself.
 */
void device_handover_begin(struct device *device);
void device_handover_end(struct device *device);

/* The classes' side. */
enum device_parked_kind { PARKED_DISK, PARKED_DISPLAY, PARKED_INPUT, PARKED_NET };
struct device_parked {
	enum device_parked_kind kind; /* immutable, and the next two */
	uint64_t order;               /* device_parked_order(), when it was made */
	/* The handover has ended: destroys what is parked. Thread context, no lock held. */
	void (*discard)(struct device_parked *parked);
	struct list_node node; /* device->parked */
};
uint64_t device_parked_order(void);
/* False: there is no handover, and it is the caller's to destroy. Otherwise it is the device's. Any context. */
bool must_check device_park(struct device *device, struct device_parked *parked);
/* The oldest of that kind that fits, which is the caller's then; NULL: none. `fits` is called under a spinlock. */
struct device_parked *device_find_parked(struct device *device, enum device_parked_kind kind,
					 bool (*fits)(struct device_parked *parked,
						      const void *wanted),
					 const void *wanted);

/* Physical addresses [start, end). */
struct device_place {
	phys_t start, end;
};
#define DEVICE_MESSAGE_PLACES 2
/* Where in range `index` of a PCI function its messages for interrupts are, and what is pending of them: not for drivers.
 * How many places. */
unsigned pci_find_messages(const struct device *device, unsigned index,
			   struct device_place places[DEVICE_MESSAGE_PLACES]);

/* Interrupts, by index: see ddk/irq.h. */
unsigned device_irq_count(const struct device *device);
int must_check device_irq_connect(struct device *device, unsigned index,
				  bool (*handle)(void *context), void *context);
void device_irq_disconnect(struct device *device, unsigned index);
/* The same as device_irq_connect() for who handles interrupts later: *irq, which is set before the first comes, is
 * valid until it is disconnected. */
int must_check device_irq_connect_held(struct device *device, unsigned index,
				       bool (*handle)(void *context), void *context,
				       struct device_irq **irq);
/* In its handler: whether it may have been the device, and not another on the same line. */
bool device_irq_is_raised(const struct device_irq *irq);
/* The device keeps the interrupt to itself, at the source, until it is let go of; one that is due then comes. False: that
 * cannot be done to it (lines of edges, a single message without a mask). Any context, under locks of rank <
 * RANK_IRQ_MESSAGE. */
bool device_irq_hold(struct device_irq *irq, bool on);
/* Whether it stays raised until the device is served, so that it must be held. */
bool device_irq_is_level(const struct device_irq *irq);
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
