/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ending programs where init does not. */
#include "power_priv.h"

#include <core/log.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <sched/thread.h>
#include <time/clock.h>

#define TERMINATE_PATIENCE_NS (2 * NS_PER_SECOND)
#define KILL_PATIENCE_NS      NS_PER_SECOND
#define LOOK_AGAIN_NS         (20 * NS_PER_MILLISECOND)

static bool is_program(const struct process *process)
{
	return !process->first && !process->service;
}

static bool send(struct process *process, void *argument)
{
	const int *signal = argument;

	if (is_program(process))
		signal_send_kernel(process, *signal);
	return true;
}

static bool count(struct process *process, void *argument)
{
	unsigned *counted = argument;

	*counted += is_program(process);
	return true;
}

static unsigned count_programs(void)
{
	unsigned counted = 0;

	process_visit(count, &counted);
	return counted;
}

/* True when only init is left, and what serves devices. */
static bool end_all(int signal, uint64_t patience_ns)
{
	uint64_t deadline = clock_deadline_after(patience_ns);

	process_visit(send, &signal);
	while (count_programs() > 0) {
		if (clock_monotonic_ns() >= deadline)
			return false;
		thread_sleep_until(clock_deadline_after(LOOK_AGAIN_NS));
	}
	return true;
}

void power_end_programs(void)
{
	if (!end_all(SIGTERM, TERMINATE_PATIENCE_NS) && !end_all(SIGKILL, KILL_PATIENCE_NS))
		log_info("power", "%u programs are left", count_programs());
}
