/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleeping locks: mutexes, and read-write locks. Thread context only, no spinlock held. Ranks
 * as for spinlocks (sync/lock_rank.h), checked in debug builds.
 *
 * A mutex that is released goes to whoever comes first, so that a running thread need not wait
 * for a sleeping one to get going; but a waiter that was woken in vain gets it handed over the
 * next time, so that nobody starves. A read-write lock is strictly first come, first served,
 * neighbouring readers together.
 */
#pragma once

#include <sched/wait.h>

struct mutex {
	_Atomic uintptr_t owner;   /* struct thread *, or 0: free; bit 0: there are waiters */
	struct wait_queue waiters; /* its lock: the list, and bit 0 of owner being set */
	uint32_t rank;
	const char *name;
};

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name);
void mutex_lock(struct mutex *mutex);
/* The same for a second mutex of equal rank, ordered as the rank says. */
void mutex_lock_nested(struct mutex *mutex);
/* Any order of ranks. */
bool must_check mutex_try_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
/* True if the current thread holds it. For asserts. */
bool mutex_is_held(const struct mutex *mutex);

struct rw_lock {
	struct wait_queue waiters; /* its lock: the list and `holders` */
	int holders;               /* active readers, or -1: a writer */
	uint32_t rank;
	const char *name;
};

void rw_lock_init(struct rw_lock *lock, enum lock_rank rank, const char *name);
void rw_lock_read(struct rw_lock *lock);
void rw_unlock_read(struct rw_lock *lock);
void rw_lock_write(struct rw_lock *lock);
void rw_unlock_write(struct rw_lock *lock);
