/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulation: the kernel as a part of an ordinary program, for tests under sanitizers.
 *
 * One host thread plays all CPUs. It runs one until that comes to a point where interrupts
 * could arrive or another CPU could get ahead (interrupts or preemption switched on or off, a
 * spin loop, idling); there a random number, from a seed, decides whether time passes, whether
 * an interrupt is served, and which CPU goes on. So a test runs the same way for the same seed,
 * and other ways for others.
 *
 * Time is virtual: it creeps at those points, and jumps to the next timer when all CPUs idle.
 *
 * The upcalls of arch/trap.h have weak default definitions, so that a program need not link
 * the scheduler and the timers to test what is below them.
 */
#pragma once

#include <sync/cpu.h>

struct sim_configuration {
	unsigned cpus; /* 1 .. SIM_CPU_MAX; only the first runs before arch_smp_start() */
	unsigned
		cpus_later; /* so many more may be started while it runs; their hardware ids are their numbers */
	uint64_t memory; /* bytes of physical address space; 0: 64 MiB */
	uint64_t window; /* bytes of the kernel window; 0: 64 MiB */
	uint64_t seed;   /* 0: no interrupts nor changes of CPU but where they must be */
};

#define SIM_CPU_MAX 8

/* Sets up the machine: its memory, and the caller as what the boot CPU runs, with interrupts
 * off. Once per process. */
void sim_start(const struct sim_configuration *configuration);

/* To be called first in a process that was forked off while the other one waits for it: gives
 * it a memory of its own. */
void sim_after_fork(void);

/* Lets the caller go on as CPU `id`, which must be registered and run nothing else: for tests
 * of per-CPU data without the scheduler. Registers the CPU if it is the next one. */
void sim_become_cpu(unsigned id);

/* Lets virtual time pass. */
void sim_pass_time(uint64_t ns);

/* A random number from the simulation's generator. */
uint64_t sim_random(void);

/* Called by panic() with the message before the process is aborted; NULL: nothing. */
void sim_set_panic_hook(void (*hook)(const char *message));
/* Makes one of the next allocations of kernel page tables fail: arch_kernel_map() returns
 * -ENOMEM after `count` more successes. UINT64_MAX: never. */
void sim_fail_map_after(uint64_t count);
