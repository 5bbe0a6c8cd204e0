/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the interrupt pins of PCI functions lead to. Firmware tells (ACPI's _PRT). Where it does not, chipsets
 * are served whose own registers tell:
 *   - ICH9 and ICH10: pins of slots 25 to 31 of bus 0 go to one of the lines PIRQA to PIRQH, as
 *     registers say (ICH9 datasheet, 10.1.46 ff.), and those to inputs 16 to 23 of the I/O APIC
 *     (5.9.2). How other slots are wired is the board's; known of QEMU's, where the lines PIRQE to
 *     PIRQH take turns.
 *   - PIIX3 as QEMU has it: the I/O APIC's input is that which the interrupt line register names.
 * On bridges the pins of the slots behind take turns (PCI-to-PCI Bridge 1.2, 9.1).
 */
#include "pci_acpi.h"
#include "pci_priv.h"

#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>

#define PIN_COUNT       4
#define VENDOR_INTEL    0x8086
#define VENDOR_QEMU     0x1af4 /* of the subsystem */
#define DEVICE_PIIX3    0x7000
#define DEVICE_ICH9     0x2910 /* to 0x291f */
#define DEVICE_ICH10    0x3a10 /* to 0x3a1f */
#define PIIX3_SLOT      1
#define ICH_SLOT        31
#define ICH_REGISTERS   0xf0 /* where they are, in its configuration space */
#define REGISTERS_ON    (1u << 0)
#define REGISTERS_BASE  0xffffc000u
#define ROUTES          0x3140 /* registers from there on */
#define ROUTES_SIZE     0x20
#define ROUTE_RESET     0x3210 /* what the registers hold after reset */
#define SLOT_FIRST      25     /* that has such a register */
#define SLOT_PCI_BRIDGE 30
#define GSI_FIRST       16
#define ISA_LINE_MAX    15

/* The registers of slots 31 down to 25, each 4 bits for each pin. */
static const uint8_t route_offsets[] = { 0x00, 0x02, 0x04, 0x06, 0x08, 0x0c, 0x10 };

/* Immutable after pci_pin_init(). */
static enum { PINS_UNKNOWN, PINS_ICH, PINS_ISA } wiring;
static bool of_qemu;
static uint16_t routes[array_length(route_offsets)]; /* of slots 31 and down */

static void read_routes(const struct pci_function *ich)
{
	uint32_t place = pci_read_config(ich, ICH_REGISTERS, 4);
	volatile uint8_t *registers = NULL;

	if (place & REGISTERS_ON)
		registers = kernel_map_device((place & REGISTERS_BASE) + ROUTES, ROUTES_SIZE,
					      MMU_UNCACHED);
	for (size_t i = 0; i < array_length(routes); i++)
		routes[i] = registers ? *(volatile uint16_t *)(registers + route_offsets[i])
				      : ROUTE_RESET;
	if (registers)
		kernel_unmap_device((void *)registers, ROUTES_SIZE);
}

static bool is_device(const struct pci_function *pci, unsigned vendor, unsigned device,
		      unsigned mask)
{
	return pci_read_config(pci, PCI_VENDOR, 2) == vendor &&
	       (pci_read_config(pci, PCI_DEVICE, 2) & mask) == device;
}

void pci_pin_init(void)
{
	static const struct pci_function host, ich = { .slot = ICH_SLOT },
					       piix3 = { .slot = PIIX3_SLOT };

	of_qemu = pci_read_config(&host, PCI_SUBSYSTEM_VENDOR, 2) == VENDOR_QEMU;
	if (is_device(&ich, VENDOR_INTEL, DEVICE_ICH9, 0xfff0) ||
	    is_device(&ich, VENDOR_INTEL, DEVICE_ICH10, 0xfff0)) {
		wiring = PINS_ICH;
		read_routes(&ich);
	} else if (of_qemu && is_device(&piix3, VENDOR_INTEL, DEVICE_PIIX3, 0xffff)) {
		wiring = PINS_ISA;
	}
}

/* The pin, counted from 0, as it arrives at the root bus, and the slot there. */
static unsigned pin_at_root(const struct pci_function *pci, unsigned *slot)
{
	unsigned pin = pci->pin - 1u;

	while (pci->upstream && pci->upstream->bridge) {
		pin = (pin + pci->slot) % PIN_COUNT;
		pci = &pci->upstream->bridge->pci;
	}
	*slot = pci->slot;
	return pin;
}

/* -ENODEV: nobody knows. */
static int route_ich(const struct pci_function *pci)
{
	unsigned slot, pin = pin_at_root(pci, &slot);

	if (of_qemu && (slot < SLOT_FIRST || slot == SLOT_PCI_BRIDGE))
		return (int)(GSI_FIRST + PIN_COUNT +
			     (slot == SLOT_PCI_BRIDGE ? pin : (slot + pin) % PIN_COUNT));
	if (slot < SLOT_FIRST)
		return -ENODEV;
	return GSI_FIRST + (routes[ICH_SLOT - slot] >> 4 * pin & 7);
}

/* As firmware tells. */
static int request_route(const struct pci_function *pci, struct irq_handler *handler)
{
	uint8_t bridges[PCI_DEPTH_MAX + 1];
	struct acpi_pci_place place;
	bool level, active_low;
	unsigned gsi;
	int error;

	if (!pci_place_of(pci, &place, bridges))
		return -ENODEV;
	error = acpi_pci_route(&place, pci->pin, &gsi, &level, &active_low);
	return error ? error : irq_request(handler, gsi, level, active_low);
}

int pci_pin_request(const struct pci_function *pci, struct irq_handler *handler)
{
	uint32_t line = pci_read_config(pci, PCI_INTERRUPT_LINE, 1);
	int gsi;

	if (pci->pin < 1 || pci->pin > PIN_COUNT)
		return -ENODEV;
	gsi = request_route(pci, handler);
	if (gsi != -ENODEV)
		return gsi;
	if (pci->segment != 0)
		return -ENODEV;
	if (wiring == PINS_ISA)
		return line && line <= ISA_LINE_MAX ? irq_request_isa(handler, line) : -ENODEV;
	gsi = wiring == PINS_ICH ? route_ich(pci) : -ENODEV;
	return gsi < 0 ? gsi : irq_request(handler, (unsigned)gsi, true, true);
}
