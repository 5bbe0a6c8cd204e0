/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buses, their numbers and addresses: as firmware leaves them, without firmware, and in nonsense. */
#include "pci_model.h"

#include <base/string.h>

#include "sim_test.h"

#define PREFETCHABLE_64 0xcu
#define MEMORY_32       0u
#define PORTS           1u
#define MACHINES        400
#define HOSTILE         400
/* Nobody waits that long for a machine to start, whatever its devices say. */
#define ACCESSES_MAX 3000000ul

static void set_numbers(struct model_function *bridge, unsigned primary, unsigned secondary,
			unsigned last)
{
	pci_model_put(bridge, PCI_PRIMARY_BUS, 1, primary);
	pci_model_put(bridge, PCI_SECONDARY_BUS, 1, secondary);
	pci_model_put(bridge, PCI_SUBORDINATE_BUS, 1, last);
}

UNIT_TEST(pci_tree, a_machine_without_firmware)
{
	struct model_function *first, *second, *nested, *disk;

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	first = pci_model_add_bridge(NULL, 1);
	second = pci_model_add_bridge(NULL, 2);
	nested = pci_model_add_bridge(first, 0);
	disk = pci_model_add(nested, 3, 0);
	pci_model_add_bar(disk, 0, 0x4000, MEMORY_32);
	pci_model_add_bar(disk, 2, 16 * MIB, PREFETCHABLE_64);
	pci_model_add_bar(disk, 4, 0x20, PORTS);
	pci_model_add_bar(pci_model_add(second, 0, 0), 0, 0x1000, MEMORY_32);
	pci_model_add_bar(pci_model_add(NULL, 5, 0), 0, 256 * MIB, MEMORY_32);
	pci_model_enumerate();
	pci_model_check();
	EXPECT_EQUAL(pci_model_unplaced(), 0);
	EXPECT_EQUAL(pci_model_device(disk)->pci.bus, 2);
	EXPECT_EQUAL(pci_model_device(disk)->pci.upstream->bridge->pci.bus, 1);
	/* All pass on what is for those behind, and all answer. */
	EXPECT_EQUAL(first->config[PCI_COMMAND] & 7, 7);
	EXPECT_EQUAL(disk->config[PCI_COMMAND] & 3, 3);
	pci_model_finish();
}

UNIT_TEST(pci_tree, what_firmware_did_stays)
{
	struct model_function *bridge, *disk;

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	bridge = pci_model_add_bridge(NULL, 1);
	set_numbers(bridge, 0, 7, 9);
	pci_model_put(bridge, PCI_BRIDGE_MEMORY, 4, 0xe010e000); /* e0000000 to e01fffff */
	disk = pci_model_add(bridge, 0, 0);
	pci_model_add_bar(disk, 0, 0x4000, MEMORY_32);
	pci_model_put(disk, PCI_BAR, 4, 0xe0104000);
	pci_model_add_bar(disk, 1, 0x1000, MEMORY_32);
	pci_model_enumerate();
	pci_model_check();
	EXPECT_EQUAL(pci_model_device(disk)->pci.bus, 7);
	EXPECT_EQUAL(pci_model_device(disk)->ranges[0].base, 0xe0104000);
	/* What it left out is put beside. */
	EXPECT_EQUAL(pci_model_device(disk)->ranges[1].base, 0xe0000000);
	EXPECT_EQUAL(pci_model_get(bridge, PCI_BRIDGE_MEMORY, 4), 0xe010e000);
	pci_model_finish();
}

UNIT_TEST(pci_tree, addresses_that_cannot_be_are_changed)
{
	static const uint32_t nonsense[] = { 0x00100000, 0xb0000000, 0xfee00000, 0xe0000000 };
	struct model_function *good, *functions[4];

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	good = pci_model_add(NULL, 1, 0);
	pci_model_add_bar(good, 0, 0x100000, MEMORY_32);
	pci_model_put(good, PCI_BAR, 4, 0xe0000000);
	/* Memory, configuration space, a controller, another's. */
	for (unsigned i = 0; i < 4; i++) {
		functions[i] = pci_model_add(NULL, 2 + i, 0);
		pci_model_add_bar(functions[i], 0, 0x1000, MEMORY_32);
		pci_model_put(functions[i], PCI_BAR, 4, nonsense[i]);
	}
	pci_model_enumerate();
	pci_model_check();
	EXPECT_EQUAL(pci_model_unplaced(), 0);
	EXPECT_EQUAL(pci_model_device(good)->ranges[0].base, 0xe0000000);
	for (unsigned i = 0; i < 4; i++)
		EXPECT(pci_model_device(functions[i])->ranges[0].base != nonsense[i]);
	pci_model_finish();
}

UNIT_TEST(pci_tree, what_is_too_large_stays_without)
{
	struct model_function *huge, *small;

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	huge = pci_model_add(NULL, 1, 0);
	pci_model_add_bar(huge, 0, 1ull << 46, PREFETCHABLE_64);
	pci_model_add_bar(huge, 2, 1ull << 63, PREFETCHABLE_64);
	/* Above 4 GiB there is room for this one only. */
	pci_model_add_bar(huge, 4, 8ull << 30, PREFETCHABLE_64);
	small = pci_model_add(pci_model_add_bridge(NULL, 2), 0, 0);
	pci_model_add_bar(small, 0, 1ull << 62, PREFETCHABLE_64);
	pci_model_add_bar(small, 2, 0x1000, MEMORY_32);
	pci_model_enumerate();
	pci_model_check();
	EXPECT_EQUAL(pci_model_unplaced(), 3);
	EXPECT(pci_model_device(huge)->ranges[4].base >= 4ull << 30);
	EXPECT(pci_model_device(small)->ranges[2].base != 0);
	pci_model_finish();
}

UNIT_TEST(pci_tree, bridges_that_want_the_same)
{
	struct model_function *bridges[6], *behind[6];
	static const uint8_t numbers[6][3] = {
		{ 0, 1, 3 },   { 0, 1, 3 }, /* the same */
		{ 0, 2, 2 },                /* within */
		{ 0, 0, 255 },              /* itself */
		{ 0, 9, 5 },                /* upside down */
		{ 7, 20, 30 },              /* of another bus */
	};

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	for (unsigned i = 0; i < 6; i++) {
		bridges[i] = pci_model_add_bridge(NULL, i + 1);
		set_numbers(bridges[i], numbers[i][0], numbers[i][1], numbers[i][2]);
		behind[i] = pci_model_add(bridges[i], 0, 0);
	}
	pci_model_enumerate();
	pci_model_check();
	for (unsigned i = 0; i < 6; i++)
		EXPECT(pci_model_device(behind[i]) &&
		       pci_model_device(behind[i])->pci.device ==
			       pci_model_get(behind[i], PCI_DEVICE, 2));
	EXPECT_EQUAL(pci_model_device(behind[0])->pci.bus, 1);
	pci_model_finish();
}

UNIT_TEST(pci_tree, bridges_behind_bridges_end)
{
	struct model_function *bridge = NULL, *last = NULL;

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	for (unsigned i = 0; i < 40; i++) {
		bridge = pci_model_add_bridge(bridge, 0);
		last = i == PCI_DEPTH_MAX ? bridge : last;
	}
	pci_model_enumerate();
	pci_model_check();
	EXPECT(pci_model_device(last) && !pci_model_device(last)->pci.behind);
	EXPECT(!pci_model_device(bridge));
	pci_model_finish();
}

UNIT_TEST(pci_tree, functions_of_a_slot)
{
	struct model_function *first;

	sim_test_start(1, 16 * MIB);
	pci_model_start();
	first = pci_model_add(NULL, 4, 0);
	first->config[PCI_HEADER_TYPE] = PCI_HEADER_MULTIPLE;
	EXPECT(pci_model_add(NULL, 4, 7));
	EXPECT(pci_model_add(NULL, 5, 0));
	/* The slot's only function says so, and one without a first is not looked for. */
	EXPECT(pci_model_add(NULL, 5, 3));
	EXPECT(pci_model_add(NULL, 6, 1));
	pci_model_enumerate();
	pci_publish(&pci_model_root);
	EXPECT_EQUAL(pci_model_added, 3);
	/* Nothing is found twice. */
	pci_model_enumerate();
	pci_publish(&pci_model_root);
	EXPECT_EQUAL(pci_model_added, 3);
	pci_model_finish();
}

/* --- Machines by chance ---------------------------------------------------------------------- */

static unsigned chance(unsigned bound)
{
	return (unsigned)unit_random_below(&pci_model_random, bound);
}

static void add_random_bars(struct model_function *function, unsigned count, bool modest)
{
	for (unsigned i = 0; i < count; i++) {
		static const uint32_t kinds[] = { MEMORY_32, 8, PORTS, PREFETCHABLE_64, 4 };
		uint32_t kind = kinds[chance(i + 1 < count ? 5 : 3)];
		unsigned shift = kind == PORTS ? 2 + chance(6) : 4 + chance(modest ? 18 : 56);

		if (chance(3) == 0)
			continue;
		if (!(kind & 4) && shift > 31)
			shift = 31;
		pci_model_add_bar(function, i, 1ull << shift, kind);
		if (chance(3) == 0)
			pci_model_put(function, PCI_BAR + 4 * i, 4,
				      ((uint32_t)unit_random(&pci_model_random) &
				       (shift < 32 ? ~((1u << shift) - 1) : 0) & ~0xfu) |
					      kind);
		i += (kind & 4) != 0;
	}
}

/* `modest`: what has room for sure. */
static void make_machine(bool modest)
{
	struct model_function *bridges[MODEL_FUNCTIONS] = { NULL };
	unsigned bridge_count = 1, count = 1 + chance(modest ? 20 : MODEL_FUNCTIONS - 1);

	pci_model_start();
	for (unsigned i = 0; i < count; i++) {
		struct model_function *above = bridges[chance(bridge_count)], *made;

		if (chance(3) == 0) {
			made = bridges[bridge_count++] = pci_model_add_bridge(above, i % 32);
			add_random_bars(made, 2, modest);
			if (chance(2))
				set_numbers(made, chance(4), chance(8), chance(10));
			if (chance(4) == 0)
				for (unsigned at = PCI_BRIDGE_PORTS; at < 0x34; at++)
					made->config[at] = (uint8_t)unit_random(&pci_model_random);
		} else {
			made = pci_model_add(above, i % 32, 0);
			add_random_bars(made, 6, modest);
		}
	}
}

UNIT_TEST(pci_tree, machines_by_chance)
{
	sim_test_start(1, 64 * MIB);
	for (unsigned i = 0; i < MACHINES; i++) {
		pci_model_random = i + 1;
		make_machine(i % 2 == 0);
		pci_model_enumerate();
		pci_model_check();
		EXPECT(pci_model_accesses < ACCESSES_MAX);
		pci_model_finish();
	}
}

/* Where firmware has done nothing and nobody wants much, all find room. */
UNIT_TEST(pci_tree, what_is_modest_finds_room)
{
	sim_test_start(1, 64 * MIB);
	for (unsigned i = 0; i < MACHINES; i++) {
		pci_model_random = i + 1;
		make_machine(true);
		for (unsigned k = 0; k < MODEL_FUNCTIONS; k++) {
			for (unsigned at = PCI_BAR; at < PCI_BAR + 24; at++)
				pci_model[k].config[at] &= (uint8_t)~pci_model[k].writable[at];
			for (unsigned at = PCI_PRIMARY_BUS; at < 0x34; at++)
				pci_model[k].config[at] &= (uint8_t)~pci_model[k].writable[at];
		}
		pci_model_enumerate();
		pci_model_check();
		EXPECT_EQUAL(pci_model_unplaced(), 0);
		pci_model_finish();
	}
}

UNIT_TEST(pci_tree, nonsense)
{
	sim_test_start(1, 64 * MIB);
	for (unsigned i = 0; i < HOSTILE; i++) {
		pci_model_random = i + 1;
		make_machine(false);
		for (unsigned k = 0; k < MODEL_FUNCTIONS; k++) {
			struct model_function *function = &pci_model[k];

			for (unsigned n = chance(64); n-- > 0;)
				function->config[chance(MODEL_SPACE)] =
					(uint8_t)unit_random(&pci_model_random);
			for (unsigned n = chance(64); n-- > 0;)
				function->writable[chance(MODEL_SPACE)] =
					(uint8_t)unit_random(&pci_model_random);
			function->noise = chance(8) == 0;
		}
		pci_model_enumerate();
		EXPECT(pci_model_accesses < ACCESSES_MAX);
		/* A second look, as after something was plugged in. */
		pci_publish(&pci_model_root);
		pci_model_enumerate();
		pci_model_finish();
	}
}
