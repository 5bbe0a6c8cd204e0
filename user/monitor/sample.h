/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel counts, read at one moment: /scheme/sys/sched, /proc/meminfo, /proc/diskstats and
 * /scheme/sys/context. What a file lacks stays 0.
 */
#pragma once

#include <stdint.h>

#define SAMPLE_CPUS_MAX      64
#define SAMPLE_BUCKETS       36
#define SAMPLE_PROCESSES_MAX 4096
#define SAMPLE_NAME_MAX      48

struct sample_cpu {
	uint64_t idle_ns;
	uint64_t hops;      /* visits of the token */
	uint64_t forwarded; /* how often it was sent on */
	uint64_t donations; /* threads given away */
};

struct sample_process {
	unsigned pid;
	uint64_t ticks; /* of processor time, hundredths of a second */
	uint64_t kib;   /* of memory */
	char state[8];
	char name[SAMPLE_NAME_MAX];
};

struct sample {
	uint64_t time_ns;
	unsigned cpus;
	struct sample_cpu cpu[SAMPLE_CPUS_MAX];
	uint64_t laps, lost, donations, hops;
	uint64_t lap_buckets[SAMPLE_BUCKETS]; /* laps that took from 2^n to 2^(n+1) ns */
	uint64_t memory_kib, available_kib, cached_kib;
	uint64_t read_sectors, written_sectors; /* of 512 bytes, by all disks */
	unsigned process_count;
	struct sample_process processes[SAMPLE_PROCESSES_MAX];
};

/* `from`: in front of the paths of the files, "". */
void sample_read(struct sample *sample, const char *from);
