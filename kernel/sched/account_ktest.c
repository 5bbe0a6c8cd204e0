/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: CPU times and load averages. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <core/ktest.h>
#include <sched/account.h>

/* Spins for so much of its own CPU time. */
static void spin_for(uint64_t ns)
{
	uint64_t end = thread_runtime(thread_current()) + ns;

	while (thread_runtime(thread_current()) < end)
		spin_once();
}

static uint64_t system_time(void)
{
	static uint64_t last_user, last_system;
	uint64_t user, system;

	thread_read_times(thread_current(), &user, &system);
	ktest_expect(user + system <= thread_runtime(thread_current()));
	ktest_expect(user >= last_user && system >= last_system);
	last_user = user;
	last_system = system;
	return system;
}

KTEST(sched, measures_rare_entries_each)
{
	struct thread *self = thread_current();
	uint64_t runtime = thread_runtime(self), system = system_time();

	for (unsigned i = 0; i < 60; i++) {
		account_kernel_enter();
		spin_for(100 * NS_PER_MICROSECOND);
		if (i % 8 == 0)
			sleep_for(NS_PER_MILLISECOND); /* does not count */
		account_kernel_leave();
		spin_for(600 * NS_PER_MICROSECOND);
		(void)system_time();
	}
	runtime = thread_runtime(self) - runtime;
	system = system_time() - system;
	ktest_expect(system >= 60 * 100 * NS_PER_MICROSECOND);
	/* A seventh, and what going to sleep costs. */
	ktest_expect(system * 2 < runtime);
}

#define ENTRIES 600

struct sampling {
	uint64_t runtime, system, measured;
};

/* Enters the kernel for about half of the time, often, and reads the estimate itself: what programs
 * are shown makes up for its errors later. False: the thread was held up meanwhile, which counts
 * seventeenfold if it was in a sample. */
static bool sample_entries(struct sampling *sampling)
{
	struct thread *self = thread_current();
	uint64_t runtime = thread_runtime(self), system = self->system_ns, longest = 0;

	sampling->measured = 0;
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t begin = clock_monotonic_ns();

		account_kernel_enter();
		sampling->measured += self->account_open;
		spin_once();
		account_kernel_leave();
		spin_once();
		if (i % 64 == 0)
			(void)system_time();
		longest = max_u64(longest, clock_monotonic_ns() - begin);
	}
	sampling->runtime = thread_runtime(self) - runtime;
	sampling->system = self->system_ns - system;
	return longest * 50 < sampling->runtime;
}

KTEST(sched, samples_frequent_entries)
{
	struct sampling sampling;
	unsigned rounds = 0;

	/* CPUs that are virtual stand still at times. */
	while (!sample_entries(&sampling) && ++rounds < 100)
		sleep_for(NS_PER_MILLISECOND);
	/* About half of the time, if the samples are good ones. */
	ktest_expect(sampling.system > sampling.runtime / 10);
	ktest_expect(sampling.system < sampling.runtime - sampling.runtime / 10);
	ktest_expect(sampling.measured >= ENTRIES / 17 && sampling.measured < ENTRIES);
}

static bool about(uint32_t value, uint32_t wanted)
{
	return value + 4 >= wanted && value <= wanted + 4;
}

/* The figures are 1 - exp(-t / T), and their decay, times 2048. */
KTEST(sched, averages_the_load)
{
	struct load load = { 0 };
	uint32_t averages[LOAD_AVERAGES];
	uint64_t now = 0;

	load_update(&load, 0, now);
	for (unsigned i = 0; i < 600; i++) /* changes every 100 ms for a minute */
		load_update(&load, 1, now += 100 * NS_PER_MILLISECOND);
	load_read(&load, averages);
	ktest_expect(about(averages[0], 1295) && about(averages[1], 371) &&
		     about(averages[2], 132));
	load_update(&load, 0, now += 60 * NS_PER_SECOND); /* no change for another */
	load_read(&load, averages);
	ktest_expect(about(averages[0], 476) && about(averages[1], 304) && about(averages[2], 124));
	load_update(&load, 0, now += 86400 * NS_PER_SECOND);
	load_read(&load, averages);
	ktest_expect(averages[0] == 0 && averages[1] == 0 && averages[2] == 0);
	load_update(&load, 3, now += 86400 * NS_PER_SECOND);
	load_read(&load, averages);
	ktest_expect(averages[0] == 3 * 2048 && averages[2] == 3 * 2048);
	/* Two threads half of the time. */
	for (unsigned i = 0; i < 72000; i++)
		load_update(&load, i % 2 ? 2 : 0, now += 100 * NS_PER_MILLISECOND);
	load_read(&load, averages);
	ktest_expect(about(averages[0], 2048) && about(averages[1], 2048) &&
		     about(averages[2], 2048));
}
