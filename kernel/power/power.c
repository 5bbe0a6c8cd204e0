/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What asks for a change of the machine's power is served by one thread, in order: buttons, the lid, a
 * temperature that is too high. Going down is init's to do; where it does not, it is done without it.
 */
#include <power/power.h>

#include "power_priv.h"

#include <acpi/device.h>
#include <core/command_line.h>
#include <core/log.h>
#include <input/input.h>
#include <power/wall_clock.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <time/clock.h>

#include <stdatomic.h>

#define INIT_PATIENCE_S 60

static struct wait_queue queue = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "power"),
	.waiters = LIST_INIT(queue.waiters),
};
/* What is wanted: bits by enum power_target, and these. */
#define ASKED_SUSPEND (1u << 31)
#define ASKED_KEYS    (1u << 30) /* tell init of control, alt and delete */
static _Atomic unsigned asked;

static _Atomic bool keys_restart = true; /* those do it themselves */

static const struct {
	const char *text;
	int signal; /* what init understands, busybox's and ours */
} targets[] = {
	[POWER_OFF] = { "switch off", SIGUSR2 },
	[POWER_RESTART] = { "restart", SIGTERM },
	[POWER_HALT] = { "halt", SIGUSR1 },
};

static void ask(unsigned what)
{
	atomic_fetch_or(&asked, what);
	wait_wake(&queue);
}

void power_ask(enum power_target target)
{
	ask(1u << target);
}

void power_ask_suspend(void)
{
	ask(ASKED_SUSPEND);
}

/* False: it does not listen. */
static bool tell_init(enum power_target target)
{
	struct process *init = process_find(1);
	bool heeded = init && signal_is_heeded(init, targets[target].signal);

	if (heeded)
		signal_send_kernel(init, targets[target].signal);
	if (init)
		process_put(init);
	return heeded;
}

static void serve_target(enum power_target target)
{
	uint64_t patience = command_line_get_u64("power-patience", INIT_PATIENCE_S);

	log_notice("power", "asked to %s", targets[target].text);
	if (tell_init(target)) {
		thread_sleep_until(clock_deadline_after(patience * NS_PER_SECOND));
		log_warning("power", "init has not done so within %lu s", patience);
	} else {
		log_warning("power", "init does not listen to that");
	}
	power_end_programs();
	power_down(target);
}

void power_set_restart_keys(bool restart)
{
	atomic_store(&keys_restart, restart);
}

/* What buttons do unless a program has them. Any context. */
static void serve_button(enum input_power what)
{
	switch (what) {
	case INPUT_POWER_BUTTON:
		power_ask(POWER_OFF);
		break;
	case INPUT_SLEEP_BUTTON:
	case INPUT_LID_CLOSED:
		power_ask_suspend();
		break;
	case INPUT_RESTART_KEYS:
		ask(atomic_load(&keys_restart) ? 1u << POWER_RESTART : ASKED_KEYS);
		break;
	}
}

/* Control, alt and delete. */
static void tell_init_of_keys(void)
{
	struct process *init = process_find(1);

	if (!init)
		return;
	signal_send_kernel(init, SIGINT);
	process_put(init);
}

static void suspend(void)
{
	int error = power_suspend();

	/* A key tells in two ways, people press twice: what was asked until it slept has been done. */
	atomic_fetch_and(&asked, ~ASKED_SUSPEND);
	if (error)
		log_warning("power", "the machine does not sleep: error %d", -error);
}

/* Going down comes before sleeping, and switching off before restarting. */
static void serve(unsigned wanted)
{
	for (enum power_target target = POWER_OFF; target <= POWER_HALT; target++) {
		if (wanted & 1u << target)
			serve_target(target);
	}
	if (wanted & ASKED_KEYS)
		tell_init_of_keys();
	if ((wanted & ASKED_SUSPEND) && power_can_suspend()) {
		suspend();
		/* Who asked again meanwhile, as it took so long, has what he wanted. */
		atomic_fetch_and(&asked, ~ASKED_SUSPEND);
	}
}

static void run(void *unused)
{
	struct waiter waiter;

	(void)unused;
	wait_begin(&queue, &waiter);
	for (;;) {
		unsigned wanted = atomic_exchange(&asked, 0);

		if (wanted)
			serve(wanted);
		else
			wait_sleep_until_woken(&waiter);
	}
}

void power_start(void)
{
	if (thread_spawn("power", run, NULL))
		log_error("power", "no memory: nobody serves buttons");
	input_set_power_sink(serve_button);
	power_buttons_start();
	wall_clock_start();
	acpi_drivers_start();
}
