/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing the copy of a GPT that is damaged anew, from the one that is in order. */
#include "partition_priv.h"

#include <base/errno.h>
#include <base/string.h>

struct repair {
	struct partition_reader reader;
	struct gpt_state state;
	/* Both copies as they are to be. */
	struct gpt_header primary, backup;
	uint64_t last_used; /* by a partition */
};

/* --- What is to be. --- */

static void note_entry(struct partition_reader *reader, const struct gpt_header *header,
		       unsigned index, const struct gpt_entry *entry)
{
	struct repair *repair = container_of(reader, struct repair, reader);

	(void)header;
	(void)index;
	if (gpt_entry_is_used(entry) && entry->last > repair->last_used)
		repair->last_used = entry->last;
}

/* The backup at the end of the disk, its table just before. */
static int place_backup(struct repair *repair)
{
	const struct partition_disk *disk = repair->reader.disk;
	const uint64_t last = disk->block_count - 1;
	const uint64_t blocks = gpt_table_blocks(&repair->primary, disk->block_size);
	uint64_t table;

	if (last <= blocks)
		return -ENOSPC;
	table = last - blocks;
	/* A disk that has grown gets its room, but no partition that was left out gets it; one that
	 * has shrunk may have none. */
	if (repair->last_used >= table || repair->primary.first_usable >= table)
		return -ENOSPC;
	if (repair->last_used <= repair->primary.last_usable ||
	    repair->primary.last_usable >= table)
		repair->primary.last_usable = repair->backup.last_usable = table - 1;
	repair->primary.other_block = last;
	repair->backup.block = last;
	repair->backup.table_block = table;
	return 0;
}

static bool lies_in(uint64_t block, uint64_t first, uint64_t count)
{
	return block >= first && block - first < count;
}

/* Headers, tables and partitions share no block. */
static bool is_sound(const struct repair *repair)
{
	const struct partition_disk *disk = repair->reader.disk;
	const struct gpt_header *primary = &repair->primary, *backup = &repair->backup;
	const uint64_t blocks = gpt_table_blocks(primary, disk->block_size);

	return gpt_table_is_placed(disk, primary) && gpt_table_is_placed(disk, backup) &&
	       !lies_in(primary->table_block, backup->table_block, blocks) &&
	       !lies_in(backup->table_block, primary->table_block, blocks) &&
	       !lies_in(backup->block, primary->table_block, blocks) &&
	       backup->block > primary->last_usable;
}

static int plan(struct repair *repair)
{
	const struct partition_disk *disk = repair->reader.disk;
	const struct gpt_state *state = &repair->state;
	const uint64_t last = disk->block_count - 1;

	if (state->primary_good) {
		repair->primary = repair->backup = state->primary;
		repair->backup.other_block = GPT_PRIMARY_BLOCK;
		if (state->backup_good && state->backup.block == last) {
			repair->backup.block = last;
			repair->backup.table_block = state->backup.table_block;
			repair->primary.other_block = last;
			if (state->primary.last_usable < state->backup.table_block)
				return 0;
		}
		return place_backup(repair);
	}
	/* It was found at the end of the disk. */
	repair->primary = repair->backup = state->backup;
	repair->primary.block = repair->backup.other_block = GPT_PRIMARY_BLOCK;
	repair->primary.other_block = last;
	repair->primary.table_block = GPT_PRIMARY_BLOCK + 1;
	return 0;
}

/* --- Writing. --- */

static int copy_table(struct repair *repair, const struct gpt_header *from,
		      const struct gpt_header *to)
{
	const struct partition_disk *disk = repair->reader.disk;
	const uint64_t blocks = gpt_table_blocks(from, disk->block_size);
	const uint32_t at_once = PARTITION_PIECE / disk->block_size;
	uint8_t *piece = repair->reader.buffer + PARTITION_PIECE;

	for (uint64_t done = 0; done < blocks; done += at_once) {
		const uint32_t count = (uint32_t)min_u64(at_once, blocks - done);
		int error = disk->read(disk->context, from->table_block + done, piece, count);

		if (!error)
			error = disk->write(disk->context, to->table_block + done, piece, count);
		if (error)
			return error;
	}
	return 0;
}

/* What a header may have beyond the fields that are known stays with the copy that has it. */
static int write_header(struct repair *repair, const struct gpt_header *source,
			const struct gpt_header *header)
{
	const struct partition_disk *disk = repair->reader.disk;
	uint8_t *block = repair->reader.buffer;
	int error = partition_read_block(&repair->reader, source->block);

	if (error)
		return error;
	memcpy(block, header, GPT_HEADER_SIZE_MIN);
	((struct gpt_header *)block)->header_checksum =
		gpt_header_checksum(block, header->header_size);
	return disk->write(disk->context, header->block, block, 1);
}

/* Whether the copy on the disk is other than it is to be, its checksum aside. */
static bool differs(const struct gpt_header *present, const struct gpt_header *wanted)
{
	struct gpt_header one = *present, other = *wanted;

	one.header_checksum = other.header_checksum = 0;
	return memcmp(&one, &other, GPT_HEADER_SIZE_MIN) != 0;
}

static int write_copies(struct repair *repair)
{
	const struct gpt_state *state = &repair->state;
	const bool from_primary = state->primary_good;
	const struct gpt_header *good = from_primary ? &state->primary : &state->backup;
	const struct gpt_header *good_wanted = from_primary ? &repair->primary : &repair->backup;
	const struct gpt_header *other = from_primary ? &repair->backup : &repair->primary;
	bool other_good = from_primary ? state->backup_good : state->primary_good;
	int error = 0;

	if (!other_good || differs(&state->backup, other)) {
		error = copy_table(repair, good, other);
		if (!error)
			error = write_header(repair, good, other);
	}
	if (!error && differs(good, good_wanted))
		error = write_header(repair, good, good_wanted);
	return error;
}

int partition_repair(const struct partition_disk *disk, void *buffer, unsigned *done)
{
	struct partition_table unused = { .kind = PARTITION_NONE };
	struct repair repair = {
		.reader = { .disk = disk, .table = &unused, .buffer = buffer },
	};
	struct gpt_state *state = &repair.state;
	uint32_t checksum;
	int error;

	*done = 0;
	if (disk->block_count <= GPT_PRIMARY_BLOCK + 1)
		return -EINVAL;
	error = partition_read_block(&repair.reader, 0);
	if (error)
		return error;
	if (!mbr_is_table(buffer) || !mbr_is_protective(buffer))
		return -EINVAL;
	gpt_check(&repair.reader, state);
	if (!state->primary_good && !state->backup_good)
		return repair.reader.error ? repair.reader.error : -EINVAL;
	if (!state->faults)
		return 0;
	error = gpt_walk_table(&repair.reader,
			       state->primary_good ? &state->primary : &state->backup, note_entry,
			       &checksum);
	if (!error)
		error = plan(&repair);
	if (!error && !is_sound(&repair))
		error = -ENOSPC;
	if (!error)
		error = write_copies(&repair);
	if (!error)
		*done = state->faults;
	return error;
}
