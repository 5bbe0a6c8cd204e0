/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleeping locks: mutexes, and read-write locks. Thread context only, no spinlock held. Ranks
 * as for spinlocks (sync/lock_rank.h), checked in debug builds.
 *
 * A mutex that is released goes to whoever comes first, so that a running thread need not wait
 * for a sleeping one to get going; but a waiter that was woken in vain gets it handed over the
 * next time, so that nobody starves. Better priorities are served first. The owner inherits the
 * priority of the best waiter, and what that one inherits, along chains. A read-write lock is
 * strictly first come, first served, neighbouring readers together, and lends no priority.
 */
#pragma once

#include <sched/wait.h>

struct mutex_waiter;
struct thread;

struct mutex {
	_Atomic uintptr_t owner;     /* struct thread *, or 0: free; bit 0: there are waiters */
	struct wait_queue waiters;   /* its lock: the list, and bit 0 of owner being set */
	struct mutex_waiter *lender; /* who stands in the owner's list, or NULL; same lock */
	uint32_t rank;
	const char *name;
};

/* A thread that waits for a mutex. */
struct mutex_waiter {
	struct thread *thread;
	struct mutex *mutex;
	/* Under the lock of the mutex's queue. */
	struct list_node node;
	uint8_t priority; /* by which it is queued */
	bool impatient;
	_Atomic bool granted; /* it has been made the owner, and left the queue */
	/* Under the inherit_lock of the owner. */
	struct list_node lent_node; /* in the owner's list of lenders */
	uint8_t lent;               /* by which that is ordered */
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

/* The owner, NULL: free. A hint without the lock of the queue. */
struct thread *mutex_owner(const struct mutex *mutex);
/* The waiter of the best priority, or NULL. Under the lock of the queue. */
struct mutex_waiter *mutex_best_waiter(const struct mutex *mutex);

/* For locks of which the kernel keeps no more than the queue (proc/priority_futex.c): a mutex that
 * somebody else said who owns, and that is only ever handed from one to the next. All but the
 * sleep under a spinlock of rank < RANK_WAIT_QUEUE, the caller's, which orders them. */
void mutex_init_owned(struct mutex *mutex, enum lock_rank rank, const char *name,
		      struct thread *owner);
/* Queues the current thread, which must end it. -EDEADLK if the owner waits, by way of others, for
 * the current thread. */
int must_check mutex_wait_begin(struct mutex *mutex, struct mutex_waiter *waiter);
/* 0: the mutex is its own; -ERESTART, -ETIMEDOUT. */
int must_check mutex_wait_sleep(struct mutex_waiter *waiter, uint64_t deadline);
/* Ends waiting: 0 if the mutex is its own now, otherwise `error`. */
int must_check mutex_wait_end(struct mutex *mutex, struct mutex_waiter *waiter, int error);
/* Who is next, or NULL, and whether there are others. */
struct mutex_waiter *mutex_next_owner(struct mutex *mutex, bool *others);
/* Makes this waiter the owner instead of the present one. */
void mutex_hand_over(struct mutex *mutex, struct mutex_waiter *waiter);

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
