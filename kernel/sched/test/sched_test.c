/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the self tests of the scheduler and of the timers in the simulation, with different
 * numbers of CPUs and, by the seed, different courses of events.
 */
#include <base/format.h>
#include <base/string.h>
#include <core/ktest.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <native/boot_info.h>
#include <sched/futex.h>
#include <sched/thread.h>
#include <sched/work.h>
#include <time/clock.h>
#include <time/timer.h>

#include "../ktest_crew.h"
#include "sim_process.h"
#include "sim_test.h"

#define SEEDS 6

struct course {
	const char *subsystem;
	unsigned cpus;
	uint64_t seed;
};

/* Instead of the empty one beside the tests: spinning for milliseconds, step by step, takes too
 * long. */
void spin_pass_time(void)
{
	sim_pass_time(sim_random() % (20 * NS_PER_MICROSECOND));
}

/* In the order of kernel/main. */
static void start_kernel(const struct course *course)
{
	const struct boot_memory_range map[] = {
		{ .base = 0, .length = 64 * MIB, .kind = BOOT_MEMORY_USABLE },
	};

	sim_start(&(struct sim_configuration){
		.cpus = course->cpus, .memory = 64 * MIB, .seed = course->seed });
	frame_init(map, array_length(map), NULL, 0);
	slab_init();
	clock_init();
	timers_init();
	sched_init();
	arch_irq_enable();
	arch_smp_start();
	frame_init_caches();
	slab_init_magazines();
	work_start();
	futex_init();
}

static void run_course(const void *argument)
{
	const struct course *course = argument;

	start_kernel(course);
	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (strcmp(test->subsystem, course->subsystem) != 0)
			continue;
		log_info("test", "%lu %u CPUs, seed %lu: %s", clock_monotonic_ns() / 1000000,
			 course->cpus, course->seed, test->name);
		test->run();
	}
}

static void run_courses(const char *subsystem, unsigned cpus)
{
	struct course course = { .subsystem = subsystem, .cpus = cpus };

	for (course.seed = 1; course.seed <= SEEDS; course.seed++) {
		if (sim_process_run(run_course, &course) != 0)
			unit_fail(__FILE__, __LINE__, "failed with %u CPUs and seed %lu", cpus,
				  course.seed);
	}
}

UNIT_TEST(sched, one_cpu)
{
	run_courses("sched", 1);
}

UNIT_TEST(sched, two_cpus)
{
	run_courses("sched", 2);
}

UNIT_TEST(sched, five_cpus)
{
	run_courses("sched", 5);
}

UNIT_TEST(time, one_cpu)
{
	run_courses("time", 1);
}

UNIT_TEST(time, three_cpus)
{
	run_courses("time", 3);
}
