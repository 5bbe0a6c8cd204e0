/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a CPU that has nothing to do waits for something: by halting, or in a state of its table. The counts
 * are written by the CPU itself, with interrupts off.
 */
#include "sched_priv.h"

#include <arch/irq.h>
#include <core/panic.h>
#include <sched/hotplug.h>
#include <sched/idle.h>

/* After so many times what the deepest state needs to pay, a CPU in a lighter one looks again. */
#define LOOK_RESIDENCIES 2

struct idle_cpu {
	_Atomic(const struct idle_table *) table; /* NULL: it halts */
	_Atomic uint32_t disabled;                /* states, a bit each */
	/* The CPU's own. */
	struct idle_history history;
	bool rests_long; /* it looked whether it still rests, and it did */
	struct {
		_Atomic uint64_t entered, time_ns, too_deep, too_light;
	} counts[IDLE_STATE_MAX];
} __attribute__((aligned(64)));

static struct idle_cpu idle_cpus[CPU_MAX];

static uint64_t timer_left_us(uint64_t deadline)
{
	uint64_t now = clock_monotonic_ns();

	if (deadline == DEADLINE_NEVER)
		return UINT64_MAX;
	return deadline > now ? (deadline - now) / NS_PER_MICROSECOND : 0;
}

static void account(struct idle_cpu *one, const struct idle_table *table, unsigned state,
		    uint64_t ns)
{
	uint64_t us = ns / NS_PER_MICROSECOND;
	uint32_t disabled = atomic_load_explicit(&one->disabled, memory_order_relaxed);

	idle_learn(&one->history, us);
	count_own_event(&one->counts[state].entered);
	atomic_store_explicit(
		&one->counts[state].time_ns,
		atomic_load_explicit(&one->counts[state].time_ns, memory_order_relaxed) + ns,
		memory_order_relaxed);
	if (us < table->states[state].residency_us)
		count_own_event(&one->counts[state].too_deep);
	else if (state + 1 < table->count && !(disabled >> (state + 1) & 1) &&
		 us >= table->states[state + 1].residency_us)
		count_own_event(&one->counts[state].too_light);
}

/* The state to enter. If only the past speaks against a deeper one, the CPU wakes once to look whether it still
 * rests: it has no tick that would. *look_ns: after how long; 0: it does not. */
static unsigned choose(struct idle_cpu *one, const struct idle_table *table, uint64_t timer_us,
		       uint64_t *look_ns)
{
	static const struct idle_history none = { .lengths_us = { [0 ... IDLE_HISTORY_MAX - 1] =
									  UINT32_MAX } };
	uint32_t disabled = atomic_load_explicit(&one->disabled, memory_order_relaxed);
	unsigned deepest = idle_choose(table, disabled, &none, timer_us), state = deepest;

	if (!one->rests_long)
		state = idle_choose(table, disabled, &one->history, timer_us);
	*look_ns = state == deepest ? 0
				    : LOOK_RESIDENCIES * NS_PER_MICROSECOND *
					      (uint64_t)table->states[deepest].residency_us;
	return state;
}

void idle_wait(unsigned cpu, uint64_t deadline)
{
	struct idle_cpu *one = &idle_cpus[cpu];
	const struct idle_table *table = atomic_load_explicit(&one->table, memory_order_acquire);
	uint64_t before, rested, look_ns;
	unsigned state;

	if (!table) {
		arch_cpu_idle();
		return;
	}
	state = choose(one, table, timer_left_us(deadline), &look_ns);
	if (look_ns)
		arch_timer_arm(min_u64(deadline, clock_monotonic_ns() + look_ns));
	/* Interrupts may switch to other threads before this one goes on: their time is not the idle
	 * thread's. */
	before = sched_idle_ns(cpu);
	arch_idle_enter(&table->states[state].how);
	arch_irq_disable();
	rested = sched_idle_ns(cpu) - before;
	one->rests_long = look_ns && rested >= look_ns;
	account(one, table, state, rested);
	arch_irq_enable();
}

void sched_idle_set(unsigned cpu, const struct idle_table *table)
{
	if (table && table->count < 2)
		table = NULL;
	debug_assert(!table || table->count <= IDLE_STATE_MAX);
	atomic_store(&idle_cpus[cpu].disabled, 0);
	atomic_store(&idle_cpus[cpu].table, table);
	if (sched_cpus_online() & cpu_bit(cpu))
		arch_send_wake(cpu);
}

const struct idle_table *sched_idle_table(unsigned cpu)
{
	return atomic_load(&idle_cpus[cpu].table);
}

void sched_idle_read(unsigned cpu, unsigned state, struct idle_statistics *statistics)
{
	struct idle_cpu *one = &idle_cpus[cpu];

	*statistics = (struct idle_statistics){
		.entered = one->counts[state].entered,
		.time_us = one->counts[state].time_ns / NS_PER_MICROSECOND,
		.too_deep = one->counts[state].too_deep,
		.too_light = one->counts[state].too_light,
		.disabled = one->disabled >> state & 1,
	};
}

bool sched_idle_disable(unsigned cpu, unsigned state, bool disable)
{
	if (state == 0)
		return !disable;
	if (disable)
		atomic_fetch_or(&idle_cpus[cpu].disabled, 1u << state);
	else
		atomic_fetch_and(&idle_cpus[cpu].disabled, ~(1u << state));
	return true;
}
