/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers of timer_create(2). A timer that expires while its signal still pends adds to that
 * signal's overruns (signal_queue.c), so it needs no state of its own for that.
 */
#include <proc/posix_timer.h>

#include "process_private.h"
#include "signal_private.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <time/clock.h>

#define TIMERS_MAX  4096
#define SHORTEST_NS 50000

/* In process->posix_timers, by number; all under process->lock but what is immutable. */
struct posix_timer {
	struct list_node node;
	struct timer timer;
	struct process *process;            /* which outlives it */
	struct posix_timer_options options; /* immutable */
	struct user_thread *thread;         /* a reference, or NULL; immutable */
	struct waiter clock; /* in wait_realtime_changed, unless the base is the monotonic clock */
	int id;              /* immutable */
	uint64_t due;        /* on the clock that counts; 0: disarmed */
	uint64_t interval;
	enum clock_base due_base; /* which clock `due` is a time of */
	int overrun;              /* of the signal last taken */
};

static struct posix_timer *timer_of(struct list_node *node)
{
	return container_of(node, struct posix_timer, node);
}

static struct posix_timer *find_locked(struct process *process, int id)
{
	struct list_node *node;

	list_for_each (node, &process->posix_timers) {
		if (timer_of(node)->id == id)
			return timer_of(node);
	}
	return NULL;
}

static uint64_t now_locked(const struct posix_timer *timer)
{
	return clock_read_ns(timer->due_base);
}

static void arm_locked(struct posix_timer *timer, bool again)
{
	uint64_t deadline = timer->due;

	if (!deadline || deadline == DEADLINE_NEVER) {
		timer_cancel(&timer->timer);
		return;
	}
	deadline = clock_to_monotonic(timer->due_base, deadline);
	if (again)
		deadline = max_u64(deadline, clock_deadline_after(SHORTEST_NS));
	timer_arm(&timer->timer, deadline);
}

static void send_locked(struct posix_timer *timer, uint64_t count)
{
	struct signal_info info = {
		.signal = timer->options.signal,
		.code = SIGNAL_TIMER,
		.value = timer->options.value,
		.timer_id = timer->id,
		.overrun = (int)min_u64(count - 1, INT32_MAX),
	};

	if (timer->options.notify == TIMER_NOTIFY_NONE)
		return;
	/* A full queue loses the signal, as everybody's. */
	(void)signal_send_locked(timer->process, timer->thread, &info);
}

static void posix_timer_expired(struct timer *expired)
{
	struct posix_timer *timer = container_of(expired, struct posix_timer, timer);
	irq_state_t state = spin_lock_irqsave(&timer->process->lock);
	uint64_t now = now_locked(timer), count;

	if (timer->due && now >= timer->due) {
		count = timer->interval ? (now - timer->due) / timer->interval + 1 : 1;
		timer->due = timer->interval ? timer->due + count * timer->interval : 0;
		send_locked(timer, count);
	}
	if (timer->due)
		arm_locked(timer, true);
	spin_unlock_irqrestore(&timer->process->lock, state);
}

/* In the callback of wait_realtime_changed, whose lock is above process->lock: the timer looks
 * at the clock itself. */
static bool posix_timer_clock_set(struct waiter *waiter)
{
	struct posix_timer *timer = container_of(waiter, struct posix_timer, clock);

	if (timer_is_armed(&timer->timer))
		timer_arm(&timer->timer, clock_monotonic_ns());
	return true;
}

static int check_options(const struct posix_timer_options *options)
{
	if (options->notify == TIMER_NOTIFY_NONE)
		return 0;
	if (options->notify != TIMER_NOTIFY_SIGNAL && options->notify != TIMER_NOTIFY_THREAD_ID)
		return -EINVAL;
	return options->signal < 1 || options->signal > SIGNAL_MAX ? -EINVAL : 0;
}

/* Gives it the lowest free number. */
static int add_locked(struct process *process, struct posix_timer *timer)
{
	struct list_node *node;
	int id = 0;

	list_for_each (node, &process->posix_timers) {
		if (timer_of(node)->id != id)
			break;
		id++;
	}
	if (id >= TIMERS_MAX)
		return -EAGAIN;
	timer->id = id;
	if (timer->options.value_is_id)
		timer->options.value = (uint64_t)id;
	list_insert_before(&timer->node, node);
	return 0;
}

static void destroy(struct posix_timer *timer)
{
	if (timer->options.base != CLOCK_BASE_MONOTONIC)
		wait_remove(&timer->clock);
	(void)timer_cancel_sync(&timer->timer); /* whether it was armed */
	if (timer->thread)
		user_thread_put(timer->thread);
	kfree(timer);
}

int posix_timer_create(const struct posix_timer_options *options)
{
	struct process *process = process_current();
	struct posix_timer *timer;
	irq_state_t state;
	int error = check_options(options);

	if (error)
		return error;
	timer = kzalloc(sizeof(*timer));
	if (!timer)
		return -ENOMEM;
	timer->process = process;
	timer->options = *options;
	timer_init(&timer->timer, posix_timer_expired);
	if (options->notify == TIMER_NOTIFY_THREAD_ID) {
		timer->thread = user_thread_find(options->thread);
		if (!timer->thread || timer->thread->process != process)
			error = -EINVAL;
	}
	if (options->base != CLOCK_BASE_MONOTONIC)
		wait_add_callback(&wait_realtime_changed, &timer->clock, posix_timer_clock_set);
	state = spin_lock_irqsave(&process->lock);
	if (!error)
		error = add_locked(process, timer);
	spin_unlock_irqrestore(&process->lock, state);
	if (error) {
		destroy(timer);
		return error;
	}
	return timer->id;
}

int posix_timer_set(int id, const struct posix_timer_setting *setting,
		    struct posix_timer_setting *old)
{
	struct process *process = process_current();
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct posix_timer *timer = find_locked(process, id);

	if (timer && old) {
		uint64_t now = now_locked(timer), due = timer->due;

		/* One that is just expiring has not expired yet. */
		*old = (struct posix_timer_setting){
			.due_ns = due ? max_u64(due, now + 1) - now : 0,
			.interval_ns = timer->interval,
		};
	}
	if (timer && setting) {
		timer->due_base = timer->options.base;
		if (timer->options.base == CLOCK_BASE_REALTIME && !setting->absolute)
			timer->due_base = CLOCK_BASE_MONOTONIC;
		timer->interval = setting->interval_ns;
		timer->due = setting->due_ns;
		if (setting->due_ns && !setting->absolute)
			timer->due = clock_after(timer->due_base, setting->due_ns);
		timer->overrun = 0;
		arm_locked(timer, false);
	}
	spin_unlock_irqrestore(&process->lock, state);
	return timer ? 0 : -EINVAL;
}

int posix_timer_delete(int id)
{
	struct process *process = process_current();
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct posix_timer *timer = find_locked(process, id);

	if (timer)
		list_remove(&timer->node);
	spin_unlock_irqrestore(&process->lock, state);
	if (!timer)
		return -EINVAL;
	destroy(timer);
	return 0;
}

int posix_timer_overrun(int id)
{
	struct process *process = process_current();
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct posix_timer *timer = find_locked(process, id);
	int overrun = timer ? timer->overrun : -EINVAL;

	spin_unlock_irqrestore(&process->lock, state);
	return overrun;
}

void posix_timers_taken_locked(struct process *process, const struct signal_info *info)
{
	struct posix_timer *timer = find_locked(process, info->timer_id);

	if (timer)
		timer->overrun = info->overrun;
}

void posix_timers_end(struct process *process)
{
	for (;;) {
		irq_state_t state = spin_lock_irqsave(&process->lock);
		struct list_node *node = list_pop_front(&process->posix_timers);

		spin_unlock_irqrestore(&process->lock, state);
		if (!node)
			return;
		destroy(timer_of(node));
	}
}
