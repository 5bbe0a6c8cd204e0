/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where there is room for PCI devices in the machine's address space. What root bridges pass on firmware tells
 * (_CRS); of that is taken out what cannot be meant. Without it, it is sure that the root bridge passes on what
 * lies between the end of memory and the interrupt controllers, and, on machines with address bits to spare,
 * what lies above all memory.
 */
#include "pci_bus.h"
#include "pci_priv.h"

#include <arch/platform.h>
#include <base/checked.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <native/boot_info.h>

#define MIB            (1ull << 20)
#define GIB            (1ull << 30)
#define LOW_START      (16 * MIB)
#define LOW_END        0xfec00000ull /* interrupt controllers and firmware lie above */
#define HIGH_START     (4 * GIB)
#define HIGH_END       (64 * GIB) /* all processors of 64 bits reach so far */
#define HIGH_ALIGN     GIB
#define ADDRESS_END    (1ull << 52)
#define LEGACY_END     MIB
#define PORTS_START    0x4000 /* boards have things below that nobody tells of */
#define PORTS_LOWEST   0x1000 /* even where somebody tells */
#define PORTS_END      0x10000
#define REGISTERS_SIZE 4096
#define TAKEN_MAX      (PLATFORM_ECAM_MAX + PLATFORM_CONTROLLER_MAX + 2)
#define RESERVED_MAX   128

struct interval {
	uint64_t start, end;
	enum device_range_kind kind;
};

/* Registers of the platform; immutable after pci_space_init(). */
static struct interval taken[TAKEN_MAX];
static unsigned taken_count;
/* Devices of the board; immutable after the last pci_space_reserve(). */
static struct interval reserved[RESERVED_MAX];
static unsigned reserved_count;

static void note_taken(uint64_t base, uint64_t size)
{
	if (base)
		taken[taken_count++] = (struct interval){ base, base + size, DEVICE_RANGE_MEMORY };
}

void pci_space_init(const struct platform *platform)
{
	taken_count = 0;
	reserved_count = 0;
	for (unsigned i = 0; i < platform->ecam_count; i++) {
		const struct platform_ecam *ecam = &platform->ecam[i];

		note_taken(ecam->base + ((uint64_t)ecam->first_bus << 20),
			   (ecam->last_bus - ecam->first_bus + 1ull) << 20);
	}
	for (unsigned i = 0; i < platform->controller_count; i++)
		note_taken(platform->controllers[i].base, REGISTERS_SIZE);
	note_taken(platform->local_controller_base, REGISTERS_SIZE);
	note_taken(platform->hpet_base, REGISTERS_SIZE);
}

void pci_space_reserve(enum device_range_kind kind, uint64_t base, uint64_t size)
{
	static bool said;

	if (reserved_count == RESERVED_MAX) {
		if (!said)
			log_warning("pci",
				    "the board takes up more than %u ranges: cards may collide",
				    RESERVED_MAX);
		said = true;
		return;
	}
	reserved[reserved_count++] = (struct interval){ base, base + size, kind };
}

bool pci_space_is_taken(uint64_t base, uint64_t size)
{
	if (!range_within(base, size, ADDRESS_END) || base < LEGACY_END)
		return true;
	for (unsigned i = 0; i < taken_count; i++)
		if (base < taken[i].end && taken[i].start < base + size)
			return true;
	return frame_memory_within(base, size);
}

static uint64_t end_of(const struct boot_memory_range *range)
{
	uint64_t start = min_u64(range->base, ADDRESS_END);

	return start + min_u64(range->length, ADDRESS_END - start);
}

/* The end of memory below `limit`. What is merely reserved may be devices. */
static uint64_t memory_end(const struct boot_memory_range *map, size_t count, uint64_t limit)
{
	uint64_t end = 0;

	for (size_t i = 0; i < count; i++)
		if (map[i].kind != BOOT_MEMORY_RESERVED && map[i].base < limit)
			end = max_u64(end, end_of(&map[i]));
	return end;
}

/* Takes the interval out of what is left; returns how many windows there are then. */
static unsigned take_out(struct pci_window *windows, unsigned count, enum device_range_kind kind,
			 uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < count; i++) {
		struct pci_window *window = &windows[i];
		uint64_t window_end = window->base + window->size;

		if (kind != window->kind || start >= window_end || end <= window->base)
			continue;
		if (start > window->base && end < window_end && count < PCI_WINDOW_MAX - 1)
			windows[count++] = (struct pci_window){
				.kind = kind,
				.wide = window->wide,
				.base = end,
				.size = window_end - end,
			};
		if (start > window->base) {
			window->size = start - window->base;
		} else {
			window->base = min_u64(end, window_end);
			window->size = window_end - window->base;
		}
	}
	return count;
}

static unsigned take_out_registers(struct pci_window *windows, unsigned count)
{
	for (unsigned i = 0; i < taken_count; i++)
		count = take_out(windows, count, DEVICE_RANGE_MEMORY, taken[i].start, taken[i].end);
	return count;
}

unsigned pci_space_windows(const struct boot_memory_range *map, size_t count,
			   struct pci_window *windows)
{
	uint64_t low = max_u64(memory_end(map, count, HIGH_START), LOW_START);
	uint64_t high =
		align_up(max_u64(memory_end(map, count, ADDRESS_END), HIGH_START), HIGH_ALIGN);
	unsigned windows_count = 0;

	if (low < LOW_END)
		windows[windows_count++] = (struct pci_window){ .kind = DEVICE_RANGE_MEMORY,
								.base = low,
								.size = LOW_END - low };
	if (high < HIGH_END)
		windows[windows_count++] = (struct pci_window){
			.kind = DEVICE_RANGE_MEMORY,
			.wide = true,
			.base = high,
			.size = HIGH_END - high,
		};
	for (size_t i = 0; i < count; i++)
		windows_count = take_out(windows, windows_count, DEVICE_RANGE_MEMORY,
					 min_u64(map[i].base, ADDRESS_END), end_of(&map[i]));
	windows_count = take_out_registers(windows, windows_count);
	windows[windows_count++] = (struct pci_window){ .kind = DEVICE_RANGE_PORTS,
							.base = PORTS_START,
							.size = PORTS_END - PORTS_START };
	return windows_count;
}

/* --- What firmware tells ---------------------------------------------------------------------- */

/* Bit 32 of an address decides who can reach it. */
static unsigned split_wide(struct pci_window *windows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct pci_window *window = &windows[i];
		uint64_t end = window->base + window->size;

		window->wide = window->kind == DEVICE_RANGE_MEMORY && end > HIGH_START;
		if (!window->wide || window->base >= HIGH_START)
			continue;
		if (count < PCI_WINDOW_MAX) {
			windows[count] = *window;
			windows[count].base = HIGH_START;
			windows[count++].size = end - HIGH_START;
		}
		window->wide = false;
		window->size = HIGH_START - window->base;
	}
	return count;
}

/* True if the range has one of the windows whole: firmware marks what it gave to PCI as its own at times. */
static bool covers_window(const struct boot_memory_range *range, const struct pci_window *windows,
			  unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (windows[i].kind == DEVICE_RANGE_MEMORY && range->base <= windows[i].base &&
		    windows[i].base + windows[i].size <= end_of(range))
			return true;
	return false;
}

unsigned pci_space_trim(const struct boot_memory_range *map, size_t count,
			struct pci_window *windows, unsigned windows_count)
{
	const struct pci_bus *root;

	windows_count = take_out(windows, windows_count, DEVICE_RANGE_PORTS, 0, PORTS_LOWEST);
	windows_count = take_out(windows, windows_count, DEVICE_RANGE_MEMORY, 0, LEGACY_END);
	for (size_t i = 0; i < count; i++)
		if (map[i].kind != BOOT_MEMORY_RESERVED ||
		    !covers_window(&map[i], windows, windows_count))
			windows_count =
				take_out(windows, windows_count, DEVICE_RANGE_MEMORY,
					 min_u64(map[i].base, ADDRESS_END), end_of(&map[i]));
	windows_count = take_out_registers(windows, windows_count);
	for (unsigned i = 0; i < reserved_count; i++)
		windows_count = take_out(windows, windows_count, reserved[i].kind,
					 reserved[i].start, reserved[i].end);
	for (unsigned i = 0; (root = pci_root(i)) != NULL; i++)
		for (unsigned k = 0; k < root->window_count; k++)
			windows_count = take_out(windows, windows_count, root->windows[k].kind,
						 root->windows[k].base,
						 root->windows[k].base + root->windows[k].size);
	return split_wide(windows, windows_count);
}
