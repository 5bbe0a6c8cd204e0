/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk in memory, and tables made on it. */
#pragma once

#include "../src/partition_priv.h"

struct memory_disk {
	struct partition_disk disk;
	uint8_t *bytes;
	uint64_t bad_block; /* cannot be read; 0: none */
	unsigned writes;
	uint64_t buffer[PARTITION_BUFFER_SIZE / 8];
	struct partition_table table;
};

void memory_disk_create(struct memory_disk *disk, uint64_t blocks, uint32_t block_size);
void memory_disk_destroy(struct memory_disk *disk);
static inline void *memory_disk_block(struct memory_disk *disk, uint64_t block)
{
	return disk->bytes + block * disk->disk.block_size;
}
/* partition_read() into disk->table. */
int memory_disk_scan(struct memory_disk *disk);

/* An MBR, or a further table, in `block`, with no entries. */
struct mbr *memory_disk_mbr(struct memory_disk *disk, uint64_t block);
/* A GPT without entries, both copies, with room for `count` entries of `size` bytes. */
void memory_disk_gpt(struct memory_disk *disk, uint32_t count, uint32_t size);
struct gpt_header *memory_disk_header(struct memory_disk *disk, bool backup);
/* Sets an entry in both copies, and the checksums. */
void memory_disk_gpt_entry(struct memory_disk *disk, unsigned index, uint64_t first, uint64_t last);
/* Makes the checksums of the copy right. */
void memory_disk_seal(struct memory_disk *disk, bool backup);
