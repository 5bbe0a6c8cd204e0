/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree of PCI buses and what addresses go where.
 *
 * A bus has functions; a function that is a bridge has a bus behind it. All of this is changed by
 * one thread at a time, the one that adds and removes devices (dev/device.h). What of it others
 * look at (upstream, behind, and numbers, of devices in the list) does not change while they hold
 * the device.
 *
 * All that is read from functions may be nonsense: numbers of buses that are taken, windows outside
 * of those of the bus above, BARs of any size at any place. What is not sound is as if firmware had
 * not set it up.
 */
#pragma once

#include <dev/device.h>

/* Bridges further down are not looked behind. */
#define PCI_DEPTH_MAX  16
#define PCI_WINDOW_MAX 24
#define PCI_ROOT_MAX   16

/* Windows of a bridge; the root bus has any. */
enum pci_bridge_window {
	PCI_WINDOW_PORTS = 0,
	PCI_WINDOW_MEMORY,
	PCI_WINDOW_PREFETCHABLE,
	PCI_WINDOW_COUNT,
};

/* Addresses that go to a bus. */
struct pci_window {
	enum device_range_kind kind; /* NONE: the bridge has no such window */
	bool wide;                   /* may lie above 4 GiB */
	bool claimed;                /* as that of a struct device_range */
	uint64_t base;
	uint64_t size; /* 0: closed */
};

/* Room, for the ranges and windows of a kind on a bus. */
struct pci_need {
	uint64_t size, align; /* size 0: none */
};

struct pci_bus {
	uint16_t segment;
	uint8_t number;
	uint8_t last;          /* the highest bus number behind */
	uint8_t depth;         /* bridges above */
	bool express;          /* a link: there is but slot 0 */
	bool hotplug;          /* what is there may change */
	struct device *bridge; /* NULL: a root bus */
	struct list functions; /* struct device's pci.node */
	struct pci_window windows[PCI_WINDOW_MAX];
	unsigned window_count;
	struct pci_need needs[PCI_WINDOW_COUNT]; /* of a bridge's; pci_assign()'s */
	/* Of a root bus: */
	struct aml_node *name; /* firmware's; NULL: it does not tell of it */
	bool native_hotplug;   /* slots are the kernel's, not firmware's */
};

/* The root buses from index 0 on, NULL: there are no more; and that which a bus is behind of. */
struct pci_bus *pci_root(unsigned index);
struct pci_bus *pci_root_of(const struct pci_bus *bus);
/* The next function of the bus; NULL ends. */
struct device *pci_bus_next(const struct pci_bus *bus, const struct device *previous);

/* --- Scanning (pci_scan.c) --- */

/* Finds the functions on the bus and behind its bridges that are not known yet, numbers buses,
 * reads BARs and windows. Adds nothing to the list of devices. */
void pci_scan_bus(struct pci_bus *bus);
/* All of a tree into the list of devices, those on a bus before those behind it. */
void pci_publish(struct pci_bus *bus);
/* Takes a function, and all behind it, from the drivers and out of the list. */
void pci_withdraw_function(struct device *device);
/* Takes all functions on the bus, and behind it, from their drivers and out of the list. */
void pci_withdraw(struct pci_bus *bus);

/* --- Bridges (pci_bridge.c) --- */

/* Makes `device`->pci.behind from what firmware has set up, if that is sound: numbers within those
 * of the bus and not those of another bridge's. -EINVAL (not), -ENOMEM. */
int must_check pci_bridge_adopt(struct device *device);
/* Has the bridge pass on nothing to other buses. */
void pci_bridge_close(const struct device *device);
/* As pci_bridge_adopt(), with new numbers. -ENOSPC. */
int must_check pci_bridge_number(struct device *device);
/* After the buses behind have been scanned: gives back numbers that are not needed. */
void pci_bridge_trim(struct device *device);
/* Writes a window to its registers. */
void pci_bridge_write_window(const struct device *bridge, enum pci_bridge_window which);

/* --- BARs (pci_bar.c) --- */

/* Reads addresses and sizes of the first `count` BARs into device->ranges. */
void pci_bars_read(struct device *device, unsigned count);
/* Writes the address of BAR `index`, 0 if it has none. */
void pci_bar_write(const struct device *device, unsigned index);
/* Lets the function answer at its addresses, and a bridge pass on what is for others. */
void pci_bars_enable(const struct device *device);

/* --- Addresses (pci_assign.c) --- */

/* Keeps what firmware has assigned to `bus`'s functions and behind it where it is sound, closes and
 * clears the rest. */
void pci_claim(struct pci_bus *bus);
/* Gives addresses to the windows and BARs of a tree that have none, and lets all answer. What finds
 * no room is reported and stays without. */
void pci_assign(struct pci_bus *root);

/* --- The machine (pci_space.c) --- */

struct boot_memory_range;
struct platform;

/* Notes where the platform's registers are. Before all else of it. */
void pci_space_init(const struct platform *platform);
/* Notes what a device of the board takes up. */
void pci_space_reserve(enum device_range_kind kind, uint64_t base, uint64_t size);
/* The windows of a root bus of which nobody tells: what is no memory by the map (sorted or not), and none
 * of the platform's registers. Returns how many, at most PCI_WINDOW_MAX. */
unsigned pci_space_windows(const struct boot_memory_range *map, size_t count,
			   struct pci_window *windows);
/* Takes out of the windows of which firmware tells, `windows_count` of them, what is memory, a register, on
 * the board, or passed on by the root buses before. Returns how many there are then. */
unsigned pci_space_trim(const struct boot_memory_range *map, size_t count,
			struct pci_window *windows, unsigned windows_count);
/* True if firmware cannot mean it: there is memory, or a register of the platform. */
bool pci_space_is_taken(uint64_t base, uint64_t size);
