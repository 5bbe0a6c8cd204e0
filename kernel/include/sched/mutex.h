/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleeping locks: mutexes, and read-write locks that prefer neither side for long. Thread
 * context only. Ranks as for spinlocks (sync/lock_rank.h), checked in debug builds.
 */
#pragma once

#include <sched/wait.h>

struct mutex {
	_Atomic(struct thread *) owner; /* NULL: free */
	struct wait_queue waiters;
	uint32_t rank;
	const char *name;
};

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name);
void mutex_lock(struct mutex *mutex);
/* The same for a second mutex of equal rank, ordered as the rank says. */
void mutex_lock_nested(struct mutex *mutex);
bool mutex_try_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
/* True if the current thread holds it. For asserts. */
bool mutex_is_held(const struct mutex *mutex);

struct rw_lock {
	struct spinlock lock; /* the fields below */
	int readers;          /* active readers, or -1: a writer */
	unsigned writers_waiting;
	struct wait_queue queue;
	uint32_t rank;
	const char *name;
};

void rw_lock_init(struct rw_lock *lock, enum lock_rank rank, const char *name);
void rw_lock_read(struct rw_lock *lock);
void rw_unlock_read(struct rw_lock *lock);
void rw_lock_write(struct rw_lock *lock);
void rw_unlock_write(struct rw_lock *lock);
