/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of lib/partition share, and the formats on the disk (little-endian). */
#pragma once

#include <partition/partition.h>

/* --- MBR (UEFI 2.10, table 5.1). --- */

#define MBR_SIGNATURE     0xaa55
#define MBR_PROTECTIVE    0xee
#define MBR_PRIMARY_COUNT 4

struct mbr_entry {
	/* 0x00 */ uint8_t boot; /* 0 or 0x80 */
	/* 0x01 */ uint8_t first_chs[3];
	/* 0x04 */ uint8_t type;
	/* 0x05 */ uint8_t last_chs[3];
	/* 0x08 */ uint32_t start;
	/* 0x0c */ uint32_t count;
} __attribute__((packed));

struct mbr {
	/* 0x000 */ uint8_t code[440];
	/* 0x1b8 */ uint8_t identity[4];
	/* 0x1bc */ uint8_t reserved[2];
	/* 0x1be */ struct mbr_entry entries[MBR_PRIMARY_COUNT];
	/* 0x1fe */ uint16_t signature;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr_entry) == 16, "an entry of an MBR");
_Static_assert(offsetof(struct mbr_entry, start) == 8, "an entry's first block");
_Static_assert(offsetof(struct mbr, identity) == 0x1b8, "an MBR's identity");
_Static_assert(offsetof(struct mbr, entries) == 0x1be, "an MBR's entries");
_Static_assert(sizeof(struct mbr) == 512, "an MBR");

/* --- GPT (UEFI 2.10, tables 5.5 and 5.6). --- */

#define GPT_SIGNATURE       0x5452415020494645ull /* "EFI PART" */
#define GPT_REVISION_MAJOR  1
#define GPT_PRIMARY_BLOCK   1
#define GPT_HEADER_SIZE_MIN 92
#define GPT_TABLE_MAX       (1u << 20) /* bytes; 16 KiB is usual */

struct gpt_header {
	/* 0x00 */ uint64_t signature;
	/* 0x08 */ uint16_t revision_minor;
	/* 0x0a */ uint16_t revision_major;
	/* 0x0c */ uint32_t header_size;
	/* 0x10 */ uint32_t header_checksum; /* with this field 0 */
	/* 0x14 */ uint32_t reserved;
	/* 0x18 */ uint64_t block; /* where this header is */
	/* 0x20 */ uint64_t other_block;
	/* 0x28 */ uint64_t first_usable;
	/* 0x30 */ uint64_t last_usable;
	/* 0x38 */ uint8_t identity[16];
	/* 0x48 */ uint64_t table_block;
	/* 0x50 */ uint32_t entry_count;
	/* 0x54 */ uint32_t entry_size; /* 128 times a power of two */
	/* 0x58 */ uint32_t table_checksum;
	/* 0x5c */ uint32_t padding; /* not of the format */
};

#define GPT_NAME_UNITS 36

struct gpt_entry {
	/* 0x00 */ uint8_t type[16]; /* zeros: the entry is unused */
	/* 0x10 */ uint8_t identity[16];
	/* 0x20 */ uint64_t first;
	/* 0x28 */ uint64_t last; /* inclusive */
	/* 0x30 */ uint64_t attributes;
	/* 0x38 */ uint16_t name[GPT_NAME_UNITS]; /* UTF-16 */
};

_Static_assert(offsetof(struct gpt_header, block) == 0x18, "a header's own block");
_Static_assert(offsetof(struct gpt_header, identity) == 0x38, "a GPT's identity");
_Static_assert(offsetof(struct gpt_header, table_block) == 0x48, "a GPT's table");
_Static_assert(offsetof(struct gpt_header, padding) == GPT_HEADER_SIZE_MIN, "a GPT's header");
_Static_assert(offsetof(struct gpt_entry, name) == 0x38, "an entry's name");
_Static_assert(sizeof(struct gpt_entry) == 128, "an entry of a GPT");

/* --- Reading. --- */

struct partition_reader {
	const struct partition_disk *disk;
	struct partition_table *table;
	/* PARTITION_BUFFER_SIZE bytes: the first half holds a header, the second pieces of tables. */
	uint8_t *buffer;
	int error; /* the first of reading */
};
#define PARTITION_PIECE (PARTITION_BUFFER_SIZE / 2)

/* Reads one block into the first half of the buffer. */
int must_check partition_read_block(struct partition_reader *reader, uint64_t block);
/* Adds it unless it lies outside [first, last] or overlaps another. */
void partition_add(struct partition_reader *reader, const struct partition *partition,
		   uint64_t first, uint64_t last);

/* mbr.c. True if it speaks of a GPT; the buffer holds block 0. */
bool mbr_is_protective(const struct mbr *mbr);
/* True if it is a table rather than the boot sector of a file system. */
bool mbr_is_table(const struct mbr *mbr);
void mbr_read(struct partition_reader *reader);

/* gpt.c. */
struct gpt_state {
	bool primary_good, backup_good;
	struct gpt_header primary, backup; /* what is good of them */
	unsigned faults;
};
/* Checks both copies. */
void gpt_check(struct partition_reader *reader, struct gpt_state *state);
void gpt_read(struct partition_reader *reader);
/* Passes the table's entries to `visit` (may be NULL), and returns its checksum in *checksum. */
int must_check gpt_walk_table(struct partition_reader *reader, const struct gpt_header *header,
			      void (*visit)(struct partition_reader *reader,
					    const struct gpt_header *header, unsigned index,
					    const struct gpt_entry *entry),
			      uint32_t *checksum);
bool gpt_entry_is_used(const struct gpt_entry *entry);
/* Of the table. */
uint64_t gpt_table_blocks(const struct gpt_header *header, uint32_t block_size);
/* The table lies within the disk, after block 1 and apart from partitions and its own header. */
bool gpt_table_is_placed(const struct partition_disk *disk, const struct gpt_header *header);
uint32_t gpt_header_checksum(const void *header, uint32_t size);
