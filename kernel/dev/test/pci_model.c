/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pci_model.h"

#include "../dev_priv.h"
#include "../pci_slots.h"

#include <arch/platform.h>
#include <base/errno.h>
#include <base/string.h>
#include <native/boot_info.h>
#include <unit.h>

#define MIB        (1ull << 20)
#define MEMORY_END (512 * MIB)
#define ECAM_BASE  0xb0000000ull
#define IRQ_MAX    16

struct model_function pci_model[MODEL_FUNCTIONS];
struct pci_bus pci_model_root;
uint64_t pci_model_random = 1;
unsigned long pci_model_accesses;
unsigned pci_model_added, pci_model_removed;
bool pci_model_without_interrupts;

static struct {
	const struct device *device;
	bool (*handle)(void *context);
	void *context;
} interrupts[IRQ_MAX];

/* --- Configuration space --------------------------------------------------------------------- */

void pci_model_put(struct model_function *function, unsigned offset, unsigned size, uint32_t value)
{
	memcpy(function->config + offset, &value, size);
}

uint32_t pci_model_get(const struct model_function *function, unsigned offset, unsigned size)
{
	uint32_t value = 0;

	memcpy(&value, function->config + offset, size);
	return value;
}

static bool is_bridge(const struct model_function *function)
{
	return function->used && !function->dead &&
	       (function->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) == PCI_HEADER_BRIDGE;
}

/* The bridge whose bus behind has the number, going down from `bridge`, whose own bus has another;
 * false: nobody passes it on. */
static bool find_bus(struct model_function *from, unsigned bus, struct model_function **found)
{
	for (unsigned i = 0; i < MODEL_FUNCTIONS; i++) {
		struct model_function *bridge = &pci_model[i];
		unsigned first = bridge->config[PCI_SECONDARY_BUS];
		unsigned last = bridge->config[PCI_SUBORDINATE_BUS];

		if (!is_bridge(bridge) || bridge->bridge != from || bus < first || bus > last)
			continue;
		*found = bridge;
		return bus == first || find_bus(bridge, bus, found);
	}
	return false;
}

static struct model_function *find_function(const struct pci_function *pci)
{
	struct model_function *bridge = NULL;

	if (pci->bus != 0 && !find_bus(NULL, pci->bus, &bridge))
		return NULL;
	for (unsigned i = 0; i < MODEL_FUNCTIONS; i++)
		if (pci_model[i].used && !pci_model[i].dead && pci_model[i].bridge == bridge &&
		    pci_model[i].slot == pci->slot && pci_model[i].function == pci->function)
			return &pci_model[i];
	return NULL;
}

uint32_t pci_read_config(const struct pci_function *pci, unsigned offset, unsigned size)
{
	const struct model_function *function = find_function(pci);
	uint32_t ones = UINT32_MAX >> (32 - 8 * size);

	pci_model_accesses++;
	EXPECT(offset % size == 0);
	if (!function || offset >= MODEL_SPACE)
		return ones;
	if (function->noise && offset != PCI_HEADER_TYPE && unit_random_below(&pci_model_random, 2))
		return (uint32_t)unit_random(&pci_model_random) & ones;
	return pci_model_get(function, offset, size);
}

void pci_write_config(const struct pci_function *pci, unsigned offset, unsigned size,
		      uint32_t value)
{
	struct model_function *function = find_function(pci);

	pci_model_accesses++;
	EXPECT(offset % size == 0);
	if (!function || offset >= MODEL_SPACE)
		return;
	for (unsigned i = 0; i < size; i++) {
		uint8_t bits = function->writable[offset + i];
		uint8_t *byte = &function->config[offset + i];

		*byte = (uint8_t)((*byte & ~bits) | ((uint8_t)(value >> 8 * i) & bits));
	}
	if (function->written)
		function->written(function, offset, value);
}

int pci_config_map_bus(unsigned segment, unsigned bus)
{
	EXPECT(segment == 0 && bus < 256);
	return 0;
}

unsigned pci_config_size(const struct pci_function *pci)
{
	(void)pci;
	return MODEL_SPACE;
}

unsigned pci_domain(const struct pci_function *pci)
{
	(void)pci;
	return 0;
}

struct pci_bus *pci_root(unsigned index)
{
	return index == 0 ? &pci_model_root : NULL;
}

struct pci_bus *pci_root_of(const struct pci_bus *bus)
{
	(void)bus;
	return &pci_model_root;
}

/* Nobody looks at the list of slots. */
void pci_slots_refresh(void)
{
}

/* --- Drivers and interrupts ------------------------------------------------------------------ */

void device_add(struct device *device)
{
	device_list_add(device);
	pci_model_added++;
}

void device_remove(struct device *device)
{
	pci_model_removed++;
	device_list_remove(device);
}

void device_memory_detach(struct device *device)
{
	(void)device;
}

void pci_irq_silence(const struct pci_function *pci)
{
	(void)pci;
}

void pci_irq_forget(struct device *device)
{
	(void)device;
}

unsigned device_irq_count(const struct device *device)
{
	(void)device;
	return 1;
}

int device_irq_connect(struct device *device, unsigned index, bool (*handle)(void *context),
		       void *context)
{
	EXPECT_EQUAL(index, 0);
	for (unsigned i = 0; i < IRQ_MAX && !pci_model_without_interrupts; i++) {
		if (interrupts[i].device)
			continue;
		interrupts[i].device = device;
		interrupts[i].handle = handle;
		interrupts[i].context = context;
		return 0;
	}
	return -ENOSPC;
}

void device_irq_disconnect(struct device *device, unsigned index)
{
	EXPECT_EQUAL(index, 0);
	for (unsigned i = 0; i < IRQ_MAX; i++)
		if (interrupts[i].device == device)
			interrupts[i].device = NULL;
}

void pci_model_interrupt(const struct model_function *function)
{
	const struct device *device = pci_model_device(function);

	for (unsigned i = 0; i < IRQ_MAX; i++)
		if (device && interrupts[i].device == device)
			interrupts[i].handle(interrupts[i].context);
}

/* --- Building -------------------------------------------------------------------------------- */

static const struct boot_memory_range memory_map[] = {
	{ .base = 0, .length = 0xa0000, .kind = BOOT_MEMORY_USABLE },
	{ .base = 0xf0000, .length = 0x10000, .kind = BOOT_MEMORY_RESERVED },
	{ .base = MIB, .length = MEMORY_END - MIB, .kind = BOOT_MEMORY_USABLE },
	{ .base = ECAM_BASE, .length = 256 * MIB, .kind = BOOT_MEMORY_RESERVED },
};

void pci_model_start(void)
{
	static const struct platform platform = {
		.ecam = { { .base = ECAM_BASE, .last_bus = 255 } },
		.ecam_count = 1,
		.local_controller_base = 0xfee00000,
	};

	memset(pci_model, 0, sizeof(pci_model));
	memset(&pci_model_root, 0, sizeof(pci_model_root));
	memset(interrupts, 0, sizeof(interrupts));
	pci_model_root.last = 255;
	list_init(&pci_model_root.functions);
	pci_model_root.native_hotplug = true;
	pci_space_init(&platform);
	pci_model_root.window_count =
		pci_space_windows(memory_map, array_length(memory_map), pci_model_root.windows);
	pci_model_accesses = 0;
	pci_model_added = pci_model_removed = 0;
}

void pci_model_finish(void)
{
	pci_publish(&pci_model_root);
	pci_withdraw(&pci_model_root);
	EXPECT_EQUAL(pci_model_added, pci_model_removed);
}

struct model_function *pci_model_add(struct model_function *bridge, unsigned slot,
				     unsigned function)
{
	for (unsigned i = 0; i < MODEL_FUNCTIONS; i++) {
		struct model_function *made = &pci_model[i];

		if (made->used)
			continue;
		*made = (struct model_function){
			.used = true,
			.bridge = bridge,
			.slot = (uint8_t)slot,
			.function = (uint8_t)function,
		};
		pci_model_put(made, PCI_VENDOR, 2, 0x1234);
		pci_model_put(made, PCI_DEVICE, 2, i);
		made->writable[PCI_COMMAND] = 0xff;
		made->writable[PCI_COMMAND + 1] = 0x07;
		return made;
	}
	unit_fail(__FILE__, __LINE__, "too many functions");
}

struct model_function *pci_model_add_bridge(struct model_function *bridge, unsigned slot)
{
	struct model_function *made = pci_model_add(bridge, slot, 0);

	made->config[PCI_HEADER_TYPE] = PCI_HEADER_BRIDGE;
	memset(made->writable + PCI_PRIMARY_BUS, 0xff, 3);
	memset(made->writable + PCI_BRIDGE_PORTS, 0xf0, 2);
	for (unsigned i = 0; i < 4; i++)
		made->writable[PCI_BRIDGE_MEMORY + i] = i % 2 ? 0xff : 0xf0;
	for (unsigned i = 0; i < 4; i++)
		made->writable[PCI_BRIDGE_PREFETCHABLE + i] = i % 2 ? 0xff : 0xf0;
	made->config[PCI_BRIDGE_PREFETCHABLE] = 1;
	made->config[PCI_BRIDGE_PREFETCHABLE + 2] = 1;
	memset(made->writable + PCI_BRIDGE_PREFETCHABLE_BASE_TOP, 0xff, 8);
	return made;
}

void pci_model_add_bar(struct model_function *function, unsigned index, uint64_t size, uint32_t low)
{
	unsigned at = PCI_BAR + 4 * index;
	uint64_t bits = ~(size - 1);

	pci_model_put(function, at, 4, low);
	for (unsigned i = 0; i < 8; i++) {
		uint8_t writable = (uint8_t)(bits >> 8 * i);

		if (i == 0)
			writable &= low & 1 ? 0xfc : 0xf0;
		if (i < 4 || (low & 6) == 4)
			function->writable[at + i] = writable;
	}
}

void pci_model_add_capability(struct model_function *function, unsigned at, unsigned id)
{
	function->config[PCI_STATUS] |= PCI_STATUS_CAPABILITIES;
	function->config[at] = (uint8_t)id;
	function->config[at + 1] = function->config[PCI_CAPABILITIES];
	function->config[PCI_CAPABILITIES] = (uint8_t)at;
}

void pci_model_enumerate(void)
{
	pci_scan_bus(&pci_model_root);
	pci_claim(&pci_model_root);
	pci_assign(&pci_model_root);
}

/* --- Looking at what came of it -------------------------------------------------------------- */

static struct device *find_device(const struct pci_bus *bus, const struct model_function *function)
{
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		struct device *below = NULL;

		if (find_function(&device->pci) == function)
			return device;
		if (device->pci.behind)
			below = find_device(device->pci.behind, function);
		if (below)
			return below;
	}
	return NULL;
}

struct device *pci_model_device(const struct model_function *function)
{
	return find_device(&pci_model_root, function);
}

struct extent {
	enum device_range_kind kind;
	uint64_t start, end;
};

/* All that the bus's functions take up; returns the number. */
static unsigned collect(const struct pci_bus *bus, struct extent *extents, unsigned max)
{
	unsigned count = 0;

	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
			const struct device_range *range = &device->ranges[i];

			EXPECT_EQUAL(range->claimed, range->base != 0);
			if (range->claimed && count < max)
				extents[count++] = (struct extent){ range->kind, range->base,
								    range->base + range->size };
		}
		for (unsigned i = 0; device->pci.behind && i < PCI_WINDOW_COUNT; i++) {
			const struct pci_window *window = &device->pci.behind->windows[i];

			if (window->size && count < max)
				extents[count++] = (struct extent){ window->kind, window->base,
								    window->base + window->size };
		}
	}
	return count;
}

static bool is_within(const struct pci_bus *bus, const struct extent *extent)
{
	if (!bus->bridge)
		return extent->kind == DEVICE_RANGE_PORTS
			       ? extent->end <= 0x10000
			       : !pci_space_is_taken(extent->start, extent->end - extent->start);
	for (unsigned i = 0; i < PCI_WINDOW_COUNT; i++) {
		const struct pci_window *window = &bus->windows[i];

		if (window->kind == extent->kind && extent->start >= window->base &&
		    extent->end <= window->base + window->size)
			return true;
	}
	return false;
}

static void check_addresses(const struct pci_bus *bus)
{
	static struct extent extents[MODEL_FUNCTIONS * 9];
	unsigned count = collect(bus, extents, array_length(extents));

	for (unsigned i = 0; i < count; i++) {
		EXPECT(extents[i].start < extents[i].end);
		EXPECT(is_within(bus, &extents[i]));
		for (unsigned k = 0; k < i; k++)
			EXPECT(extents[i].kind != extents[k].kind ||
			       extents[i].end <= extents[k].start ||
			       extents[k].end <= extents[i].start);
	}
}

static void check_registers(const struct device *device)
{
	const struct model_function *function = find_function(&device->pci);

	if (!function || function->noise)
		return;
	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
		const struct device_range *range = &device->ranges[i];
		uint32_t low = range->kind == DEVICE_RANGE_PORTS ? 3 : 15;

		if (range->kind == DEVICE_RANGE_NONE)
			continue;
		EXPECT(range->base % range->size == 0);
		EXPECT_EQUAL(pci_model_get(function, PCI_BAR + 4 * i, 4) & ~low,
			     (uint32_t)range->base);
		if (range->wide)
			EXPECT_EQUAL(pci_model_get(function, PCI_BAR + 4 * i + 4, 4),
				     range->base >> 32);
	}
}

static void check_bus(const struct pci_bus *bus, bool registers)
{
	EXPECT(bus->number <= bus->last && bus->depth <= PCI_DEPTH_MAX);
	check_addresses(bus);
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		const struct pci_bus *behind = device->pci.behind;

		EXPECT(device->pci.bus == bus->number && device->pci.upstream == bus);
		if (registers)
			check_registers(device);
		if (!behind)
			continue;
		EXPECT(behind->number > bus->number && behind->last <= bus->last);
		for (const struct device *other = pci_bus_next(bus, device); other;
		     other = pci_bus_next(bus, other))
			EXPECT(!other->pci.behind || other->pci.behind->number > behind->last ||
			       other->pci.behind->last < behind->number);
		check_bus(behind, registers);
	}
}

void pci_model_check(void)
{
	check_bus(&pci_model_root, true);
}

void pci_model_check_addresses(void)
{
	check_bus(&pci_model_root, false);
}

static unsigned count_unplaced(const struct pci_bus *bus)
{
	unsigned count = 0;

	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++)
			count += device->ranges[i].kind != DEVICE_RANGE_NONE &&
				 !device->ranges[i].base;
		if (device->pci.behind)
			count += count_unplaced(device->pci.behind);
	}
	return count;
}

unsigned pci_model_unplaced(void)
{
	return count_unplaced(&pci_model_root);
}
