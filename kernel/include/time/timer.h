/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One-shot timers on per-CPU queues over the hardware's one-shot timer; no periodic tick.
 *
 * The hardware is programmed when a timer becomes the earliest of its CPU; cancelling one does
 * not touch it (the interrupt that then comes for nothing is put off before the CPU idles).
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
	_Atomic unsigned cpu;
	_Atomic bool armed;
};

void timer_init(struct timer *timer, void (*expire)(struct timer *timer));
/* Arms on the calling CPU for the absolute monotonic time; an armed timer is moved. While its
 * `expire` runs on another CPU, it is armed there. Any context. */
void timer_arm(struct timer *timer, uint64_t deadline_ns);
/* True if it was armed. Does not wait for a running expire. Any context. */
bool timer_cancel(struct timer *timer);
/* Cancels and waits until `expire` runs nowhere; not from interrupt context. True if it was
 * armed. The timer may be freed then, if nobody arms it. */
bool timer_cancel_sync(struct timer *timer);
/* Some armed timer of which `matches` says true; NULL: none. `matches` is called under the lock of a queue, interrupts
 * off. Whoever has the storage may free it meanwhile. */
struct timer *timer_find(bool (*matches)(const struct timer *timer, void *context), void *context);
/* Waits until every `expire` that runs now has returned. Not from interrupt context. */
void timers_drain(void);
/* True if it is armed, at the moment. */
static inline bool timer_is_armed(const struct timer *timer)
{
	return timer->armed;
}
/* Makes the hardware of this CPU wait for its earliest timer, or for none; when that is due, UINT64_MAX: never.
 * Called before it idles, interrupts off. */
uint64_t timer_prepare_idle(void);
/* This CPU goes offline: hands its armed timers to CPU `to`, which is sent IPI_WAKE, and switches
 * its hardware timer off. Interrupts off, not in an `expire`. */
void timers_leave(unsigned to);
/* IPI_WAKE came: sees to timers that this CPU was handed. Interrupts off. */
void timers_adopt(void);
/* How many timer interrupts CPU `cpu` took. */
uint64_t timer_interrupts(unsigned cpu);
/* Sets up the queues of all CPUs. Called before the first timer is armed. */
void timers_init(void);
