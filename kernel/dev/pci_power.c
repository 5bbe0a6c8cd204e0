/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power of functions that firmware switches: _PS0 and _PS3, and power resources. */
#include "pci_acpi.h"
#include "pci_priv.h"

#include <acpi/power_state.h>
#include <base/errno.h>
#include <core/log.h>

void pci_name_set_power(struct aml_node *name, bool on)
{
	struct acpi_device *device = name ? acpi_device_of(name) : NULL;
	int error = device ? acpi_device_set_power(device, on ? ACPI_D0 : ACPI_D3) : -ENODEV;

	if (error && error != -ENODEV)
		log_warning("pci", "%s: it cannot be switched %s: error %d", device->path,
			    on ? "on" : "off", -error);
}

void pci_set_power(const struct pci_function *pci, bool on)
{
	pci_name_set_power(pci_name_of(pci), on);
}
