/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of addresses as a sorted array of disjoint ranges, for the memory map at boot, when
 * there is no allocator yet. The storage is the caller's.
 */
#pragma once

#include <base/types.h>

struct range {
	uint64_t start;
	uint64_t end; /* exclusive */
};

struct range_set {
	struct range *ranges;
	size_t count;
	size_t capacity;
};

static inline void range_set_init(struct range_set *set, struct range *storage, size_t capacity)
{
	set->ranges = storage;
	set->count = 0;
	set->capacity = capacity;
}

/* Adds [start, end). Neighbours that are no more than `gap` apart become one range, with what
 * lies between them. An empty range adds nothing. False if there is no room: then nothing is
 * changed. */
bool must_check range_set_add(struct range_set *set, uint64_t start, uint64_t end, uint64_t gap);
/* Takes [start, end) out. Where that needs one more range than there is room for, the smaller
 * of the two remains is dropped too. */
void range_set_remove(struct range_set *set, uint64_t start, uint64_t end);
/* The longest and the shortest range, or NULL if the set is empty. */
const struct range *range_set_longest(const struct range_set *set);
const struct range *range_set_shortest(const struct range_set *set);
