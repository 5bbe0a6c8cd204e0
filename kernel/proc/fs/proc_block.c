/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/partitions and diskstats. */
#include "proc_fs.h"

#include <block/block.h>
#include <time/clock.h>

typedef unsigned long long llu;

static bool print_partition(struct block_device *device, void *argument)
{
	text_print(argument, "%4u  %7u %10llu %s\n", device->major, device->minor,
		   (llu)device->sector_count / 2, device->name);
	return true;
}

int proc_generate_partitions(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "major minor  #blocks  name\n\n");
	block_visit(print_partition, text);
	return 0;
}

static void print_counter(struct text *text, const struct block_counter *counter)
{
	text_print(text, "%llu %llu %llu %llu ", (llu)counter->requests, (llu)counter->merged,
		   (llu)counter->sectors, (llu)(counter->nanoseconds / NS_PER_MILLISECOND));
}

void proc_print_block_statistics(struct text *text, struct block_device *device)
{
	struct block_statistics statistics;
	uint64_t waited;

	block_read_statistics(device, &statistics);
	waited = statistics.reads.nanoseconds + statistics.writes.nanoseconds +
		 statistics.discards.nanoseconds + statistics.flushes.nanoseconds;
	print_counter(text, &statistics.reads);
	print_counter(text, &statistics.writes);
	text_print(text, "%llu %llu %llu ", (llu)statistics.in_flight,
		   (llu)(statistics.busy_ns / NS_PER_MILLISECOND),
		   (llu)(waited / NS_PER_MILLISECOND));
	print_counter(text, &statistics.discards);
	text_print(text, "%llu %llu\n", (llu)statistics.flushes.requests,
		   (llu)(statistics.flushes.nanoseconds / NS_PER_MILLISECOND));
}

static bool print_statistics(struct block_device *device, void *argument)
{
	text_print(argument, "%4u %7u %s ", device->major, device->minor, device->name);
	proc_print_block_statistics(argument, device);
	return true;
}

int proc_generate_diskstats(struct proc_node *node, struct text *text)
{
	(void)node;
	block_visit(print_statistics, text);
	return 0;
}
