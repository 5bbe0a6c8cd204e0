/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fat_disks.h"

#include <base/errno.h>
#include <base/string.h>
#include <block/disk.h>
#include <hash/crc32.h>
#include <mm/phys/frame.h>

#include "../../kernel/fs/fat/fat_format.h"
#include "../../lib/partition/src/partition_priv.h"
#include "unit.h"

/* The C library's. */
void *calloc(size_t count, size_t size);

#define MARGIN      64u /* sectors around a partition */
#define GPT_ENTRIES 16u

static const struct volume {
	unsigned bits, sector_size, cluster_sectors, fat_sectors, root_entries;
	unsigned total; /* all in its own sectors */
} volumes[FAT_DISK_VOLUMES] = {
	{ 12, 512, 1, 2, 64, 512 },
	{ 16, 512, 1, 17, 64, 4200 },
	{ 32, 512, 1, 16, 0, 2000 },
	{ 12, 2048, 2, 1, 64, 256 },
};

#define RESERVED_SECTORS 8u
#define FAT_COUNT        2u

static struct fat_disk disks[FAT_DISK_LAYOUTS][FAT_DISK_VOLUMES];

/* --- Formatting. --- */

/* The first entries of each copy: what has no cluster, and the root's on FAT32. */
static void format_tables(const struct volume *volume, uint8_t *bytes)
{
	const uint32_t entry = volume->bits == 32 ? 0x0fffffff : 0xffffffff;
	const unsigned count = volume->bits == 32 ? 3 : 2;

	for (unsigned i = 0; i < FAT_COUNT; i++) {
		uint8_t *table = bytes + (size_t)(RESERVED_SECTORS + i * volume->fat_sectors) *
						 volume->sector_size;

		for (unsigned at = 0; at < count * volume->bits / 8; at++)
			table[at] = (uint8_t)(entry >> (at % 4 * 8));
		table[0] = 0xf8;
	}
}

static void format_information(uint8_t *bytes)
{
	struct fat_information *information = (struct fat_information *)bytes;

	information->lead_signature = FAT_INFORMATION_LEAD;
	information->structure_signature = FAT_INFORMATION_STRUCTURE;
	information->trail_signature = FAT_INFORMATION_TRAIL;
	information->free_clusters = information->next_free = FAT_FREE_UNKNOWN;
}

static void format(const struct volume *volume, uint8_t *bytes)
{
	struct fat_boot_sector *boot = (struct fat_boot_sector *)bytes;
	struct fat_boot_identity *identity =
		volume->bits == 32 ? &boot->large.identity : &boot->small.identity;

	memset(bytes, 0, (size_t)volume->total * volume->sector_size);
	boot->common = (struct fat_boot_common){
		.jump = { 0xeb, 0x3c, 0x90 },
		.sector_size = (uint16_t)volume->sector_size,
		.cluster_sectors = (uint8_t)volume->cluster_sectors,
		.reserved_sectors = RESERVED_SECTORS,
		.fat_count = FAT_COUNT,
		.root_entries = (uint16_t)volume->root_entries,
		.total_sectors_16 = (uint16_t)volume->total,
		.media = 0xf8,
		.fat_sectors_16 = (uint16_t)(volume->bits == 32 ? 0 : volume->fat_sectors),
	};
	boot->signature = FAT_BOOT_SIGNATURE;
	if (volume->bits == 32) {
		boot->large.fat_sectors = volume->fat_sectors;
		boot->large.root_cluster = 2;
		boot->large.information = 1;
		boot->large.backup = FAT32_BACKUP_SECTOR;
		format_information(bytes + volume->sector_size);
	}
	identity->signature = FAT_IDENTITY_SIGNATURE;
	identity->id = 0x1234abcd;
	memcpy(identity->label, "FUZZ       ", 11);
	if (volume->bits == 32)
		memcpy(bytes + (size_t)FAT32_BACKUP_SECTOR * volume->sector_size, bytes,
		       volume->sector_size);
	format_tables(volume, bytes);
}

static void write_mbr(struct fat_disk *disk, uint8_t type, uint32_t start, uint32_t count)
{
	struct mbr *mbr = (struct mbr *)disk->bytes;

	mbr->signature = MBR_SIGNATURE;
	mbr->entries[0] = (struct mbr_entry){ .type = type, .start = start, .count = count };
}

static void write_gpt(struct fat_disk *disk)
{
	struct gpt_header *header = (struct gpt_header *)(disk->bytes + SECTOR_SIZE);
	struct gpt_entry *entry = (struct gpt_entry *)(disk->bytes + 2 * SECTOR_SIZE);

	memset(header, 0, 6 * SECTOR_SIZE);
	*header = (struct gpt_header){
		.signature = GPT_SIGNATURE,
		.revision_major = GPT_REVISION_MAJOR,
		.header_size = GPT_HEADER_SIZE_MIN,
		.block = GPT_PRIMARY_BLOCK,
		.other_block = disk->total - 1,
		.first_usable = 8,
		.last_usable = disk->total - 8,
		.identity = { 1 },
		.table_block = 2,
		.entry_count = GPT_ENTRIES,
		.entry_size = sizeof(*entry),
	};
	*entry = (struct gpt_entry){
		.type = { 1 },
		.identity = { 2 },
		.first = disk->start,
		.last = disk->start + disk->count - 1,
		.name = { 'f', 'a', 't' },
	};
}

static void make(struct fat_disk *disk, unsigned layout, const struct volume *volume)
{
	disk->layout = layout;
	disk->count = (uint64_t)volume->total * volume->sector_size / SECTOR_SIZE;
	disk->start = layout ? MARGIN : 0;
	disk->total = disk->count + 2 * disk->start;
	disk->bytes = calloc(disk->total, SECTOR_SIZE);
	disk->pristine = calloc(disk->total, SECTOR_SIZE);
	disk->touched = calloc(disk->total, sizeof(*disk->touched));
	EXPECT(disk->bytes && disk->pristine && disk->touched);
	memset(disk->bytes, 0xa5, disk->total * SECTOR_SIZE);
	if (layout)
		memset(disk->bytes, 0, SECTOR_SIZE);
	if (layout == 1)
		write_mbr(disk, 0x0e, (uint32_t)disk->start, (uint32_t)disk->count);
	if (layout == 2) {
		write_mbr(disk, MBR_PROTECTIVE, 1, (uint32_t)disk->total - 1);
		write_gpt(disk);
		fat_disk_seal(disk);
	}
	format(volume, disk->bytes + disk->start * SECTOR_SIZE);
	disk->fat_bits = volume->bits;
	disk->fat_start = RESERVED_SECTORS * volume->sector_size / SECTOR_SIZE;
	fat_disk_watch(disk, NULL);
}

void fat_disks_make(void)
{
	for (unsigned layout = 0; layout < FAT_DISK_LAYOUTS; layout++)
		for (unsigned i = 0; i < FAT_DISK_VOLUMES; i++)
			make(&disks[layout][i], layout, &volumes[i]);
}

struct fat_disk *fat_disk_get(unsigned layout, unsigned volume)
{
	return &disks[layout][volume];
}

/* --- Contents. --- */

/* The root and what begins as a directory does. */
static void find_directories(struct fat_disk *disk)
{
	const struct fat_boot_sector *boot =
		(const struct fat_boot_sector *)(disk->bytes + disk->start * SECTOR_SIZE);
	uint64_t large = boot->common.sector_size / SECTOR_SIZE;
	uint64_t fats = FAT_COUNT * (disk->fat_bits == 32 ? boot->large.fat_sectors
							  : boot->common.fat_sectors_16);

	disk->directory_count = 0;
	disk->directory_sectors[disk->directory_count++] = disk->fat_start + fats * large;
	for (uint64_t sector = disk->fat_start + fats * large;
	     sector < disk->count && disk->directory_count < array_length(disk->directory_sectors);
	     sector++) {
		const uint8_t *bytes = disk->bytes + (disk->start + sector) * SECTOR_SIZE;

		if (memcmp(bytes, ".          ", 11) == 0)
			disk->directory_sectors[disk->directory_count++] = sector;
	}
}

void fat_disk_settle(struct fat_disk *disk)
{
	memcpy(disk->pristine, disk->bytes, disk->total * SECTOR_SIZE);
	memset(disk->touched, 0, disk->total * sizeof(*disk->touched));
	find_directories(disk);
	EXPECT(disk->directory_count > 3);
}

void fat_disk_restore(struct fat_disk *disk)
{
	for (uint64_t sector = 0; sector < disk->total; sector++) {
		if (!disk->touched[sector])
			continue;
		memcpy(disk->bytes + sector * SECTOR_SIZE, disk->pristine + sector * SECTOR_SIZE,
		       SECTOR_SIZE);
		disk->touched[sector] = false;
	}
}

void fat_disk_patch(struct fat_disk *disk, uint64_t at, const void *bytes, size_t length)
{
	uint64_t size = disk->total * SECTOR_SIZE;

	if (at >= size || length == 0)
		return;
	length = min_size(length, size - at);
	memcpy(disk->bytes + at, bytes, length);
	for (uint64_t sector = at / SECTOR_SIZE; sector <= (at + length - 1) / SECTOR_SIZE;
	     sector++)
		disk->touched[sector] = true;
}

void fat_disk_seal(struct fat_disk *disk)
{
	struct gpt_header *header = (struct gpt_header *)(disk->bytes + SECTOR_SIZE);
	uint64_t size = (uint64_t)header->entry_count * header->entry_size;

	disk->touched[GPT_PRIMARY_BLOCK] = true;
	if (header->table_block >= disk->total ||
	    size > (disk->total - header->table_block) * SECTOR_SIZE)
		return;
	header->table_checksum = crc32(0, disk->bytes + header->table_block * SECTOR_SIZE, size);
	if (header->header_size < GPT_HEADER_SIZE_MIN || header->header_size > SECTOR_SIZE)
		return;
	header->header_checksum = 0;
	header->header_checksum = crc32(0, header, header->header_size);
}

/* --- The driver. --- */

static void write(struct fat_disk *disk, uint64_t position, const void *from, size_t length)
{
	EXPECT(position >= disk->watch_start * SECTOR_SIZE);
	EXPECT(position + length <= disk->watch_end * SECTOR_SIZE);
	fat_disk_patch(disk, position, from, length);
}

static void transfer(struct fat_disk *disk, const struct ddk_disk_request *request)
{
	uint64_t position = request->block * SECTOR_SIZE;

	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		void *memory = phys_to_virt(segment->device_address);
		uint64_t end = position + segment->length;

		EXPECT(end <= disk->total * SECTOR_SIZE);
		if (request->operation == DDK_DISK_READ)
			memcpy(memory, disk->bytes + position, segment->length);
		else
			write(disk, position, memory, segment->length);
		position = end;
	}
}

static int submit(struct ddk_disk_request *request, bool last)
{
	struct fat_disk *disk = request->disk->context;

	(void)last;
	if (request->operation == DDK_DISK_WRITE && disk->fail_writes) {
		block_disk_complete(request, -EREMOTEIO);
		return 0;
	}
	EXPECT(request->operation == DDK_DISK_READ || request->operation == DDK_DISK_WRITE ||
	       request->segment_count == 0);
	transfer(disk, request);
	block_disk_complete(request, 0);
	return 0;
}

static const struct ddk_disk_ops disk_ops = { .submit = submit };

void fat_disk_insert(struct fat_disk *disk)
{
	const struct ddk_disk_description description = {
		.prefix = "fuzz",
		.model = "fuzz",
		.serial = "1",
		.block_count = disk->total,
		.block_size = SECTOR_SIZE,
		.max_blocks = 2048,
		.max_segments = 64,
		.max_segment_length = 1 << 20,
		.segment_alignment = 1,
		.volatile_cache = true,
		.queue_count = 1,
		.queue_depth = 16,
	};

	EXPECT(block_disk_create("fuzz0", disk, &description, &disk_ops, disk, &disk->handle) == 0);
}

void fat_disk_remove(struct fat_disk *disk)
{
	fat_disk_watch(disk, NULL);
	block_disk_remove(disk->handle);
}

void fat_disk_watch(struct fat_disk *disk, const struct block_device *device)
{
	disk->watch_start = device ? device->start : 0;
	disk->watch_end = device ? device->start + device->sector_count : disk->total;
}
