/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interval timers, and the limit on processor time.
 *
 * INTERVAL_REAL has a timer of its own. For processor time there is no hook in the scheduler:
 * one timer looks when the time may have been used up at the earliest (all CPUs working for
 * the process), and again until it is.
 */
#include "process_private.h"
#include "signal_private.h"

#include <sync/cpu.h>
#include <time/clock.h>

/* How often processor time is looked at, at most. */
#define CPU_CHECK_NS NS_PER_MILLISECOND

static void send_locked(struct process *process, int signal)
{
	struct signal_info info = { .signal = signal, .code = SIGNAL_KERNEL };

	(void)signal_send_locked(process, NULL, &info); /* fails for real-time signals only */
}

/* If the timer is due at `now`, moves it to its next time and returns true. */
static bool expire_one(struct process *process, enum interval_timer_kind kind, uint64_t now)
{
	uint64_t due = process->timer_due[kind];
	uint64_t interval = process->timer_interval[kind];

	if (due == 0 || now < due)
		return false;
	process->timer_due[kind] = interval ? due + ((now - due) / interval + 1) * interval : 0;
	return true;
}

static void real_timer_expired(struct timer *timer)
{
	struct process *process = container_of(timer, struct process, real_timer);
	irq_state_t state = spin_lock_irqsave(&process->lock);

	/* It may have been set anew since it expired. */
	if (expire_one(process, INTERVAL_REAL, clock_monotonic_ns())) {
		send_locked(process, SIGALRM);
		if (process->timer_due[INTERVAL_REAL])
			timer_arm(timer, process->timer_due[INTERVAL_REAL]);
	}
	spin_unlock_irqrestore(&process->lock, state);
}

static uint64_t time_for(enum interval_timer_kind kind, const struct process_times *times)
{
	return kind == INTERVAL_VIRTUAL ? times->user_ns : times->user_ns + times->system_ns;
}

/* Arms the timer that looks for the earliest of what is set, if anything is. */
static void cpu_timer_arm_locked(struct process *process)
{
	struct process_times times;
	uint64_t left = UINT64_MAX, wall;

	process_read_times_locked(process, &times);
	for (unsigned kind = INTERVAL_VIRTUAL; kind <= INTERVAL_PROFILE; kind++) {
		uint64_t now = time_for(kind, &times);

		if (process->timer_due[kind])
			left = min_u64(left, process->timer_due[kind] > now
						     ? process->timer_due[kind] - now
						     : 0);
	}
	if (process->cpu_limit_due) {
		uint64_t now = time_for(INTERVAL_PROFILE, &times);

		left = min_u64(left,
			       process->cpu_limit_due > now ? process->cpu_limit_due - now : 0);
	}
	if (left == UINT64_MAX || process->thread_count == 0)
		return;
	wall = left / min_u64(cpu_count(), process->thread_count);
	timer_arm(&process->cpu_timer, clock_deadline_after(max_u64(wall, CPU_CHECK_NS)));
}

/* SIGXCPU each second beyond the limit, SIGKILL at the maximum. */
static void check_cpu_limit(struct process *process, uint64_t now)
{
	const struct resource_limit *limit = &process->limits[RESOURCE_CPU];

	if (process->cpu_limit_due == 0 || now < process->cpu_limit_due)
		return;
	if (now / NS_PER_SECOND >= limit->maximum) {
		send_locked(process, SIGKILL);
		process->cpu_limit_due = 0;
		return;
	}
	send_locked(process, SIGXCPU);
	process->cpu_limit_due = now + NS_PER_SECOND;
}

static void cpu_timer_expired(struct timer *timer)
{
	struct process *process = container_of(timer, struct process, cpu_timer);
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct process_times times;

	process_read_times_locked(process, &times);
	if (expire_one(process, INTERVAL_VIRTUAL, time_for(INTERVAL_VIRTUAL, &times)))
		send_locked(process, SIGVTALRM);
	if (expire_one(process, INTERVAL_PROFILE, time_for(INTERVAL_PROFILE, &times)))
		send_locked(process, SIGPROF);
	check_cpu_limit(process, time_for(INTERVAL_PROFILE, &times));
	cpu_timer_arm_locked(process);
	spin_unlock_irqrestore(&process->lock, state);
}

static uint64_t clock_of_locked(struct process *process, enum interval_timer_kind kind)
{
	struct process_times times;

	if (kind == INTERVAL_REAL)
		return clock_monotonic_ns();
	process_read_times_locked(process, &times);
	return time_for(kind, &times);
}

static uint64_t due_after(uint64_t now, uint64_t remaining)
{
	return remaining > UINT64_MAX - now ? UINT64_MAX : now + remaining;
}

void interval_timer_set(enum interval_timer_kind kind, const struct interval_timer_value *value,
			struct interval_timer_value *old)
{
	struct process *process = process_current();
	irq_state_t state = spin_lock_irqsave(&process->lock);
	uint64_t now = clock_of_locked(process, kind);
	uint64_t due = process->timer_due[kind];

	if (old) {
		/* One that is just expiring has not expired yet. */
		old->remaining_ns = due == 0 ? 0 : due > now ? due - now : 1;
		old->interval_ns = process->timer_interval[kind];
	}
	if (value) {
		due = value->remaining_ns ? due_after(now, value->remaining_ns) : 0;
		process->timer_due[kind] = due;
		process->timer_interval[kind] = value->interval_ns;
		if (kind != INTERVAL_REAL)
			cpu_timer_arm_locked(process);
		else if (due)
			timer_arm(&process->real_timer, due);
		else
			timer_cancel(&process->real_timer);
	}
	spin_unlock_irqrestore(&process->lock, state);
}

void interval_timers_set_cpu_limit(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	uint64_t seconds = process->limits[RESOURCE_CPU].current;

	/* A limit of 0 is one of a second, as Linux has it. */
	process->cpu_limit_due =
		seconds < UINT64_MAX / NS_PER_SECOND ? max_u64(seconds, 1) * NS_PER_SECOND : 0;
	cpu_timer_arm_locked(process);
	spin_unlock_irqrestore(&process->lock, state);
}

void interval_timers_init(struct process *process)
{
	timer_init(&process->real_timer, real_timer_expired);
	list_init(&process->posix_timers);
	timer_init(&process->cpu_timer, cpu_timer_expired);
}

void interval_timers_stop(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	for (unsigned kind = 0; kind < INTERVAL_COUNT; kind++)
		process->timer_due[kind] = 0;
	process->cpu_limit_due = 0;
	spin_unlock_irqrestore(&process->lock, state);
	(void)timer_cancel_sync(&process->real_timer); /* whether they were armed */
	(void)timer_cancel_sync(&process->cpu_timer);
	posix_timers_end(process);
}
