/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated CPUs: interrupts, the clock, and who runs next. */
#include "host.h"
#include "sim_priv.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <core/panic.h>
#include <sched/thread.h>

/* Time that passes at each step: up to so many nanoseconds. */
#define STEP_NS 256
/* Another CPU goes on at one step of so many. */
#define ROTATE_ONE_IN 4

struct sim_cpu sim_cpus[SIM_CPU_MAX];
struct sim_cpu *sim_cpu = &sim_cpus[0];

static unsigned cpus_present, cpus_online = 1;
static uint64_t clock_now;
static bool in_nmi;           /* sim_cpu is not the CPU that the flow of control belongs to */
static uint64_t random_state; /* 0: no chance */
static uint64_t call_interrupts;

/* What a CPU wants of others, while `pending` has their bits. */
static struct sim_call {
	void (*function)(void *);
	void *argument;
	uint64_t pending;
} calls[SIM_CPU_MAX];

void sim_cpus_init(unsigned count, unsigned later, uint64_t seed)
{
	assert(count >= 1 && count + later <= SIM_CPU_MAX);
	cpus_present = count;
	cpu_set_limit(count + later);
	random_state = seed;
	for (unsigned i = 0; i < SIM_CPU_MAX; i++) {
		sim_cpus[i].cpu.self = &sim_cpus[i].cpu;
		sim_cpus[i].cpu.id = i;
		sim_cpus[i].deadline = UINT64_MAX;
	}
	sim_cpu->running = host_context_adopt();
	cpu_register(&sim_cpu->cpu);
}

struct cpu *sim_this_cpu(void)
{
	return &sim_cpu->cpu;
}

void sim_become_cpu(unsigned id)
{
	struct sim_cpu *next = &sim_cpus[id];

	assert(id < SIM_CPU_MAX && id <= cpu_count());
	if (id == cpu_count())
		cpu_register(&next->cpu);
	if (next == sim_cpu)
		return;
	assert(!next->running);
	next->running = sim_cpu->running;
	next->irq_enabled = sim_cpu->irq_enabled;
	sim_cpu->running = NULL;
	sim_cpu = next;
}

uint64_t sim_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1d >> 16;
}

void sim_pass_time(uint64_t ns)
{
	clock_now += ns;
}

static bool timer_due(const struct sim_cpu *cpu)
{
	return cpu->deadline <= clock_now;
}

static bool interrupt_pending(const struct sim_cpu *cpu)
{
	return cpu->call_senders || cpu->wake_pending || timer_due(cpu);
}

/* Runs what other CPUs want of this one. */
static void calls_serve(void)
{
	while (sim_cpu->call_senders) {
		struct sim_call *call = &calls[__builtin_ctzll(sim_cpu->call_senders)];

		sim_cpu->call_senders &= sim_cpu->call_senders - 1;
		call->function(call->argument);
		call->pending &= ~(1ull << sim_cpu->cpu.id);
	}
}

/* Serves one interrupt. The thread may be on another CPU afterwards. */
static void interrupt_serve(void)
{
	sim_cpu->irq_enabled = false;
	sim_cpu->cpu.irq_depth++;
	if (sim_cpu->call_senders) {
		calls_serve();
	} else if (timer_due(sim_cpu)) {
		sim_cpu->deadline = UINT64_MAX;
		trap_timer();
	} else {
		sim_cpu->wake_pending = false;
		trap_wake();
	}
	sim_cpu->cpu.irq_depth--;
	if (sim_cpu->cpu.irq_depth == 0 && arch_preempt_wanted())
		trap_preempt();
	sim_cpu->irq_enabled = true;
}

static void interrupts_serve(void)
{
	while (sim_cpu->irq_enabled && interrupt_pending(sim_cpu))
		interrupt_serve();
}

/* Lets the next CPU go on; returns when it is this one's turn again. */
static void rotate(void)
{
	struct sim_cpu *from = sim_cpu;
	unsigned id = from->cpu.id;

	if (in_nmi)
		return;
	do
		id = (id + 1) % cpus_online;
	while (!sim_cpus[id].running);
	if (&sim_cpus[id] == from)
		return;
	sim_cpu = &sim_cpus[id];
	host_context_switch(from->running, sim_cpu->running);
}

/* A point where others may come in between. */
static void step(void)
{
	if (random_state) {
		clock_now += sim_random() % STEP_NS;
		if (cpus_online > 1 && sim_random() % ROTATE_ONE_IN == 0)
			rotate();
	}
	interrupts_serve();
}

unsigned arch_cpu_id(void)
{
	return sim_cpu->cpu.id;
}

struct thread *arch_current_thread(void)
{
	return sim_cpu->cpu.current;
}

void arch_preempt_add(int delta)
{
	sim_cpu->cpu.preempt_count += (uint32_t)delta;
	step();
}

bool arch_preempt_wanted(void)
{
	return sim_cpu->cpu.preempt_count == 0 && sim_cpu->cpu.need_resched != 0;
}

unsigned long arch_irq_save(void)
{
	unsigned long state;

	step();
	state = sim_cpu->irq_enabled;
	sim_cpu->irq_enabled = false;
	return state;
}

void arch_irq_restore(unsigned long state)
{
	sim_cpu->irq_enabled = state != 0;
	step();
}

bool arch_irq_enabled(void)
{
	return sim_cpu->irq_enabled;
}

void arch_irq_enable(void)
{
	arch_irq_restore(1);
}

void arch_irq_disable(void)
{
	sim_cpu->irq_enabled = false;
}

void arch_cpu_relax(void)
{
	clock_now += 1;
	if (cpus_online > 1)
		rotate();
	interrupts_serve();
}

/* Nobody has anything to do: on to the next timer. Locks that are held for ever, lost wake-ups
 * and the like end here. */
static void clock_jump(void)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < cpus_online; i++)
		next = min_u64(next, sim_cpus[i].deadline);
	if (next == UINT64_MAX)
		panic("sim: all CPUs are idle, and nothing will ever wake them");
	clock_now = max_u64(clock_now, next);
}

static bool all_idle(void)
{
	for (unsigned i = 0; i < cpus_online; i++) {
		const struct sim_cpu *cpu = &sim_cpus[i];

		if (cpu->parked ? cpu->wanted : !cpu->idle || interrupt_pending(cpu))
			return false;
	}
	return true;
}

static void let_others_run(void)
{
	if (all_idle())
		clock_jump();
	else
		rotate();
}

void arch_cpu_idle(void)
{
	struct sim_cpu *cpu = sim_cpu;

	cpu->idle = true;
	cpu->irq_enabled = true;
	while (!interrupt_pending(cpu))
		let_others_run();
	cpu->idle = false;
	interrupts_serve();
}

bool arch_irq_pending(void)
{
	return interrupt_pending(sim_cpu);
}

static uint64_t cpus_parked(void)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < cpus_online; i++)
		mask |= (uint64_t)sim_cpus[i].parked << i;
	return mask;
}

void arch_cpu_park(void)
{
	struct sim_cpu *cpu = sim_cpu;

	assert(!cpu->irq_enabled && cpu->cpu.preempt_count == 0 && cpu->cpu.irq_depth == 0);
	assert(cpu->deadline == UINT64_MAX);
	cpu->parked = true;
	while (!cpu->wanted)
		let_others_run();
	cpu->wanted = false;
	cpu->parked = false;
	cpu->call_senders = 0;
}

bool arch_cpu_has_parked(unsigned id)
{
	return sim_cpus[id].parked;
}

void arch_cpu_lost(unsigned id)
{
	assert(sim_cpus[id].parked);
}

void arch_cpu_unpark(unsigned id)
{
	sim_cpus[id].wanted = true;
}

uint64_t arch_cycles(void)
{
	return clock_now;
}

uint64_t arch_clock_ns(void)
{
	return ++clock_now;
}

uint64_t arch_clock_wall_seconds(void)
{
	return host_seconds();
}

void arch_timer_arm(uint64_t deadline_ns)
{
	sim_cpu->deadline = deadline_ns;
}

void arch_send_wake(unsigned id)
{
	assert(id < cpus_online);
	sim_cpus[id].wake_pending = true;
}

/* As on the machine: a CPU serves a call when its interrupts are on, or while it waits in here
 * itself. */
void arch_call_cpus(uint64_t mask, void (*function)(void *), void *argument)
{
	unsigned self = sim_cpu->cpu.id;
	struct sim_call *call = &calls[self];

	assert(sim_cpu->cpu.preempt_count > 0 && sim_cpu->cpu.irq_depth == 0 && !call->pending);
	mask &= ((1ull << cpus_online) - 1) & ~(1ull << self | cpus_parked());
	*call = (struct sim_call){ function, argument, mask };
	for (; mask; mask &= mask - 1) {
		struct sim_cpu *target = &sim_cpus[__builtin_ctzll(mask)];

		call_interrupts += !target->call_senders;
		target->call_senders |= 1ull << self;
	}
	while ((call->pending &= ~cpus_parked())) {
		if (!sim_cpu->irq_enabled)
			calls_serve();
		arch_cpu_relax();
	}
}

uint64_t arch_call_interrupts(void)
{
	return call_interrupts;
}

void arch_send_nmi(unsigned id)
{
	struct sim_cpu *sender = sim_cpu;
	bool was_in_nmi = in_nmi;
	const struct trap_place place = { .irq_enabled = sim_cpus[id].irq_enabled };

	assert(id < cpus_online);
	in_nmi = true;
	sim_cpu = &sim_cpus[id];
	trap_nmi(&place);
	sim_cpu = sender;
	in_nmi = was_in_nmi;
}

bool arch_interrupted_place(struct trap_place *place)
{
	(void)place;
	return false;
}

void arch_stop_other_cpus(void)
{
	cpus_online = 1;
}

void arch_reset(void)
{
	panic("sim: the machine is reset");
}

static void cpu_entry(void)
{
	cpu_register(&sim_cpu->cpu);
	sched_cpu_start();
	panic("sim: sched_cpu_start() returned on CPU %u", cpu_id());
}

static void start_next(void)
{
	unsigned id = cpus_online++;

	sim_cpus[id].running = host_context_create(cpu_entry);
	while (cpu_count() == id)
		rotate();
}

void arch_smp_start(void)
{
	while (cpus_online < cpus_present)
		start_next();
}

int arch_cpu_start(uint32_t hardware_id, unsigned *id)
{
	if (cpu_count() >= cpu_limit())
		return -ENOSPC;
	if (hardware_id != cpu_count())
		return -EIO;
	*id = cpu_count();
	start_next();
	return 0;
}

unsigned arch_cpu_find(uint32_t hardware_id)
{
	return hardware_id < cpu_count() ? hardware_id : CPU_MAX;
}

uint32_t arch_cpu_hardware_id(unsigned id)
{
	return id;
}

bool arch_random(uint64_t *value)
{
	*value = sim_random();
	return random_state != 0;
}
