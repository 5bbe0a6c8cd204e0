/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reference counts. They saturate instead of wrapping: an object whose count overflowed is
 * leaked, never freed twice.
 */
#pragma once

#include <base/types.h>

#include <stdatomic.h>

struct refcount {
	_Atomic uint32_t count;
};

#define REFCOUNT_INIT(initial) \
	{                      \
		(initial)      \
	}

void refcount_init(struct refcount *refcount, uint32_t initial);
/* The caller holds a reference already. */
void refcount_get(struct refcount *refcount);
/* For look-ups: false if the count has fallen to 0 and the object is being freed. */
bool must_check refcount_try_get(struct refcount *refcount);
/* True if this was the last reference: the caller frees the object. */
bool must_check refcount_put(struct refcount *refcount);
/* Puts a reference unless it is the last one, which the caller keeps then: false. */
bool must_check refcount_put_if_not_last(struct refcount *refcount);
static inline uint32_t refcount_read(const struct refcount *refcount)
{
	return atomic_load_explicit(&refcount->count, memory_order_relaxed);
}
