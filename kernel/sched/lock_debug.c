/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug builds follow which sleeping locks a thread holds, and check the order of ranks. The
 * ranks of sleeping locks are all below those of spinlocks, of which none may be held here.
 */
#include "sched_priv.h"

#include <core/backtrace.h>
#include <core/panic.h>

static void check_order(const struct thread_lock *lock, const struct thread_lock *held, bool nested)
{
	const struct thread *thread = thread_current();
	struct address_name first, second;

	backtrace_name(held->caller, &first);
	if (held->lock == lock->lock)
		panic("%s is taken twice by thread %s: at %s, and now at %s", lock->name,
		      thread->name, first.text, backtrace_name(lock->caller, &second));
	if (held->rank > lock->rank || (held->rank == lock->rank && !nested))
		panic("lock order: taking %s (rank %u) while holding %s (rank %u), "
		      "taken at %s, in thread %s",
		      lock->name, lock->rank, held->name, held->rank, first.text, thread->name);
}

void lock_debug_acquire(const struct thread_lock *lock, bool nested)
{
	struct thread *thread = thread_current();

	for (unsigned i = 0; i < thread->lock_depth; i++)
		check_order(lock, &thread->locks[i], nested);
	lock_debug_note(lock);
}

void lock_debug_note(const struct thread_lock *lock)
{
	struct thread *thread = thread_current();

	/* The owner would be the interrupted thread, which knows nothing of it. */
	if (arch_this_cpu()->irq_depth != 0)
		panic("%s is taken in an interrupt handler", lock->name);
	if (thread->lock_depth == THREAD_LOCK_DEPTH_MAX)
		panic("%s: a thread holds more than %u sleeping locks", lock->name,
		      THREAD_LOCK_DEPTH_MAX);
	thread->locks[thread->lock_depth++] = *lock;
}

void lock_debug_release(const void *lock, const char *name)
{
	struct thread *thread = thread_current();
	unsigned i = thread->lock_depth;

	/* Mostly the newest. */
	while (i > 0 && thread->locks[i - 1].lock != lock)
		i--;
	if (i == 0)
		panic("%s is released by thread %s, which does not hold it", name, thread->name);
	thread->lock_depth--;
	for (; i <= thread->lock_depth; i++)
		thread->locks[i - 1] = thread->locks[i];
}

uintptr_t lock_debug_find(const struct thread *thread, const void *lock)
{
	for (unsigned i = 0; i < thread->lock_depth; i++) {
		if (thread->locks[i].lock == lock)
			return thread->locks[i].caller;
	}
	return 0;
}
