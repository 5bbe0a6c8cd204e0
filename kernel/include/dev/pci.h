/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI, for those outside of kernel/dev who show or manage its functions. Functions of the list of
 * devices (dev/device.h) whose bus is DRIVER_BUS_PCI.
 */
#pragma once

#include <dev/device.h>

/* Looks for functions that are not known, and puts them into service. Waits for it. Thread context,
 * no lock held, not from a driver's probe or remove. -ENODEV (PCI has not started). */
int must_check pci_rescan(void);
/* Takes the function, and what is behind it, out of service: drivers let go of it, and it leaves the
 * list. As above. -EBUSY (a driver cannot), -ENODEV (it is gone already). */
int must_check pci_remove(struct device *device);

/* The number by which firmware knows the segment of the function ("domain"). */
unsigned pci_domain(const struct pci_function *pci);
/* The size of its configuration space: 256 or 4096. */
unsigned pci_config_size(const struct pci_function *pci);
/* The class of a function in words, from its code 0xCCSSII; never NULL. */
const char *pci_class_name(uint32_t class_code);
/* The capability that follows the one at `offset` (0: the first); 0: none. A damaged list may be a
 * ring. Of extended capabilities likewise. */
unsigned pci_next_capability(const struct pci_function *pci, unsigned offset);
unsigned pci_next_extended(const struct pci_function *pci, unsigned offset);
