/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wait queues: threads, or callbacks, that want to hear of an event.
 *
 *     struct waiter waiter;
 *     int error = 0;
 *     wait_begin(&queue, &waiter);
 *     while (!condition) {                       // under the lock that protects it, if any
 *             // drop that lock
 *             error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
 *             // take it again
 *             if (error) break;
 *     }
 *     wait_end(&waiter);
 *
 * wait_sleep() cannot miss a wake-up that came after the condition was last looked at:
 * wait_begin() and each return of wait_sleep() arm the waiter anew.
 *
 * The queue must outlive the wakers' calls: a waiter that finds its condition true may leave, and
 * free what it waited for, while the waker has not looked for waiters yet.
 */
#pragma once

#include <base/list.h>
#include <sync/spinlock.h>
#include <time/clock.h>

struct thread;

struct wait_queue {
	struct spinlock lock; /* the list of waiters */
	struct list waiters;
};

struct waiter {
	struct list_node node;    /* under the queue's lock */
	struct wait_queue *queue; /* NULL when in none */
	struct thread *thread;    /* who sleeps; NULL for pure callbacks */
	/* Called instead of waking `thread`, under the queue's lock with interrupts off; returns
	 * true if it counts as a wake-up for wait_wake_one(). NULL: the default. */
	bool (*wake)(struct waiter *waiter);
	_Atomic bool woken;
	bool exclusive; /* wait_wake() wakes one such waiter */
	bool counted;   /* the last wake-up was for one waiter; under the queue's lock */
};

enum wait_mode {
	WAIT_UNINTERRUPTIBLE,
	WAIT_INTERRUPTIBLE, /* -ERESTART when a signal awaits */
};

void wait_queue_init(struct wait_queue *queue, const char *name);

/* Adds the current thread to the queue. The storage is the caller's until wait_end(). */
void wait_begin(struct wait_queue *queue, struct waiter *waiter);
/* The same as an exclusive waiter, where an event is good for one thread only. */
void wait_begin_exclusive(struct wait_queue *queue, struct waiter *waiter);
/* Sleeps until woken: 0; -ERESTART on a signal; -ETIMEDOUT at the deadline (monotonic ns,
 * DEADLINE_NEVER). Returns 0 at once if woken since the last arming. */
int must_check wait_sleep(struct waiter *waiter, enum wait_mode mode, uint64_t deadline);
/* The same without signals and deadline. */
void wait_sleep_until_woken(struct waiter *waiter);
/* Leaves the queue. A wake-up that was for one waiter only, and came after this one's last
 * wait_sleep(), is passed on to the next. */
void wait_end(struct waiter *waiter);

/* Adds a callback waiter, and takes it out. After wait_remove() it does not run. The callback
 * must not use the queue. */
void wait_add_callback(struct wait_queue *queue, struct waiter *waiter,
		       bool (*wake)(struct waiter *waiter));
void wait_remove(struct waiter *waiter);

/* Wakes all non-exclusive waiters and one exclusive one. Any context, under locks of rank
 * < RANK_WAIT_QUEUE; cheap when nobody waits. The event must have been made visible before. */
void wait_wake(struct wait_queue *queue);
void wait_wake_all(struct wait_queue *queue);
/* wait_wake_all() from within the callback of a waiter, whose queue is locked: an event that
 * consists of events. Queues must not wake each other in a circle. */
void wait_wake_nested(struct wait_queue *queue);
/* Wakes up to `count` threads in order of arrival; returns how many. */
unsigned wait_wake_some(struct wait_queue *queue, unsigned count);
/* A hint: without the lock. */
bool wait_queue_empty(struct wait_queue *queue);

/* Woken whenever the real-time clock is set: who sleeps until an absolute real time waits here
 * and computes the deadline anew (clock_realtime_to_monotonic()). */
extern struct wait_queue wait_realtime_changed;
