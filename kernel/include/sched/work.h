/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deferred work: functions that interrupt handlers and others want run soon in a thread.
 *
 * Any free worker takes the next work, the one of the CPU that queued it first. Work may sleep,
 * but must not wait for other work: with all workers waiting, that would never run. One work
 * never runs twice at the same time.
 */
#pragma once

#include <base/list.h>
#include <time/timer.h>

struct work {
	void (*run)(struct work *work); /* in a worker thread; may sleep, requeue or free it */
	struct list_node node;          /* the queue's lock */
	bool pending;                   /* the queue's lock: queued and not yet begun */
	_Atomic(struct work *) raised;  /* see work_raise() */
};

void work_init(struct work *work, void (*run)(struct work *work));
/* Queues `work` unless it is pending already. Any context, under locks of rank < RANK_TIMER.
 * False if it was pending. Before work_start() it just waits. */
bool work_queue(struct work *work);
/* The same under any lock: takes none, and has this CPU interrupt itself to queue the work. */
void work_raise(struct work *work);
/* Waits until `work` is neither pending nor running; not for what was only raised. Thread
 * context, not from that work. */
void work_flush(struct work *work);
/* Takes a work out of the queue of which `matches` says true: not one that runs already, or was only raised. NULL:
 * none. `matches` is called under the queue's lock, interrupts off. Any context. */
struct work *work_cancel_one(bool (*matches)(const struct work *work, void *context),
			     void *context);
/* Waits until every work that runs now has returned. Thread context, not from a work. */
void work_drain(void);
/* Waits until no work is queued or running, or for the deadline: then false. What was begun by
 * interrupts at boot (disks that were found) is done then. Thread context, not from a work. */
bool work_settle(uint64_t deadline_ns);
/* Starts the worker threads, one per CPU, and the thread that frees dead threads. Called once,
 * when all CPUs run. */
void work_start(void);
