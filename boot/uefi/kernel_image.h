/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's ELF file: checked, planned, and copied to where it runs. Nothing here calls
 * the firmware.
 *
 *   1. kernel_image_check() plans the image or names what is wrong with the file.
 *   2. The caller finds plan.size bytes of zeroed memory at a multiple of KERNEL_ALIGNMENT.
 *   3. kernel_image_copy() puts the segments there.
 */
#pragma once

#include <base/types.h>
#include <elf/elf.h>

#define KERNEL_ALIGNMENT (2ull << 20)
#define KERNEL_SPAN_MAX  (1ull << 30)

struct kernel_image {
	uint64_t link_base; /* what the image's first byte has as link address: 2 MiB-aligned */
	uint64_t size;      /* from there to the last segment's end, in whole pages */
	uint64_t entry;     /* offset of the entry point in the image */
	struct elf_load_plan plan;
};

/*
 * Checks the `size` bytes of a kernel file at `file` (8-byte-aligned). Returns NULL and the
 * plan, or a few words that say why it is refused. That the kernel relocates itself cannot be
 * seen: of a position-independent image linked above address 0, GNU ld says EXECUTABLE.
 */
const char *must_check kernel_image_check(const void *file, uint64_t size,
					  struct kernel_image *image);

/* Copies the checked file's segments to `to`, image->size zeroed bytes. */
void kernel_image_copy(const struct kernel_image *image, const void *file, void *to);
