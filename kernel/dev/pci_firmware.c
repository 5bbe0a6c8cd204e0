/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How firmware's code reaches PCI's configuration spaces. */
#include "pci_priv.h"

#include <acpi/namespace.h>
#include <dev/dev.h>

/* The place, if there is such a segment and bus. Buses that were not looked at yet are mapped. */
static bool find_place(uint16_t number, uint8_t bus, uint8_t slot, uint8_t function,
		       struct pci_function *place)
{
	for (unsigned i = 0; i < pci_config_segment_count(); i++) {
		*place = (struct pci_function){
			.segment = (uint16_t)i, .bus = bus, .slot = slot, .function = function
		};
		if (pci_domain(place) == number)
			return bus >= pci_config_first_bus(i) && bus <= pci_config_last_bus(i) &&
			       pci_config_map_bus(i, bus) == 0;
	}
	return false;
}

static bool read(uint16_t segment, uint8_t bus, uint8_t slot, uint8_t function, unsigned offset,
		 unsigned size, uint32_t *value)
{
	struct pci_function place;

	if (!find_place(segment, bus, slot, function, &place))
		return false;
	*value = pci_read_config(&place, offset, size);
	return true;
}

static bool write(uint16_t segment, uint8_t bus, uint8_t slot, uint8_t function, unsigned offset,
		  unsigned size, uint32_t value)
{
	struct pci_function place;

	if (!find_place(segment, bus, slot, function, &place))
		return false;
	pci_write_config(&place, offset, size, value);
	return true;
}

void devices_prepare(const struct platform *platform)
{
	static const struct acpi_pci_access access = { read, write };

	pci_config_init(platform);
	acpi_set_pci_access(&access);
}
