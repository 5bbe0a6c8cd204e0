/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic on numbers from outside: each returns true and stores the result, or returns
 * false where it would overflow (the result is then unspecified).
 */
#pragma once

#include <base/types.h>

static inline bool must_check checked_add(uint64_t a, uint64_t b, uint64_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

static inline bool must_check checked_mul(uint64_t a, uint64_t b, uint64_t *product)
{
	return !__builtin_mul_overflow(a, b, product);
}

/* Rounds `value` up to a multiple of `alignment` (a power of two). */
static inline bool must_check checked_align_up(uint64_t value, uint64_t alignment,
					       uint64_t *aligned)
{
	if (__builtin_add_overflow(value, alignment - 1, aligned))
		return false;
	*aligned &= ~(alignment - 1);
	return true;
}

/* True if [offset, offset + length) lies within [0, size). */
static inline bool must_check range_within(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}
