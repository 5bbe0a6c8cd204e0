/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The firmware's tables, and memory from it.
 *
 * Everything allocated here is of type EfiLoaderData or EfiLoaderCode, which the memory map
 * later calls BOOT_MEMORY_LOADER. Where booting fails, firmware_release_all() gives all of it
 * back, so functions that fail half way need not.
 */
#pragma once

#include <base/types.h>
#include <efi.h>

struct firmware {
	EFI_HANDLE image; /* this program */
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *boot;
};

/* Set once by firmware_start(), then read only. */
extern struct firmware firmware;

#define FIRMWARE_PAGE_SIZE 4096ull

static inline void *pointer_from(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static inline uint64_t address_of(const void *pointer)
{
	return (uintptr_t)pointer;
}

void firmware_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/* Stores `size` (> 0) bytes of zeroed, page-aligned memory anywhere. Reports a failure. */
EFI_STATUS must_check firmware_allocate(uint64_t size, uint64_t *base);

/* The same at a multiple of `alignment` (a power of two, at least a page), below 4 GiB if there
 * is room, in memory that code may run from. */
EFI_STATUS must_check firmware_allocate_code(uint64_t size, uint64_t alignment, uint64_t *base);

/* Gives back one allocation by its base, or all of them. */
void firmware_free(uint64_t base);
void firmware_release_all(void);

/* The interface of the first `protocol` there is, or NULL. */
void *firmware_find_protocol(EFI_GUID protocol);

/* The interface of `protocol` on `handle`, or NULL. */
void *firmware_protocol_of(EFI_HANDLE handle, EFI_GUID protocol);
