/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page tables under which the kernel starts: physical memory at its own address, all of it
 * readable, writable and executable, in pages of 2 MiB.
 *
 * Firmware maps memory the same way, but its tables lie in memory that the map calls usable,
 * and new firmware forbids to execute what a loader allocated. Nothing here calls the firmware.
 */
#pragma once

#include <base/types.h>

/* How much to map, in GiB, for memory that ends at `end`: never less than 4. */
uint64_t identity_map_gib(uint64_t end);

/* The bytes of page tables that mapping `gib` GiB takes, with `levels` levels (4 or 5). */
uint64_t identity_map_size(uint64_t gib, unsigned levels);

/*
 * Builds the tables in zeroed, page-aligned memory at `tables` and returns the root's address.
 * Addresses in the tables are those of `tables` itself.
 */
uint64_t identity_map_build(void *tables, uint64_t gib, unsigned levels);
