/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The futex core: a hash of wait buckets. Keys are made by mm/vm (aspace_futex_key()); the
 * comparison of the user's word happens under the bucket's lock, through a callback, so that
 * no wake-up is missed.
 */
#pragma once

#include <base/types.h>

struct futex_key {
	uint64_t object; /* identity of the address space or of the shared vm object */
	uint64_t offset; /* address, or offset in the object */
};

/* Called under a spinlock: returns 0 to go on waiting, -EAGAIN if the value differs, or
 * -EFAULT if the page is not present (the caller faults it in and tries again). */
typedef int futex_check(void *argument);

/* Sleeps until woken: 0, -ERESTART, -ETIMEDOUT, -EINVAL (no bits), or what `check` said.
 * `bits` selects wakers; `deadline` is monotonic. */
int must_check futex_wait(const struct futex_key *key, uint32_t bits, uint64_t deadline,
			  futex_check *check, void *argument);
/* Wakes up to `count` waiters that share a bit, in order of arrival; returns how many. */
unsigned futex_wake(const struct futex_key *key, uint32_t bits, unsigned count);
/* Wakes up to `wake` waiters of `from` and moves up to `move` others to `to`; returns the
 * sum, or the negative result of `check` (NULL: none), evaluated under both locks. */
int must_check futex_requeue(const struct futex_key *from, const struct futex_key *to,
			     unsigned wake, unsigned move, futex_check *check, void *argument);
/* Moves whoever waits for a word in [from, from + length) to the same place behind `to`. */
void futex_move(const struct futex_key *from, uint64_t length, const struct futex_key *to);
void futex_init(void);
