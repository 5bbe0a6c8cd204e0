/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the self tests of the scheduler and of the timers in the simulation, with different
 * numbers of CPUs and, by the seed, different courses of events.
 */
#include <base/string.h>
#include <core/command_line.h>
#include <core/ktest.h>
#include <core/log.h>
#include <time/clock.h>

#include "../ktest_crew.h"
#include "sim_process.h"
#include "sim_test.h"

#define SEEDS 6
/* Each takes long, step by step; other seeds show more than more of them. */
#define HOTPLUG_ROUNDS "hotplug_rounds=30"

struct course {
	const char *subsystem;
	unsigned cpus;
	uint64_t seed;
	const char *options; /* on the command line */
};

/* Instead of the empty one beside the tests: spinning for milliseconds, step by step, takes too
 * long. */
void spin_pass_time(void)
{
	sim_pass_time(sim_random() % (20 * NS_PER_MICROSECOND));
}

static void run_course(const void *argument)
{
	const struct course *course = argument;

	command_line_set(course->options, strlen(course->options));
	sim_test_start_scheduler(course->cpus, 64 * MIB, course->seed);
	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (strcmp(test->subsystem, course->subsystem) != 0)
			continue;
		log_info("test", "%u CPUs, seed %lu: %s", course->cpus, course->seed, test->name);
		test->run();
	}
}

static void run_courses(const char *subsystem, unsigned cpus, const char *options)
{
	struct course course = { .subsystem = subsystem, .cpus = cpus, .options = options };

	for (course.seed = 1; course.seed <= SEEDS; course.seed++) {
		if (sim_process_run(run_course, &course) != 0)
			unit_fail(__FILE__, __LINE__, "failed with %u CPUs and seed %lu", cpus,
				  course.seed);
	}
}

UNIT_TEST(sched, one_cpu)
{
	run_courses("sched", 1, "");
}

UNIT_TEST(sched, two_cpus)
{
	run_courses("sched", 2, "");
}

UNIT_TEST(sched, five_cpus)
{
	run_courses("sched", 5, "");
}

UNIT_TEST(sched, three_cpus_by_tick)
{
	run_courses("sched", 3, "sched=tick");
}

UNIT_TEST(hotplug, one_cpu)
{
	run_courses("hotplug", 1, HOTPLUG_ROUNDS);
}

UNIT_TEST(hotplug, two_cpus)
{
	run_courses("hotplug", 2, HOTPLUG_ROUNDS);
}

UNIT_TEST(hotplug, five_cpus)
{
	run_courses("hotplug", 5, HOTPLUG_ROUNDS);
}

UNIT_TEST(hotplug, four_cpus_by_tick)
{
	run_courses("hotplug", 4, "sched=tick " HOTPLUG_ROUNDS);
}

UNIT_TEST(time, one_cpu)
{
	run_courses("time", 1, "");
}

UNIT_TEST(time, three_cpus)
{
	run_courses("time", 3, "");
}
