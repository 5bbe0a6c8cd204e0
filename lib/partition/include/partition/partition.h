/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Partition tables: what a disk says of its partitions, in a GPT (UEFI 2.10, section 5.3) or in
 * an MBR with its chain of logical partitions (section 5.2.1).
 *
 *     struct partition_disk disk = { .read = read_blocks, .block_count = ..., .block_size = 512 };
 *
 *     error = partition_read(&disk, buffer, table);
 *     for (i = 0; !error && i < table->count; i++)
 *             use(&table->partitions[i]);
 *
 * The embedder reads the blocks and keeps the memory; nothing here allocates or keeps state. No
 * byte is trusted: what is told of lies within the disk and shares no block with anything else
 * that is told of; tables that are larger than they need be, and chains that never end, are left
 * at a bound. What is wrong with a table is told in `faults`, and nothing is ever written but by
 * partition_repair().
 *
 * All counts and addresses are in blocks of the disk's size.
 */
#pragma once

#include <base/types.h>

#define PARTITION_MAX         128 /* that a table may have; the numbers of GPT's are not above */
#define PARTITION_LABEL_MAX   37
#define PARTITION_GUID_SIZE   16
#define PARTITION_GUID_TEXT   37 /* with the terminator */
#define PARTITION_BUFFER_SIZE 8192

struct partition_disk {
	/* Transfers whole blocks within the disk, at most PARTITION_BUFFER_SIZE bytes. 0, or an
	 * error that is passed on. `write` is for partition_repair() alone. */
	int (*read)(void *context, uint64_t block, void *to, uint32_t count);
	int (*write)(void *context, uint64_t block, const void *from, uint32_t count);
	void *context;
	uint64_t block_count;
	uint32_t block_size; /* bytes: a power of two from 512 to 4096 */
};

struct partition {
	unsigned number; /* from 1; logical partitions of an MBR from 5 */
	uint64_t start, count;
	/* GPT: as on disk. MBR: the type's byte, and the disk's signature and the number. */
	uint8_t type[PARTITION_GUID_SIZE], identity[PARTITION_GUID_SIZE];
	char label[PARTITION_LABEL_MAX]; /* GPT's; what is not printable ASCII is '?' */
	/* An extended partition: what holds the logical ones. Only its first blocks are told of,
	 * so that they can be read, but not what is in it. */
	bool container;
};

enum partition_kind { PARTITION_NONE, PARTITION_MBR, PARTITION_GPT };

/* What is wrong with a table. */
enum partition_faults {
	PARTITION_PRIMARY_DAMAGED = 1 << 0,  /* GPT: its backup was used */
	PARTITION_BACKUP_DAMAGED = 1 << 1,   /* GPT: of the backup nothing was used */
	PARTITION_BACKUP_MISPLACED = 1 << 2, /* GPT: not at the end of the disk */
	PARTITION_COPIES_DIFFER = 1 << 3,    /* GPT: both are in order; the primary was used */
	PARTITION_LOST = 1 << 4,             /* the MBR speaks of a GPT, of which there is none */
	PARTITION_OUTSIDE = 1 << 5,          /* left out: past the end, or where tables are */
	PARTITION_OVERLAPPING = 1 << 6,      /* left out: overlaps one with a lower number */
	PARTITION_TOO_MANY = 1 << 7,         /* left out: beyond PARTITION_MAX */
	PARTITION_CHAIN_BROKEN = 1 << 8,     /* MBR: the logical partitions end in nonsense */
};
#define PARTITION_FAULTS 9
/* Those that partition_repair() can do something about. */
#define PARTITION_REPAIRABLE                                                                 \
	(PARTITION_PRIMARY_DAMAGED | PARTITION_BACKUP_DAMAGED | PARTITION_BACKUP_MISPLACED | \
	 PARTITION_COPIES_DIFFER)

struct partition_table {
	enum partition_kind kind;
	unsigned faults;                       /* enum partition_faults */
	uint8_t identity[PARTITION_GUID_SIZE]; /* of the disk; MBR: its signature, 4 bytes */
	unsigned count;
	struct partition partitions[PARTITION_MAX];
};

/* Reads the table. `buffer` has PARTITION_BUFFER_SIZE bytes, aligned to 8. A disk without one is no
 * error. -EINVAL: the disk's geometry; or an error of reading without which there might have been
 * a table. */
int must_check partition_read(const struct partition_disk *disk, void *buffer,
			      struct partition_table *table);

/* Writes what of a GPT is damaged, misplaced or different anew, from the copy that
 * partition_read() uses: that one is written only if its own header has to change, and then last.
 * `done` becomes the faults that were repaired. -EINVAL: no GPT, or none that is in order; -ENOSPC:
 * there is no room for the other copy; or an error of reading or writing. */
int must_check partition_repair(const struct partition_disk *disk, void *buffer, unsigned *done);

/* What a fault (one bit) means, in English. */
const char *partition_fault_text(unsigned fault);
/* "gpt", "dos"; NULL: none. */
const char *partition_kind_name(enum partition_kind kind);
/* A GUID as people write it, in lower case. */
void partition_guid_text(const uint8_t guid[PARTITION_GUID_SIZE], char text[PARTITION_GUID_TEXT]);
/* The partition's own name for itself, as Linux's PARTUUID has it: the GUID, or "SIGNATURE-NN". */
void partition_identity_text(const uint8_t type[PARTITION_GUID_SIZE],
			     const uint8_t identity[PARTITION_GUID_SIZE],
			     char text[PARTITION_GUID_TEXT]);
