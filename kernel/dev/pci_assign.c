/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses for the BARs and bridge windows that firmware left without, or gave ones that make no
 * sense. What firmware did soundly stays: somebody may be using it (a frame buffer), and firmware
 * knows the machine.
 *
 * From the leaves up it is measured how much room the bridges' windows need, then from the root
 * down the largest find their places first. A window that is too small is closed and made anew
 * where nothing behind it uses it yet.
 */
#include "pci_bus.h"
#include "pci_priv.h"

#include <base/bits.h>
#include <base/checked.h>
#include <core/log.h>

#define PORTS_STEP    0x1000ull /* granularity of windows */
#define MEMORY_STEP   0x100000ull
#define NARROW_END    (1ull << 32)
#define PORTS_END     0x10000ull
#define HOTPLUG_SPARE 0x200000ull /* of memory, for what is plugged in later */
#define SIZE_MAX_BITS 52

/* Something on a bus that takes up addresses. */
struct claim {
	enum device_range_kind kind;
	uint64_t base, size;
};

static struct claim claim_of_range(const struct device_range *range)
{
	return (struct claim){ range->claimed ? range->kind : DEVICE_RANGE_NONE, range->base,
			       range->size };
}

static struct claim claim_of_window(const struct pci_window *window)
{
	return (struct claim){ window->claimed ? window->kind : DEVICE_RANGE_NONE, window->base,
			       window->size };
}

static bool overlap(const struct claim *a, const struct claim *b)
{
	return a->kind == b->kind && a->base < b->base + b->size && b->base < a->base + a->size;
}

/* A claim on the bus that overlaps with `wanted`. */
static bool find_overlap(const struct pci_bus *bus, const struct claim *wanted, struct claim *found)
{
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
			*found = claim_of_range(&device->ranges[i]);
			if (overlap(found, wanted))
				return true;
		}
		for (unsigned i = 0; device->pci.behind && i < PCI_WINDOW_COUNT; i++) {
			*found = claim_of_window(&device->pci.behind->windows[i]);
			if (overlap(found, wanted))
				return true;
		}
	}
	return false;
}

static bool lies_within(const struct claim *claim, const struct pci_window *window)
{
	return window->size && window->kind == claim->kind && claim->base >= window->base &&
	       range_within(claim->base - window->base, claim->size, window->size);
}

/* True if another root bus passes that on. */
static bool is_anothers(const struct pci_bus *root, const struct claim *claim)
{
	const struct pci_bus *other;

	for (unsigned i = 0; (other = pci_root(i)) != NULL; i++)
		for (unsigned k = 0; other != root && k < other->window_count; k++) {
			const struct claim window = { other->windows[k].kind,
						      other->windows[k].base,
						      other->windows[k].size };

			if (overlap(claim, &window))
				return true;
		}
	return false;
}

/* True if that address can be meant: within what the bridge passes on, or, on a root bus, not where
 * something else is for sure. (Chipsets have registers outside of what firmware tells of, too.) */
static bool is_reachable(const struct pci_bus *bus, const struct claim *claim)
{
	if (!bus->bridge)
		return (claim->kind == DEVICE_RANGE_PORTS
				? range_within(claim->base, claim->size, PORTS_END)
				: !pci_space_is_taken(claim->base, claim->size)) &&
		       !is_anothers(bus, claim);
	for (unsigned i = 0; i < PCI_WINDOW_COUNT; i++)
		if (lies_within(claim, &bus->windows[i]))
			return true;
	return false;
}

/* --- What firmware has done ------------------------------------------------------------------ */

static void claim_range(struct pci_bus *bus, struct device *device, unsigned index)
{
	struct device_range *range = &device->ranges[index];
	struct claim claim = { range->kind, range->base, range->size }, other;

	if (range->kind == DEVICE_RANGE_NONE || !range->base)
		return;
	range->base = 0;
	if (claim.base % claim.size == 0 && (range->wide || claim.base < NARROW_END) &&
	    is_reachable(bus, &claim) && !find_overlap(bus, &claim, &other)) {
		range->base = claim.base;
		range->claimed = true;
		return;
	}
	log_info("pci", "%s: BAR %u at %lx makes no sense", device->name, index,
		 (unsigned long)claim.base);
}

static void claim_window(struct pci_bus *bus, struct device *device, unsigned index)
{
	struct pci_window *window = &device->pci.behind->windows[index];
	struct claim claim = { window->kind, window->base, window->size }, other;

	if (!window->size)
		return;
	window->size = 0;
	if (is_reachable(bus, &claim) && !find_overlap(bus, &claim, &other)) {
		window->size = claim.size;
		window->claimed = true;
		return;
	}
	log_info("pci", "%s: window at %lx makes no sense", device->name,
		 (unsigned long)claim.base);
	pci_bridge_write_window(device, index);
}

/* BARs come before windows: firmware that plans with windows smaller than bridges know (4 KiB of
 * ports) puts both at the same place, and the ports of the board's own devices it may be using. */
void pci_claim(struct pci_bus *bus)
{
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		for (unsigned i = 0; !device->id && i < DEVICE_RANGE_MAX; i++)
			claim_range(bus, device, i);
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		if (!device->pci.behind)
			continue;
		for (unsigned i = 0; !device->id && i < PCI_WINDOW_COUNT; i++)
			claim_window(bus, device, i);
		pci_claim(device->pci.behind);
	}
}

/* --- How much is needed ---------------------------------------------------------------------- */

/* Which window of a bridge is for a BAR behind it. */
static unsigned window_for(const struct pci_bus *bus, const struct device_range *range)
{
	const struct pci_window *prefetchable = &bus->windows[PCI_WINDOW_PREFETCHABLE];

	if (range->kind == DEVICE_RANGE_PORTS)
		return PCI_WINDOW_PORTS;
	return range->prefetchable && range->wide && prefetchable->wide ? PCI_WINDOW_PREFETCHABLE
									: PCI_WINDOW_MEMORY;
}

static uint64_t window_step(unsigned which)
{
	return which == PCI_WINDOW_PORTS ? PORTS_STEP : MEMORY_STEP;
}

/* Adds to a need, in descending order of alignment; what is beyond reason is left out. */
static void add_need(struct pci_need *need, uint64_t size, uint64_t align)
{
	uint64_t limit = 1ull << SIZE_MAX_BITS;

	if (size == 0 || size > limit || align > limit)
		return;
	if (align_up(need->size, align) + size > limit)
		return;
	need->size = align_up(need->size, align) + size;
	need->align = max_u64(need->align, align);
}

/* What of the function's is aligned to 2^shift, and for window `which`. */
static void add_function_needs(const struct pci_bus *bus, const struct device *device,
			       unsigned which, unsigned shift, struct pci_need *need)
{
	const struct pci_bus *behind = device->pci.behind;

	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
		const struct device_range *range = &device->ranges[i];

		if (range->kind != DEVICE_RANGE_NONE && bit_lowest(range->size) == shift &&
		    window_for(bus, range) == which)
			add_need(need, range->size, range->size);
	}
	if (behind && behind->needs[which].size && bit_lowest(behind->needs[which].align) == shift)
		add_need(need, behind->needs[which].size, behind->needs[which].align);
}

static void measure(struct pci_bus *bus)
{
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (device->pci.behind)
			measure(device->pci.behind);
	for (unsigned which = 0; bus->bridge && which < PCI_WINDOW_COUNT; which++) {
		struct pci_need need = { 0 };

		for (unsigned shift = SIZE_MAX_BITS; shift-- > 0;)
			for (const struct device *device = pci_bus_next(bus, NULL); device;
			     device = pci_bus_next(bus, device))
				add_function_needs(bus, device, which, shift, &need);
		if (bus->hotplug && which != PCI_WINDOW_PORTS)
			need.size = max_u64(need.size, HOTPLUG_SPARE);
		need.size = align_up(need.size, window_step(which));
		need.align = max_u64(need.align, window_step(which));
		if (bus->windows[which].kind == DEVICE_RANGE_NONE)
			need.size = 0;
		bus->needs[which] = need;
	}
}

/* --- Finding places -------------------------------------------------------------------------- */

/* The lowest free place in the window, or 0. */
static uint64_t find_place(const struct pci_bus *bus, const struct pci_window *window,
			   uint64_t size, uint64_t align)
{
	struct claim wanted = { window->kind, align_up(window->base, align), size }, other;

	/* Address 0 means "none". */
	if (wanted.base == 0)
		wanted.base = align;
	while (wanted.base >= window->base && lies_within(&wanted, window)) {
		if (!find_overlap(bus, &wanted, &other))
			return wanted.base;
		wanted.base = align_up(other.base + other.size, align);
	}
	return 0;
}

/* A place on the bus for what is of the kind; `wide`: also above 4 GiB. On a bridge's bus window
 * `which` is for it. */
static uint64_t find_place_on_bus(const struct pci_bus *bus, enum device_range_kind kind,
				  unsigned which, bool wide, uint64_t size, uint64_t align)
{
	uint64_t place;

	if (bus->bridge)
		return find_place(bus, &bus->windows[which], size, align);
	for (unsigned i = 0; i < bus->window_count; i++) {
		if (bus->windows[i].kind != kind || (bus->windows[i].wide && !wide))
			continue;
		place = find_place(bus, &bus->windows[i], size, align);
		if (place)
			return place;
	}
	return 0;
}

/* Nothing behind the bridge uses the window. */
static bool window_is_unused(const struct pci_bus *behind, const struct pci_window *window)
{
	struct claim all = claim_of_window(window), found;

	return !window->claimed || !find_overlap(behind, &all, &found);
}

static void place_range(struct pci_bus *bus, struct device *device, unsigned index, unsigned shift)
{
	struct device_range *range = &device->ranges[index];

	if (range->kind == DEVICE_RANGE_NONE || range->claimed || bit_lowest(range->size) != shift)
		return;
	range->base = find_place_on_bus(bus, range->kind, window_for(bus, range), range->wide,
					range->size, range->size);
	range->claimed = range->base;
	pci_bar_write(device, index);
	if (range->base)
		log_info("pci", "%s: BAR %u put at %lx, %lx bytes", device->name, index,
			 (unsigned long)range->base, (unsigned long)range->size);
	else
		log_warning("pci", "%s: no address for BAR %u, %lx bytes", device->name, index,
			    (unsigned long)range->size);
}

static void place_window(struct pci_bus *bus, struct device *device, unsigned which, unsigned shift)
{
	struct pci_bus *behind = device->pci.behind;
	struct pci_window *window = &behind->windows[which];
	const struct pci_need *need = &behind->needs[which];
	struct pci_window before = *window;

	if (window->size >= need->size || bit_lowest(need->align) != shift ||
	    !window_is_unused(behind, window))
		return;
	window->claimed = false;
	window->base =
		find_place_on_bus(bus, window->kind, which, window->wide, need->size, need->align);
	window->size = need->size;
	window->claimed = window->base;
	if (!window->base)
		*window = before;
	pci_bridge_write_window(device, which);
	if (window->size >= need->size)
		log_info("pci", "%s: window put at %lx, %lx bytes", device->name,
			 (unsigned long)window->base, (unsigned long)window->size);
	else
		log_warning("pci", "%s: no addresses for a window of %lx bytes", device->name,
			    (unsigned long)need->size);
}

static void place_all(struct pci_bus *bus)
{
	for (unsigned shift = 64; shift-- > 0;) {
		for (struct device *device = pci_bus_next(bus, NULL); device;
		     device = pci_bus_next(bus, device)) {
			for (unsigned i = 0; !device->id && i < DEVICE_RANGE_MAX; i++)
				place_range(bus, device, i, shift);
			for (unsigned i = 0; device->pci.behind && i < PCI_WINDOW_COUNT; i++)
				place_window(bus, device, i, shift);
		}
	}
}

static void place_tree(struct pci_bus *bus)
{
	place_all(bus);
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		if (!device->id)
			pci_bars_enable(device);
		if (device->pci.behind)
			place_tree(device->pci.behind);
	}
}

void pci_assign(struct pci_bus *root)
{
	measure(root);
	place_tree(root);
}
