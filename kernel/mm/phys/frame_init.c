/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the boot memory map to frames. The map comes from firmware: it may be unsorted,
 * overlap itself and end in the middle of pages. Two sets are made of it: the memory that is
 * free now, and the spans that get frames, which are all memory that is free now or may become
 * so, short holes included.
 */
#include "frame_priv.h"
#include "range_set.h"

#include <base/string.h>
#include <core/log.h>
#include <core/panic.h>
#include <native/boot_info.h>

#define FREE_RANGES_MAX 256
/* No address that a CPU can form lies above. */
#define PHYSICAL_LIMIT (1ull << 52)
#define DMA32_LIMIT    (1ull << 32)
/* Holes up to this length get frames: 256 of them cost less than a span does. */
#define SPAN_GAP          (1ull << 20)
#define MEMORY_RANGES_MAX 128

struct frame_span frame_spans[SPAN_MAX];
unsigned frame_span_count;

/* All memory of the map, ours to use or not; constant after frame_init(). */
static struct range memory_storage[MEMORY_RANGES_MAX];
static struct range_set memory;

/* The whole pages in `entry`, or all that it touches. */
static struct range pages_within(const struct boot_memory_range *entry)
{
	uint64_t start = min_u64(entry->base, PHYSICAL_LIMIT);
	uint64_t length = min_u64(entry->length, PHYSICAL_LIMIT - start);

	return (struct range){ align_up(start, PAGE_SIZE), align_down(start + length, PAGE_SIZE) };
}

static struct range pages_touched(const struct boot_memory_range *entry)
{
	uint64_t start = min_u64(entry->base, PHYSICAL_LIMIT);
	uint64_t length = min_u64(entry->length, PHYSICAL_LIMIT - start);

	return (struct range){ align_down(start, PAGE_SIZE), align_up(start + length, PAGE_SIZE) };
}

/* Adds a range to the set; if that is full, at the cost of the shortest one. */
static void add_or_drop(struct range_set *set, uint64_t start, uint64_t end, uint64_t gap)
{
	while (!range_set_add(set, start, end, gap)) {
		struct range dropped = *range_set_shortest(set);

		if (dropped.end - dropped.start >= end - start)
			dropped = (struct range){ start, end };
		log_warning("memory", "map too scattered: %#llx-%#llx is not used",
			    (unsigned long long)dropped.start, (unsigned long long)dropped.end);
		if (dropped.start == start)
			return;
		range_set_remove(set, dropped.start, dropped.end);
	}
}

/* What is usable by one entry and not anything else by another. */
static void find_free(struct range_set *free, const struct boot_memory_range *map, size_t count,
		      const struct boot_memory_range *reserved, size_t reserved_count)
{
	for (size_t i = 0; i < count; i++) {
		struct range pages = pages_within(&map[i]);

		if (map[i].kind == BOOT_MEMORY_USABLE)
			add_or_drop(free, pages.start, pages.end, 0);
	}
	for (size_t i = 0; i < count; i++) {
		struct range pages = pages_touched(&map[i]);

		if (map[i].kind != BOOT_MEMORY_USABLE)
			range_set_remove(free, pages.start, pages.end);
	}
	for (size_t i = 0; i < reserved_count; i++) {
		struct range pages = pages_touched(&reserved[i]);

		range_set_remove(free, pages.start, pages.end);
	}
	/* Physical address 0 means "none". */
	range_set_remove(free, 0, PAGE_SIZE);
}

static bool kind_is_memory(uint32_t kind)
{
	return kind == BOOT_MEMORY_USABLE || kind == BOOT_MEMORY_LOADER ||
	       kind == BOOT_MEMORY_ACPI_RECLAIM;
}

static void add_memory(const struct range *pages)
{
	/* Where the map is too scattered, what lies between counts as memory as well. */
	if (!range_set_add(&memory, pages->start, pages->end, 0) &&
	    !range_set_add(&memory, pages->start, pages->end, UINT64_MAX))
		panic("no room for the memory map");
}

/* Firmware's tables and its own memory are not in it. */
static void find_memory(const struct boot_memory_range *map, size_t count)
{
	range_set_init(&memory, memory_storage, array_length(memory_storage));
	for (size_t i = 0; i < count; i++) {
		struct range pages = pages_touched(&map[i]);

		if (map[i].kind == BOOT_MEMORY_USABLE || map[i].kind == BOOT_MEMORY_LOADER)
			add_memory(&pages);
	}
}

bool frame_memory_within(phys_t base, uint64_t length)
{
	for (size_t i = 0; i < memory.count; i++) {
		const struct range *range = &memory.ranges[i];

		if (base < range->end && (range->start <= base || range->start - base < length))
			return true;
	}
	return false;
}

/* Collects all memory, apart for the two zones: a span lies in one. */
static void find_spans(struct range_set *low, struct range_set *high,
		       const struct boot_memory_range *map, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct range pages = pages_within(&map[i]);

		if (!kind_is_memory(map[i].kind))
			continue;
		add_or_drop(low, pages.start, min_u64(pages.end, DMA32_LIMIT), SPAN_GAP);
		add_or_drop(high, max_u64(pages.start, DMA32_LIMIT), pages.end, SPAN_GAP);
	}
}

/* Makes a span of `pages`, with its frames in the largest free range. Memory that is too
 * scattered to hold its own frames is not used. */
static void span_create(struct range_set *free, const struct range *pages, unsigned zone)
{
	size_t count = (size_t)((pages->end - pages->start) >> PAGE_SHIFT);
	uint64_t size = align_up(count * sizeof(struct frame), PAGE_SIZE);
	const struct range *home = range_set_longest(free);
	struct frame_span *span = &frame_spans[frame_span_count];
	uint64_t end;

	if (!home || home->end - home->start < size) {
		log_warning("memory", "no room for the frames of %#llx-%#llx, which is not used",
			    (unsigned long long)pages->start, (unsigned long long)pages->end);
		range_set_remove(free, pages->start, pages->end);
		return;
	}
	/* The end: what is low is scarcer. */
	end = home->end;
	range_set_remove(free, end - size, end);
	span->first = (size_t)(pages->start >> PAGE_SHIFT);
	span->count = count;
	span->frames = phys_to_virt(end - size);
	span->zone = zone;
	memset(span->frames, 0, (size_t)size);
	for (size_t i = 0; i < count; i++)
		span->frames[i].span = (uint8_t)frame_span_count;
	frame_span_count++;
}

/* Gives the frames in [start, end) that are reserved, and no others, to their zone. */
static void add_range(uint64_t start, uint64_t end)
{
	uint64_t page = start >> PAGE_SHIFT;

	while (page < end >> PAGE_SHIFT) {
		struct frame *first = frame_find(page);
		size_t count = 0;
		size_t limit;

		if (!first || first->state != FRAME_RESERVED || page == 0) {
			page++;
			continue;
		}
		limit = (size_t)(frame_spans[first->span].first + frame_spans[first->span].count -
				 page);
		limit = (size_t)min_u64(limit, (end >> PAGE_SHIFT) - page);
		while (count < limit && first[count].state == FRAME_RESERVED)
			count++;
		zone_add(first, count);
		page += count;
	}
}

void frame_init(const struct boot_memory_range *map, size_t count,
		const struct boot_memory_range *reserved, size_t reserved_count)
{
	static struct range free_ranges[FREE_RANGES_MAX];
	static struct range low_ranges[SPAN_MAX / 2], high_ranges[SPAN_MAX / 2];
	struct range_set free, low, high;
	uint64_t frames = 0;

	range_set_init(&free, free_ranges, array_length(free_ranges));
	range_set_init(&low, low_ranges, array_length(low_ranges));
	range_set_init(&high, high_ranges, array_length(high_ranges));
	zones_init();
	find_memory(map, count);
	find_free(&free, map, count, reserved, reserved_count);
	find_spans(&low, &high, map, count);
	for (size_t i = 0; i < low.count; i++)
		span_create(&free, &low.ranges[i], ZONE_DMA32);
	for (size_t i = 0; i < high.count; i++)
		span_create(&free, &high.ranges[i], ZONE_NORMAL);
	for (size_t i = 0; i < free.count; i++)
		add_range(free.ranges[i].start, free.ranges[i].end);
	zones_set_reserve();
	if (zones_total() == 0)
		panic("no usable memory");
	for (unsigned i = 0; i < frame_span_count; i++)
		frames += frame_spans[i].count;
	log_info("memory", "%llu MiB in %u spans, %llu KiB for the frames",
		 (unsigned long long)(zones_total() << PAGE_SHIFT >> 20), frame_span_count,
		 (unsigned long long)(frames * sizeof(struct frame) >> 10));
}

void frame_add(phys_t base, uint64_t length)
{
	const struct boot_memory_range entry = { .base = base, .length = length };
	struct range pages = pages_within(&entry);

	add_memory(&pages);
	add_range(pages.start, pages.end);
}
