/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking the list of capabilities, whatever it looks like. */
#include "pci_model.h"

#include <base/string.h>
#include <unit.h>

/* The configuration of the one function. */
static uint8_t *space;

static unsigned find(unsigned id, unsigned after)
{
	static const struct pci_function pci;

	return pci_find_capability(&pci, id, after);
}

static void clear(void)
{
	pci_model_start();
	space = pci_model_add(NULL, 0, 0)->config;
	space[PCI_STATUS] = PCI_STATUS_CAPABILITIES;
}

static void put(unsigned at, unsigned id, unsigned next)
{
	space[at] = (uint8_t)id;
	space[at + 1] = (uint8_t)next;
}

UNIT_TEST(pci_capability, finds)
{
	clear();
	EXPECT_EQUAL(find(9, 0), 0);
	space[PCI_CAPABILITIES] = 0x40;
	put(0x40, 9, 0x50);
	put(0x50, 5, 0x60);
	put(0x60, 9, 0xfc);
	put(0xfc, 0x11, 0);
	EXPECT_EQUAL(find(9, 0), 0x40);
	EXPECT_EQUAL(find(9, 0x40), 0x60);
	EXPECT_EQUAL(find(9, 0x60), 0);
	EXPECT_EQUAL(find(5, 0), 0x50);
	EXPECT_EQUAL(find(0x11, 0), 0xfc);
	EXPECT_EQUAL(find(0x10, 0), 0);
	space[PCI_STATUS] = 0;
	EXPECT_EQUAL(find(9, 0), 0);
}

UNIT_TEST(pci_capability, damaged_lists_end)
{
	clear();
	space[PCI_CAPABILITIES] = 0x43; /* the low bits mean nothing */
	put(0x40, 9, 0x40);
	EXPECT_EQUAL(find(9, 0), 0x40);
	EXPECT_EQUAL(find(5, 0), 0);
	put(0x40, 9, 0x10); /* into the header */
	EXPECT_EQUAL(find(5, 0), 0);
	memset(space, 0xff, MODEL_SPACE);
	EXPECT_EQUAL(find(0xff, 0), 0xfc);
	EXPECT_EQUAL(find(1, 0), 0);
}

UNIT_TEST(pci_capability, any_space)
{
	uint64_t random = 9;

	clear();
	for (int round = 0; round < 20000; round++) {
		unsigned after = 0;

		for (size_t i = 0; i < MODEL_SPACE; i++)
			space[i] = (uint8_t)unit_random(&random);
		for (int i = 0; i < 4; i++) {
			after = find(space[0], after);
			EXPECT(after == 0 || (after >= PCI_HEADER_END && after % 4 == 0));
		}
	}
}

UNIT_TEST(pci_capability, drivers_write_only_their_own)
{
	static const struct pci_function pci = { .msi = 0x50, .msix = 0x70 };

	EXPECT(!pci_config_is_drivers(&pci, PCI_COMMAND, 2));
	EXPECT(!pci_config_is_drivers(&pci, 0x3c, 4));
	EXPECT(pci_config_is_drivers(&pci, 0x40, 4));
	EXPECT(pci_config_is_drivers(&pci, 0x4c, 4));
	EXPECT(!pci_config_is_drivers(&pci, 0x50, 1));
	EXPECT(!pci_config_is_drivers(&pci, 0x64, 4));
	EXPECT(!pci_config_is_drivers(&pci, 0x70, 4));
	EXPECT(pci_config_is_drivers(&pci, 0x7c, 4));
}
