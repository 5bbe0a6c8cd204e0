/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind of table a disk has, and what every partition must be. */
#include "partition_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>

#define BLOCK_SIZE_MIN 512
#define BLOCK_SIZE_MAX 4096

int partition_read_block(struct partition_reader *reader, uint64_t block)
{
	const struct partition_disk *disk = reader->disk;
	int error;

	if (block >= disk->block_count)
		return -EINVAL;
	error = disk->read(disk->context, block, reader->buffer, 1);
	if (error && !reader->error)
		reader->error = error;
	return error;
}

static uint64_t last_block(const struct partition *partition)
{
	return partition->start + (partition->count - 1);
}

static bool overlaps(const struct partition *one, const struct partition *other)
{
	return one->start <= last_block(other) && other->start <= last_block(one);
}

/* Logical partitions may begin within the blocks that are shown of what contains them. */
static bool collides(const struct partition_table *table, const struct partition *partition)
{
	for (unsigned i = 0; i < table->count; i++) {
		const struct partition *other = &table->partitions[i];

		if (!other->container && !partition->container && overlaps(other, partition))
			return true;
	}
	return false;
}

void partition_add(struct partition_reader *reader, const struct partition *partition,
		   uint64_t first, uint64_t last)
{
	struct partition_table *table = reader->table;
	const uint64_t end = reader->disk->block_count - 1;

	if (partition->start < first || partition->start > min_u64(last, end) ||
	    partition->count == 0 || partition->count - 1 > min_u64(last, end) - partition->start)
		table->faults |= PARTITION_OUTSIDE;
	else if (table->count == PARTITION_MAX)
		table->faults |= PARTITION_TOO_MANY;
	else if (collides(table, partition))
		table->faults |= PARTITION_OVERLAPPING;
	else
		table->partitions[table->count++] = *partition;
}

int partition_read(const struct partition_disk *disk, void *buffer, struct partition_table *table)
{
	struct partition_reader reader = { .disk = disk, .table = table, .buffer = buffer };
	int error;

	memset(table, 0, sizeof(*table));
	if (!is_power_of_two(disk->block_size) || disk->block_size < BLOCK_SIZE_MIN ||
	    disk->block_size > BLOCK_SIZE_MAX)
		return -EINVAL;
	if (disk->block_count == 0)
		return 0;
	error = partition_read_block(&reader, 0);
	if (error)
		return error;
	if (!mbr_is_table(buffer))
		return 0;
	if (mbr_is_protective(buffer))
		gpt_read(&reader);
	else
		mbr_read(&reader);
	/* A copy that cannot be read is as good as a damaged one, where the other one is whole. */
	return table->kind == PARTITION_NONE ? reader.error : 0;
}
