/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a disk's partition table, and what the log tells of it. */
#include "block_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <partition/partition.h>

struct scan {
	struct block_disk *disk;
	struct block_device *whole;
	uint32_t block_shift;
	struct partition_table table;
	uint64_t buffer[PARTITION_BUFFER_SIZE / sizeof(uint64_t)];
};

static int read_blocks(void *context, uint64_t block, void *to, uint32_t count)
{
	const struct scan *scan = context;
	int error = block_read(scan->whole, block << (scan->block_shift - SECTOR_SHIFT), to,
			       (size_t)count << scan->block_shift);

	if (error == -ENODEV)
		scan->disk->half_read = true;
	return error;
}

static void tell_faults(const struct scan *scan)
{
	const char *name = scan->whole->name;

	for (unsigned i = 0; i < PARTITION_FAULTS; i++) {
		if (scan->table.faults >> i & 1)
			log_warning("disk", "%s: %s", name, partition_fault_text(1u << i));
	}
	if (scan->table.kind == PARTITION_GPT && (scan->table.faults & PARTITION_REPAIRABLE))
		log_warning("disk", "%s: \"gptrepair --repair /dev/%s\" makes both copies whole",
			    name, name);
}

static void add_partition(struct block_disk *disk, const struct scan *scan,
			  const struct partition *partition)
{
	const unsigned shift = scan->block_shift - SECTOR_SHIFT;
	struct block_partition added = {
		.number = partition->number,
		.start = partition->start << shift,
		.count = partition->count << shift,
	};
	int error;

	memcpy(added.type, partition->type, sizeof(added.type));
	memcpy(added.identity, partition->identity, sizeof(added.identity));
	string_copy(added.label, partition->label, sizeof(added.label));
	error = block_partition_add(disk, &added);
	if (error)
		log_warning("disk", "%s: partition %u is left out: error %d", scan->whole->name,
			    partition->number, -error);
}

static void scan_disk(struct block_disk *disk, struct scan *scan)
{
	const struct partition_disk source = {
		.read = read_blocks,
		.context = scan,
		.block_size = 1u << scan->block_shift,
		.block_count = scan->whole->sector_count >> (scan->block_shift - SECTOR_SHIFT),
	};
	int error = partition_read(&source, scan->buffer, &scan->table);

	if (error) {
		log_warning("disk", "%s: its partition table cannot be read: error %d",
			    scan->whole->name, -error);
		return;
	}
	tell_faults(scan);
	for (unsigned i = 0; i < scan->table.count; i++)
		add_partition(disk, scan, &scan->table.partitions[i]);
}

void block_scan_partitions(struct block_disk *disk)
{
	struct scan *scan = kzalloc(sizeof(*scan));

	if (!scan) {
		log_error("disk", "no memory to read a partition table");
		return;
	}
	scan->disk = disk;
	scan->whole = block_disk_device(disk);
	while (1u << scan->block_shift < scan->whole->limits->block_size)
		scan->block_shift++;
	scan_disk(disk, scan);
	kfree(scan);
}
