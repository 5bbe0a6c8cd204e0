/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Master boot records: what is right, and everything that can be wrong. */
#include "memory_disk.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static struct mbr_entry entry_of(uint8_t type, uint32_t start, uint32_t count)
{
	return (struct mbr_entry){ .type = type, .start = start, .count = count };
}

static void expect_partition(const struct memory_disk *disk, unsigned index, unsigned number,
			     uint64_t start, uint64_t count)
{
	const struct partition *partition = &disk->table.partitions[index];

	EXPECT(index < disk->table.count);
	EXPECT_EQUAL(partition->number, number);
	EXPECT_EQUAL(partition->start, start);
	EXPECT_EQUAL(partition->count, count);
}

UNIT_TEST(mbr, primary_partitions)
{
	for (uint32_t size = 512; size <= 4096; size *= 2) {
		struct memory_disk disk;
		struct mbr *mbr;
		char text[PARTITION_GUID_TEXT];

		memory_disk_create(&disk, 1000, size);
		mbr = memory_disk_mbr(&disk, 0);
		memcpy(mbr->identity, "\x78\x56\x34\x12", 4);
		mbr->entries[1] = entry_of(0x83, 100, 50);
		mbr->entries[0] = entry_of(0x0c, 150, 850);
		EXPECT_EQUAL(memory_disk_scan(&disk), 0);
		EXPECT_EQUAL(disk.table.kind, PARTITION_MBR);
		EXPECT_EQUAL(disk.table.faults, 0);
		EXPECT_EQUAL(disk.table.count, 2);
		expect_partition(&disk, 0, 1, 150, 850);
		expect_partition(&disk, 1, 2, 100, 50);
		EXPECT_EQUAL(disk.table.partitions[0].type[0], 0x0c);
		partition_identity_text(disk.table.partitions[1].type,
					disk.table.partitions[1].identity, text);
		EXPECT_STRING(text, "12345678-02");
		memory_disk_destroy(&disk);
	}
}

UNIT_TEST(mbr, no_table)
{
	struct memory_disk disk;
	struct mbr *mbr;

	memory_disk_create(&disk, 100, 512);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.kind, PARTITION_NONE);
	/* The boot sector of a file system. */
	mbr = memory_disk_mbr(&disk, 0);
	memset(mbr->entries, 'x', sizeof(mbr->entries));
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.kind, PARTITION_NONE);
	/* It cannot be read. */
	disk.disk.block_count = 0;
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	disk.disk.block_count = 100;
	disk.disk.block_size = 1000;
	EXPECT_EQUAL(memory_disk_scan(&disk), -EINVAL);
	memory_disk_destroy(&disk);
}

UNIT_TEST(mbr, bogus_entries)
{
	struct memory_disk disk;
	struct mbr *mbr;

	memory_disk_create(&disk, 1000, 512);
	mbr = memory_disk_mbr(&disk, 0);
	mbr->entries[0] = entry_of(0x83, 0, 1000);          /* has the table in it */
	mbr->entries[1] = entry_of(0x83, 900, 101);         /* ends past the end */
	mbr->entries[2] = entry_of(0x83, UINT32_MAX, 1000); /* begins there */
	mbr->entries[3] = entry_of(0x83, 999, 1);           /* is right */
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_OUTSIDE);
	EXPECT_EQUAL(disk.table.count, 1);
	expect_partition(&disk, 0, 4, 999, 1);

	mbr = memory_disk_mbr(&disk, 0);
	mbr->entries[0] = entry_of(0x83, 10, 10);
	mbr->entries[1] = entry_of(0x83, 19, 1);
	mbr->entries[2] = entry_of(0x83, 20, 1);
	mbr->entries[3] = entry_of(0, 1, 1000);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_OVERLAPPING);
	EXPECT_EQUAL(disk.table.count, 2);
	expect_partition(&disk, 1, 3, 20, 1);
	memory_disk_destroy(&disk);
}

/* An extended partition from 100 on with tables at 100, 200 and 150, in this order. */
static void make_chain(struct memory_disk *disk)
{
	struct mbr *mbr = memory_disk_mbr(disk, 0);

	mbr->entries[0] = entry_of(0x83, 1, 99);
	mbr->entries[1] = entry_of(0x05, 100, 300);
	mbr = memory_disk_mbr(disk, 100);
	mbr->entries[0] = entry_of(0x83, 1, 49);
	mbr->entries[1] = entry_of(0x05, 100, 50);
	mbr = memory_disk_mbr(disk, 200);
	mbr->entries[0] = entry_of(0x0b, 10, 190);
	mbr->entries[1] = entry_of(0x05, 50, 50);
	mbr = memory_disk_mbr(disk, 150);
	mbr->entries[0] = entry_of(0x83, 2, 48);
}

UNIT_TEST(mbr, logical_partitions)
{
	struct memory_disk disk;

	memory_disk_create(&disk, 1000, 512);
	make_chain(&disk);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, 0);
	EXPECT_EQUAL(disk.table.count, 5);
	expect_partition(&disk, 1, 2, 100, 2);
	EXPECT(disk.table.partitions[1].container);
	expect_partition(&disk, 2, 5, 101, 49);
	expect_partition(&disk, 3, 6, 210, 190);
	expect_partition(&disk, 4, 7, 152, 48);
	memory_disk_destroy(&disk);
}

UNIT_TEST(mbr, chains_that_end_in_nonsense)
{
	struct memory_disk disk;
	struct mbr *last;

	memory_disk_create(&disk, 1000, 512);
	make_chain(&disk);
	last = memory_disk_block(&disk, 150);
	for (uint32_t next = 0; next < 300; next += 50) {
		/* Back to one of the chain, or to what is no table. */
		last->entries[1] = entry_of(0x05, next, 10);
		EXPECT_EQUAL(memory_disk_scan(&disk), 0);
		EXPECT(disk.table.faults & PARTITION_CHAIN_BROKEN);
		EXPECT_EQUAL(disk.table.count, 5);
	}
	/* Outside of the extended partition, though there is a table. */
	memory_disk_mbr(&disk, 500)->entries[0] = entry_of(0x83, 1, 10);
	last->entries[1] = entry_of(0x05, 400, 10);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_CHAIN_BROKEN);
	last->entries[1] = entry_of(0x05, UINT32_MAX, UINT32_MAX);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_CHAIN_BROKEN);
	/* One that cannot be read. */
	last->entries[1] = entry_of(0x05, 250, 10);
	disk.bad_block = 350;
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_CHAIN_BROKEN);
	EXPECT_EQUAL(disk.table.count, 5);
	memory_disk_destroy(&disk);
}

UNIT_TEST(mbr, a_chain_that_bites_its_tail)
{
	struct memory_disk disk;
	struct mbr *mbr;

	memory_disk_create(&disk, 1000, 512);
	memory_disk_mbr(&disk, 0)->entries[0] = entry_of(0x0f, 10, 900);
	mbr = memory_disk_mbr(&disk, 10);
	mbr->entries[0] = entry_of(0x0f, 0, 900);
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_CHAIN_BROKEN);
	EXPECT_EQUAL(disk.table.count, 1);
	memory_disk_destroy(&disk);
}

UNIT_TEST(mbr, a_chain_without_end)
{
	struct memory_disk disk;

	memory_disk_create(&disk, 4000, 512);
	memory_disk_mbr(&disk, 0)->entries[0] = entry_of(0x05, 1, 3999);
	for (uint32_t i = 0; i < 1000; i++) {
		struct mbr *mbr = memory_disk_mbr(&disk, 1 + 2 * i);

		mbr->entries[0] = entry_of(0x83, 1, 1);
		mbr->entries[1] = entry_of(0x05, 2 * (i + 1), 2);
	}
	EXPECT_EQUAL(memory_disk_scan(&disk), 0);
	EXPECT_EQUAL(disk.table.faults, PARTITION_CHAIN_BROKEN | PARTITION_TOO_MANY);
	EXPECT(disk.table.count <= PARTITION_MAX && disk.table.count > 100);
	memory_disk_destroy(&disk);
}
