/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the input as a disk with partitions, and repairs it. The first byte says how large the
 * blocks are, and whether checksums are made right before, which random changes never do.
 */
#include <hash/crc32.h>
#include <partition/partition.h>

#include "fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_DISK (1u << 18)
#define HEADER_SIZE   92

struct disk {
	struct partition_disk disk;
	uint8_t *bytes;
	const struct partition_table
		*table; /* nothing of it may be written; NULL: nothing at all */
};

static int read_blocks(void *context, uint64_t block, void *to, uint32_t count)
{
	struct disk *disk = context;
	const uint32_t size = disk->disk.block_size;

	FUZZ_CHECK(count > 0 && (uint64_t)count * size <= PARTITION_BUFFER_SIZE);
	FUZZ_CHECK(block < disk->disk.block_count && count <= disk->disk.block_count - block);
	memcpy(to, disk->bytes + block * size, (size_t)count * size);
	return 0;
}

static int write_blocks(void *context, uint64_t block, const void *from, uint32_t count)
{
	struct disk *disk = context;
	const uint32_t size = disk->disk.block_size;

	FUZZ_CHECK(disk->table && block > 0 && count > 0);
	FUZZ_CHECK(block < disk->disk.block_count && count <= disk->disk.block_count - block);
	for (unsigned i = 0; i < disk->table->count; i++) {
		const struct partition *partition = &disk->table->partitions[i];

		FUZZ_CHECK(block + count <= partition->start ||
			   block >= partition->start + partition->count);
	}
	memcpy(disk->bytes + block * size, from, (size_t)count * size);
	return 0;
}

/* Makes the checksums of a GPT's copy right, if it looks like one. */
static void seal(struct disk *disk, uint64_t block)
{
	const uint64_t total = disk->disk.block_count * disk->disk.block_size;
	uint8_t *header = disk->bytes + block * disk->disk.block_size;
	uint64_t table, length;
	uint32_t count, size, sum;

	memcpy(&table, header + 0x48, 8);
	memcpy(&count, header + 0x50, 4);
	memcpy(&size, header + 0x54, 4);
	length = (uint64_t)count * size;
	if (table >= disk->disk.block_count || length > total - table * disk->disk.block_size)
		return;
	sum = crc32(0, disk->bytes + table * disk->disk.block_size, length);
	memcpy(header + 0x58, &sum, 4);
	memcpy(&size, header + 0x0c, 4);
	if (size < HEADER_SIZE || size > disk->disk.block_size)
		return;
	memset(header + 0x10, 0, 4);
	sum = crc32(0, header, size);
	memcpy(header + 0x10, &sum, 4);
}

static void check_table(const struct disk *disk, const struct partition_table *table)
{
	FUZZ_CHECK(table->count <= PARTITION_MAX);
	for (unsigned i = 0; i < table->count; i++) {
		const struct partition *one = &table->partitions[i];

		FUZZ_CHECK(one->number > 0 && one->number <= PARTITION_MAX);
		FUZZ_CHECK(one->start > 0 && one->count > 0);
		FUZZ_CHECK(one->start < disk->disk.block_count);
		FUZZ_CHECK(one->count <= disk->disk.block_count - one->start);
		FUZZ_CHECK(memchr(one->label, 0, sizeof(one->label)));
		for (unsigned j = 0; j < i; j++) {
			const struct partition *other = &table->partitions[j];

			FUZZ_CHECK(one->number != other->number);
			FUZZ_CHECK(one->container || other->container ||
				   one->start >= other->start + other->count ||
				   other->start >= one->start + one->count);
		}
	}
}

static bool same_partitions(const struct partition_table *one, const struct partition_table *other)
{
	for (unsigned i = 0; i < one->count && i < other->count; i++) {
		if (one->partitions[i].start != other->partitions[i].start ||
		    one->partitions[i].count != other->partitions[i].count ||
		    one->partitions[i].number != other->partitions[i].number)
			return false;
	}
	return one->count == other->count;
}

static void check_repair(struct disk *disk, void *buffer, struct partition_table *table)
{
	struct partition_table *after = malloc(sizeof(*after));
	unsigned done, again;
	int error;

	disk->table = table;
	error = partition_repair(&disk->disk, buffer, &done);
	FUZZ_CHECK(error <= 0);
	if (!error) {
		FUZZ_CHECK(done == (table->faults & PARTITION_REPAIRABLE));
		FUZZ_CHECK(!partition_read(&disk->disk, buffer, after));
		FUZZ_CHECK(!(after->faults & PARTITION_REPAIRABLE));
		FUZZ_CHECK(same_partitions(table, after));
		FUZZ_CHECK(!partition_repair(&disk->disk, buffer, &again) && !again);
	}
	free(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct disk disk = { .disk = { .read = read_blocks, .write = write_blocks } };
	struct partition_table *table;
	void *buffer;

	if (size < 1 || size > SIZE_MAX_DISK)
		return 0;
	disk.disk.context = &disk;
	disk.disk.block_size = 512u << (data[0] & 3);
	disk.disk.block_count = (size - 1 + disk.disk.block_size - 1) / disk.disk.block_size;
	disk.bytes = calloc(disk.disk.block_count + 1, disk.disk.block_size);
	memcpy(disk.bytes, data + 1, size - 1);
	if ((data[0] & 4) && disk.disk.block_count > 2)
		seal(&disk, 1);
	if ((data[0] & 8) && disk.disk.block_count > 2)
		seal(&disk, disk.disk.block_count - 1);
	table = malloc(sizeof(*table));
	buffer = malloc(PARTITION_BUFFER_SIZE);
	FUZZ_CHECK(!partition_read(&disk.disk, buffer, table));
	check_table(&disk, table);
	if (table->kind == PARTITION_GPT)
		check_repair(&disk, buffer, table);
	free(buffer);
	free(table);
	free(disk.bytes);
	return 0;
}
