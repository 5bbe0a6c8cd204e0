/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory_disk.h"

#include <hash/crc32.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_blocks(void *context, uint64_t block, void *to, uint32_t count)
{
	struct memory_disk *disk = context;
	const uint32_t size = disk->disk.block_size;

	if (block + count > disk->disk.block_count || count * size > PARTITION_BUFFER_SIZE)
		abort();
	if (disk->bad_block >= block && disk->bad_block < block + count && disk->bad_block)
		return -EIO;
	memcpy(to, disk->bytes + block * size, (size_t)count * size);
	return 0;
}

static int write_blocks(void *context, uint64_t block, const void *from, uint32_t count)
{
	struct memory_disk *disk = context;
	const uint32_t size = disk->disk.block_size;

	if (block + count > disk->disk.block_count || block == 0)
		abort();
	memcpy(disk->bytes + block * size, from, (size_t)count * size);
	disk->writes++;
	return 0;
}

void memory_disk_create(struct memory_disk *disk, uint64_t blocks, uint32_t block_size)
{
	memset(disk, 0, sizeof(*disk));
	disk->disk = (struct partition_disk){
		.read = read_blocks,
		.write = write_blocks,
		.context = disk,
		.block_count = blocks,
		.block_size = block_size,
	};
	disk->bytes = calloc(blocks, block_size);
}

void memory_disk_destroy(struct memory_disk *disk)
{
	free(disk->bytes);
}

int memory_disk_scan(struct memory_disk *disk)
{
	return partition_read(&disk->disk, disk->buffer, &disk->table);
}

struct mbr *memory_disk_mbr(struct memory_disk *disk, uint64_t block)
{
	struct mbr *mbr = memory_disk_block(disk, block);

	memset(mbr, 0, sizeof(*mbr));
	mbr->signature = MBR_SIGNATURE;
	return mbr;
}

struct gpt_header *memory_disk_header(struct memory_disk *disk, bool backup)
{
	return memory_disk_block(disk, backup ? disk->disk.block_count - 1 : 1);
}

void memory_disk_seal(struct memory_disk *disk, bool backup)
{
	struct gpt_header *header = memory_disk_header(disk, backup);

	header->table_checksum = crc32(0, memory_disk_block(disk, header->table_block),
				       (size_t)header->entry_count * header->entry_size);
	header->header_checksum = gpt_header_checksum(header, header->header_size);
}

void memory_disk_gpt(struct memory_disk *disk, uint32_t count, uint32_t size)
{
	const uint64_t last = disk->disk.block_count - 1;
	struct mbr *mbr = memory_disk_mbr(disk, 0);
	struct gpt_header header = {
		.signature = GPT_SIGNATURE,
		.revision_major = 1,
		.header_size = GPT_HEADER_SIZE_MIN,
		.block = 1,
		.other_block = last,
		.table_block = 2,
		.entry_count = count,
		.entry_size = size,
		.identity = "this disk",
	};
	const uint64_t blocks = gpt_table_blocks(&header, disk->disk.block_size);

	mbr->entries[0] = (struct mbr_entry){
		.type = MBR_PROTECTIVE,
		.start = 1,
		.count = (uint32_t)last,
	};
	header.first_usable = 2 + blocks;
	header.last_usable = last - blocks - 1;
	*memory_disk_header(disk, false) = header;
	header.block = last;
	header.other_block = 1;
	header.table_block = last - blocks;
	*memory_disk_header(disk, true) = header;
	memory_disk_seal(disk, false);
	memory_disk_seal(disk, true);
}

void memory_disk_gpt_entry(struct memory_disk *disk, unsigned index, uint64_t first, uint64_t last)
{
	for (int backup = 0; backup < 2; backup++) {
		const struct gpt_header *header = memory_disk_header(disk, backup);
		uint8_t *table = memory_disk_block(disk, header->table_block);
		struct gpt_entry entry = {
			.type = { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d,
				  0x69, 0xd8, 0x47, 0x7d, 0xe4 },
			.identity = { [0] = (uint8_t)(index + 1) },
			.first = first,
			.last = last,
			.name = { 'n', 'a', 'm', 'e', 0xe4, 0x20ac },
		};

		memcpy(table + (size_t)index * header->entry_size, &entry, sizeof(entry));
		memory_disk_seal(disk, backup);
	}
}
