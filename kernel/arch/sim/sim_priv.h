/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the simulation share. */
#pragma once

#include "sim.h"

struct host_context;

struct sim_cpu {
	struct cpu cpu;
	struct host_context *running; /* what it runs: suspended while another CPU goes on */
	struct thread *previous;      /* handed to what is switched to */
	uint64_t deadline;            /* of its timer; UINT64_MAX: not armed */
	uint64_t call_senders;        /* the CPUs that want something of it */
	bool irq_enabled;
	bool wake_pending;
	bool idle;
	bool parked; /* in arch_cpu_park() */
	bool wanted; /* told to come back from there */
};

extern struct sim_cpu sim_cpus[SIM_CPU_MAX];
/* The one that goes on at the moment. */
extern struct sim_cpu *sim_cpu;

void sim_cpus_init(unsigned count, unsigned later, uint64_t seed);
void sim_memory_init(uint64_t memory, uint64_t window);
