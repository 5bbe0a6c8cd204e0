/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GUID partition tables: a header in block 1 with a table of entries, and a copy of both at the
 * end of the disk. Both have checksums; either can stand for the other.
 */
#include "partition_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <hash/crc32.h>

uint64_t gpt_table_blocks(const struct gpt_header *header, uint32_t block_size)
{
	const uint64_t bytes = (uint64_t)header->entry_count * header->entry_size;

	return (bytes + block_size - 1) / block_size;
}

uint32_t gpt_header_checksum(const void *header, uint32_t size)
{
	const size_t field = offsetof(struct gpt_header, header_checksum);
	const uint8_t *bytes = header;
	const uint32_t zero = 0;
	uint32_t sum = crc32(0, bytes, field);

	sum = crc32(sum, &zero, sizeof(zero));
	return crc32(sum, bytes + field + sizeof(zero), size - field - sizeof(zero));
}

bool gpt_entry_is_used(const struct gpt_entry *entry)
{
	for (unsigned i = 0; i < sizeof(entry->type); i++) {
		if (entry->type[i])
			return true;
	}
	return false;
}

/* --- Headers. --- */

bool gpt_table_is_placed(const struct partition_disk *disk, const struct gpt_header *header)
{
	const uint64_t blocks = gpt_table_blocks(header, disk->block_size);
	const uint64_t first = header->table_block, last = first + blocks - 1;

	if (blocks == 0 || first <= GPT_PRIMARY_BLOCK || first >= disk->block_count ||
	    blocks > disk->block_count - first)
		return false;
	if (header->block >= first && header->block <= last)
		return false;
	return last < header->first_usable || first > header->last_usable;
}

static bool header_is_good(const struct partition_disk *disk, const struct gpt_header *header,
			   const void *bytes, uint64_t block)
{
	if (header->signature != GPT_SIGNATURE || header->revision_major != GPT_REVISION_MAJOR ||
	    header->header_size < GPT_HEADER_SIZE_MIN || header->header_size > disk->block_size)
		return false;
	if (header->header_checksum != gpt_header_checksum(bytes, header->header_size))
		return false;
	if (header->block != block || header->first_usable <= GPT_PRIMARY_BLOCK ||
	    header->first_usable > header->last_usable)
		return false;
	if (header->entry_size < sizeof(struct gpt_entry) || !is_power_of_two(header->entry_size) ||
	    header->entry_count == 0 ||
	    (uint64_t)header->entry_count * header->entry_size > GPT_TABLE_MAX)
		return false;
	return gpt_table_is_placed(disk, header);
}

/* --- Tables. --- */

/* The entries that begin in the piece of `length` bytes in the buffer, `offset` bytes into the
 * table. An entry's fields are all in one block, as its size divides that or is a multiple. */
static void visit_piece(struct partition_reader *reader, const struct gpt_header *header,
			uint64_t offset, size_t length,
			void (*visit)(struct partition_reader *, const struct gpt_header *,
				      unsigned, const struct gpt_entry *))
{
	const uint8_t *piece = reader->buffer + PARTITION_PIECE;
	uint64_t at = align_up(offset, header->entry_size);

	for (; at < offset + length; at += header->entry_size) {
		struct gpt_entry entry;

		memcpy(&entry, piece + (at - offset), sizeof(entry));
		visit(reader, header, (unsigned)(at / header->entry_size), &entry);
	}
}

int gpt_walk_table(struct partition_reader *reader, const struct gpt_header *header,
		   void (*visit)(struct partition_reader *, const struct gpt_header *, unsigned,
				 const struct gpt_entry *),
		   uint32_t *checksum)
{
	const struct partition_disk *disk = reader->disk;
	const uint64_t bytes = (uint64_t)header->entry_count * header->entry_size;
	const uint64_t blocks = gpt_table_blocks(header, disk->block_size);
	const uint32_t at_once = PARTITION_PIECE / disk->block_size;

	*checksum = 0;
	for (uint64_t done = 0; done < blocks; done += at_once) {
		const uint32_t count = (uint32_t)min_u64(at_once, blocks - done);
		const uint64_t offset = done * disk->block_size;
		const size_t length =
			(size_t)min_u64((uint64_t)count * disk->block_size, bytes - offset);
		int error = disk->read(disk->context, header->table_block + done,
				       reader->buffer + PARTITION_PIECE, count);

		if (error) {
			if (!reader->error)
				reader->error = error;
			return error;
		}
		*checksum = crc32(*checksum, reader->buffer + PARTITION_PIECE, length);
		if (visit)
			visit_piece(reader, header, offset, length, visit);
	}
	return 0;
}

/* --- Both copies. --- */

/* True if there is a copy with its header at `block`, which is stored. */
static bool check_copy(struct partition_reader *reader, uint64_t block, struct gpt_header *header)
{
	uint32_t checksum;

	if (partition_read_block(reader, block))
		return false;
	memcpy(header, reader->buffer, sizeof(*header));
	header->padding = 0;
	return header_is_good(reader->disk, header, reader->buffer, block) &&
	       !gpt_walk_table(reader, header, NULL, &checksum) &&
	       checksum == header->table_checksum;
}

static bool say_the_same(const struct gpt_header *one, const struct gpt_header *other)
{
	return one->table_checksum == other->table_checksum &&
	       one->entry_count == other->entry_count && one->entry_size == other->entry_size &&
	       one->first_usable == other->first_usable && one->last_usable == other->last_usable &&
	       memcmp(one->identity, other->identity, sizeof(one->identity)) == 0;
}

void gpt_check(struct partition_reader *reader, struct gpt_state *state)
{
	const uint64_t last = reader->disk->block_count - 1;
	uint64_t backup_block = last;

	memset(state, 0, sizeof(*state));
	state->primary_good = check_copy(reader, GPT_PRIMARY_BLOCK, &state->primary);
	if (state->primary_good && state->primary.other_block > GPT_PRIMARY_BLOCK &&
	    state->primary.other_block < last)
		backup_block = state->primary.other_block;
	state->backup_good = backup_block > GPT_PRIMARY_BLOCK &&
			     check_copy(reader, backup_block, &state->backup);
	if (!state->primary_good)
		state->faults |= PARTITION_PRIMARY_DAMAGED;
	if (!state->backup_good)
		state->faults |= PARTITION_BACKUP_DAMAGED;
	if (state->primary_good && state->primary.other_block != last)
		state->faults |= PARTITION_BACKUP_MISPLACED;
	if (state->primary_good && state->backup_good &&
	    !say_the_same(&state->primary, &state->backup))
		state->faults |= PARTITION_COPIES_DIFFER;
}

static void copy_name(char *label, const struct gpt_entry *entry)
{
	unsigned i;

	for (i = 0; i < GPT_NAME_UNITS && entry->name[i]; i++)
		label[i] = entry->name[i] >= 0x20 && entry->name[i] < 0x7f ? (char)entry->name[i]
									   : '?';
	label[i] = '\0';
}

static void take_entry(struct partition_reader *reader, const struct gpt_header *header,
		       unsigned index, const struct gpt_entry *entry)
{
	struct partition partition = { .number = index + 1, .start = entry->first };

	if (!gpt_entry_is_used(entry))
		return;
	if (index >= PARTITION_MAX) {
		reader->table->faults |= PARTITION_TOO_MANY;
		return;
	}
	/* What is the wrong way round, or everything, has a count of 0. */
	if (entry->last >= entry->first)
		partition.count = entry->last - entry->first + 1;
	memcpy(partition.type, entry->type, sizeof(partition.type));
	memcpy(partition.identity, entry->identity, sizeof(partition.identity));
	copy_name(partition.label, entry);
	partition_add(reader, &partition, header->first_usable, header->last_usable);
}

void gpt_read(struct partition_reader *reader)
{
	struct partition_table *table = reader->table;
	struct gpt_state state;
	const struct gpt_header *header = &state.primary;
	uint32_t checksum;

	gpt_check(reader, &state);
	if (!state.primary_good)
		header = &state.backup;
	if (state.primary_good || state.backup_good) {
		table->faults = state.faults;
		if (!gpt_walk_table(reader, header, take_entry, &checksum) &&
		    checksum == header->table_checksum) {
			table->kind = PARTITION_GPT;
			memcpy(table->identity, header->identity, sizeof(table->identity));
			return;
		}
		/* It is another one than a moment ago. */
		table->count = 0;
	}
	table->faults = PARTITION_LOST;
}
