/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The translation of UEFI's memory map. */
#include "../memory_map.h"

#include "unit.h"

#define PAGE   4096ull
#define STRIDE 48 /* firmware's descriptors are larger than the structure */
#define MOST   64

struct fixture {
	_Alignas(8) uint8_t bytes[MOST * STRIDE];
	struct memory_descriptors descriptors;
	uint64_t boundaries[2 * MOST];
	struct boot_memory_range ranges[2 * MOST];
	uint32_t count;
};

static void start(struct fixture *fixture)
{
	fixture->descriptors = (struct memory_descriptors){ fixture->bytes, 0, STRIDE };
}

static void add(struct fixture *fixture, uint32_t type, uint64_t base, uint64_t pages)
{
	EFI_MEMORY_DESCRIPTOR *descriptor =
		(void *)(fixture->bytes + STRIDE * fixture->descriptors.count++);

	*descriptor = (EFI_MEMORY_DESCRIPTOR){
		.Type = type,
		.PhysicalStart = base,
		.NumberOfPages = pages,
		.Attribute = EFI_MEMORY_WB,
	};
}

static void translate(struct fixture *fixture)
{
	fixture->count =
		memory_map_translate(&fixture->descriptors, fixture->boundaries, fixture->ranges);
}

static void expect_range(const struct fixture *fixture, uint32_t index, uint64_t base,
			 uint64_t pages, uint32_t kind)
{
	EXPECT(index < fixture->count);
	EXPECT_EQUAL(fixture->ranges[index].base, base);
	EXPECT_EQUAL(fixture->ranges[index].length, pages * PAGE);
	EXPECT_EQUAL(fixture->ranges[index].kind, kind);
	EXPECT_EQUAL(fixture->ranges[index].reserved, 0);
}

UNIT_TEST(loader_memory_map, kinds)
{
	static const struct {
		uint32_t type, kind;
	} cases[] = {
		{ EfiReservedMemoryType, BOOT_MEMORY_RESERVED },
		{ EfiLoaderCode, BOOT_MEMORY_LOADER },
		{ EfiLoaderData, BOOT_MEMORY_LOADER },
		{ EfiBootServicesCode, BOOT_MEMORY_USABLE },
		{ EfiBootServicesData, BOOT_MEMORY_USABLE },
		{ EfiRuntimeServicesCode, BOOT_MEMORY_RESERVED },
		{ EfiRuntimeServicesData, BOOT_MEMORY_RESERVED },
		{ EfiConventionalMemory, BOOT_MEMORY_USABLE },
		{ EfiUnusableMemory, BOOT_MEMORY_RESERVED },
		{ EfiACPIReclaimMemory, BOOT_MEMORY_ACPI_RECLAIM },
		{ EfiACPIMemoryNVS, BOOT_MEMORY_ACPI_NVS },
		{ EfiMemoryMappedIO, BOOT_MEMORY_RESERVED },
		{ EfiMemoryMappedIOPortSpace, BOOT_MEMORY_RESERVED },
		{ EfiPalCode, BOOT_MEMORY_RESERVED },
		{ 14 /* persistent */, BOOT_MEMORY_RESERVED },
		{ 15 /* unaccepted */, BOOT_MEMORY_RESERVED },
		{ 0x80000000u /* a loader's own */, BOOT_MEMORY_RESERVED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		start(&fixture);
		add(&fixture, cases[i].type, 0x100000, 3);
		translate(&fixture);
		EXPECT_EQUAL(fixture.count, 1);
		expect_range(&fixture, 0, 0x100000, 3, cases[i].kind);
	}
}

UNIT_TEST(loader_memory_map, sorts_and_merges)
{
	struct fixture fixture;

	start(&fixture);
	add(&fixture, EfiConventionalMemory, 0x300000, 16);
	add(&fixture, EfiLoaderData, 0x310000, 1);
	add(&fixture, EfiConventionalMemory, 0, 1);
	add(&fixture, EfiBootServicesCode, 0x1000, 2);
	add(&fixture, EfiLoaderCode, 0x311000, 2);
	add(&fixture, EfiConventionalMemory, 0x400000, 1); /* behind a hole */
	translate(&fixture);
	EXPECT_EQUAL(fixture.count, 4);
	expect_range(&fixture, 0, 0, 3, BOOT_MEMORY_USABLE);
	expect_range(&fixture, 1, 0x300000, 16, BOOT_MEMORY_USABLE);
	expect_range(&fixture, 2, 0x310000, 3, BOOT_MEMORY_LOADER);
	expect_range(&fixture, 3, 0x400000, 1, BOOT_MEMORY_USABLE);
	EXPECT_EQUAL(memory_map_end(&fixture.descriptors), 0x401000);
}

UNIT_TEST(loader_memory_map, overlaps)
{
	struct fixture fixture;

	start(&fixture);
	add(&fixture, EfiConventionalMemory, 0x100000, 16);
	add(&fixture, EfiReservedMemoryType, 0x104000, 2);  /* within */
	add(&fixture, EfiConventionalMemory, 0x108000, 16); /* across the end */
	add(&fixture, EfiACPIMemoryNVS, 0x100000, 1);       /* at the start */
	translate(&fixture);
	EXPECT_EQUAL(fixture.count, 4);
	expect_range(&fixture, 0, 0x100000, 1, BOOT_MEMORY_ACPI_NVS);
	expect_range(&fixture, 1, 0x101000, 3, BOOT_MEMORY_USABLE);
	expect_range(&fixture, 2, 0x104000, 2, BOOT_MEMORY_RESERVED);
	expect_range(&fixture, 3, 0x106000, 18, BOOT_MEMORY_USABLE);
}

UNIT_TEST(loader_memory_map, odd_descriptors)
{
	struct fixture fixture;

	start(&fixture);
	add(&fixture, EfiConventionalMemory, 0x1000, 0);  /* empty */
	add(&fixture, EfiConventionalMemory, 0x10800, 2); /* only one whole page */
	add(&fixture, EfiReservedMemoryType, 0x20800, 1); /* touches two */
	add(&fixture, EfiConventionalMemory, 0x30800, 1); /* no whole page */
	add(&fixture, EfiConventionalMemory, UINT64_MAX - 10, UINT64_MAX);
	add(&fixture, EfiMemoryMappedIO, 0xfffffffff0000000, UINT64_MAX);
	translate(&fixture);
	EXPECT_EQUAL(fixture.count, 3);
	expect_range(&fixture, 0, 0x11000, 1, BOOT_MEMORY_USABLE);
	expect_range(&fixture, 1, 0x20000, 2, BOOT_MEMORY_RESERVED);
	EXPECT_EQUAL(fixture.ranges[2].base, 0xfffffffff0000000);
	EXPECT_EQUAL(fixture.ranges[2].kind, BOOT_MEMORY_RESERVED);
	EXPECT_EQUAL(memory_map_end(&fixture.descriptors), 0x12000);
}

UNIT_TEST(loader_memory_map, uncached_memory)
{
	struct fixture fixture;

	start(&fixture);
	add(&fixture, EfiConventionalMemory, 0x1000, 1);
	((EFI_MEMORY_DESCRIPTOR *)(void *)fixture.bytes)->Attribute = EFI_MEMORY_UC;
	translate(&fixture);
	EXPECT_EQUAL(fixture.count, 1);
	expect_range(&fixture, 0, 0x1000, 1, BOOT_MEMORY_RESERVED);
}

UNIT_TEST(loader_memory_map, nothing)
{
	struct fixture fixture;

	start(&fixture);
	translate(&fixture);
	EXPECT_EQUAL(fixture.count, 0);
	EXPECT_EQUAL(memory_map_end(&fixture.descriptors), 0);
}

/* The kind that a page should have: the most cautious that a descriptor gives it. */
static uint32_t kind_of_page(const struct fixture *fixture, uint64_t page)
{
	uint32_t kind = 0;

	for (uint64_t i = 0; i < fixture->descriptors.count; i++) {
		const EFI_MEMORY_DESCRIPTOR *descriptor =
			(const void *)(fixture->bytes + STRIDE * i);
		uint64_t first = descriptor->PhysicalStart / PAGE;
		uint32_t its = descriptor->Type == EfiConventionalMemory ? BOOT_MEMORY_USABLE
			       : descriptor->Type == EfiLoaderData       ? BOOT_MEMORY_LOADER
									 : BOOT_MEMORY_RESERVED;

		if (page >= first && page < first + descriptor->NumberOfPages && its > kind)
			kind = its;
	}
	return kind;
}

UNIT_TEST(loader_memory_map, random_maps)
{
	static const uint32_t types[] = { EfiConventionalMemory, EfiLoaderData,
					  EfiReservedMemoryType };
	uint64_t state = 1;

	for (int round = 0; round < 300; round++) {
		struct fixture fixture;
		uint64_t page = 0;

		start(&fixture);
		for (uint64_t i = unit_random_below(&state, MOST); i > 0; i--)
			add(&fixture, types[unit_random_below(&state, 3)],
			    unit_random_below(&state, 200) * PAGE, unit_random_below(&state, 20));
		translate(&fixture);
		for (uint32_t i = 0; i < fixture.count; i++) {
			const struct boot_memory_range *range = &fixture.ranges[i];

			EXPECT(range->length > 0 && range->base / PAGE >= page);
			for (; page < range->base / PAGE; page++)
				EXPECT_EQUAL(kind_of_page(&fixture, page), 0);
			for (; page < (range->base + range->length) / PAGE; page++)
				EXPECT_EQUAL(kind_of_page(&fixture, page), range->kind);
			EXPECT(i == 0 || range[-1].kind != range->kind ||
			       range[-1].base + range[-1].length < range->base);
		}
		for (; page < 256; page++)
			EXPECT_EQUAL(kind_of_page(&fixture, page), 0);
	}
}
