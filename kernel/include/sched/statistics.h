/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the scheduler counts, per CPU. Everything only grows and may be read at any time without a
 * lock; two counters that are read one after the other need not fit together.
 */
#pragma once

#include <base/types.h>

/* Histograms of durations: bucket n counts those of [2^n, 2^(n+1)) ns, bucket 0 also 0. */
#define SCHED_HISTOGRAM_BUCKETS 36

struct sched_histogram {
	_Atomic uint64_t buckets[SCHED_HISTOGRAM_BUCKETS];
	_Atomic uint64_t count, sum_ns, longest_ns;
};

struct sched_token_statistics {
	_Atomic uint64_t hops;      /* visits of the token, by IPI_WAKE or the pacer */
	_Atomic uint64_t forwarded; /* sent on to another CPU */
	_Atomic uint64_t skipped;   /* CPUs passed over when it was sent on: nothing to decide */
	_Atomic uint64_t laps;      /* that ended here */
	_Atomic uint64_t launched, retired;
	_Atomic uint64_t lost;      /* found lost here, and replaced */
	_Atomic uint64_t merged;    /* old ones that came here and were dropped */
	_Atomic uint64_t donations; /* threads handed on to another CPU in passing */
};

struct sched_statistics {
	_Atomic uint64_t switches, wakeups, migrations;
	_Atomic uint64_t wake_interrupts; /* IPI_WAKE received, with or without the token */
	_Atomic uint64_t
		timer_decisions; /* expired timers of the scheduler's own: pacer, watch, tick */
	struct sched_token_statistics token;
	struct sched_histogram wake_latency; /* from runnable to running, of threads that slept */
	struct sched_histogram lap;          /* laps that ended here: from launch to last visit */
};

/* The statistics of CPU `cpu` < cpu_count(). */
const struct sched_statistics *sched_statistics(unsigned cpu);
/* How long CPU `cpu` was idle, while it was online, ns. */
uint64_t sched_idle_ns(unsigned cpu);
/* How many threads run or wait on CPU `cpu`, now. */
unsigned sched_runnable(unsigned cpu);
/* Load averages over 1, 5 and 15 minutes of threads that run or want to, fixed point with 11
 * fraction bits, brought up to date when asked (no tick). */
void sched_read_load(uint32_t averages[3]);
/* How many CPUs have nothing to do right now. A hint. */
unsigned sched_cpus_free(void);
/* True if each CPU is looked at by a timer of its own (sched=tick) instead of the token. */
bool sched_is_by_tick(void);
/* The time between two looks at a CPU with something to decide, ns. */
uint64_t sched_quantum_ns(void);

/* Counts one duration. The caller is the only one that writes the histogram at the time. */
void sched_histogram_add(struct sched_histogram *histogram, uint64_t ns);
