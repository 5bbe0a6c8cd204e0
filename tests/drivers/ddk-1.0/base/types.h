/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fixed-width integers, booleans and the few helpers that every file uses.
 *
 * Everything here is freestanding C11 and compiles for the kernel and for the host.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __ssize_t_defined
typedef long ssize_t;
#define __ssize_t_defined
#endif

/* The caller must look at the result. */
#define must_check __attribute__((warn_unused_result))
/* Checks a printf-like format string; both positions count from one. */
#define printf_like(position, first) __attribute__((format(printf, position, first)))

/* The number of elements of a true array (not of a pointer). */
#define array_length(array) (sizeof(array) / sizeof((array)[0]))

/* The structure of `type` in which `pointer` is the address of `member`. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

static inline int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t max_i64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Rounds down or up to a multiple of `alignment`, a power of two. Rounding up wraps to a
 * small value near the top of the range: check untrusted input first (base/checked.h). */
static inline uint64_t align_down(uint64_t value, uint64_t alignment)
{
	return value & ~(alignment - 1);
}

static inline uint64_t align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

static inline bool is_aligned(uint64_t value, uint64_t alignment)
{
	return (value & (alignment - 1)) == 0;
}
