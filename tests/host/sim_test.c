/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting the simulation, and tests that must end in a panic. */
#include "sim_test.h"

#include "sim_process.h"

#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <native/boot_info.h>
#include <sched/futex.h>
#include <sched/thread.h>
#include <sched/work.h>
#include <time/clock.h>
#include <time/timer.h>

/* What a process that must panic or fault ends with. */
#define STATUS_EXPECTED 50

static const char *expected_text;

static void start_memory(const struct sim_configuration *configuration)
{
	const struct boot_memory_range map[] = {
		{ .base = 0, .length = configuration->memory, .kind = BOOT_MEMORY_USABLE },
	};

	sim_start(configuration);
	frame_init(map, array_length(map), NULL, 0);
	slab_init();
}

void sim_test_start_bare(uint64_t memory)
{
	start_memory(&(struct sim_configuration){ .cpus = 1, .memory = memory });
}

void sim_test_start(unsigned cpus, uint64_t memory)
{
	sim_test_start_bare(memory);
	for (unsigned id = 0; id < cpus; id++)
		sim_become_cpu(id);
	sim_become_cpu(0);
	frame_init_caches();
	slab_init_magazines();
	arch_irq_enable();
}

void sim_test_start_scheduler(unsigned cpus, uint64_t memory, uint64_t seed)
{
	start_memory(&(struct sim_configuration){
		.cpus = cpus,
		.cpus_later = SIM_CPU_MAX - cpus,
		.memory = memory,
		.seed = seed,
	});
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

static void check_panic(const char *message)
{
	size_t length = strlen(expected_text);

	for (const char *place = message; *place; place++)
		if (strncmp(place, expected_text, length) == 0)
			sim_process_exit(STATUS_EXPECTED);
}

static void run_to_panic(const void *argument)
{
	void (*const *run)(void) = argument;

	sim_after_fork();
	sim_set_panic_hook(check_panic);
	(*run)();
}

void sim_test_expect_panic(const char *file, int line, void (*run)(void), const char *text)
{
	int status;

	expected_text = text;
	status = sim_process_run(run_to_panic, &run);
	if (status == 0)
		unit_fail(file, line, "did not panic, but should with \"%s\"", text);
	if (status != STATUS_EXPECTED)
		unit_fail(file, line, "did not panic with \"%s\"", text);
}

static void read_byte(const void *address)
{
	sim_process_exit_on_fault(STATUS_EXPECTED);
	(void)*(const volatile uint8_t *)address;
}

void sim_test_expect_fault(const char *file, int line, const void *address)
{
	if (sim_process_run(read_byte, address) != STATUS_EXPECTED)
		unit_fail(file, line, "%p can be read", address);
}
