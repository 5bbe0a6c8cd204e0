/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operation regions in the machine: what firmware's code reads and writes. Called under the instance's
 * lock, which also guards the windows below.
 *
 * Memory is that of devices and of firmware; never what the kernel and programs use. Ports and registers
 * that the kernel itself drives with several accesses are left out, as they would be found half set up.
 */
#include "acpi_priv.h"

#include <arch/cmos.h>
#include <arch/mmu.h>
#include <arch/port.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>

#define WINDOW_COUNT 16
#define PORT_END     0x10000
#define CMOS_INDEX   0x70 /* ports */
#define CMOS_DATA    0x71
#define PCI_SEGMENT  48
#define PCI_BUS      40
#define PCI_SLOT     35
#define PCI_FUNCTION 32

/* Pages that were used last. */
struct window {
	phys_t page;
	uint8_t *address; /* NULL: free */
	uint64_t used;
};

struct port_range {
	uint16_t first, last;
};

static struct window windows[WINDOW_COUNT];
static uint64_t uses;
static bool refused; /* that something was refused is logged once */
/* Immutable after acpi_start(). */
static const struct acpi_pci_access *pci_access;

/* The interrupt controllers, the timer, the old DMA controllers, and PCI's pair of ports. */
static const struct port_range kept_ports[] = {
	{ 0x00, 0x0f }, { 0x20, 0x21 }, { 0x40, 0x43 }, { 0x81, 0x83 },   { 0x87, 0x87 },
	{ 0x89, 0x8b }, { 0xa0, 0xa1 }, { 0xc0, 0xdf }, { 0x4d0, 0x4d1 }, { 0xcf8, 0xcff },
};

void acpi_set_pci_access(const struct acpi_pci_access *access)
{
	pci_access = access;
}

const struct acpi_pci_access *acpi_pci_access(void)
{
	return pci_access;
}

static int refuse(const struct aml_access *access)
{
	if (!refused)
		log_warning("acpi", "firmware's code wants to %s %s %lx: refused",
			    access->write ? "write" : "read",
			    access->space == AML_SPACE_IO ? "port" : "memory", access->address);
	refused = true;
	return -AML_E_ILLEGAL_ADDRESS;
}

/* --- Memory --- */

static uint8_t *window_at(phys_t page)
{
	struct window *oldest = &windows[0];

	for (unsigned i = 0; i < WINDOW_COUNT; i++) {
		if (windows[i].address && windows[i].page == page) {
			windows[i].used = ++uses;
			return windows[i].address;
		}
		if (windows[i].used < oldest->used)
			oldest = &windows[i];
	}
	if (oldest->address)
		kernel_unmap_device(oldest->address, PAGE_SIZE);
	/* How it is cached, the firmware has set up in the memory type range registers. */
	*oldest = (struct window){ page, kernel_map_device(page, PAGE_SIZE, 0), ++uses };
	return oldest->address;
}

static void transfer(volatile uint8_t *place, unsigned size, bool write, uint64_t *value)
{
	volatile uint16_t *two = (volatile uint16_t *)place;
	volatile uint32_t *four = (volatile uint32_t *)place;
	volatile uint64_t *eight = (volatile uint64_t *)place;

	if (write) {
		if (size == 1)
			*place = (uint8_t)*value;
		else if (size == 2)
			*two = (uint16_t)*value;
		else if (size == 4)
			*four = (uint32_t)*value;
		else
			*eight = *value;
		return;
	}
	*value = size == 1 ? *place : size == 2 ? *two : size == 4 ? *four : *eight;
}

/* `size` bytes that do not cross a page. */
static int access_place(phys_t address, unsigned size, bool write, uint64_t *value)
{
	uint8_t *page = window_at(align_down(address, PAGE_SIZE));

	if (!page)
		return -AML_E_NO_MEMORY;
	transfer(page + (address & (PAGE_SIZE - 1)), size, write, value);
	return 0;
}

/* Firmware may not care for alignment, but C does. */
static int access_bytes(struct aml_access *access, unsigned size,
			int (*one)(struct aml_access *access, unsigned at, uint8_t *byte))
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(access->value >> (8 * i));
		int error = one(access, i, &byte);

		if (error)
			return error;
		value |= (uint64_t)byte << (8 * i);
	}
	if (!access->write)
		access->value = value;
	return 0;
}

static int memory_byte(struct aml_access *access, unsigned at, uint8_t *byte)
{
	uint64_t value = *byte;
	int error = access_place(access->address + at, 1, access->write, &value);

	*byte = (uint8_t)value;
	return error;
}

static int access_memory(struct aml_access *access, unsigned size)
{
	if (!acpi_memory_reachable(access->address, size))
		return refuse(access);
	if (access->address % size)
		return access_bytes(access, size, memory_byte);
	return access_place(access->address, size, access->write, &access->value);
}

/* --- The battery-backed memory --- */

static int cmos_byte(struct aml_access *access, unsigned at, uint8_t *byte)
{
	unsigned index = (unsigned)access->address + at;

	if (access->write)
		arch_cmos_write(index, *byte);
	else
		*byte = arch_cmos_read(index);
	return 0;
}

static int access_cmos(struct aml_access *access, unsigned size)
{
	if (access->address >= ARCH_CMOS_SIZE || size > ARCH_CMOS_SIZE - access->address)
		return -AML_E_REGION_LIMIT;
	return access_bytes(access, size, cmos_byte);
}

/* The same by its ports, as much firmware does it: the index is kept here, since the clock's driver sets its
 * own between two accesses. */
static int cmos_port(struct aml_access *access, unsigned at, uint8_t *byte)
{
	static unsigned index;

	if (access->address + at == CMOS_DATA)
		return cmos_byte(&(struct aml_access){ .address = index, .write = access->write },
				 0, byte);
	if (access->write)
		index = *byte & (ARCH_CMOS_SIZE - 1);
	else
		*byte = (uint8_t)index;
	return 0;
}

/* --- Ports --- */

static bool port_is_kept(uint64_t first, unsigned size)
{
	for (size_t i = 0; i < array_length(kept_ports); i++)
		if (first <= kept_ports[i].last && first + size > kept_ports[i].first)
			return true;
	return false;
}

/* Of an access that is partly to the battery-backed memory. */
static int port_byte(struct aml_access *access, unsigned at, uint8_t *byte)
{
	uint16_t port = (uint16_t)(access->address + at);

	if (port == CMOS_INDEX || port == CMOS_DATA)
		return cmos_port(access, at, byte);
	if (access->write)
		arch_port_write8(port, *byte);
	else
		*byte = arch_port_read8(port);
	return 0;
}

static int access_port(struct aml_access *access, unsigned size)
{
	uint16_t port = (uint16_t)access->address;

	if (size > 4 || access->address >= PORT_END || size > PORT_END - access->address ||
	    port_is_kept(access->address, size))
		return refuse(access);
	if (access->address <= CMOS_DATA && access->address + size > CMOS_INDEX)
		return access_bytes(access, size, port_byte);
	if (access->write) {
		if (size == 1)
			arch_port_write8(port, (uint8_t)access->value);
		else if (size == 2)
			arch_port_write16(port, (uint16_t)access->value);
		else
			arch_port_write32(port, (uint32_t)access->value);
		return 0;
	}
	access->value = size == 1   ? arch_port_read8(port)
			: size == 2 ? arch_port_read16(port)
				    : arch_port_read32(port);
	return 0;
}

/* --- PCI configuration space --- */

static int pci_part(struct aml_access *access, unsigned at, unsigned size, uint32_t *value)
{
	uint16_t segment = (uint16_t)(access->address >> PCI_SEGMENT);
	uint8_t bus = (uint8_t)(access->address >> PCI_BUS);
	uint8_t slot = access->address >> PCI_SLOT & 31;
	uint8_t function = access->address >> PCI_FUNCTION & 7;
	unsigned offset = (unsigned)(uint32_t)access->address + at;
	bool done;

	done = access->write ? pci_access->write(segment, bus, slot, function, offset, size, *value)
			     : pci_access->read(segment, bus, slot, function, offset, size, value);
	return done ? 0 : -AML_E_NOT_EXIST;
}

static int pci_byte(struct aml_access *access, unsigned at, uint8_t *byte)
{
	uint32_t value = *byte;
	int error = pci_part(access, at, 1, &value);

	*byte = (uint8_t)value;
	return error;
}

static int access_pci(struct aml_access *access, unsigned size)
{
	uint32_t value = (uint32_t)access->value;
	int error;

	if (!pci_access)
		return -AML_E_NOT_EXIST;
	if (size > 4 || access->address % size)
		return access_bytes(access, size, pci_byte);
	error = pci_part(access, 0, size, &value);
	access->value = value;
	return error;
}

int acpi_host_access(const struct aml_host *host, struct aml_access *access)
{
	unsigned size = access->bits / 8;

	(void)host;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return -AML_E_NOT_EXIST;
	switch (access->space) {
	case AML_SPACE_MEMORY:
		return access_memory(access, size);
	case AML_SPACE_IO:
		return access_port(access, size);
	case AML_SPACE_PCI:
		return access_pci(access, size);
	case AML_SPACE_CMOS:
		return access_cmos(access, size);
	default:
		return -AML_E_NOT_EXIST;
	}
}
