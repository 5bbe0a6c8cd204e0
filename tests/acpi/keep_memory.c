/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into QEMU where CPUs are unplugged: large blocks of memory are never freed. QEMU (7.2, with TCG)
 * goes on flushing the TLB of a CPU that is gone whenever the machine's memory map changes, and would crash.
 */
#include <malloc.h>

#define LARGE 1024

void __libc_free(void *memory);

void free(void *memory)
{
	if (memory && malloc_usable_size(memory) < LARGE)
		__libc_free(memory);
}
