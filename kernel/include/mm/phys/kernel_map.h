/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel virtual areas outside the direct map: stacks with guard pages, device registers,
 * and large buffers that need not be contiguous. Not for interrupt context.
 */
#pragma once

#include <arch/mmu.h>
#include <base/types.h>

/* Maps `length` bytes of physical address space from `physical` (any alignment) to be read and
 * written, with MMU_UNCACHED, MMU_WRITE_COMBINING or neither (0). NULL: no room. */
void *kernel_map_device(phys_t physical, size_t length, unsigned flags);
/* Undoes it; both arguments as they were then. */
void kernel_unmap_device(void *address, size_t length);

/* A kernel stack of KERNEL_STACK_SIZE bytes with an unmapped page below; returns its lowest
 * usable address, or NULL. Freed stacks are kept in a small per-CPU cache. */
void *kernel_stack_allocate(void);
void kernel_stack_free(void *stack);
/* Frees those that are kept for CPU `cpu`, which is offline. Thread context. */
void kernel_stack_cpu_drain(unsigned cpu);
/* How many that are. */
unsigned kernel_stack_cpu_held(unsigned cpu);
/* True if `address` is in the guard page of some stack: a kernel stack overflow. For fault
 * handlers: does not wait. */
bool kernel_stack_guard_hit(uintptr_t address);

/* Virtually contiguous, zeroed memory of whole pages; NULL: out of memory. */
void *kernel_vmalloc(size_t size);
void kernel_vfree(void *memory);
