/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI configuration space: memory-mapped (PCI Express Base 5.0, 7.2.2), where the firmware
 * tells of it, or by the two ports of conventional PCI (PCI Local Bus 3.0, 3.2.2.3.2).
 */
#include "pci_priv.h"

#include <arch/platform.h>
#include <arch/port.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <sync/spinlock.h>

#define BUS_COUNT           256
#define BUS_SHIFT           20
#define SLOT_SHIFT          15
#define FUNCTION_SHIFT      12
#define PORT_ADDRESS        0xcf8
#define PORT_DATA           0xcfc
#define PORT_ENABLE         0x80000000u
#define PORT_BUS_SHIFT      16
#define PORT_SLOT_SHIFT     11
#define PORT_FUNCTION_SHIFT 8
#define INTEL_VENDOR        0x8086
#define INTEL_ECAM          0x60 /* PCIEXBAR of its host bridges, 8 bytes (3 Series datasheet, 5.1.17) */
#define INTEL_ECAM_ENABLE   1u

_Static_assert(PCI_SEGMENT_MAX == PLATFORM_ECAM_MAX, "segments");

/* Immutable after pci_config_init(), the windows once they are set. */
struct segment {
	uint64_t ecam_base; /* 0: ports; cleared where the window is gone after waking */
	unsigned number, first_bus, last_bus;
	volatile uint8_t *windows[BUS_COUNT];
};

static struct segment segments[PCI_SEGMENT_MAX];
static unsigned segment_count;

/* What the host bridge said of segment 0's window before the machine slept; enabled: it is known. */
static uint32_t saved_ecam[2];

/* The pair of ports. */
static struct spinlock port_lock = SPINLOCK_INIT(RANK_LEAF, "pci ports");

static void add_segment(const struct platform_ecam *ecam)
{
	struct segment *segment = &segments[segment_count++];

	segment->ecam_base = ecam->base;
	segment->number = ecam->segment;
	segment->first_bus = ecam->first_bus;
	segment->last_bus = ecam->last_bus;
}

/* Segment 0 is the first, as it is the one that the ports and what is known of boards mean. */
void pci_config_init(const struct platform *platform)
{
	static const struct platform_ecam ports = { .last_bus = BUS_COUNT - 1 };

	for (unsigned i = 0; i < platform->ecam_count; i++)
		if (platform->ecam[i].segment == 0)
			add_segment(&platform->ecam[i]);
	if (segment_count == 0)
		add_segment(&ports);
	for (unsigned i = 0; i < platform->ecam_count && segment_count < PCI_SEGMENT_MAX; i++)
		if (platform->ecam[i].segment != 0)
			add_segment(&platform->ecam[i]);
}

unsigned pci_config_segment_count(void)
{
	return segment_count;
}

unsigned pci_domain(const struct pci_function *pci)
{
	return segments[pci->segment].number;
}

int pci_config_find_segment(unsigned number)
{
	for (unsigned i = 0; i < segment_count; i++)
		if (segments[i].number == number)
			return (int)i;
	return -ENODEV;
}

unsigned pci_config_first_bus(unsigned segment)
{
	return segments[segment].first_bus;
}

unsigned pci_config_last_bus(unsigned segment)
{
	return segments[segment].last_bus;
}

unsigned pci_config_size(const struct pci_function *pci)
{
	return segments[pci->segment].ecam_base ? PCI_SPACE_EXTENDED : PCI_SPACE_SIZE;
}

int pci_config_map_bus(unsigned segment, unsigned bus)
{
	struct segment *own = &segments[segment];
	volatile uint8_t *window, *none = NULL;

	if (!own->ecam_base || own->windows[bus])
		return 0;
	window = kernel_map_device(own->ecam_base + ((uint64_t)bus << BUS_SHIFT), 1u << BUS_SHIFT,
				   MMU_UNCACHED);
	if (!window)
		return -ENOMEM;
	/* Who scans and firmware's code may both be the first. */
	if (!__atomic_compare_exchange_n(&own->windows[bus], &none, window, false, __ATOMIC_RELEASE,
					 __ATOMIC_ACQUIRE))
		kernel_unmap_device((void *)window, 1u << BUS_SHIFT);
	return 0;
}

static bool access_is_valid(const struct pci_function *pci, unsigned offset, unsigned size)
{
	if (size != 1 && size != 2 && size != 4)
		return false;
	if (offset % size != 0 || offset >= pci_config_size(pci))
		return false;
	return !segments[pci->segment].ecam_base || segments[pci->segment].windows[pci->bus];
}

static volatile uint8_t *ecam_address(const struct pci_function *pci, unsigned offset)
{
	return segments[pci->segment].windows[pci->bus] + ((unsigned)pci->slot << SLOT_SHIFT) +
	       ((unsigned)pci->function << FUNCTION_SHIFT) + offset;
}

static void select_port(const struct pci_function *pci, unsigned offset)
{
	arch_port_write32(PORT_ADDRESS, PORT_ENABLE | (uint32_t)pci->bus << PORT_BUS_SHIFT |
						(uint32_t)pci->slot << PORT_SLOT_SHIFT |
						(uint32_t)pci->function << PORT_FUNCTION_SHIFT |
						(offset & ~3u));
}

static uint32_t ports_read(const struct pci_function *pci, unsigned offset, unsigned size)
{
	uint16_t port = (uint16_t)(PORT_DATA + (offset & 3));
	irq_state_t state = spin_lock_irqsave(&port_lock);
	uint32_t value;

	select_port(pci, offset);
	if (size == 1)
		value = arch_port_read8(port);
	else if (size == 2)
		value = arch_port_read16(port);
	else
		value = arch_port_read32(port);
	spin_unlock_irqrestore(&port_lock, state);
	return value;
}

static void ports_write(const struct pci_function *pci, unsigned offset, unsigned size,
			uint32_t value)
{
	uint16_t port = (uint16_t)(PORT_DATA + (offset & 3));
	irq_state_t state = spin_lock_irqsave(&port_lock);

	select_port(pci, offset);
	if (size == 1)
		arch_port_write8(port, (uint8_t)value);
	else if (size == 2)
		arch_port_write16(port, (uint16_t)value);
	else
		arch_port_write32(port, value);
	spin_unlock_irqrestore(&port_lock, state);
}

uint32_t pci_read_config(const struct pci_function *pci, unsigned offset, unsigned size)
{
	volatile uint8_t *address;

	if (!access_is_valid(pci, offset, size))
		return UINT32_MAX >> (size < 4 ? 32 - 8 * size : 0);
	if (!segments[pci->segment].ecam_base)
		return ports_read(pci, offset, size);
	address = ecam_address(pci, offset);
	if (size == 1)
		return *address;
	if (size == 2)
		return *(volatile uint16_t *)address;
	return *(volatile uint32_t *)address;
}

void pci_write_config(const struct pci_function *pci, unsigned offset, unsigned size,
		      uint32_t value)
{
	volatile uint8_t *address;

	if (!access_is_valid(pci, offset, size))
		return;
	if (!segments[pci->segment].ecam_base) {
		ports_write(pci, offset, size, value);
		return;
	}
	address = ecam_address(pci, offset);
	if (size == 1)
		*address = (uint8_t)value;
	else if (size == 2)
		*(volatile uint16_t *)address = (uint16_t)value;
	else
		*(volatile uint32_t *)address = value;
}

static bool ecam_answers(const struct pci_function *host)
{
	return pci_read_config(host, PCI_VENDOR, 4) == ports_read(host, PCI_VENDOR, 4);
}

void pci_config_save_window(void)
{
	static const struct pci_function host = { 0 };

	saved_ecam[0] = 0;
	if (!segments[0].ecam_base || ports_read(&host, PCI_VENDOR, 2) != INTEL_VENDOR)
		return;
	saved_ecam[1] = ports_read(&host, INTEL_ECAM + 4, 4);
	saved_ecam[0] = ports_read(&host, INTEL_ECAM, 4);
}

void pci_config_restore_window(void)
{
	static const struct pci_function host = { 0 };

	if (!segments[0].ecam_base || !segments[0].windows[0] || ecam_answers(&host))
		return;
	if (saved_ecam[0] & INTEL_ECAM_ENABLE) {
		ports_write(&host, INTEL_ECAM, 4, 0);
		ports_write(&host, INTEL_ECAM + 4, 4, saved_ecam[1]);
		ports_write(&host, INTEL_ECAM, 4, saved_ecam[0]);
	}
	if (ecam_answers(&host))
		return;
	log_error("pci", "configuration space is not where it was: by ports from now on");
	segments[0].ecam_base = 0;
}
