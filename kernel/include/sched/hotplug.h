/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs that go offline and come back while the system runs, and that leave the machine or come into it. docs/cpu-hotplug.md tells what is
 * moved, and why nothing is lost.
 */
#pragma once

#include <base/types.h>

/* Takes CPU `cpu` out of service, or puts it back; returns when that is done. Threads, timers and
 * interrupts go elsewhere, also the threads whose affinity names no other CPU: those come back to
 * it with it. 0, also if it is as wanted already; -EINVAL: there is no such CPU; -EBUSY: it is the
 * last one; -EIO: it does not answer. Thread context, sleeps. */
int must_check sched_cpu_set_online(unsigned cpu, bool online);
/* The CPU that the platform calls `hardware_id` has come into the machine: gives it a number, or the one that it
 * had, and puts it into service. -EEXIST: it is there already; -ENOSPC: there is no number for it; -ENOMEM; -EIO:
 * it does not start. Thread context, sleeps. */
int must_check sched_cpu_add(uint32_t hardware_id, unsigned *cpu);
/* CPU `cpu` leaves the machine: takes it out of service, and it may be taken out. -EINVAL: there is no such CPU;
 * -EBUSY: it is the last one, or the boot CPU, which cannot be started anew; -EIO: it does not answer. Thread
 * context, sleeps. */
int must_check sched_cpu_remove(unsigned cpu);
/* The CPUs that are in service, a bit each. Any context. */
uint64_t sched_cpus_online(void);
/* The CPUs that there are, in service or not. Any context. */
uint64_t sched_cpus_present(void);
/* All that there can ever be. */
uint64_t sched_cpus_possible(void);
/* How long CPU `cpu` has been out of service, ns. */
uint64_t sched_offline_ns(unsigned cpu);
