/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware's tables, and memory from it (firmware.h). */
#include "firmware.h"

#include "console.h"

#include <base/checked.h>
#include <base/string.h>

#define ALLOCATIONS_MAX 16
#define CODE_LIMIT      0xffffffffull

struct allocation {
	uint64_t base; /* 0 marks a free slot: page 0 is never given out (see allocate) */
	uint64_t pages;
};

struct firmware firmware;
static struct allocation allocations[ALLOCATIONS_MAX];

void firmware_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	firmware.image = image;
	firmware.system = system;
	firmware.boot = system->BootServices;
}

static struct allocation *find_allocation(uint64_t base)
{
	for (size_t i = 0; i < array_length(allocations); i++)
		if (allocations[i].base == base)
			return &allocations[i];
	return NULL;
}

static EFI_STATUS report_no_memory(EFI_STATUS status, uint64_t size)
{
	console_print("no memory for %llu KiB\n", (unsigned long long)size / 1024);
	return status;
}

/* Turns a size in bytes into pages; false where it is too large to be meant. */
static bool count_pages(uint64_t size, uint64_t *pages)
{
	uint64_t rounded;

	if (!checked_align_up(size, FIRMWARE_PAGE_SIZE, &rounded))
		return false;
	*pages = rounded / FIRMWARE_PAGE_SIZE;
	return true;
}

EFI_STATUS firmware_allocate(uint64_t size, uint64_t *base)
{
	struct allocation *slot = find_allocation(0);
	EFI_PHYSICAL_ADDRESS address = 0;
	EFI_STATUS status;
	uint64_t pages;

	if (!slot || !count_pages(size, &pages))
		return report_no_memory(EFI_OUT_OF_RESOURCES, size);
	status = firmware.boot->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address);
	if (EFI_ERROR(status) || address == 0)
		return report_no_memory(EFI_OUT_OF_RESOURCES, size);
	*slot = (struct allocation){ address, pages };
	memset(pointer_from(address), 0, pages * FIRMWARE_PAGE_SIZE);
	*base = address;
	return EFI_SUCCESS;
}

EFI_STATUS firmware_allocate_code(uint64_t size, uint64_t alignment, uint64_t *base)
{
	struct allocation *slot = find_allocation(0);
	uint64_t slack = alignment / FIRMWARE_PAGE_SIZE - 1;
	EFI_PHYSICAL_ADDRESS address = CODE_LIMIT;
	EFI_STATUS status;
	uint64_t pages, before;

	if (!slot || !count_pages(size, &pages) || pages > UINT64_MAX - slack)
		return report_no_memory(EFI_OUT_OF_RESOURCES, size);
	status = firmware.boot->AllocatePages(AllocateMaxAddress, EfiLoaderCode, pages + slack,
					      &address);
	if (EFI_ERROR(status))
		status = firmware.boot->AllocatePages(AllocateAnyPages, EfiLoaderCode,
						      pages + slack, &address);
	if (EFI_ERROR(status))
		return report_no_memory(status, size);

	*base = align_up(address, alignment);
	before = (*base - address) / FIRMWARE_PAGE_SIZE;
	if (before > 0)
		firmware.boot->FreePages(address, before);
	if (slack > before)
		firmware.boot->FreePages(*base + pages * FIRMWARE_PAGE_SIZE, slack - before);
	*slot = (struct allocation){ *base, pages };
	memset(pointer_from(*base), 0, pages * FIRMWARE_PAGE_SIZE);
	return EFI_SUCCESS;
}

void firmware_free(uint64_t base)
{
	struct allocation *slot = find_allocation(base);

	if (base == 0 || !slot)
		return;
	firmware.boot->FreePages(slot->base, slot->pages);
	*slot = (struct allocation){ 0, 0 };
}

void firmware_release_all(void)
{
	for (size_t i = 0; i < array_length(allocations); i++)
		firmware_free(allocations[i].base);
}

void *firmware_find_protocol(EFI_GUID protocol)
{
	void *interface = NULL;

	if (EFI_ERROR(firmware.boot->LocateProtocol(&protocol, NULL, &interface)))
		return NULL;
	return interface;
}

void *firmware_protocol_of(EFI_HANDLE handle, EFI_GUID protocol)
{
	void *interface = NULL;

	if (EFI_ERROR(firmware.boot->HandleProtocol(handle, &protocol, &interface)))
		return NULL;
	return interface;
}
