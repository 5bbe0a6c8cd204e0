/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mistakes that the kernel is to find and report, made when the command line asks for one
 * (`provoke=NAME`). Linked in debug builds only; tests/diagnose.sh looks at the reports.
 */
#include "sched_priv.h"

#include <arch/irq.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <core/panic.h>
#include <sched/mutex.h>
#include <sched/provoke.h>

/* Longer than lockups take to be reported; shorter than a spinlock is waited for. */
#define HANG_NS (6 * NS_PER_SECOND)
#define EVER_NS (100 * NS_PER_SECOND)
#define NAP_NS  (100 * NS_PER_MILLISECOND)

static struct mutex first, second;
static struct spinlock low = SPINLOCK_INIT(RANK_DRIVER, "provoked low");
static struct spinlock high = SPINLOCK_INIT(RANK_LEAF, "provoked high");
static _Atomic bool hangs, behind_ran;

static void nap(uint64_t ns)
{
	thread_sleep_until(clock_deadline_after(ns));
}

static void spin_for(uint64_t ns)
{
	uint64_t end = arch_clock_ns() + ns;

	while (arch_clock_ns() < end)
		arch_cpu_relax();
}

static void spawn(const char *name, void (*entry)(void *))
{
	if (thread_spawn(name, entry, NULL))
		panic("provoke: no memory");
}

static void move_to(unsigned cpu)
{
	if (thread_set_affinity(thread_current(), cpu_bit(cpu)))
		panic("provoke: there is no CPU %u", cpu);
}

/* The functions that reports are to name. They run on CPU 1. */

static __attribute__((noinline)) void hang_with_interrupts_off(void *unused)
{
	unsigned long state;

	(void)unused;
	move_to(1);
	state = arch_irq_save();
	atomic_store(&hangs, true);
	spin_for(HANG_NS);
	arch_irq_restore(state);
}

static __attribute__((noinline)) void hang_with_preemption_off(void *unused)
{
	(void)unused;
	move_to(1);
	preempt_disable();
	atomic_store(&hangs, true);
	spin_for(HANG_NS);
	preempt_enable();
}

static __attribute__((noinline)) void hang_with_spinlock(void *unused)
{
	(void)unused;
	move_to(1);
	spin_lock(&low);
	atomic_store(&hangs, true);
	spin_for(EVER_NS);
	spin_unlock(&low);
}

/* Has CPU 1 hang, this thread on CPU 0. */
static void hang(void (*entry)(void *))
{
	move_to(0);
	spawn("hanging", entry);
	while (!atomic_load(&hangs))
		nap(NS_PER_MILLISECOND);
}

/* Goes to CPU 1, where it must wait. */
static void run_behind(void *unused)
{
	(void)unused;
	move_to(1);
	atomic_store(&behind_ran, true);
}

static void wait_behind(void)
{
	spawn("behind", run_behind);
	while (!atomic_load(&behind_ran))
		nap(NAP_NS);
	log_notice("provoke", "CPU 1 goes on");
}

static void provoke_interrupts(void)
{
	hang(hang_with_interrupts_off);
	wait_behind();
}

static void provoke_preemption(void)
{
	hang(hang_with_preemption_off);
	wait_behind();
}

static void do_nothing(void *unused)
{
	(void)unused;
}

static void provoke_call(void)
{
	hang(hang_with_interrupts_off);
	preempt_disable();
	arch_call_cpus(cpu_bit(1), do_nothing, NULL);
	preempt_enable();
	log_notice("provoke", "CPU 1 goes on");
}

static void provoke_spinlock(void)
{
	hang(hang_with_spinlock);
	spin_lock(&low);
}

static void provoke_twice(void)
{
	spin_lock(&low);
	spin_lock(&low);
}

static void provoke_order(void)
{
	spin_lock(&high);
	spin_lock(&low);
}

static void provoke_sleep(void)
{
	spin_lock(&low);
	mutex_lock(&first);
}

static void take_second_then_first(void *unused)
{
	(void)unused;
	mutex_lock(&second);
	nap(NAP_NS);
	mutex_lock_nested(&first);
}

static void provoke_deadlock(void)
{
	spawn("crossing", take_second_then_first);
	mutex_lock(&first);
	nap(NAP_NS);
	mutex_lock_nested(&second);
	nap(EVER_NS);
}

static const struct {
	const char *name;
	void (*run)(void);
} mistakes[] = {
	{ "interrupts", provoke_interrupts }, /* a CPU spins with interrupts off for a while */
	{ "preemption", provoke_preemption }, /* the same with preemption off */
	{ "call", provoke_call },             /* as the first, and it is called meanwhile */
	{ "spinlock", provoke_spinlock },     /* a spinlock is never released */
	{ "twice", provoke_twice },
	{ "order", provoke_order },
	{ "sleep", provoke_sleep },       /* a mutex under a spinlock */
	{ "deadlock", provoke_deadlock }, /* two mutexes in both orders */
};

void provoke_start(void)
{
	char name[16];

	if (!command_line_get("provoke", name, sizeof(name)))
		return;
	mutex_init(&first, RANK_DEVICE, "provoked first");
	mutex_init(&second, RANK_DEVICE, "provoked second");
	for (size_t i = 0; i < array_length(mistakes); i++) {
		if (!strcmp(mistakes[i].name, name))
			mistakes[i].run();
	}
}
