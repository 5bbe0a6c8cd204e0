/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's power: switching off, restarting, suspending, and what asks for it (buttons, the lid,
 * temperatures, batteries). docs/power.md.
 */
#pragma once

#include <base/types.h>

enum power_target {
	POWER_OFF,
	POWER_RESTART,
	POWER_HALT,
};

/* Starts what watches buttons, batteries, temperatures and hotplug. Called once, from the boot thread,
 * after devices_start(). */
void power_start(void);

/* Has programs stand still, writes all file systems, tells devices to write what they hold, and ends. What
 * cannot be switched off or restarted is halted. Thread context, no lock held. Who may is the caller's to
 * check. */
_Noreturn void power_down(enum power_target target);

/* Asks init to end programs in order and then to switch off or restart, as a button does: SIGUSR2 or
 * SIGTERM (what busybox's and ours know). Any context. Where init has ended, or does not get that far in
 * 60 s (power-patience=SECONDS on the command line), programs are ended
 * and the machine goes down as by power_down(). */
void power_ask(enum power_target target);

/* Has the machine suspended, if it can be. Any context. */
void power_ask_suspend(void);
/* What control, alt and delete do: have the machine restart as by power_ask() (at first), or tell init
 * (SIGINT), which decides. */
void power_set_restart_keys(bool restart);

/* True if the machine can sleep so that memory stays (S3). */
bool power_can_suspend(void);
/* Suspends to memory, returns after waking: programs stand still, file systems are written, devices and
 * then CPUs are switched off. -ENODEV (no such state), -EBUSY (another suspends, or a device refuses: all
 * goes on as before), -EINTR (a wake event came first), -EIO. Thread context of a program's thread or a
 * kernel thread, no lock held. */
int must_check power_suspend(void);
/* The same for machines that cannot, with less gained: programs stand still and devices sleep, and CPUs idle
 * until a button or the clock's alarm. Time goes on. -ENODEV: nothing would end it. */
int must_check power_freeze(void);
struct power_sleep_statistics {
	unsigned count;   /* how often the machine has slept */
	uint64_t seconds; /* for how long in all, by the battery-backed clock */
	unsigned failures;
	int last_error; /* of these; 0: there was none */
};
void power_read_sleep(struct power_sleep_statistics *statistics);
