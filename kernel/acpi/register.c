/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to the chipset's registers. Where they are is firmware's word, which is not trusted with memory
 * of the kernel's. */
#include "register.h"

#include "acpi_priv.h"

#include <acpi/namespace.h>
#include <arch/port.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>

#define PCI_CONFIG_SIZE 256
#define PCI_SLOTS       32
#define PCI_FUNCTIONS   8

static bool map_memory(struct acpi_register *block, uint64_t physical)
{
	if (!acpi_memory_reachable(physical, block->size))
		return false;
	block->memory = kernel_map_device(physical, block->size, MMU_UNCACHED);
	if (!block->memory)
		return false;
	block->kind = ACPI_REGISTER_MEMORY;
	return true;
}

static bool map_port(struct acpi_register *block, uint64_t port)
{
	if (port > UINT16_MAX || port + block->size > UINT16_MAX + 1ull)
		return false;
	block->port = (uint16_t)port;
	block->kind = ACPI_REGISTER_PORT;
	return true;
}

static bool map_pci(struct acpi_register *block, uint64_t address)
{
	uint64_t slot = address >> 32, function = address >> 16 & 0xffff, offset = address & 0xffff;

	if (slot >= PCI_SLOTS || function >= PCI_FUNCTIONS ||
	    offset + block->size > PCI_CONFIG_SIZE)
		return false;
	block->pci.slot = (uint8_t)slot;
	block->pci.function = (uint8_t)function;
	block->pci.offset = (uint16_t)offset;
	block->kind = ACPI_REGISTER_PCI;
	return true;
}

static bool map(struct acpi_register *block, const struct acpi_address *address, unsigned size,
		bool may_be_pci, const char *what)
{
	bool mapped = false;

	*block = (struct acpi_register){ .kind = ACPI_REGISTER_NONE, .size = size };
	if (!address->address || !size)
		return false;
	if (address->space == ACPI_SPACE_MEMORY)
		mapped = map_memory(block, address->address);
	else if (address->space == ACPI_SPACE_IO)
		mapped = map_port(block, address->address);
	else if (address->space == ACPI_SPACE_PCI && may_be_pci)
		mapped = map_pci(block, address->address);
	if (!mapped)
		log_warning("acpi", "%s cannot be at %lx of space %u: not used", what,
			    address->address, address->space);
	return mapped;
}

bool acpi_register_map(struct acpi_register *block, const struct acpi_address *address,
		       unsigned size, const char *what)
{
	return map(block, address, size, false, what);
}

bool acpi_register_map_reset(struct acpi_register *block, const struct acpi_address *address)
{
	return map(block, address, 1, true, "the reset register");
}

static uint32_t read_port(uint16_t port, unsigned bytes)
{
	switch (bytes) {
	case 1:
		return arch_port_read8(port);
	case 2:
		return arch_port_read16(port);
	default:
		return arch_port_read32(port);
	}
}

static void write_port(uint16_t port, unsigned bytes, uint32_t value)
{
	switch (bytes) {
	case 1:
		arch_port_write8(port, (uint8_t)value);
		break;
	case 2:
		arch_port_write16(port, (uint16_t)value);
		break;
	default:
		arch_port_write32(port, value);
		break;
	}
}

static uint32_t read_memory(volatile uint8_t *at, unsigned bytes)
{
	switch (bytes) {
	case 1:
		return *at;
	case 2:
		return *(volatile uint16_t *)at;
	default:
		return *(volatile uint32_t *)at;
	}
}

static void write_memory(volatile uint8_t *at, unsigned bytes, uint32_t value)
{
	switch (bytes) {
	case 1:
		*at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)at = (uint16_t)value;
		break;
	default:
		*(volatile uint32_t *)at = value;
		break;
	}
}

static uint32_t read_pci(const struct acpi_register *block, unsigned offset, unsigned bytes)
{
	const struct acpi_pci_access *pci = acpi_pci_access();
	uint32_t value = 0;

	if (!pci || !pci->read(0, 0, block->pci.slot, block->pci.function,
			       block->pci.offset + offset, bytes, &value))
		return 0;
	return value;
}

static void write_pci(const struct acpi_register *block, unsigned offset, unsigned bytes,
		      uint32_t value)
{
	const struct acpi_pci_access *pci = acpi_pci_access();

	if (pci)
		(void)pci->write(0, 0, block->pci.slot, block->pci.function,
				 block->pci.offset + offset, bytes, value);
}

uint32_t acpi_register_read(const struct acpi_register *block, unsigned offset, unsigned bytes)
{
	switch (block->kind) {
	case ACPI_REGISTER_PORT:
		return read_port((uint16_t)(block->port + offset), bytes);
	case ACPI_REGISTER_MEMORY:
		return read_memory(block->memory + offset, bytes);
	case ACPI_REGISTER_PCI:
		return read_pci(block, offset, bytes);
	default:
		return 0;
	}
}

void acpi_register_write(const struct acpi_register *block, unsigned offset, unsigned bytes,
			 uint32_t value)
{
	switch (block->kind) {
	case ACPI_REGISTER_PORT:
		write_port((uint16_t)(block->port + offset), bytes, value);
		break;
	case ACPI_REGISTER_MEMORY:
		write_memory(block->memory + offset, bytes, value);
		break;
	case ACPI_REGISTER_PCI:
		write_pci(block, offset, bytes, value);
		break;
	default:
		break;
	}
}
