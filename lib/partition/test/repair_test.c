/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repairing GPTs: what is written, and that nothing else is. */
#include "memory_disk.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 400

static int repair(struct memory_disk *disk, unsigned *done)
{
	disk->writes = 0;
	return partition_repair(&disk->disk, disk->buffer, done);
}

static void make_disk(struct memory_disk *disk, uint32_t block_size)
{
	memory_disk_create(disk, BLOCKS, block_size);
	memory_disk_gpt(disk, 60, 128);
	memory_disk_gpt_entry(disk, 0, 100, 199);
	memory_disk_gpt_entry(disk, 9, 200, 299);
}

static void expect_whole(struct memory_disk *disk, unsigned count)
{
	EXPECT_EQUAL(memory_disk_scan(disk), 0);
	EXPECT_EQUAL(disk->table.kind, PARTITION_GPT);
	EXPECT_EQUAL(disk->table.faults, 0);
	EXPECT_EQUAL(disk->table.count, count);
}

UNIT_TEST(gpt_repair, damage_is_undone_to_the_last_byte)
{
	for (uint32_t size = 512; size <= 4096; size *= 8) {
		struct memory_disk disk;
		uint8_t *before = malloc(BLOCKS * 4096);
		unsigned done;

		make_disk(&disk, size);
		memcpy(before, disk.bytes, (size_t)BLOCKS * size);
		EXPECT_EQUAL(repair(&disk, &done), 0);
		EXPECT_EQUAL(done, 0);
		EXPECT_EQUAL(disk.writes, 0);
		for (uint64_t block = 1; block < BLOCKS; block++) {
			bool backup = block > BLOCKS / 2;
			const struct gpt_header *header = memory_disk_header(&disk, backup);
			bool in_table =
				block >= header->table_block &&
				block < header->table_block + gpt_table_blocks(header, size);

			if (!in_table && block != header->block)
				continue;
			memset(memory_disk_block(&disk, block), 0xa5, size);
			EXPECT_EQUAL(repair(&disk, &done), 0);
			EXPECT_EQUAL(done,
				     backup ? PARTITION_BACKUP_DAMAGED : PARTITION_PRIMARY_DAMAGED);
			EXPECT_BYTES(disk.bytes, before, (size_t)BLOCKS * size);
		}
		expect_whole(&disk, 2);
		free(before);
		memory_disk_destroy(&disk);
	}
}

UNIT_TEST(gpt_repair, a_disk_that_has_grown)
{
	struct memory_disk disk;
	unsigned done;

	make_disk(&disk, 512);
	disk.bytes = realloc(disk.bytes, 1000 * 512);
	memset(disk.bytes + BLOCKS * 512, 0, (1000 - BLOCKS) * 512);
	disk.disk.block_count = 1000;
	EXPECT_EQUAL(repair(&disk, &done), 0);
	EXPECT_EQUAL(done, PARTITION_BACKUP_MISPLACED);
	expect_whole(&disk, 2);
	EXPECT_EQUAL(memory_disk_header(&disk, false)->last_usable, 1000 - 1 - 15 - 1);
	EXPECT_EQUAL(memory_disk_header(&disk, true)->block, 999);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt_repair, a_disk_that_has_shrunk)
{
	struct memory_disk disk;
	unsigned done;

	make_disk(&disk, 512);
	disk.disk.block_count = 316; /* room for the copy, to the block */
	EXPECT_EQUAL(repair(&disk, &done), 0);
	EXPECT_EQUAL(done, PARTITION_BACKUP_DAMAGED | PARTITION_BACKUP_MISPLACED);
	expect_whole(&disk, 2);
	memory_disk_destroy(&disk);

	make_disk(&disk, 512);
	disk.disk.block_count = 315;
	EXPECT_EQUAL(repair(&disk, &done), -ENOSPC);
	EXPECT_EQUAL(disk.writes, 0);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt_repair, copies_that_differ)
{
	struct memory_disk disk;
	unsigned done;

	make_disk(&disk, 512);
	memory_disk_header(&disk, true)->identity[0] ^= 1;
	memory_disk_seal(&disk, true);
	EXPECT_EQUAL(repair(&disk, &done), 0);
	EXPECT_EQUAL(done, PARTITION_COPIES_DIFFER);
	EXPECT_STRING((const char *)memory_disk_header(&disk, true)->identity, "this disk");
	expect_whole(&disk, 2);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt_repair, nothing_to_repair_from)
{
	struct memory_disk disk;
	unsigned done;

	make_disk(&disk, 512);
	memory_disk_header(&disk, true)->signature++;
	memory_disk_header(&disk, false)->signature++;
	EXPECT_EQUAL(repair(&disk, &done), -EINVAL);
	memory_disk_mbr(&disk, 0);
	EXPECT_EQUAL(repair(&disk, &done), -EINVAL);
	EXPECT_EQUAL(disk.writes, 0);
	memory_disk_destroy(&disk);
}
