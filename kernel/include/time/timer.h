/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One-shot timers on per-CPU queues over the hardware's one-shot timer; no periodic tick.
 */
#pragma once

#include <base/rbtree.h>
#include <base/types.h>

struct timer {
	/* Called in interrupt context with interrupts off, no lock held. May re-arm. */
	void (*expire)(struct timer *timer);
	/* All below: the timer code's, under the lock of the queue of `cpu`. */
	struct rbtree_node node;
	uint64_t deadline;
	unsigned cpu;
	bool armed;
};

void timer_init(struct timer *timer, void (*expire)(struct timer *timer));
/* Arms on the calling CPU for the absolute monotonic time; an armed timer is moved. */
void timer_arm(struct timer *timer, uint64_t deadline_ns);
/* True if it was armed. Does not wait for a running expire. */
bool timer_cancel(struct timer *timer);
/* Cancels and waits until `expire` runs nowhere; not from interrupt context. */
void timer_cancel_sync(struct timer *timer);
/* The queues of all CPUs. */
void timers_init(void);
