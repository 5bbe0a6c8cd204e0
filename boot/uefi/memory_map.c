/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UEFI's memory map turned into the boot contract's (memory_map.h). */
#include "memory_map.h"

#include <base/checked.h>

#define PAGE_SIZE   4096ull
#define ADDRESS_TOP (UINT64_MAX - PAGE_SIZE + 1) /* the last page's own address */

struct span {
	uint64_t start;
	uint64_t end;
	uint32_t kind; /* enum boot_memory_kind */
};

static uint32_t translate_kind(const EFI_MEMORY_DESCRIPTOR *descriptor)
{
	switch (descriptor->Type) {
	case EfiConventionalMemory:
	case EfiBootServicesCode:
	case EfiBootServicesData:
		/* Memory that cannot be cached is no place for data or code. */
		return descriptor->Attribute & EFI_MEMORY_WB ? BOOT_MEMORY_USABLE
							     : BOOT_MEMORY_RESERVED;
	case EfiLoaderCode:
	case EfiLoaderData:
		return BOOT_MEMORY_LOADER;
	case EfiACPIReclaimMemory:
		return BOOT_MEMORY_ACPI_RECLAIM;
	case EfiACPIMemoryNVS:
		return BOOT_MEMORY_ACPI_NVS;
	default:
		return BOOT_MEMORY_RESERVED;
	}
}

/* The pages of one descriptor; an empty span where there are none. */
static struct span translate_descriptor(const struct memory_descriptors *descriptors,
					uint64_t index)
{
	const EFI_MEMORY_DESCRIPTOR *descriptor =
		(const void *)((const uint8_t *)descriptors->first + index * descriptors->stride);
	struct span span = { .kind = translate_kind(descriptor) };
	uint64_t end;

	if (!checked_mul(descriptor->NumberOfPages, PAGE_SIZE, &end) ||
	    !checked_add(descriptor->PhysicalStart, end, &end))
		end = ADDRESS_TOP;
	if (span.kind == BOOT_MEMORY_USABLE) {
		/* The specification says page-aligned; never hand out a part of a page. */
		if (!checked_align_up(descriptor->PhysicalStart, PAGE_SIZE, &span.start))
			span.start = ADDRESS_TOP;
		span.end = align_down(end, PAGE_SIZE);
	} else {
		span.start = align_down(descriptor->PhysicalStart, PAGE_SIZE);
		if (!checked_align_up(end, PAGE_SIZE, &span.end))
			span.end = ADDRESS_TOP;
	}
	if (span.end < span.start)
		span.end = span.start;
	return span;
}

static void sort_addresses(uint64_t *addresses, uint64_t count)
{
	for (uint64_t i = 1; i < count; i++) {
		uint64_t address = addresses[i];
		uint64_t at = i;

		for (; at > 0 && addresses[at - 1] > address; at--)
			addresses[at] = addresses[at - 1];
		addresses[at] = address;
	}
}

/* The most cautious kind that any descriptor gives to the pages from `start` to `end`, between
 * which no descriptor starts or ends; 0 where they belong to none. */
static uint32_t kind_between(const struct memory_descriptors *descriptors, uint64_t start,
			     uint64_t end)
{
	uint32_t kind = 0;

	_Static_assert(BOOT_MEMORY_USABLE < BOOT_MEMORY_LOADER &&
			       BOOT_MEMORY_LOADER < BOOT_MEMORY_ACPI_RECLAIM &&
			       BOOT_MEMORY_ACPI_RECLAIM < BOOT_MEMORY_ACPI_NVS &&
			       BOOT_MEMORY_ACPI_NVS < BOOT_MEMORY_RESERVED,
		       "the larger kind is the more cautious one");
	for (uint64_t i = 0; i < descriptors->count; i++) {
		struct span span = translate_descriptor(descriptors, i);

		if (span.start <= start && end <= span.end && span.kind > kind)
			kind = span.kind;
	}
	return kind;
}

uint32_t memory_map_translate(const struct memory_descriptors *descriptors, uint64_t *boundaries,
			      struct boot_memory_range *ranges)
{
	uint64_t boundary_count = 2 * descriptors->count;
	uint32_t count = 0;

	for (uint64_t i = 0; i < descriptors->count; i++) {
		struct span span = translate_descriptor(descriptors, i);

		boundaries[2 * i] = span.start;
		boundaries[2 * i + 1] = span.end;
	}
	sort_addresses(boundaries, boundary_count);

	for (uint64_t i = 1; i < boundary_count; i++) {
		uint64_t start = boundaries[i - 1];
		uint64_t length = boundaries[i] - start;
		uint32_t kind = kind_between(descriptors, start, boundaries[i]);

		if (length == 0 || kind == 0)
			continue;
		if (count > 0 && ranges[count - 1].kind == kind &&
		    ranges[count - 1].base + ranges[count - 1].length == start)
			ranges[count - 1].length += length;
		else
			ranges[count++] = (struct boot_memory_range){ start, length, kind, 0 };
	}
	return count;
}

uint64_t memory_map_end(const struct memory_descriptors *descriptors)
{
	uint64_t end = 0;

	for (uint64_t i = 0; i < descriptors->count; i++) {
		struct span span = translate_descriptor(descriptors, i);

		if (span.kind != BOOT_MEMORY_RESERVED && span.end > span.start)
			end = max_u64(end, span.end);
	}
	return end;
}
