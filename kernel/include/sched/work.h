/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deferred work: functions that interrupt handlers and others want run soon in a thread.
 */
#pragma once

#include <base/list.h>
#include <time/timer.h>

struct work {
	void (*run)(struct work *work); /* in a worker thread; may sleep */
	struct list_node node;          /* the queue's lock */
	_Atomic bool pending;
};

void work_init(struct work *work, void (*run)(struct work *work));
/* Queues `work` unless it is pending already. Any context. False if it was pending. */
bool work_queue(struct work *work);
/* Waits until `work` is neither pending nor running. Thread context. */
void work_flush(struct work *work);
/* Starts the worker threads, one per CPU. */
void work_start(void);
