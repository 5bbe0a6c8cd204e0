/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug builds follow which sleeping locks a thread holds, and check the order of ranks. The
 * ranks of sleeping locks are all below those of spinlocks, of which none may be held here.
 */
#include "sched_priv.h"

#include <core/panic.h>

void lock_debug_acquire(uint32_t rank, const char *name, bool nested)
{
	struct thread *thread = thread_current();

	for (unsigned i = 0; i < thread->lock_depth; i++) {
		unsigned held = thread->lock_ranks[i];

		if (held > rank || (held == rank && !nested))
			panic("lock order: taking %s (rank %u) while holding rank %u", name, rank,
			      held);
	}
	lock_debug_note(rank, name);
}

void lock_debug_note(uint32_t rank, const char *name)
{
	struct thread *thread = thread_current();

	if (thread->lock_depth == THREAD_LOCK_DEPTH_MAX)
		panic("%s: a thread holds more than %u sleeping locks", name,
		      THREAD_LOCK_DEPTH_MAX);
	thread->lock_ranks[thread->lock_depth++] = (uint8_t)rank;
}

void lock_debug_release(uint32_t rank, const char *name)
{
	struct thread *thread = thread_current();
	unsigned i = thread->lock_depth;

	/* Mostly the newest. */
	while (i > 0 && thread->lock_ranks[i - 1] != rank)
		i--;
	if (i == 0)
		panic("%s (rank %u) is released, but not held", name, rank);
	thread->lock_depth--;
	for (; i <= thread->lock_depth; i++)
		thread->lock_ranks[i - 1] = thread->lock_ranks[i];
}
