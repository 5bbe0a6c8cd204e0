/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * UEFI's memory map turned into the boot contract's. Nothing here calls the firmware.
 *
 * The result is sorted, free of overlaps and merged. Firmware's map should be free of overlaps
 * too; where one is not, the more cautious of the two kinds wins.
 */
#pragma once

#include <base/types.h>
#include <efi.h>
#include <native/boot_info.h>

struct memory_descriptors {
	const void *first;
	uint64_t count;
	uint64_t stride; /* bytes from one to the next; at least sizeof(EFI_MEMORY_DESCRIPTOR) */
};

/*
 * Translates `descriptors` into `ranges`, which has room for twice as many; `boundaries` is
 * scratch space for twice as many addresses. Returns the number of ranges.
 */
uint32_t memory_map_translate(const struct memory_descriptors *descriptors, uint64_t *boundaries,
			      struct boot_memory_range *ranges);

/* Where the memory in the map ends; what is reserved does not count. */
uint64_t memory_map_end(const struct memory_descriptors *descriptors);
