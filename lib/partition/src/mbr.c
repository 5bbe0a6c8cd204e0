/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables in a master boot record. An entry of an extended type holds a chain of further tables, of
 * which each has one logical partition, relative to itself, and the place of the next, relative to
 * the extended partition.
 */
#include "partition_priv.h"

#include <base/string.h>

#define FIRST_LOGICAL   5
#define CHAIN_MAX       (2 * PARTITION_MAX)
#define CONTAINER_BYTES 1024 /* that are shown of an extended partition */

static bool is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

static bool is_used(const struct mbr_entry *entry)
{
	return entry->type != 0 && entry->count != 0;
}

/* The boot sectors of file systems end in the same signature, and have text or code there. */
bool mbr_is_table(const struct mbr *mbr)
{
	if (mbr->signature != MBR_SIGNATURE)
		return false;
	for (unsigned i = 0; i < MBR_PRIMARY_COUNT; i++) {
		if (mbr->entries[i].boot & 0x7f)
			return false;
	}
	return true;
}

bool mbr_is_protective(const struct mbr *mbr)
{
	for (unsigned i = 0; i < MBR_PRIMARY_COUNT; i++) {
		if (mbr->entries[i].type == MBR_PROTECTIVE)
			return true;
	}
	return false;
}

static struct partition describe(const struct partition_reader *reader,
				 const struct mbr_entry *entry, unsigned number, uint64_t base)
{
	struct partition partition = {
		.number = number,
		.start = base + entry->start,
		.count = entry->count,
		.type = { entry->type },
	};

	memcpy(partition.identity, reader->table->identity, 4);
	partition.identity[4] = (uint8_t)number;
	return partition;
}

/* --- Logical partitions. --- */

struct chain {
	uint64_t first, last; /* of the extended partition */
	unsigned number;      /* of the next logical partition */
	/* The table that later ones are compared with, to find loops, and when it is replaced. */
	uint64_t anchor;
	unsigned steps, anchor_at;
};

/* True if the chain has been at `block` before, sooner or later within a loop. */
static bool goes_round(struct chain *chain, uint64_t block)
{
	if (chain->steps > 0 && block == chain->anchor)
		return true;
	if (chain->steps++ == chain->anchor_at) {
		chain->anchor = block;
		chain->anchor_at = 2 * chain->anchor_at + 1;
	}
	return chain->steps > CHAIN_MAX;
}

/* Takes what the table in the buffer, at `block`, has. The next one's entry in *next. */
static void take_logical(struct partition_reader *reader, struct chain *chain, uint64_t block,
			 struct mbr_entry *next)
{
	const struct mbr mbr = *(const struct mbr *)reader->buffer;

	memset(next, 0, sizeof(*next));
	for (unsigned i = 0; i < MBR_PRIMARY_COUNT; i++) {
		const struct mbr_entry *entry = &mbr.entries[i];
		struct partition logical;

		if (!is_used(entry))
			continue;
		if (is_extended(entry->type)) {
			if (!is_used(next))
				*next = *entry;
			continue;
		}
		if (chain->number > PARTITION_MAX) {
			reader->table->faults |= PARTITION_TOO_MANY;
			continue;
		}
		logical = describe(reader, entry, chain->number, block);
		/* Its own table is before it. */
		partition_add(reader, &logical, block + 1, chain->last);
		chain->number++;
	}
}

static void read_chain(struct partition_reader *reader, const struct mbr_entry *extended,
		       unsigned *number)
{
	struct chain chain = {
		.first = extended->start,
		.last = (uint64_t)extended->start + (extended->count - 1),
		.number = *number,
	};
	uint64_t block = chain.first;
	struct mbr_entry next;

	do {
		if (block < chain.first || block > chain.last || goes_round(&chain, block) ||
		    partition_read_block(reader, block) ||
		    !mbr_is_table((const struct mbr *)reader->buffer)) {
			reader->table->faults |= PARTITION_CHAIN_BROKEN;
			break;
		}
		take_logical(reader, &chain, block, &next);
		block = chain.first + next.start;
	} while (is_used(&next));
	*number = chain.number;
}

/* --- All of it. --- */

static void add_primary(struct partition_reader *reader, const struct mbr_entry *entry,
			unsigned number)
{
	struct partition primary = describe(reader, entry, number, 0);
	uint64_t shown = max_u64(CONTAINER_BYTES / reader->disk->block_size, 1);

	primary.container = is_extended(entry->type);
	if (primary.container && primary.count > shown && primary.start < reader->disk->block_count)
		primary.count = min_u64(shown, reader->disk->block_count - primary.start);
	/* One that begins with the table itself is what formatting a whole disk leaves. */
	partition_add(reader, &primary, 1, UINT64_MAX - 1);
}

void mbr_read(struct partition_reader *reader)
{
	const struct mbr mbr = *(const struct mbr *)reader->buffer;
	unsigned number = FIRST_LOGICAL;

	reader->table->kind = PARTITION_MBR;
	memcpy(reader->table->identity, mbr.identity, sizeof(mbr.identity));
	for (unsigned i = 0; i < MBR_PRIMARY_COUNT; i++) {
		if (is_used(&mbr.entries[i]))
			add_primary(reader, &mbr.entries[i], i + 1);
	}
	for (unsigned i = 0; i < MBR_PRIMARY_COUNT; i++) {
		if (is_used(&mbr.entries[i]) && is_extended(mbr.entries[i].type))
			read_chain(reader, &mbr.entries[i], &number);
	}
}
