/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs offline and online, and into the machine and out of it.
 *
 * A thread anywhere (the initiator) drives it, one CPU at a time. It turns the CPU's interrupts
 * away and clears its bit in place_online, after which nobody sends it threads or the token, and
 * moves the threads that wait there. The one that runs leaves at its next switch, which is asked
 * for at once, and the CPU comes to its idle thread. That passes on what only the CPU itself may
 * touch: the token, raised work, its mailbox, its timers; and parks. Then the initiator empties
 * the CPU's caches of memory.
 *
 * Whoever adds to a queue or mailbox looks at place_online under the queue's lock, or once more
 * after adding. docs/cpu-hotplug.md.
 */
#include "sched_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/log.h>
#include <core/panic.h>
#include <irq/irq.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sched/hotplug.h>
#include <sched/mutex.h>

/* How long messages of devices to the old address may be under way. They are there sooner: the
 * device was asked something after it was told the new one. */
#define INTERRUPTS_SETTLE_NS NS_PER_MILLISECOND
/* A CPU that leaves is asked this often whether it has left. */
#define LEAVE_INTERVAL_NS (200 * NS_PER_MICROSECOND)
/* The signal to come back is repeated this often, for so long. */
#define UNPARK_INTERVAL_NS NS_PER_MILLISECOND
#define UNPARK_TIMEOUT_NS  NS_PER_SECOND

enum hotplug_state {
	HOTPLUG_ONLINE,
	HOTPLUG_LEAVING,   /* the initiator waits for the CPU to say OFFLINE */
	HOTPLUG_OFFLINE,   /* it parks, or is about to; its per-CPU data are the initiator's */
	HOTPLUG_RETURNING, /* the initiator waits for it to say ONLINE */
};

/* One CPU leaves or returns at a time. */
static struct mutex hotplug_lock;

/* CPUs that have a number but are not in the machine: offline. Under the lock, read without. */
static _Atomic uint64_t absent;

static struct hotplug_cpu {
	_Atomic uint32_t state; /* enum hotplug_state; see there who changes it */
	/* Under the run queue's lock. The idle thread goes on to be charged while the CPU is
	 * offline: what of that it did not idle. */
	bool away;
	uint64_t idle_ns;    /* while away: how long it had idled when it left */
	uint64_t offline_ns; /* otherwise: how long it was away */
	/* When it came; immutable once it runs. 0: at boot. */
	uint64_t born_ns;
} cpus[CPU_MAX];

static uint32_t state_of(unsigned cpu)
{
	return atomic_load(&cpus[cpu].state);
}

uint64_t sched_cpus_online(void)
{
	return atomic_load(&place_online);
}

uint64_t sched_cpus_present(void)
{
	return UINT64_MAX >> (CPU_MAX - cpu_count()) & ~atomic_load(&absent);
}

uint64_t sched_cpus_possible(void)
{
	return UINT64_MAX >> (CPU_MAX - cpu_limit());
}

void hotplug_init(void)
{
	mutex_init(&hotplug_lock, RANK_HOTPLUG, "cpu hotplug");
}

/* --- Times. --- */

/* The time since a CPU got its idle thread that it spent in it, offline or not. */
static void read_times(unsigned cpu, uint64_t *idle_ns, uint64_t *offline_ns)
{
	const struct hotplug_cpu *one = &cpus[cpu];
	struct run_queue *queue = &run_queues[cpu];
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	uint64_t sum = queue->idle ? thread_runtime_locked(queue, queue->idle) : 0;

	*idle_ns = one->away ? one->idle_ns : sum - one->offline_ns;
	*offline_ns = sum - *idle_ns;
	spin_unlock_irqrestore(&queue->lock, state);
}

uint64_t sched_idle_ns(unsigned cpu)
{
	uint64_t idle_ns, offline_ns;

	read_times(cpu, &idle_ns, &offline_ns);
	return idle_ns;
}

uint64_t sched_offline_ns(unsigned cpu)
{
	uint64_t idle_ns, offline_ns;

	read_times(cpu, &idle_ns, &offline_ns);
	return cpus[cpu].born_ns + offline_ns;
}

/* Stops, or goes on with, counting the time of this CPU as idle. Interrupts off. */
static void set_away(struct run_queue *queue, bool away)
{
	struct hotplug_cpu *one = &cpus[queue->cpu];
	uint64_t sum;

	spin_lock(&queue->lock);
	sum = thread_runtime_locked(queue, queue->idle);
	if (away)
		one->idle_ns = sum - one->offline_ns;
	else
		one->offline_ns = sum - one->idle_ns;
	one->away = away;
	spin_unlock(&queue->lock);
}

/* --- What the CPU itself does. --- */

bool hotplug_must_leave(unsigned cpu)
{
	return atomic_load_explicit(&cpus[cpu].state, memory_order_relaxed) == HOTPLUG_LEAVING;
}

/* Passes on what of others' is on this CPU. Interrupts off. */
static void pass_on(struct run_queue *queue)
{
	uint64_t others = atomic_load(&place_online) & ~cpu_bit(queue->cpu);

	if (sched_by_tick)
		tick_leave(queue);
	else
		token_leave(queue);
	work_collect_raised();
	handoff_receive(queue);
	/* Last, as any of the others may arm one here. */
	timers_leave(bit_lowest(others));
}

void hotplug_leave(struct run_queue *queue)
{
	unsigned cpu = queue->cpu;

	debug_assert(!arch_irq_enabled() && thread_current() == queue->idle);
	pass_on(queue);
	/* An interrupt that came before its device was turned away is served here yet; and what
	 * that leaves behind is passed on then. */
	if (arch_irq_pending() || queue->runnable > 0 || arch_this_cpu()->need_resched) {
		arch_irq_enable();
		return;
	}
	set_away(queue, true);
	/* The initiator finds that by himself: to wake him might leave something behind here. */
	atomic_store(&cpus[cpu].state, HOTPLUG_OFFLINE);
	/* A signal that was repeated may be left over from last time. */
	do
		arch_cpu_park();
	while (state_of(cpu) != HOTPLUG_RETURNING);
	set_away(queue, false);
	atomic_fetch_or(&place_online, cpu_bit(cpu));
	atomic_store(&cpus[cpu].state, HOTPLUG_ONLINE);
	/* Whoever found the bit set again after he had put something here, while it was not, does
	 * not take it back; his interrupt is pending. */
	arch_irq_enable();
}

/* --- What the initiator does. --- */

/* The thread that waits on the CPU and is next, taken out and moving, or NULL. Interrupts off. */
static struct thread *take_waiting(struct run_queue *queue)
{
	uint64_t now = clock_monotonic_ns();
	struct thread *thread = NULL;
	unsigned class;
	bool due;

	spin_lock(&queue->lock);
	class = runq_next_class(queue, now, &due);
	if (class != THREAD_CLASS_NONE) {
		thread = container_of(list_first(&queue->threads[class]), struct thread, run_node);
		runq_remove(queue, thread, now);
		thread->moving = true;
	}
	spin_unlock(&queue->lock);
	return thread;
}

static void evict_threads(struct run_queue *queue)
{
	struct thread *thread;

	do {
		unsigned long state = arch_irq_save();

		thread = take_waiting(queue);
		if (thread)
			wake_moving(thread);
		arch_irq_restore(state);
	} while (thread);
}

static int send_away(unsigned cpu)
{
	if (atomic_load(&place_online) == cpu_bit(cpu))
		return -EBUSY;
	irq_cpu_leave(cpu);
	thread_sleep_until(clock_deadline_after(INTERRUPTS_SETTLE_NS));
	atomic_fetch_and(&place_online, ~cpu_bit(cpu));
	atomic_store(&cpus[cpu].state, HOTPLUG_LEAVING);
	evict_threads(&run_queues[cpu]);
	preempt_disable();
	place_kick(cpu);
	preempt_enable();
	while (state_of(cpu) != HOTPLUG_OFFLINE)
		thread_sleep_until(clock_deadline_after(LEAVE_INTERVAL_NS));
	kernel_stack_cpu_drain(cpu);
	slab_cpu_drain(cpu);
	frame_cpu_drain(cpu);
	log_info("sched", "CPU %u is offline", cpu);
	return 0;
}

/* A thread that would rather be where a CPU has come back. Under the lock of the list. */
static void go_home(struct thread *thread, void *unused)
{
	(void)unused;
	wake_replace(thread);
}

/* It takes part from now on. */
static void welcome(unsigned cpu)
{
	irq_cpu_return(cpu);
	thread_visit(go_home, NULL);
	log_info("sched", "CPU %u is online", cpu);
}

static int bring_back(unsigned cpu)
{
	uint64_t give_up = clock_deadline_after(UNPARK_TIMEOUT_NS);

	atomic_store(&cpus[cpu].state, HOTPLUG_RETURNING);
	while (state_of(cpu) != HOTPLUG_ONLINE) {
		arch_cpu_unpark(cpu);
		thread_sleep_until(clock_deadline_after(UNPARK_INTERVAL_NS));
		if (state_of(cpu) != HOTPLUG_ONLINE && clock_monotonic_ns() > give_up) {
			log_error("sched", "CPU %u does not come back", cpu);
			return -EIO;
		}
	}
	welcome(cpu);
	return 0;
}

int sched_cpu_set_online(unsigned cpu, bool online)
{
	int error = 0;

	if (cpu >= cpu_count())
		return -EINVAL;
	mutex_lock(&hotplug_lock);
	if (atomic_load(&absent) & cpu_bit(cpu))
		error = -EINVAL;
	else if (online && state_of(cpu) != HOTPLUG_ONLINE)
		error = bring_back(cpu);
	else if (!online && state_of(cpu) == HOTPLUG_ONLINE)
		error = send_away(cpu);
	mutex_unlock(&hotplug_lock);
	return error;
}

/* --- CPUs that come into the machine, and leave it. --- */

/* Its idle thread is what shows itself online. */
static int start_new(uint32_t hardware_id, unsigned *cpu)
{
	int error;

	if (cpu_count() >= cpu_limit())
		return -ENOSPC;
	cpus[cpu_count()].born_ns = clock_monotonic_ns();
	error = arch_cpu_start(hardware_id, cpu);
	if (error)
		return error;
	while (!(atomic_load(&place_online) & cpu_bit(*cpu)))
		thread_sleep_until(clock_deadline_after(UNPARK_INTERVAL_NS));
	work_start_on(*cpu);
	welcome(*cpu);
	return 0;
}

/* It was in the machine before. */
static int start_again(unsigned cpu)
{
	int error;

	if (!(atomic_load(&absent) & cpu_bit(cpu)))
		return -EEXIST;
	atomic_fetch_and(&absent, ~cpu_bit(cpu));
	error = bring_back(cpu);
	if (error)
		atomic_fetch_or(&absent, cpu_bit(cpu));
	return error;
}

int sched_cpu_add(uint32_t hardware_id, unsigned *cpu)
{
	int error;

	mutex_lock(&hotplug_lock);
	*cpu = arch_cpu_find(hardware_id);
	error = *cpu == CPU_MAX ? start_new(hardware_id, cpu) : start_again(*cpu);
	mutex_unlock(&hotplug_lock);
	return error;
}

/* It says that it is offline before it is where it may lose its state. */
static int wait_until_parked(unsigned cpu)
{
	while (!arch_cpu_has_parked(cpu)) {
		/* It was called back, and may come yet. */
		if (state_of(cpu) != HOTPLUG_OFFLINE)
			return -EIO;
		thread_sleep_until(clock_deadline_after(LEAVE_INTERVAL_NS));
	}
	return 0;
}

int sched_cpu_remove(unsigned cpu)
{
	int error = 0;

	if (cpu >= cpu_count())
		return -EINVAL;
	mutex_lock(&hotplug_lock);
	if (atomic_load(&absent) & cpu_bit(cpu))
		error = -EINVAL;
	else if (cpu == 0)
		error = -EBUSY;
	else if (state_of(cpu) == HOTPLUG_ONLINE)
		error = send_away(cpu);
	if (!error)
		error = wait_until_parked(cpu);
	if (!error) {
		arch_cpu_lost(cpu);
		atomic_fetch_or(&absent, cpu_bit(cpu));
	}
	mutex_unlock(&hotplug_lock);
	return error;
}
