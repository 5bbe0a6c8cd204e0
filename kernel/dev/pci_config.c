/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI configuration space: memory-mapped (PCI Express Base 5.0, 7.2.2), where the firmware
 * tells of it, or by the two ports of conventional PCI (PCI Local Bus 3.0, 3.2.2.3.2).
 */
#include "pci_priv.h"

#include <arch/platform.h>
#include <arch/port.h>
#include <base/errno.h>
#include <mm/phys/kernel_map.h>
#include <sync/spinlock.h>

#define BUS_COUNT           256
#define BUS_SHIFT           20
#define SLOT_SHIFT          15
#define FUNCTION_SHIFT      12
#define SPACE_EXTENDED      4096
#define SPACE_PORTS         256
#define PORT_ADDRESS        0xcf8
#define PORT_DATA           0xcfc
#define PORT_ENABLE         0x80000000u
#define PORT_BUS_SHIFT      16
#define PORT_SLOT_SHIFT     11
#define PORT_FUNCTION_SHIFT 8

/* Immutable after pci_config_init(), the windows after the enumeration of their bus. */
static uint64_t ecam_base; /* 0: ports */
static unsigned first_bus, last_bus;
static volatile uint8_t *windows[BUS_COUNT];

/* The pair of ports. */
static struct spinlock port_lock = SPINLOCK_INIT(RANK_LEAF, "pci ports");

void pci_config_init(const struct platform *platform)
{
	ecam_base = platform->ecam_base;
	first_bus = ecam_base ? platform->ecam_first_bus : 0;
	last_bus = ecam_base ? platform->ecam_last_bus : BUS_COUNT - 1;
}

unsigned pci_config_first_bus(void)
{
	return first_bus;
}

unsigned pci_config_last_bus(void)
{
	return last_bus;
}

int pci_config_map_bus(unsigned bus)
{
	if (!ecam_base || windows[bus])
		return 0;
	windows[bus] = kernel_map_device(ecam_base + ((uint64_t)bus << BUS_SHIFT), 1u << BUS_SHIFT,
					 MMU_UNCACHED);
	return windows[bus] ? 0 : -ENOMEM;
}

static bool access_is_valid(const struct pci_function *pci, unsigned offset, unsigned size)
{
	unsigned space = ecam_base ? SPACE_EXTENDED : SPACE_PORTS;

	if (size != 1 && size != 2 && size != 4)
		return false;
	if (offset % size != 0 || offset >= space)
		return false;
	return !ecam_base || windows[pci->bus];
}

static volatile uint8_t *ecam_address(const struct pci_function *pci, unsigned offset)
{
	return windows[pci->bus] + ((unsigned)pci->slot << SLOT_SHIFT) +
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
	if (!ecam_base)
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
	if (!ecam_base) {
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
