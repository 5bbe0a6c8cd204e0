/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saturating reference counts.
 *
 * Values from REFCOUNT_LIMIT up mean "saturated": the count is pinned at REFCOUNT_SATURATED,
 * in the middle of that range, so that concurrent gets and puts that see it still cannot move
 * it out before one of them pins it again.
 */
#include <core/panic.h>
#include <sync/refcount.h>

#include <stdatomic.h>

#define REFCOUNT_LIMIT     0x80000000u
#define REFCOUNT_SATURATED 0xc0000000u

static void refcount_saturate(struct refcount *refcount)
{
	atomic_store_explicit(&refcount->count, REFCOUNT_SATURATED, memory_order_relaxed);
}

void refcount_init(struct refcount *refcount, uint32_t initial)
{
	atomic_init(&refcount->count, initial);
}

void refcount_get(struct refcount *refcount)
{
	uint32_t old = atomic_fetch_add_explicit(&refcount->count, 1, memory_order_relaxed);

	debug_assert(old != 0);
	if (old == 0 || old >= REFCOUNT_LIMIT)
		refcount_saturate(refcount);
}

bool refcount_try_get(struct refcount *refcount)
{
	uint32_t old = atomic_load_explicit(&refcount->count, memory_order_relaxed);

	do {
		if (old == 0)
			return false;
		if (old >= REFCOUNT_LIMIT)
			return true;
	} while (!atomic_compare_exchange_weak_explicit(
		&refcount->count, &old, old + 1, memory_order_acquire, memory_order_relaxed));
	return true;
}

bool refcount_put(struct refcount *refcount)
{
	uint32_t old = atomic_fetch_sub_explicit(&refcount->count, 1, memory_order_release);

	if (old == 1) {
		/* What the other holders wrote is seen before the object is taken apart. */
		atomic_thread_fence(memory_order_acquire);
		return true;
	}
	debug_assert(old != 0);
	if (old == 0 || old >= REFCOUNT_LIMIT)
		refcount_saturate(refcount);
	return false;
}

bool refcount_put_if_not_last(struct refcount *refcount)
{
	uint32_t old = atomic_load_explicit(&refcount->count, memory_order_relaxed);

	do {
		debug_assert(old != 0);
		if (old == 1)
			return false;
		if (old >= REFCOUNT_LIMIT)
			return true;
	} while (!atomic_compare_exchange_weak_explicit(
		&refcount->count, &old, old - 1, memory_order_release, memory_order_relaxed));
	return true;
}
