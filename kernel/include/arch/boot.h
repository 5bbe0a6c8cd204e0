/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arch contract: from the first instruction to the kernel's main function. */
#pragma once

#include <base/types.h>

struct boot_info;

/* What the architecture's start-up code occupies, for the frame allocator to keep out. */
struct arch_boot_layout {
	uint64_t image_base, image_size;   /* physical, of the kernel */
	uintptr_t image_virtual;           /* where it runs */
	uint64_t tables_base, tables_size; /* first page tables */
	uint64_t low_reserved;             /* bytes from address 0 */
	void *boot_stack;                  /* lowest address; KERNEL_STACK_SIZE bytes */
};
void arch_boot_layout(struct arch_boot_layout *layout);

/* Supplied by main; the architecture calls it on the boot CPU with interrupts off, when
 * translation, exceptions and the debug console work. */
_Noreturn void kernel_main(const struct boot_info *info);
