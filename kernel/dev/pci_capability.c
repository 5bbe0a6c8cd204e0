/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of capabilities of a PCI function (PCI Local Bus 3.0, 6.7). It comes from the device:
 * offsets may be anything and the list may be a ring.
 */
#include "pci_priv.h"

/* As many as fit into the 256 bytes of conventional configuration space. */
#define CAPABILITY_MAX ((PCI_SPACE_SIZE - PCI_HEADER_END) / 4)

static unsigned next_capability(const struct pci_function *pci, unsigned offset)
{
	unsigned next = pci_read_config(pci, offset, 1) & ~3u;

	return next >= PCI_HEADER_END ? next : 0;
}

unsigned pci_next_capability(const struct pci_function *pci, unsigned offset)
{
	if (offset)
		return next_capability(pci, offset + 1);
	if (!(pci_read_config(pci, PCI_STATUS, 2) & PCI_STATUS_CAPABILITIES))
		return 0;
	return next_capability(pci, PCI_CAPABILITIES);
}

unsigned pci_find_capability(const struct pci_function *pci, unsigned id, unsigned after)
{
	bool passed = after == 0;
	unsigned offset;

	offset = pci_next_capability(pci, 0);
	for (unsigned i = 0; i < CAPABILITY_MAX && offset; i++) {
		if (passed && pci_read_config(pci, offset, 1) == id)
			return offset;
		passed = passed || offset == after;
		offset = pci_next_capability(pci, offset);
	}
	return 0;
}

static bool overlaps(unsigned offset, unsigned size, unsigned start, unsigned length)
{
	return offset < start + length && start < offset + size;
}

bool pci_config_is_drivers(const struct pci_function *pci, unsigned offset, unsigned size)
{
	if (offset < PCI_HEADER_END)
		return false;
	if (pci->msi && overlaps(offset, size, pci->msi, 24))
		return false;
	return !(pci->msix && overlaps(offset, size, pci->msix, 12));
}

/* Extended capabilities: 16 bits of identity, 4 of version, 12 of the next one's offset (PCI Express
 * Base 5.0, 7.6.3). */
#define EXTENDED_MAX  ((PCI_SPACE_EXTENDED - PCI_SPACE_SIZE) / 4)
#define EXTENDED_NEXT 20

unsigned pci_next_extended(const struct pci_function *pci, unsigned offset)
{
	unsigned next =
		offset ? pci_read_config(pci, offset, 4) >> EXTENDED_NEXT & ~3u : PCI_SPACE_SIZE;
	uint32_t header = next >= PCI_SPACE_SIZE ? pci_read_config(pci, next, 4) : 0;

	/* Nothing is there, or no such space. */
	return header == 0 || header == UINT32_MAX ? 0 : next;
}

unsigned pci_find_extended(const struct pci_function *pci, unsigned id, unsigned after)
{
	unsigned offset = pci_next_extended(pci, 0);
	bool passed = after == 0;

	for (unsigned i = 0; i < EXTENDED_MAX && offset; i++) {
		if (passed && (pci_read_config(pci, offset, 4) & UINT16_MAX) == id)
			return offset;
		passed = passed || offset == after;
		offset = pci_next_extended(pci, offset);
	}
	return 0;
}
