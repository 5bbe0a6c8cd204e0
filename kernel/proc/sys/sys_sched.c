/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys:sched: what the scheduler counted since boot, per CPU and in total. */
#include "sys_files.h"

#include <base/format.h>
#include <sched/statistics.h>
#include <sync/cpu.h>
#include <time/clock.h>
#include <time/timer.h>

#include <stdatomic.h>
#include <stddef.h>

typedef unsigned long long llu;

/* --- Counters: one line each, the total and then each CPU. --- */

static const struct counter {
	const char *name;
	size_t offset; /* in struct sched_statistics */
} counters[] = {
	{ "switches", offsetof(struct sched_statistics, switches) },
	{ "wakeups", offsetof(struct sched_statistics, wakeups) },
	{ "migrations", offsetof(struct sched_statistics, migrations) },
	{ "wake_interrupts", offsetof(struct sched_statistics, wake_interrupts) },
	{ "timer_decisions", offsetof(struct sched_statistics, timer_decisions) },
	{ "token_hops", offsetof(struct sched_statistics, token.hops) },
	{ "token_forwarded", offsetof(struct sched_statistics, token.forwarded) },
	{ "token_skipped", offsetof(struct sched_statistics, token.skipped) },
	{ "token_laps", offsetof(struct sched_statistics, token.laps) },
	{ "token_launched", offsetof(struct sched_statistics, token.launched) },
	{ "token_retired", offsetof(struct sched_statistics, token.retired) },
	{ "token_lost", offsetof(struct sched_statistics, token.lost) },
	{ "token_merged", offsetof(struct sched_statistics, token.merged) },
	{ "token_donations", offsetof(struct sched_statistics, token.donations) },
};

static uint64_t counted(unsigned cpu, size_t offset)
{
	const char *statistics = (const char *)sched_statistics(cpu);

	return atomic_load_explicit((const _Atomic uint64_t *)(const void *)(statistics + offset),
				    memory_order_relaxed);
}

static void print_row(struct text *text, const char *name, const uint64_t values[CPU_MAX])
{
	unsigned count = cpu_count();
	uint64_t total = 0;

	for (unsigned cpu = 0; cpu < count; cpu++)
		total += values[cpu];
	text_print(text, "%-16s %14llu", name, (llu)total);
	for (unsigned cpu = 0; cpu < count; cpu++)
		text_print(text, " %14llu", (llu)values[cpu]);
	text_append(text, "\n", 1);
}

static void print_counters(struct text *text)
{
	uint64_t values[CPU_MAX], idle[CPU_MAX], interrupts[CPU_MAX];
	unsigned count = cpu_count();

	text_print(text, "%-16s %14s", "counter", "total");
	for (unsigned cpu = 0; cpu < count; cpu++) {
		char label[16];

		snprintf(label, sizeof(label), "cpu%u", cpu);
		text_print(text, " %14s", label);
	}
	text_append(text, "\n", 1);
	for (size_t i = 0; i < array_length(counters); i++) {
		for (unsigned cpu = 0; cpu < count; cpu++)
			values[cpu] = counted(cpu, counters[i].offset);
		print_row(text, counters[i].name, values);
	}
	for (unsigned cpu = 0; cpu < count; cpu++) {
		interrupts[cpu] = timer_interrupts(cpu);
		idle[cpu] = sched_idle_ns(cpu);
		values[cpu] = sched_runnable(cpu);
	}
	print_row(text, "timer_interrupts", interrupts);
	print_row(text, "idle_ns", idle);
	print_row(text, "runnable", values);
}

/* --- Histograms, of all CPUs together. --- */

struct sums {
	uint64_t buckets[SCHED_HISTOGRAM_BUCKETS];
	uint64_t count, sum_ns, longest_ns;
};

static void add_up(struct sums *sums, size_t offset)
{
	*sums = (struct sums){ 0 };
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const char *statistics = (const char *)sched_statistics(cpu);
		const struct sched_histogram *one = (const void *)(statistics + offset);

		for (unsigned i = 0; i < SCHED_HISTOGRAM_BUCKETS; i++) {
			sums->buckets[i] += one->buckets[i];
			sums->count += one->buckets[i];
		}
		sums->sum_ns += one->sum_ns;
		sums->longest_ns = max_u64(sums->longest_ns, one->longest_ns);
	}
}

/* The upper bound of the bucket that holds the element before which `percent` of all are; but
 * never more than the longest. */
static uint64_t percentile(const struct sums *sums, unsigned percent)
{
	uint64_t wanted = (sums->count * percent + 99) / 100;
	uint64_t seen = 0;

	for (unsigned i = 0; i < SCHED_HISTOGRAM_BUCKETS - 1; i++) {
		seen += sums->buckets[i];
		if (seen >= wanted)
			return min_u64((uint64_t)2 << i, sums->longest_ns);
	}
	return sums->longest_ns;
}

static void print_summary(struct text *text, const char *name, const struct sums *sums)
{
	text_print(text, "%-16s %14llu %14llu %14llu %14llu %14llu %14llu\n", name,
		   (llu)sums->count, (llu)(sums->count ? sums->sum_ns / sums->count : 0),
		   (llu)percentile(sums, 50), (llu)percentile(sums, 90), (llu)percentile(sums, 99),
		   (llu)sums->longest_ns);
}

static void print_buckets(struct text *text, const char *name, const struct sums *sums)
{
	text_print(text, "%s", name);
	for (unsigned i = 0; i < SCHED_HISTOGRAM_BUCKETS; i++)
		text_print(text, " %llu", (llu)sums->buckets[i]);
	text_append(text, "\n", 1);
}

static void print_histograms(struct text *text)
{
	struct sums wake, lap;

	add_up(&wake, offsetof(struct sched_statistics, wake_latency));
	add_up(&lap, offsetof(struct sched_statistics, lap));
	text_print(text, "%-16s %14s %14s %14s %14s %14s %14s\n", "histogram", "count", "mean_ns",
		   "p50_ns", "p90_ns", "p99_ns", "longest_ns");
	print_summary(text, "wake_latency", &wake);
	print_summary(text, "lap", &lap);
	print_buckets(text, "wake_latency_log2_ns", &wake);
	print_buckets(text, "lap_log2_ns", &lap);
}

int sys_generate_sched(struct text *text)
{
	text_print(text, "mode %s\n", sched_is_by_tick() ? "tick" : "token");
	text_print(text, "quantum_ns %llu\n", (llu)sched_quantum_ns());
	text_print(text, "time_ns %llu\n", (llu)clock_monotonic_ns());
	text_print(text, "cpus %u\n", cpu_count());
	print_counters(text);
	print_histograms(text);
	return 0;
}
