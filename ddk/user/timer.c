/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time, delays, and timers: a sorted list whose first the event thread waits for. */
#include <ddk/timer.h>

#include "kit.h"

struct user_timer {
	struct list_node node; /* attached: armed */
	uint64_t deadline;
};

_Static_assert(sizeof(struct user_timer) <= sizeof(((struct ddk_timer *)0)->opaque), "storage");

static struct {
	_Atomic uint32_t lock;
	_Atomic uint32_t ended; /* counts those that have expired; who cancels waits for it */
	/* Under the lock. */
	struct list armed;                 /* by deadline */
	const struct user_timer *expiring; /* its function runs, in the event thread */
	bool awaited;                      /* somebody waits for `ended` */
} timers = { .armed = LIST_INIT(timers.armed) };

uint64_t ddk_time(void)
{
	return (uint64_t)kernel_call0(HOST_TIME);
}

uint64_t deadline_after(uint64_t duration_ns)
{
	uint64_t now;

	if (duration_ns == NEVER)
		return NEVER;
	now = ddk_time();
	return duration_ns < NEVER - now ? now + duration_ns : NEVER - 1;
}

void ddk_sleep(uint64_t duration_ns)
{
	uint64_t deadline = deadline_after(duration_ns);
	_Atomic uint32_t word = 0; /* that nobody changes */

	wait_begin();
	while (wait_word(&word, 0, deadline) != -ETIMEDOUT)
		;
	wait_end();
}

void ddk_delay(uint64_t duration_ns)
{
	uint64_t deadline = deadline_after(duration_ns);

	while (ddk_time() < deadline)
		__builtin_ia32_pause();
}

static struct user_timer *timer_of(struct ddk_timer *timer)
{
	return (struct user_timer *)timer->opaque;
}

void ddk_timer_init(struct ddk_timer *timer, void (*expire)(struct ddk_timer *timer))
{
	timer->expire = expire;
	list_node_init(&timer_of(timer)->node);
}

/* Under the lock. True if it is the first now. */
static bool insert(struct user_timer *timer)
{
	struct list_node *node;

	list_for_each (node, &timers.armed) {
		if (container_of(node, struct user_timer, node)->deadline > timer->deadline)
			break;
	}
	list_insert_before(&timer->node, node);
	return list_first(&timers.armed) == &timer->node;
}

void ddk_timer_arm(struct ddk_timer *timer, uint64_t after_ns)
{
	struct user_timer *own = timer_of(timer);
	uint64_t deadline = deadline_after(after_ns);
	bool first;

	word_acquire(&timers.lock);
	list_remove(&own->node);
	own->deadline = deadline;
	first = insert(own);
	word_release(&timers.lock);
	if (first && thread_role() != THREAD_EVENTS)
		events_wake();
}

/* Takes it out: true if its function does not run. */
static bool disarm(struct user_timer *timer, uint32_t *ended)
{
	bool runs;

	word_acquire(&timers.lock);
	list_remove(&timer->node);
	runs = timers.expiring == timer && thread_role() != THREAD_EVENTS;
	timers.awaited = timers.awaited || runs;
	*ended = timers.ended;
	word_release(&timers.lock);
	return !runs;
}

void ddk_timer_cancel(struct ddk_timer *timer)
{
	uint32_t ended;

	wait_begin();
	while (!disarm(timer_of(timer), &ended))
		(void)wait_word(&timers.ended, ended, NEVER);
	wait_end();
}

/* Takes out the next that is due, or tells when one is. */
static struct user_timer *take_due(uint64_t now, uint64_t *next)
{
	struct list_node *node;
	struct user_timer *timer = NULL;

	word_acquire(&timers.lock);
	node = list_first(&timers.armed);
	*next = NEVER;
	if (node) {
		timer = container_of(node, struct user_timer, node);
		*next = timer->deadline;
		if (timer->deadline > now)
			timer = NULL;
		else
			list_remove(node);
	}
	timers.expiring = timer;
	word_release(&timers.lock);
	return timer;
}

static void end_expiry(void)
{
	bool wake;

	word_acquire(&timers.lock);
	timers.expiring = NULL;
	wake = timers.awaited;
	timers.awaited = false;
	timers.ended++;
	word_release(&timers.lock);
	if (wake)
		wake_word(&timers.ended, UINT32_MAX);
}

uint64_t timers_run(void)
{
	uint64_t next, now;
	struct user_timer *timer;
	bool none;

	word_acquire(&timers.lock);
	none = list_empty(&timers.armed);
	word_release(&timers.lock);
	if (none)
		return NEVER; /* without asking for the time */
	now = ddk_time();
	while ((timer = take_due(now, &next)) != NULL) {
		struct ddk_timer *outer =
			container_of((uint64_t *)timer, struct ddk_timer, opaque[0]);

		outer->expire(outer);
		end_expiry();
	}
	return next;
}
