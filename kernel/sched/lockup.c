/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs that hang. Two kinds are told apart: one that takes interrupts, but does not come to the
 * scheduler though a thread waits for it ("does not switch"), and one that takes no interrupts.
 *
 * No tick looks after them. A CPU that gives another one a thread which must wait there becomes a
 * guard, unless there is one on a third: by a timer it looks at all CPUs every half second, until
 * none has threads that wait. So a machine that idles has no guard, nor has one with a thread on each
 * CPU. A guard that does not look when it should is replaced by the next CPU that gives another
 * one a thread.
 *
 * A CPU may be stuck when it has had somebody waiting and has not switched for LOOKS_MAX looks in a
 * row: looks are counted, not time, so that a machine that stood still as a whole does not look
 * stuck. Before the look after that the CPU gets an interrupt. If it has not counted that, it takes
 * none; if it has been told to switch and has not, it hangs with preemption off. Otherwise it
 * has a reason not to switch: the one that waits is not to run yet.
 */
#include "sched_priv.h"

#include <arch/irq.h>
#include <base/bits.h>
#include <core/log.h>
#include <core/panic.h>
#include <sched/diagnose.h>
#include <sync/snapshot.h>

#define LOOK_NS   (500 * NS_PER_MILLISECOND)
#define LOOKS_MAX ((unsigned)(LOCKUP_NS / LOOK_NS))
/* Threads that have waited so long for a mutex are part of a report. */
#define BLOCKED_NS (5 * NS_PER_SECOND)

/* What the looks at one CPU have seen. */
struct watch {
	uint64_t switches, interrupts;
	unsigned looks; /* in a row that saw it stuck */
	unsigned limit; /* as many as that are reported; it doubles each time */
};

/* Under `looking`, which nobody waits for. */
static struct watch watches[CPU_MAX];
static uint64_t last_look;
static atomic_flag looking = ATOMIC_FLAG_INIT;

static _Atomic uint64_t last_report;

/* A timer that looks, on the CPU that armed it. There are two at most, on different CPUs, so that
 * each CPU has one that is another's. */
struct guard {
	struct timer timer;
	_Atomic unsigned cpu;
	_Atomic uint64_t until; /* by then it looks, or is replaced; 0: it is off duty */
};

static void guard_expired(struct timer *timer);

static struct guard guard_pair[2] = {
	{ .timer = { .expire = guard_expired } },
	{ .timer = { .expire = guard_expired } },
};

bool lockup_report(uint64_t cpus, const char *what, uint64_t waited_ns)
{
	uint64_t now = arch_clock_ns();
	uint64_t last = atomic_load(&last_report);

	if ((last && now - last < LOCKUP_NS) ||
	    !atomic_compare_exchange_strong(&last_report, &last, now) || log_in_panic())
		return false;
	for (; cpus != 0; cpus &= cpus - 1)
		log_error("lockup", "CPU %u %s for %lu ms", bit_lowest(cpus), what,
			  (unsigned long)(waited_ns / NS_PER_MILLISECOND));
	(void)snapshot_log(UINT64_MAX, "lockup");
	(void)blocked_log(BLOCKED_NS, "lockup");
	atomic_store(&last_report, arch_clock_ns());
	return true;
}

bool lockup_check(unsigned cpu, uint64_t asked_ns)
{
	uint64_t now = arch_clock_ns();

	if (now < asked_ns + LOCKUP_NS)
		return false;
	(void)lockup_report(cpu_bit(cpu), "does not do what it was asked to do", now - asked_ns);
	return true;
}

/* Without the lock of the queue: the answer may be wrong, but not again and again. */
static bool somebody_waits(const struct run_queue *queue)
{
	return __atomic_load_n(&queue->waiting, __ATOMIC_RELAXED) > 0;
}

/* A CPU that has not switched has not been told to, unless it is asked for that. */
static void report_stuck(unsigned cpu, const struct watch *watch, const struct run_queue *queue)
{
	bool asked = atomic_load_explicit(&cpu_get(cpu)->need_resched, memory_order_relaxed);
	const char *what = NULL;

	if (cpu != cpu_id() && watch->interrupts == queue->statistics.wake_interrupts)
		what = "takes no interrupts";
	else if (asked)
		what = "does not switch threads";
	if (what)
		(void)lockup_report(cpu_bit(cpu), what, watch->looks * LOOK_NS);
}

/* One look at a CPU. True if somebody waits there. */
static bool look_at(unsigned cpu)
{
	const struct run_queue *queue = &run_queues[cpu];
	struct watch *watch = &watches[cpu];
	bool waits = somebody_waits(queue);

	if (!waits || watch->switches != queue->statistics.switches) {
		watch->switches = queue->statistics.switches;
		watch->looks = 0;
		watch->limit = LOOKS_MAX;
	} else if (++watch->looks == watch->limit) {
		watch->interrupts = queue->statistics.wake_interrupts;
		if (cpu != cpu_id())
			arch_send_wake(cpu);
	} else if (watch->looks > watch->limit) {
		watch->limit *= 2;
		report_stuck(cpu, watch, queue);
	}
	return waits;
}

static void guard_arm(struct guard *guard, uint64_t now)
{
	atomic_store(&guard->until, now + 2 * LOOK_NS);
	timer_arm(&guard->timer, now + LOOK_NS);
}

/* True if threads wait for a CPU. */
static bool look_around(uint64_t now)
{
	uint64_t online = place_online;
	bool waits = false;

	/* The other guard may be at it, or have looked just now: counts are of looks LOOK_NS apart. */
	if (atomic_flag_test_and_set(&looking))
		return true;
	if (now - last_look < LOOK_NS - LOOK_NS / 10) {
		waits = true;
	} else {
		last_look = now;
		for (; online != 0; online &= online - 1)
			waits |= look_at(bit_lowest(online));
	}
	atomic_flag_clear(&looking);
	return waits;
}

static void guard_expired(struct timer *timer)
{
	struct guard *guard = container_of(timer, struct guard, timer);
	uint64_t now = clock_monotonic_ns();

	if (atomic_load(&guard->cpu) != cpu_id())
		return;
	if (look_around(now))
		guard_arm(guard, now);
	else
		atomic_store(&guard->until, 0);
}

/* A guard that is late may hang itself. */
static bool is_on_duty(const struct guard *guard, uint64_t now)
{
	return now < atomic_load_explicit(&guard->until, memory_order_relaxed);
}

static bool guards(const struct guard *guard, unsigned cpu, uint64_t now)
{
	return is_on_duty(guard, now) &&
	       atomic_load_explicit(&guard->cpu, memory_order_relaxed) != cpu;
}

void lockup_watch(const struct run_queue *queue)
{
	uint64_t now = clock_monotonic_ns();
	struct guard *guard;

	/* An idle CPU does not keep anybody waiting, or not for long. */
	if (__atomic_load_n(&queue->current, __ATOMIC_RELAXED) == queue->idle)
		return;
	if (guards(&guard_pair[0], queue->cpu, now) || guards(&guard_pair[1], queue->cpu, now))
		return;
	guard = &guard_pair[is_on_duty(&guard_pair[0], now)];
	/* Of two CPUs that come here at once either may get it. If it was armed elsewhere, on the CPU
	 * that hangs perhaps, it comes here. */
	atomic_store(&guard->cpu, cpu_id());
	guard_arm(guard, now);
}
