/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Caches, for hardware that does not look into them. */
#include "cpuid.h"

#include <arch/mmu.h>

#define CLFLUSH_UNIT 8 /* bytes, of the line size that CPUID 1 tells in bits 15-8 of EBX */

static size_t line_size(void)
{
	static size_t size;

	if (!size)
		size = CLFLUSH_UNIT * (cpuid(1, 0).b >> 8 & 0xff);
	return size ? size : 64;
}

void arch_cache_write_back(const void *address, size_t length)
{
	size_t step = line_size();
	uintptr_t end = (uintptr_t)address + length;

	for (uintptr_t line = align_down((uintptr_t)address, step); line < end; line += step)
		asm volatile("clflush %0" : "+m"(*(volatile uint8_t *)line));
	asm volatile("mfence" : : : "memory");
}
