/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: CPUs go offline and come back under all kinds of load. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <arch/irq.h>
#include <base/errno.h>
#include <core/command_line.h>
#include <core/ktest.h>
#include <irq/irq.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sched/hotplug.h>
#include <sched/mutex.h>
#include <sched/work.h>

#define LOAD_KINDS 5
#define LOAD_MAX   (LOAD_KINDS * 4)
#define BLOCKS     24 /* more than a magazine holds of these */

static uint32_t random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* Nothing is, or comes, where nobody looks. */
static void expect_deserted(unsigned cpu)
{
	const struct run_queue *queue = &run_queues[cpu];
	char name[32];

	ktest_expect(!(sched_cpus_online() & cpu_bit(cpu)));
	ktest_expect(queue->runnable == 0 && queue->waiting == 0);
	ktest_expect(queue->current == queue->idle);
	for (unsigned irq = 0; irq < ARCH_IRQ_MAX; irq++)
		ktest_expect(!irq_name(irq, name, sizeof(name)) || irq_cpu(irq) != cpu);
}

static void all_online(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		ktest_expect(sched_cpu_set_online(cpu, true) == 0);
	ktest_expect(sched_cpus_online() == sched_cpus_present());
}

KTEST(hotplug, what_cannot_be)
{
	unsigned last = cpu_count() - 1;

	ktest_expect(sched_cpu_set_online(cpu_count(), true) == -EINVAL);
	ktest_expect(sched_cpu_set_online(cpu_count(), false) == -EINVAL);
	ktest_expect(sched_cpu_set_online(UINT32_MAX, false) == -EINVAL);
	ktest_expect(sched_cpu_set_online(last, true) == 0);
	/* Any one may stay as the last. */
	for (unsigned cpu = 0; cpu < last; cpu++)
		ktest_expect(sched_cpu_set_online(cpu, false) == 0);
	ktest_expect(sched_cpus_online() == cpu_bit(last));
	ktest_expect(sched_cpu_set_online(last, false) == -EBUSY);
	if (last > 0) {
		ktest_expect(sched_cpu_set_online(0, false) == 0);
		ktest_expect(thread_set_affinity(thread_current(), cpu_bit(0)) == -EINVAL);
		ktest_expect(sched_cpu_set_online(0, true) == 0);
		ktest_expect(sched_cpu_set_online(last, false) == 0);
		ktest_expect(sched_cpus_online() == cpu_bit(0));
		expect_deserted(last);
	}
	all_online();
}

/* --- A load of everything. --- */

static struct mixture {
	_Atomic bool stop;
	_Atomic uint64_t counts[LOAD_MAX]; /* what each member has done */
	struct mutex lock;
	uint64_t locked_sum; /* under it */
	_Atomic(void *) blocks[BLOCKS];
	struct load_work {
		struct work work;
		_Atomic uint64_t runs;
	} works[LOAD_MAX];
} load;

static void run_work(struct work *work)
{
	container_of(work, struct load_work, work)->runs++;
}

static void load_lock(void)
{
	mutex_lock(&load.lock);
	load.locked_sum++;
	spin_once();
	mutex_unlock(&load.lock);
}

/* Memory that is freed on other CPUs than it came from. */
static void load_memory(uint32_t *state)
{
	kfree(atomic_exchange(&load.blocks[random_next(state) % BLOCKS], kmalloc(128)));
}

static void load_once(unsigned index, uint32_t *state)
{
	switch (index % LOAD_KINDS) {
	case 0:
		load_memory(state);
		break;
	case 1:
		sleep_for(random_next(state) % 4 * 100 * NS_PER_MICROSECOND);
		break;
	case 2:
		load_lock();
		break;
	case 3:
		work_queue(&load.works[index].work);
		work_flush(&load.works[index].work);
		break;
	default:
		/* In vain where that one is offline. */
		if (thread_set_affinity(thread_current(),
					cpu_bit(random_next(state) % cpu_count())))
			thread_yield();
		break;
	}
}

static void load_run(unsigned index, void *argument)
{
	uint32_t state = index;

	(void)argument;
	while (!load.stop) {
		load_once(index, &state);
		spin_once();
		load.counts[index]++;
	}
}

static bool load_start(struct crew *crew, unsigned count)
{
	load.stop = false;
	load.locked_sum = 0;
	mutex_init(&load.lock, RANK_DRIVER_SLEEP, "load");
	for (unsigned i = 0; i < count; i++) {
		load.counts[i] = 0;
		load.works[i].runs = 0;
		work_init(&load.works[i].work, run_work);
	}
	return crew_start(crew, count, load_run, NULL);
}

/* Ends it; nobody and nothing may be missing. */
static void load_end(struct crew *crew, unsigned count)
{
	uint64_t locked = 0;

	load.stop = true;
	crew_join(crew);
	for (unsigned i = 0; i < count; i++) {
		ktest_expect(load.counts[i] > 0);
		if (i % LOAD_KINDS == 2)
			locked += load.counts[i];
		if (i % LOAD_KINDS == 3)
			ktest_expect(load.works[i].runs == load.counts[i]);
	}
	ktest_expect(load.locked_sum == locked);
	for (unsigned i = 0; i < BLOCKS; i++)
		kfree(atomic_exchange(&load.blocks[i], NULL));
}

/* Waits until each member has gone on. */
static void expect_progress(unsigned count)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);
	uint64_t before[LOAD_MAX];

	for (unsigned i = 0; i < count; i++)
		before[i] = load.counts[i];
	for (unsigned i = 0; i < count; i++) {
		while (load.counts[i] == before[i] && clock_monotonic_ns() < deadline)
			sleep_for(NS_PER_MILLISECOND);
		ktest_expect(load.counts[i] != before[i]);
	}
}

/* Out of the machine, whether it was online or not, and back. */
static void take_out(unsigned cpu)
{
	int error = sched_cpu_remove(cpu);
	unsigned again;

	ktest_expect(error == 0 || cpu == 0 || sched_cpus_online() == cpu_bit(cpu));
	ktest_expect(error == 0 || error == -EBUSY);
	if (error)
		return;
	expect_deserted(cpu);
	ktest_expect(!(sched_cpus_present() & cpu_bit(cpu)));
	ktest_expect(sched_cpu_set_online(cpu, true) == -EINVAL);
	ktest_expect(sched_cpu_remove(cpu) == -EINVAL);
	ktest_expect(sched_cpu_add(arch_cpu_hardware_id(cpu), &again) == 0 && again == cpu);
	ktest_expect(sched_cpus_online() & sched_cpus_present() & cpu_bit(cpu));
}

static void toggle(unsigned cpu)
{
	bool online = sched_cpus_online() & cpu_bit(cpu);
	int error = sched_cpu_set_online(cpu, !online);

	ktest_expect(error == 0 || (online && error == -EBUSY));
	if (online && !error)
		expect_deserted(cpu);
}

KTEST(hotplug, under_load)
{
	unsigned count = min_u64(LOAD_KINDS * cpu_count(), LOAD_MAX);
	unsigned rounds = (unsigned)command_line_get_u64("hotplug_rounds", 200);
	uint32_t state = 4711;
	struct crew crew;

	if (!load_start(&crew, count))
		return;
	for (unsigned i = 0; i < rounds; i++) {
		unsigned cpu = random_next(&state) % cpu_count();

		if (i % 8 == 7)
			take_out(cpu);
		else
			toggle(cpu);
		if (i % 20 == 0)
			expect_progress(count);
	}
	all_online();
	expect_progress(count);
	load_end(&crew, count);
}

/* --- The token. --- */

#define HOLDERS_SENT_AWAY 6

static void spin_on(unsigned index, void *argument)
{
	(void)argument;
	while (!load.stop) {
		load.counts[index]++;
		spin_once();
	}
}

static uint64_t laps(void)
{
	uint64_t sum = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		sum += sched_statistics(cpu)->token.laps;
	return sum;
}

/* Waits until the token has gone round once more. */
static void await_laps(void)
{
	uint64_t before = laps(), deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (laps() < before + 2 && clock_monotonic_ns() < deadline)
		sleep_for(sched_quantum);
	ktest_expect(laps() >= before + 2);
}

KTEST(hotplug, holder_of_the_token_leaves)
{
	unsigned count = min_u64(3 * cpu_count(), LOAD_MAX);
	struct crew crew;

	if (sched_by_tick || cpu_count() == 1)
		return;
	load.stop = false;
	for (unsigned i = 0; i < count; i++)
		load.counts[i] = 0;
	if (!crew_start(&crew, count, spin_on, NULL))
		return;
	expect_progress(count);
	for (unsigned i = 0; i < HOLDERS_SENT_AWAY; i++) {
		unsigned cpu = token_whereabouts();

		ktest_expect(sched_cpu_set_online(cpu, false) == 0);
		expect_deserted(cpu);
		await_laps();
		expect_progress(count);
		ktest_expect(sched_cpu_set_online(cpu, true) == 0);
	}
	load.stop = true;
	crew_join(&crew);
}

/* --- Threads that belong to the CPU. --- */

static struct {
	_Atomic uint64_t rounds;
	_Atomic unsigned cpu;
	_Atomic bool stop;
} pinned;

static void pinned_run(unsigned index, void *argument)
{
	(void)index;
	(void)argument;
	while (!pinned.stop) {
		preempt_disable();
		pinned.cpu = cpu_id();
		preempt_enable();
		pinned.rounds++;
		spin_once();
	}
}

static void await_round(void)
{
	uint64_t before = pinned.rounds, deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (pinned.rounds < before + 2 && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	ktest_expect(pinned.rounds >= before + 2);
}

static void check_pinned(enum thread_policy policy)
{
	unsigned home = cpu_count() - 1;
	struct thread_scheduling scheduling = { .policy = policy };
	struct crew crew;

	if (policy == THREAD_POLICY_FIFO)
		scheduling.realtime_priority = 50;
	pinned.stop = false;
	if (!crew_prepare(&crew, 1, pinned_run, NULL))
		return;
	ktest_expect(thread_set_affinity(crew_thread(&crew, 0), cpu_bit(home)) == 0);
	thread_set_scheduling(crew_thread(&crew, 0), &scheduling);
	crew_go(&crew);
	for (unsigned i = 0; i < 3; i++) {
		await_round();
		ktest_expect(pinned.cpu == home);
		ktest_expect(sched_cpu_set_online(home, false) == 0);
		await_round();
		ktest_expect(pinned.cpu != home);
		ktest_expect(sched_cpu_set_online(home, true) == 0);
		await_round();
		ktest_expect(pinned.cpu == home);
	}
	pinned.stop = true;
	crew_join(&crew);
}

KTEST(hotplug, pinned_thread_leaves_and_returns)
{
	if (cpu_count() == 1)
		return;
	check_pinned(THREAD_POLICY_NORMAL);
	check_pinned(THREAD_POLICY_FIFO);
}

KTEST(hotplug, can_send_its_own_cpu_away)
{
	uint64_t all = sched_cpus_present();

	for (unsigned cpu = 0; cpu_count() > 1 && cpu < cpu_count(); cpu++) {
		ktest_expect(thread_set_affinity(thread_current(), cpu_bit(cpu)) == 0);
		ktest_expect(sched_cpu_set_online(cpu, false) == 0);
		expect_deserted(cpu);
		ktest_expect(sched_cpu_set_online(cpu, true) == 0);
	}
	ktest_expect(thread_set_affinity(thread_current(), all) == 0);
}

/* --- Timers. --- */

#define SLEEPERS 8

static void sleep_there(unsigned index, void *argument)
{
	uint64_t deadline = clock_deadline_after((index + 1) * 20 * NS_PER_MILLISECOND);

	ktest_expect(thread_set_affinity(thread_current(), cpu_bit(cpu_count() - 1)) == 0);
	atomic_fetch_add((_Atomic unsigned *)argument, 1);
	thread_sleep_until(deadline);
	/* Not only when some other timer happens to be due there. */
	ktest_expect(clock_monotonic_ns() - deadline < 5 * NS_PER_SECOND);
}

KTEST(hotplug, timers_go_on_elsewhere)
{
	unsigned home = cpu_count() - 1;
	_Atomic unsigned asleep = 0;
	struct crew crew;

	if (home == 0 || !crew_start(&crew, SLEEPERS, sleep_there, (void *)&asleep))
		return;
	while (asleep < SLEEPERS)
		thread_yield();
	ktest_expect(sched_cpu_set_online(home, false) == 0);
	crew_join(&crew);
	expect_deserted(home);
	ktest_expect(sched_cpu_set_online(home, true) == 0);
}

/* --- Statistics. --- */

KTEST(hotplug, time_away_is_not_idle)
{
	unsigned cpu = cpu_count() - 1;
	uint64_t idle, offline;

	if (cpu == 0)
		return;
	ktest_expect(sched_cpu_set_online(cpu, false) == 0);
	idle = sched_idle_ns(cpu);
	offline = sched_offline_ns(cpu);
	sleep_for(50 * NS_PER_MILLISECOND);
	ktest_expect(sched_idle_ns(cpu) == idle);
	ktest_expect(sched_offline_ns(cpu) - offline >= 50 * NS_PER_MILLISECOND);
	ktest_expect(sched_cpu_set_online(cpu, true) == 0);
	offline = sched_offline_ns(cpu);
	sleep_for(50 * NS_PER_MILLISECOND);
	ktest_expect(sched_idle_ns(cpu) > idle);
	ktest_expect(sched_offline_ns(cpu) == offline);
}

/* --- Memory. --- */

struct hoard {
	void *blocks[BLOCKS];
	void *stacks[4];
};

/* Leaves a lot at hand for this CPU. */
static void free_there(unsigned index, void *argument)
{
	struct hoard *hoard = argument;

	(void)index;
	for (unsigned i = 0; i < BLOCKS; i++)
		kfree(hoard->blocks[i]);
	for (unsigned i = 0; i < array_length(hoard->stacks); i++)
		kernel_stack_free(hoard->stacks[i]);
}

static void measure_strand(struct hoard *hoard, unsigned home)
{
	struct crew crew;

	for (unsigned i = 0; i < BLOCKS; i++)
		hoard->blocks[i] = kmalloc(2048);
	for (unsigned i = 0; i < array_length(hoard->stacks); i++)
		hoard->stacks[i] = kernel_stack_allocate();
	if (!crew_prepare(&crew, 1, free_there, hoard))
		return;
	ktest_expect(thread_set_affinity(crew_thread(&crew, 0), cpu_bit(home)) == 0);
	crew_go(&crew);
	crew_join(&crew);
	ktest_expect(sched_cpu_set_online(home, false) == 0);
	ktest_expect(slab_cpu_held(home) == 0);
	ktest_expect(frame_cpu_held(home) == 0);
	ktest_expect(kernel_stack_cpu_held(home) == 0);
	ktest_expect(sched_cpu_set_online(home, true) == 0);
}

KTEST(hotplug, memory_is_not_stranded)
{
	struct hoard *hoard = kzalloc(sizeof(*hoard));

	ktest_expect(hoard != NULL);
	if (hoard && cpu_count() > 1)
		measure_strand(hoard, cpu_count() - 1);
	kfree(hoard);
}

/* --- CPUs that come. --- */

/* Whichever the machine may have beyond those that run: the simulation does. */
static bool add_new(unsigned *cpu)
{
	bool full = cpu_count() == cpu_limit();
	int error = sched_cpu_add(cpu_count(), cpu);

	ktest_expect(error == (full ? -ENOSPC : 0));
	return error == 0;
}

/* It leaves more CPUs than there were. */
KTEST(hotplug, more_come_under_load)
{
	unsigned count = min_u64(LOAD_KINDS * cpu_count(), LOAD_MAX), cpu, before = cpu_count();
	struct crew crew;

	ktest_expect(sched_cpu_add(arch_cpu_hardware_id(0), &cpu) == -EEXIST);
	if (cpu_limit() == cpu_count() || arch_cpu_find(before) != CPU_MAX)
		return;
	if (!load_start(&crew, count))
		return;
	while (add_new(&cpu)) {
		ktest_expect(cpu == before && cpu_count() == before + 1);
		ktest_expect(sched_cpus_online() & cpu_bit(cpu));
		before++;
		expect_progress(count);
		ktest_expect(sched_cpu_set_online(cpu, false) == 0);
		expect_deserted(cpu);
		take_out(cpu);
	}
	ktest_expect(sched_cpu_remove(cpu_count()) == -EINVAL);
	all_online();
	expect_progress(count);
	load_end(&crew, count);
}
