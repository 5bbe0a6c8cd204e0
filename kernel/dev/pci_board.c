/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What boards lose when they sleep, and their firmware forgets to set when they wake: where registers of the
 * chipset lie. Nothing is written where firmware did its work.
 *
 * SeaBIOS sets these registers of a Q35 through the memory window of configuration space, which is closed
 * when the machine wakes; and opens that window itself through itself.
 */
#include "pci_priv.h"

#include <core/log.h>
#include <dev/dev.h>

#define SLOT_BRIDGE 31

static const struct {
	uint16_t vendor, device;
	uint8_t slot, offset; /* bus 0, function 0 */
} registers[] = {
	{ 0x8086, 0x2918, SLOT_BRIDGE, 0x40 }, /* ICH9: the ports of power management, */
	{ 0x8086, 0x2918, SLOT_BRIDGE, 0x44 }, /* whether they are decoded, and the event's line, */
	{ 0x8086, 0x2918, SLOT_BRIDGE, 0xf0 }, /* the root complex's registers */
};

static uint32_t saved[array_length(registers)];
static bool has[array_length(registers)];

static bool is_there(size_t i, struct pci_function *pci)
{
	*pci = (struct pci_function){ .slot = registers[i].slot };
	return pci_read_config(pci, PCI_VENDOR, 2) == registers[i].vendor &&
	       pci_read_config(pci, PCI_DEVICE, 2) == registers[i].device;
}

void pci_wake_prepare(void)
{
	struct pci_function pci;

	pci_config_save_window();
	for (size_t i = 0; i < array_length(registers); i++) {
		has[i] = is_there(i, &pci);
		if (has[i])
			saved[i] = pci_read_config(&pci, registers[i].offset, 4);
	}
}

void pci_wake(void)
{
	static bool told;
	struct pci_function pci;
	unsigned lost = 0;

	pci_config_restore_window();
	for (size_t i = 0; i < array_length(registers); i++) {
		if (!has[i] || !is_there(i, &pci) ||
		    pci_read_config(&pci, registers[i].offset, 4) == saved[i])
			continue;
		pci_write_config(&pci, registers[i].offset, 4, saved[i]);
		lost++;
	}
	if (lost && !told)
		log_info("pci", "firmware forgot %u registers of the board: they are set again",
			 lost);
	told = told || lost;
}
