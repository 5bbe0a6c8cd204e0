/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what the kernel counts. */
#include "sample.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISKS_MAX 64

static char text[1 << 19]; /* one file after the other */
static const char *root;

/* All of a file into `text`; empty if it cannot be read. */
static void text_read(const char *name)
{
	char path[256];
	int fd;
	size_t length = 0;

	snprintf(path, sizeof(path), "%s%s", root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && length < sizeof(text) - 1) {
		ssize_t got = read(fd, text + length, sizeof(text) - 1 - length);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
}

/* What follows `name` at the beginning of a line; NULL: there is no such line. */
static const char *line_find(const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; *line;) {
		const char *end = strchr(line, '\n');

		if (strncmp(line, name, length) == 0 && !isalnum((unsigned char)line[length]) &&
		    line[length] != '_')
			return line + length;
		if (!end)
			break;
		line = end + 1;
	}
	return NULL;
}

/* Up to `count` numbers of a line; returns how many. */
static unsigned numbers_read(const char *name, uint64_t *numbers, unsigned count)
{
	const char *line = line_find(name);
	unsigned found = 0;

	if (line && *line == ':')
		line++;
	while (line && found < count) {
		char *end;

		while (*line == ' ')
			line++;
		if (!isdigit((unsigned char)*line))
			break;
		numbers[found++] = strtoull(line, &end, 10);
		line = end;
	}
	return found;
}

static uint64_t number_read(const char *name)
{
	uint64_t number = 0;

	numbers_read(name, &number, 1);
	return number;
}

/* A counter's total and, `offset` bytes into each CPU, its own. */
static uint64_t counter_read(struct sample *sample, const char *name, size_t offset)
{
	uint64_t numbers[1 + SAMPLE_CPUS_MAX] = { 0 };

	numbers_read(name, numbers, 1 + sample->cpus);
	for (unsigned i = 0; i < sample->cpus; i++)
		memcpy((char *)&sample->cpu[i] + offset, &numbers[1 + i], sizeof(uint64_t));
	return numbers[0];
}

static void scheduler_read(struct sample *sample)
{
	uint64_t cpus;

	text_read("/scheme/sys/sched");
	cpus = number_read("cpus");
	sample->cpus = cpus < SAMPLE_CPUS_MAX ? (unsigned)cpus : SAMPLE_CPUS_MAX;
	sample->time_ns = number_read("time_ns");
	counter_read(sample, "idle_ns", offsetof(struct sample_cpu, idle_ns));
	sample->hops = counter_read(sample, "token_hops", offsetof(struct sample_cpu, hops));
	counter_read(sample, "token_forwarded", offsetof(struct sample_cpu, forwarded));
	sample->donations =
		counter_read(sample, "token_donations", offsetof(struct sample_cpu, donations));
	sample->laps = number_read("token_laps");
	sample->lost = number_read("token_lost");
	numbers_read("lap_log2_ns", sample->lap_buckets, SAMPLE_BUCKETS);
}

static void memory_read(struct sample *sample)
{
	text_read("/proc/meminfo");
	sample->memory_kib = number_read("MemTotal");
	sample->available_kib = number_read("MemAvailable");
	sample->cached_kib = number_read("Cached") + number_read("Buffers");
}

static void disks_read(struct sample *sample)
{
	static char names[DISKS_MAX][32];
	unsigned count = 0;
	char *rest = text;
	char *line;

	text_read("/proc/diskstats");
	while ((line = strsep(&rest, "\n")) != NULL && count < DISKS_MAX) {
		unsigned long long read_sectors, written;
		bool is_part = false;

		if (sscanf(line, "%*u %*u %31s %*u %*u %llu %*u %*u %*u %llu", names[count],
			   &read_sectors, &written) != 3)
			continue;
		/* A partition comes behind its disk, and counts there, too. */
		for (unsigned i = 0; i < count; i++)
			is_part |= strncmp(names[count], names[i], strlen(names[i])) == 0;
		if (is_part)
			continue;
		sample->read_sectors += read_sectors;
		sample->written_sectors += written;
		count++;
	}
}

static uint64_t kib_of(const char *amount)
{
	char *unit;
	uint64_t number = strtoull(amount, &unit, 10);

	switch (*unit) {
	case 'B':
		return number / 1024;
	case 'M':
		return number << 10;
	case 'G':
		return number << 20;
	default:
		return number;
	}
}

static void processes_read(struct sample *sample)
{
	char *rest = text;
	char *line;

	text_read("/scheme/sys/context");
	while ((line = strsep(&rest, "\n")) != NULL &&
	       sample->process_count < SAMPLE_PROCESSES_MAX) {
		struct sample_process *process = &sample->processes[sample->process_count];
		unsigned long long ticks;
		char amount[16];
		int at = 0;

		if (sscanf(line, "%u %*u %*u %*u %*u %*u %*u %*u %*u %7s %*s %llu %15s %n",
			   &process->pid, process->state, &ticks, amount, &at) != 4 ||
		    !at)
			continue;
		process->ticks = ticks;
		process->kib = kib_of(amount);
		/* Redox programs are known by their path. */
		snprintf(process->name, sizeof(process->name), "%s",
			 strrchr(line + at, '/') ? strrchr(line + at, '/') + 1 : line + at);
		sample->process_count++;
	}
}

void sample_read(struct sample *sample, const char *from)
{
	root = from;
	memset(sample, 0, sizeof(*sample));
	scheduler_read(sample);
	memory_read(sample);
	disks_read(sample);
	processes_read(sample);
}
