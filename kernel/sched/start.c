/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up of the scheduler, and the idle threads. */
#include "sched_priv.h"

#include <base/format.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/panic.h>
#include <sched/wait.h>

/* What sched_quantum_us= may say. */
#define QUANTUM_MIN_US 50
#define QUANTUM_MAX_US 1000000

bool sched_by_tick;

/* The idle threads run on the stacks that their CPUs came up on, except on the boot CPU: there
 * that stack is the boot thread's, which may sleep. */
static struct thread idle_threads[CPU_MAX];
static struct thread boot_thread;
static uint8_t boot_idle_stack[KERNEL_STACK_SIZE] __attribute__((aligned(4096)));

static void idle_loop(void *argument)
{
	struct run_queue *queue = argument;

	for (;;) {
		bool idle;

		/* What comes after these looks is an interrupt, which ends arch_cpu_idle(). */
		arch_irq_disable();
		idle = queue->runnable == 0 && !arch_this_cpu()->need_resched;
		if (idle && hotplug_must_leave(queue->cpu)) {
			hotplug_leave(queue);
		} else if (idle && !place_pull(queue) && !spare_offer()) {
			idle_wait(queue->cpu, timer_prepare_idle());
		} else {
			arch_irq_enable();
			sched_switch(SWITCH_PREEMPT);
		}
	}
}

static void nothing_to_free(struct thread *thread)
{
	(void)thread;
}

/* Gives CPU `cpu` its idle thread; `current` is what runs on it now. */
static void bring_up(unsigned cpu, struct thread *current)
{
	struct run_queue *queue = &run_queues[cpu];
	struct thread *idle = &idle_threads[cpu];
	uint64_t now = clock_monotonic_ns();

	idle->priority = THREAD_PRIORITY_NONE;
	idle->class = THREAD_CLASS_NONE;
	idle->affinity = cpu_bit(cpu);
	queue->idle = idle;
	queue->load.updated = now;
	queue->load.period_start = now;
	current->on_cpu = true;
	arch_this_cpu()->current = current;
	spin_lock(&queue->lock);
	runq_set_current(queue, current, now);
	spin_unlock(&queue->lock);
	atomic_fetch_or(&place_online, cpu_bit(cpu));
}

static void realtime_changed(void)
{
	wait_wake_all(&wait_realtime_changed);
}

static void read_options(void)
{
	char mode[8] = "";
	uint64_t quantum_us = command_line_get_u64("sched_quantum_us", 0);

	if (command_line_get("sched", mode, sizeof(mode)) && strcmp(mode, "tick") == 0)
		sched_by_tick = true;
	if (quantum_us >= QUANTUM_MIN_US && quantum_us <= QUANTUM_MAX_US)
		sched_quantum = quantum_us * NS_PER_MICROSECOND;
}

void sched_init(void)
{
	unsigned long state = arch_irq_save();
	unsigned cpu = cpu_id();
	int error;

	for (unsigned i = 0; i < CPU_MAX; i++)
		runq_init(&run_queues[i], i);
	read_options();
	token_init();
	tick_init();
	hotplug_init();
	clock_set_change_hook(realtime_changed);
	thread_adopt(&idle_threads[cpu], "idle/0", cpu);
	error = arch_thread_init(&idle_threads[cpu], boot_idle_stack, idle_loop, &run_queues[cpu],
				 false);
	assert(error == 0);
	thread_adopt(&boot_thread, "boot", cpu);
	boot_thread.release = nothing_to_free;
	bring_up(cpu, &boot_thread);
	arch_irq_restore(state);
}

void sched_cpu_start(void)
{
	unsigned cpu = cpu_id();
	char name[16];

	/* The boot CPU was brought up by sched_init(). */
	if (place_online & cpu_bit(cpu))
		return;
	snprintf(name, sizeof(name), "idle/%u", cpu);
	thread_adopt(&idle_threads[cpu], name, cpu);
	bring_up(cpu, &idle_threads[cpu]);
	idle_loop(&run_queues[cpu]);
}

struct thread *sched_idle_thread(unsigned cpu)
{
	return &idle_threads[cpu];
}

void sched_idle(void)
{
	thread_exit();
}
