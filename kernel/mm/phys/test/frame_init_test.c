/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory maps as firmware should not, but does, make them. */
#include "sim_test.h"

#include "../frame_priv.h"

#include <base/string.h>
#include <native/boot_info.h>

#define KIB      1024ull
#define MEMORY   (8192 * MIB)
#define PAGES    (MEMORY >> PAGE_SHIFT)
#define USABLE   BOOT_MEMORY_USABLE
#define RESERVED BOOT_MEMORY_RESERVED
#define LOADER   BOOT_MEMORY_LOADER

static void start(void)
{
	sim_start(&(struct sim_configuration){ .cpus = 1, .memory = MEMORY });
}

static bool covers(const struct boot_memory_range *entry, uint64_t address)
{
	return address >= entry->base && address - entry->base < entry->length;
}

/* True if no part of the page is anything but usable by the map. */
static bool page_is_usable(const struct boot_memory_range *map, size_t count, uint64_t page)
{
	uint64_t start = page << PAGE_SHIFT;
	bool first = false;
	bool last = false;

	for (size_t i = 0; i < count; i++) {
		if (map[i].kind == USABLE) {
			first |= covers(&map[i], start);
			last |= covers(&map[i], start + PAGE_SIZE - 1);
		} else if (map[i].base < start + PAGE_SIZE &&
			   (map[i].base >= start || start - map[i].base < map[i].length)) {
			return false;
		}
	}
	return first && last;
}

/* Takes every frame there is and holds it against the map. Returns how many there are. */
static uint64_t take_all(const struct boot_memory_range *map, size_t count,
			 const struct boot_memory_range *reserved, size_t reserved_count)
{
	static uint64_t taken[PAGES / 64];
	uint64_t frames = 0;
	phys_t physical;

	while ((physical = frame_allocate_page(FRAME_DMA32)) != 0 ||
	       (physical = frame_allocate_page(0)) != 0) {
		uint64_t page = physical >> PAGE_SHIFT;

		EXPECT(page > 0 && page < PAGES);
		EXPECT(page_is_usable(map, count, page));
		for (size_t i = 0; i < reserved_count; i++)
			EXPECT(!covers(&reserved[i], physical));
		EXPECT(!(taken[page / 64] >> page % 64 & 1));
		taken[page / 64] |= 1ull << page % 64;
		/* It must be memory, and not the frame array's. */
		memset(phys_to_virt(physical), 0xff, PAGE_SIZE);
		frames++;
	}
	return frames;
}

UNIT_TEST(frame_init, plain)
{
	const struct boot_memory_range map[] = {
		{ 0, 640 * KIB, USABLE, 0 },
		{ 640 * KIB, 384 * KIB, RESERVED, 0 },
		{ MIB, 63 * MIB, USABLE, 0 },
	};
	const struct boot_memory_range reserved[] = { { 2 * MIB, 4 * MIB, 0, 0 } };
	struct frame_statistics statistics;
	uint64_t pages = (640 * KIB + 59 * MIB) / PAGE_SIZE;

	start();
	frame_init(map, array_length(map), reserved, array_length(reserved));
	frame_read_statistics(&statistics);
	EXPECT_EQUAL(statistics.total, statistics.free);
	/* All but page 0 and the array, of 1/128, for one span with the hole in it. */
	EXPECT_EQUAL(statistics.total, pages - 1 - 64 * MIB / PAGE_SIZE / 128);
	EXPECT_EQUAL(frame_span_count, 1);
	EXPECT(!frame_at(0));
	EXPECT(!frame_at(2 * MIB));
	EXPECT(!frame_at(700 * KIB));
	EXPECT(!frame_at(64 * MIB));
	EXPECT(frame_at(6 * MIB));
	EXPECT_EQUAL(take_all(map, array_length(map), reserved, 1), statistics.total);
}

/* What lies between spans far apart gets no frames. */
UNIT_TEST(frame_init, hole)
{
	const struct boot_memory_range map[] = {
		{ MIB, 31 * MIB, USABLE, 0 },
		{ 3072 * MIB, 1024 * MIB, RESERVED, 0 },
		{ 4096 * MIB, 32 * MIB, USABLE, 0 },
	};
	struct frame_statistics statistics;

	start();
	frame_init(map, array_length(map), NULL, 0);
	frame_read_statistics(&statistics);
	EXPECT_EQUAL(frame_span_count, 2);
	EXPECT_EQUAL(statistics.total, 63 * 256 - 62 - 64);
	EXPECT(!frame_at(2000 * MIB));
	EXPECT_EQUAL(take_all(map, array_length(map), NULL, 0), statistics.total);
}

UNIT_TEST(frame_init, hostile)
{
	const struct boot_memory_range map[] = {
		{ 40 * MIB, 8 * MIB, USABLE, 0 },
		/* Not aligned, overlapping, contained, doubled. */
		{ 16 * MIB + 100, 4 * MIB, USABLE, 0 },
		{ 18 * MIB, 6 * MIB + 5, USABLE, 0 },
		{ 18 * MIB, 6 * MIB + 5, USABLE, 0 },
		{ 19 * MIB, PAGE_SIZE, USABLE, 0 },
		/* Within pages, empty. */
		{ 30 * MIB + 7, 100, USABLE, 0 },
		{ 31 * MIB, 0, USABLE, 0 },
		/* Parts are something else. */
		{ 41 * MIB - 1, 2, RESERVED, 0 },
		{ 17 * MIB, MIB, LOADER, 0 },
		{ 47 * MIB, 100 * MIB, BOOT_MEMORY_ACPI_NVS, 0 },
		{ 44 * MIB, PAGE_SIZE, 77, 0 },
		/* To the end of the address space, and past it. */
		{ UINT64_MAX - 10, 100, RESERVED, 0 },
		{ UINT64_MAX - 4096, UINT64_MAX, USABLE, 0 },
		/* Below 1 MiB, with page 0. */
		{ 0, 64 * KIB, USABLE, 0 },
		/* Across the border of the zones. */
		{ 4096 * MIB - 2 * MIB, 4 * MIB, USABLE, 0 },
	};
	const struct boot_memory_range reserved[] = {
		{ 46 * MIB + 1, 1, 0, 0 },
		{ 20 * MIB - 5, 10, 0, 0 },
		{ 4096 * MIB - 1, 2, 0, 0 },
		{ UINT64_MAX, UINT64_MAX, 0, 0 },
	};
	struct frame_statistics statistics;
	uint64_t pages = 0;

	start();
	frame_init(map, array_length(map), reserved, array_length(reserved));
	frame_read_statistics(&statistics);
	for (uint64_t page = 1; page < PAGES; page++)
		pages += page_is_usable(map, array_length(map), page);
	/* The reserved entries touch one, two and two pages; the array takes some. */
	EXPECT(statistics.total <= pages - 5 && statistics.total > pages - 5 - 300);
	EXPECT_EQUAL(take_all(map, array_length(map), reserved, array_length(reserved)),
		     statistics.total);
}

/* More pieces than the tables hold: some are lost, nothing else happens. */
UNIT_TEST(frame_init, scattered)
{
	static struct boot_memory_range map[1000];
	struct frame_statistics statistics;

	start();
	for (size_t i = 0; i < array_length(map); i++)
		map[i] = (struct boot_memory_range){ i * 8 * MIB, 2 * MIB, USABLE, 0 };
	frame_init(map, array_length(map), NULL, 0);
	frame_read_statistics(&statistics);
	EXPECT(statistics.total > 10000);
	EXPECT_EQUAL(take_all(map, array_length(map), NULL, 0), statistics.total);
}

UNIT_TEST(frame_init, added_later)
{
	const struct boot_memory_range map[] = {
		{ MIB, 15 * MIB, USABLE, 0 },
		{ 16 * MIB, 4 * MIB, LOADER, 0 },
		{ 20 * MIB, MIB, RESERVED, 0 },
		{ 32 * MIB, MIB, BOOT_MEMORY_ACPI_RECLAIM, 0 },
	};
	struct frame_statistics before, after;

	start();
	frame_init(map, array_length(map), NULL, 0);
	frame_read_statistics(&before);
	EXPECT(!frame_at(17 * MIB));
	frame_add(17 * MIB + 1, MIB);
	frame_read_statistics(&after);
	EXPECT_EQUAL(after.total, before.total + 255);
	EXPECT_EQUAL(after.free, before.free + 255);
	EXPECT(frame_at(17 * MIB + PAGE_SIZE) && !frame_at(17 * MIB));
	/* Again, with more around it. */
	frame_add(16 * MIB, 4 * MIB);
	frame_read_statistics(&after);
	EXPECT_EQUAL(after.total, before.total + 1024);
	frame_add(16 * MIB, 4 * MIB);
	frame_add(32 * MIB, MIB);
	frame_add(5000 * MIB, MIB);
	frame_add(0, PAGE_SIZE);
	frame_add(UINT64_MAX, UINT64_MAX);
	frame_read_statistics(&after);
	EXPECT_EQUAL(after.total, before.total + 1280);
	EXPECT_EQUAL(after.free, before.free + 1280);
}

static void init_without_memory(void)
{
	const struct boot_memory_range map[] = { { MIB, MIB, RESERVED, 0 } };

	frame_init(map, array_length(map), NULL, 0);
}

UNIT_TEST(frame_init, no_memory)
{
	start();
	EXPECT_PANIC(init_without_memory, "no usable memory");
}
