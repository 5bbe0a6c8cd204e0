/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/stat, cpuinfo, uptime, loadavg and interrupts. */
#include "../id_table.h"
#include "../process_private.h"
#include "proc_fs.h"

#include <arch/irq.h>
#include <base/bits.h>
#include <base/errno.h>
#include <irq/irq.h>
#include <mm/phys/slab.h>
#include <sched/hotplug.h>
#include <sched/statistics.h>
#include <sync/cpu.h>
#include <time/clock.h>

typedef unsigned long long llu;

/* How the time of a CPU has been shown to be spent. The kernel knows how long each CPU was busy
 * and how much of all busy time programs had in user mode, but not of which CPU: it is shared
 * out evenly, and so that no number ever shrinks. */
struct cpu_share {
	uint64_t user_ns, system_ns;
};

/* Protects `shares`. */
static struct spinlock shares_lock = SPINLOCK_INIT(RANK_LEAF, "cpu shares");
static struct cpu_share shares[CPU_MAX];

static bool add_user_time(struct process *process, void *argument)
{
	struct process_times times;

	process_read_times(process, &times);
	*(uint64_t *)argument += times.user_ns;
	return true;
}

/* What of `busy_ns` of a CPU is shown as spent in user mode, of 1/1024 in `ratio`. */
static void update_share(struct cpu_share *share, uint64_t busy_ns, uint64_t ratio)
{
	uint64_t user = busy_ns / 1024 * ratio;
	uint64_t most = busy_ns > share->system_ns ? busy_ns - share->system_ns : 0;

	user = min_u64(user, most);
	share->user_ns = max_u64(share->user_ns, user);
	if (busy_ns > share->user_ns)
		share->system_ns = max_u64(share->system_ns, busy_ns - share->user_ns);
}

static void print_cpu_line(struct text *text, uint64_t user_ns, uint64_t system_ns,
			   uint64_t idle_ns)
{
	text_print(text, " %llu 0 %llu %llu 0 0 0 0 0 0\n", (llu)(user_ns / PROC_NS_PER_TICK),
		   (llu)(system_ns / PROC_NS_PER_TICK), (llu)(idle_ns / PROC_NS_PER_TICK));
}

/* How long a CPU was neither idle nor offline. */
static uint64_t busy_ns(unsigned cpu, uint64_t now)
{
	return now - min_u64(sched_idle_ns(cpu) + sched_offline_ns(cpu), now);
}

static void print_cpu_times(struct text *text)
{
	uint64_t now = clock_monotonic_ns(), user = process_ended_user_ns(), busy = 0, idle = 0;
	uint64_t online = sched_cpus_online();
	struct cpu_share copy[CPU_MAX], sum = { 0 };
	uint64_t ratio;

	process_visit(add_user_time, &user);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		idle += min_u64(sched_idle_ns(cpu), now);
		busy += busy_ns(cpu, now);
	}
	ratio = busy >= 1024 ? min_u64(user / (busy / 1024), 1024) : 0;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		uint64_t cpu_busy = busy_ns(cpu, now);
		irq_state_t state = spin_lock_irqsave(&shares_lock);

		update_share(&shares[cpu], cpu_busy, ratio);
		copy[cpu] = shares[cpu];
		spin_unlock_irqrestore(&shares_lock, state);
		sum.user_ns += copy[cpu].user_ns;
		sum.system_ns += copy[cpu].system_ns;
	}
	text_print(text, "cpu ");
	print_cpu_line(text, sum.user_ns, sum.system_ns, idle);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		if (!(online >> cpu & 1))
			continue;
		text_print(text, "cpu%u", cpu);
		print_cpu_line(text, copy[cpu].user_ns, copy[cpu].system_ns, sched_idle_ns(cpu));
	}
}

/* Over all CPUs. */
struct sums {
	uint64_t switches, wake_interrupts, timer_interrupts;
	unsigned runnable;
};

static void sum_statistics(struct sums *sum)
{
	*sum = (struct sums){ 0 };
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct sched_statistics *one = sched_statistics(cpu);

		sum->switches += one->switches;
		sum->wake_interrupts += one->wake_interrupts;
		sum->timer_interrupts += timer_interrupts(cpu);
		sum->runnable += sched_runnable(cpu);
	}
}

static uint64_t device_interrupts(void)
{
	uint64_t total = 0;

	for (unsigned irq = 0; irq < ARCH_IRQ_MAX; irq++)
		total += irq_count(irq);
	return total;
}

int proc_generate_stat(struct proc_node *node, struct text *text)
{
	struct sums sum;

	(void)node;
	sum_statistics(&sum);
	print_cpu_times(text);
	text_print(text, "intr %llu\n",
		   (llu)(device_interrupts() + sum.timer_interrupts + sum.wake_interrupts));
	text_print(text, "ctxt %llu\nbtime %llu\nprocesses %llu\n", (llu)sum.switches,
		   (llu)((clock_realtime_ns() - clock_boottime_ns()) / NS_PER_SECOND),
		   (llu)process_created_count());
	text_print(text, "procs_running %u\nprocs_blocked 0\n", sum.runnable);
	return 0;
}

int proc_generate_interrupts(struct proc_node *node, struct text *text)
{
	struct sums sum;

	(void)node;
	sum_statistics(&sum);
	text_print(text, "           %10s\n", "all CPUs");
	for (unsigned irq = 0; irq < ARCH_IRQ_MAX; irq++) {
		char name[32];

		if (irq_name(irq, name, sizeof(name)))
			text_print(text, "%9u: %10llu   %s\n", irq, (llu)irq_count(irq), name);
	}
	text_print(text, "%9s: %10llu   Local timer interrupts\n", "LOC",
		   (llu)sum.timer_interrupts);
	text_print(text, "%9s: %10llu   Rescheduling interrupts\n", "RES",
		   (llu)sum.wake_interrupts);
	text_print(text, "%9s: %10llu   Function call interrupts\n", "CAL",
		   (llu)arch_call_interrupts());
	return 0;
}

static void print_hundredths(struct text *text, uint64_t ns)
{
	text_print(text, "%llu.%02llu", (llu)(ns / NS_PER_SECOND),
		   (llu)(ns % NS_PER_SECOND / (NS_PER_SECOND / 100)));
}

int proc_generate_uptime(struct proc_node *node, struct text *text)
{
	uint64_t idle = 0;

	(void)node;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		idle += sched_idle_ns(cpu);
	print_hundredths(text, clock_boottime_ns());
	text_append(text, " ", 1);
	print_hundredths(text, idle);
	text_append(text, "\n", 1);
	return 0;
}

static bool add_threads(struct process *process, void *argument)
{
	*(unsigned *)argument += process->thread_count;
	return true;
}

int proc_generate_loadavg(struct proc_node *node, struct text *text)
{
	struct sums sum;
	uint32_t averages[3];
	unsigned threads = 0;

	(void)node;
	sched_read_load(averages);
	sum_statistics(&sum);
	process_visit(add_threads, &threads);
	for (unsigned i = 0; i < array_length(averages); i++) {
		uint32_t hundredths = (averages[i] * 100 + 1024) >> 11;

		text_print(text, "%u.%02u ", hundredths / 100, hundredths % 100);
	}
	text_print(text, "%u/%u %u\n", sum.runnable, threads, id_last_allocated());
	return 0;
}

static void print_cpu(struct text *text, unsigned cpu, unsigned count,
		      const struct arch_cpu_description *d)
{
	uint64_t khz = d->frequency_hz / 1000;

	text_print(text, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu,
		   d->vendor, d->family, d->model);
	text_print(text, "model name\t: %s\nstepping\t: %u\n", d->model_name, d->stepping);
	text_print(text, "cpu MHz\t\t: %llu.%03llu\n", (llu)(khz / 1000), (llu)(khz % 1000));
	text_print(text, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n",
		   count, cpu, count);
	text_print(text, "flags\t\t: %s\n", d->flags);
	text_print(text, "bogomips\t: %llu.%02llu\n", (llu)(khz / 500), (llu)(khz / 5 % 100));
	text_print(text, "address sizes\t: %u bits physical, %u bits virtual\n\n",
		   d->physical_address_bits, d->virtual_address_bits);
}

int proc_generate_cpuinfo(struct proc_node *node, struct text *text)
{
	struct arch_cpu_description *description = kmalloc(sizeof(*description));
	uint64_t online = sched_cpus_online();

	(void)node;
	if (!description)
		return -ENOMEM;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		if (!(online >> cpu & 1))
			continue;
		arch_describe_cpu(cpu, description);
		print_cpu(text, cpu, bit_count(online), description);
	}
	kfree(description);
	return 0;
}
