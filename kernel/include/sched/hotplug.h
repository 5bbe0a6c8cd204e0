/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs that go offline and come back while the system runs. docs/cpu-hotplug.md tells what is
 * moved, and why nothing is lost.
 */
#pragma once

#include <base/types.h>

/* Takes CPU `cpu` out of service, or puts it back; returns when that is done. Threads, timers and
 * interrupts go elsewhere, also the threads whose affinity names no other CPU: those come back to
 * it with it. 0, also if it is as wanted already; -EINVAL: there is no such CPU; -EBUSY: it is the
 * last one; -EIO: it does not answer. Thread context, sleeps. */
int must_check sched_cpu_set_online(unsigned cpu, bool online);
/* The CPUs that are in service, a bit each. Any context. */
uint64_t sched_cpus_online(void);
/* The CPUs that there are, in service or not: cpu_count() of them. */
uint64_t sched_cpus_present(void);
/* How long CPU `cpu` has been out of service, ns. */
uint64_t sched_offline_ns(unsigned cpu);
