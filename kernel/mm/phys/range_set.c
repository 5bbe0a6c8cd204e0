/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "range_set.h"

#include <base/string.h>

static void delete_at(struct range_set *set, size_t first, size_t count)
{
	size_t behind = set->count - first - count;

	memmove(&set->ranges[first], &set->ranges[first + count], behind * sizeof(set->ranges[0]));
	set->count -= count;
}

static void insert_at(struct range_set *set, size_t index, uint64_t start, uint64_t end)
{
	memmove(&set->ranges[index + 1], &set->ranges[index],
		(set->count - index) * sizeof(set->ranges[0]));
	set->ranges[index] = (struct range){ start, end };
	set->count++;
}

/* True if `a` ends more than `gap` before `b`. */
static bool ends_before(uint64_t a, uint64_t b, uint64_t gap)
{
	return a < b && b - a > gap;
}

bool range_set_add(struct range_set *set, uint64_t start, uint64_t end, uint64_t gap)
{
	size_t first = 0;
	size_t behind;

	if (start >= end)
		return true;
	while (first < set->count && ends_before(set->ranges[first].end, start, gap))
		first++;
	behind = first;
	while (behind < set->count && !ends_before(end, set->ranges[behind].start, gap)) {
		start = min_u64(start, set->ranges[behind].start);
		end = max_u64(end, set->ranges[behind].end);
		behind++;
	}
	if (behind > first) {
		set->ranges[first] = (struct range){ start, end };
		delete_at(set, first + 1, behind - first - 1);
		return true;
	}
	if (set->count == set->capacity)
		return false;
	insert_at(set, first, start, end);
	return true;
}

/* Takes [start, end), which lies strictly within range `index`, out of it. */
static void split_at(struct range_set *set, size_t index, uint64_t start, uint64_t end)
{
	struct range *range = &set->ranges[index];
	uint64_t old_end = range->end;

	if (set->count < set->capacity) {
		range->end = start;
		insert_at(set, index + 1, end, old_end);
	} else if (start - range->start >= old_end - end) {
		range->end = start;
	} else {
		range->start = end;
	}
}

void range_set_remove(struct range_set *set, uint64_t start, uint64_t end)
{
	size_t i = 0;

	while (start < end && i < set->count) {
		struct range *range = &set->ranges[i];

		if (range->end <= start || range->start >= end) {
			i++;
		} else if (range->start < start && range->end > end) {
			split_at(set, i, start, end);
			return;
		} else if (range->start < start) {
			range->end = start;
			i++;
		} else if (range->end > end) {
			range->start = end;
			i++;
		} else {
			delete_at(set, i, 1);
		}
	}
}

static uint64_t range_length(const struct range *range)
{
	return range->end - range->start;
}

const struct range *range_set_longest(const struct range_set *set)
{
	const struct range *longest = NULL;

	for (size_t i = 0; i < set->count; i++) {
		const struct range *range = &set->ranges[i];

		if (!longest || range_length(range) > range_length(longest))
			longest = range;
	}
	return longest;
}

const struct range *range_set_shortest(const struct range_set *set)
{
	const struct range *shortest = NULL;

	for (size_t i = 0; i < set->count; i++) {
		const struct range *range = &set->ranges[i];

		if (!shortest || range_length(range) < range_length(shortest))
			shortest = range;
	}
	return shortest;
}
