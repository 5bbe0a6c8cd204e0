/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GPTs: both copies, and everything that can be wrong with them. */
#include "memory_disk.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#define BLOCKS 400

static void expect_table(struct memory_disk *disk, unsigned faults, unsigned count)
{
	EXPECT_EQUAL(memory_disk_scan(disk), 0);
	EXPECT_EQUAL(disk->table.kind, faults & PARTITION_LOST ? PARTITION_NONE : PARTITION_GPT);
	EXPECT_EQUAL(disk->table.faults, faults);
	EXPECT_EQUAL(disk->table.count, count);
}

/* A GPT with two partitions. */
static void make_disk(struct memory_disk *disk)
{
	memory_disk_create(disk, BLOCKS, 512);
	memory_disk_gpt(disk, 128, 128);
	memory_disk_gpt_entry(disk, 0, 100, 199);
	memory_disk_gpt_entry(disk, 4, 34, 99);
}

UNIT_TEST(gpt, sizes_of_blocks_and_entries)
{
	for (uint32_t size = 512; size <= 4096; size *= 2) {
		for (uint32_t entry = 128; entry <= 8192; entry *= 2) {
			struct memory_disk disk;
			char text[PARTITION_GUID_TEXT];

			memory_disk_create(&disk, 4000, size);
			memory_disk_gpt(&disk, 90, entry);
			memory_disk_gpt_entry(&disk, 0, 2000, 2000);
			memory_disk_gpt_entry(&disk, 89, 2001, 2099);
			expect_table(&disk, 0, 2);
			EXPECT_EQUAL(disk.table.partitions[1].number, 90);
			EXPECT_EQUAL(disk.table.partitions[1].start, 2001);
			EXPECT_EQUAL(disk.table.partitions[1].count, 99);
			EXPECT_STRING(disk.table.partitions[1].label, "name??");
			partition_identity_text(disk.table.partitions[1].type,
						disk.table.partitions[1].identity, text);
			EXPECT_STRING(text, "0000005a-0000-0000-0000-000000000000");
			partition_guid_text(disk.table.partitions[1].type, text);
			EXPECT_STRING(text, "0fc63daf-8483-4772-8e79-3d69d8477de4");
			memory_disk_destroy(&disk);
		}
	}
}

UNIT_TEST(gpt, every_damaged_byte_of_the_primary_is_noticed)
{
	struct memory_disk disk;

	make_disk(&disk);
	for (unsigned i = 0; i < GPT_HEADER_SIZE_MIN; i++) {
		uint8_t *byte = (uint8_t *)memory_disk_header(&disk, false) + i;

		*byte ^= 0x20;
		expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);
		*byte ^= 0x20;
	}
	for (unsigned i = 0; i < 128 * 128; i += 61) {
		uint8_t *byte = (uint8_t *)memory_disk_block(&disk, 2) + i;

		*byte ^= 1;
		expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);
		*byte ^= 1;
	}
	expect_table(&disk, 0, 2);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, damaged_copies)
{
	struct memory_disk disk;

	make_disk(&disk);
	memory_disk_header(&disk, true)->signature++;
	expect_table(&disk, PARTITION_BACKUP_DAMAGED, 2);
	memory_disk_header(&disk, false)->signature++;
	expect_table(&disk, PARTITION_LOST, 0);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, blocks_that_cannot_be_read)
{
	struct memory_disk disk;

	make_disk(&disk);
	disk.bad_block = 1;
	expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);
	disk.bad_block = 5;
	expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);
	disk.bad_block = BLOCKS - 1;
	expect_table(&disk, PARTITION_BACKUP_DAMAGED, 2);
	memory_disk_header(&disk, false)->signature++;
	EXPECT_EQUAL(memory_disk_scan(&disk), -EIO);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, only_behind_a_protective_mbr)
{
	struct memory_disk disk;

	make_disk(&disk);
	memory_disk_mbr(&disk, 0);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.kind, PARTITION_MBR);
	EXPECT_EQUAL(disk.table.count, 0);
	memory_disk_destroy(&disk);
}

/* Headers that have right checksums and say nonsense. */
UNIT_TEST(gpt, hostile_headers)
{
	struct memory_disk disk;
	struct gpt_header *header, good;

	make_disk(&disk);
	header = memory_disk_header(&disk, false);
	good = *header;
#define EXPECT_REFUSED(field, value)                                       \
	do {                                                               \
		header->field = (value);                                   \
		header->header_checksum = gpt_header_checksum(header, 92); \
		expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);         \
		*header = good;                                            \
	} while (0)
	EXPECT_REFUSED(revision_major, 2);
	EXPECT_REFUSED(block, 2);
	EXPECT_REFUSED(first_usable, good.last_usable + 1);
	EXPECT_REFUSED(first_usable, 1);
	EXPECT_REFUSED(first_usable, 33); /* the table's last */
	EXPECT_REFUSED(table_block, 0);
	EXPECT_REFUSED(table_block, 1);
	EXPECT_REFUSED(table_block, BLOCKS);
	EXPECT_REFUSED(table_block, BLOCKS - 1);
	EXPECT_REFUSED(table_block, UINT64_MAX);
	EXPECT_REFUSED(table_block, 100);
	EXPECT_REFUSED(entry_count, 0);
	EXPECT_REFUSED(entry_count, UINT32_MAX);
	EXPECT_REFUSED(entry_size, 0);
	EXPECT_REFUSED(entry_size, 64);
	EXPECT_REFUSED(entry_size, 192);
	EXPECT_REFUSED(entry_size, 0x80000000);
	header->header_size = 513;
	expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);
	header->header_size = 91;
	expect_table(&disk, PARTITION_PRIMARY_DAMAGED, 2);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, hostile_entries)
{
	static const struct {
		uint64_t first, last;
		unsigned fault;
	} entries[] = {
		{ 0, 99, PARTITION_OUTSIDE },
		{ 33, 99, PARTITION_OUTSIDE }, /* the table */
		{ 300, BLOCKS - 34, PARTITION_OUTSIDE + 0 },
		{ 300, UINT64_MAX, PARTITION_OUTSIDE },
		{ 0, UINT64_MAX, PARTITION_OUTSIDE },
		{ UINT64_MAX, UINT64_MAX, PARTITION_OUTSIDE },
		{ 301, 300, PARTITION_OUTSIDE },
		{ 199, 199, PARTITION_OVERLAPPING },
		{ 50, 300, PARTITION_OVERLAPPING },
		{ 120, 130, PARTITION_OVERLAPPING },
		{ 200, 300, 0 },
	};

	for (unsigned i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct memory_disk disk;
		uint64_t last = entries[i].last;

		make_disk(&disk);
		if (last == BLOCKS - 34)
			last = memory_disk_header(&disk, false)->last_usable + 1;
		memory_disk_gpt_entry(&disk, 5, entries[i].first, last);
		expect_table(&disk, entries[i].fault, entries[i].fault ? 2 : 3);
		memory_disk_destroy(&disk);
	}
}

UNIT_TEST(gpt, more_entries_than_are_told_of)
{
	struct memory_disk disk;

	memory_disk_create(&disk, 4000, 512);
	memory_disk_gpt(&disk, 1024, 128);
	for (unsigned i = 0; i < 200; i++)
		memory_disk_gpt_entry(&disk, i, 1000 + i, 1000 + i);
	expect_table(&disk, PARTITION_TOO_MANY, PARTITION_MAX);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, disks_that_changed_their_size)
{
	struct memory_disk disk;

	make_disk(&disk);
	/* It shrank: the backup is gone, and what still fits stays. */
	memory_disk_gpt_entry(&disk, 1, 300, 349);
	disk.disk.block_count = 320;
	expect_table(&disk,
		     PARTITION_BACKUP_DAMAGED | PARTITION_BACKUP_MISPLACED | PARTITION_OUTSIDE, 2);
	/* It has grown. */
	memory_disk_destroy(&disk);
	memory_disk_create(&disk, BLOCKS, 512);
	disk.disk.block_count = 300;
	memory_disk_gpt(&disk, 128, 128);
	memory_disk_gpt_entry(&disk, 0, 100, 199);
	disk.disk.block_count = BLOCKS;
	expect_table(&disk, PARTITION_BACKUP_MISPLACED, 1);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, copies_that_differ)
{
	struct memory_disk disk;
	struct gpt_entry *entry;

	make_disk(&disk);
	entry = memory_disk_block(&disk, memory_disk_header(&disk, true)->table_block);
	entry->last++;
	memory_disk_seal(&disk, true);
	expect_table(&disk, PARTITION_COPIES_DIFFER, 2);
	EXPECT_EQUAL(disk.table.partitions[0].count, 100);
	memory_disk_destroy(&disk);
}

UNIT_TEST(gpt, every_fault_has_a_text)
{
	for (unsigned i = 0; i < PARTITION_FAULTS; i++)
		EXPECT(strlen(partition_fault_text(1u << i)) > 10);
	EXPECT_STRING(partition_fault_text(0), "");
	EXPECT_STRING(partition_fault_text(1u << PARTITION_FAULTS), "");
}
