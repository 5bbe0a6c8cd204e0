/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks between a buffer and the device. What lies in a row is transferred at once; what cannot
 * be read so, or is not what its checksum says, is read again, block by block and copy by copy. */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

static bool is_good(const struct hmfs_volume *volume, const struct hmfs_block *block,
		    const void *bytes)
{
	uint8_t sum[HMFS_SUM_MAX];

	hmfs_sum(volume->super.hash, bytes, HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, block->sum, hmfs_sum_size(volume->super.hash)) == 0;
}

/* A block that was not good: the first copy that is. Bad ones are written anew. */
static int read_again(struct hmfs_volume *volume, struct hmfs_id id, uint64_t file_block,
		      const struct hmfs_block *block, void *bytes)
{
	struct hmfs_device *device = volume->device;

	for (unsigned copy = 0; copy < 2; copy++) {
		if (block->address[copy] == HMFS_NO_BLOCK ||
		    device->ops->read(device, block->address[copy], 1, bytes) != 0 ||
		    !is_good(volume, block, bytes))
			continue;
		if (copy == 1)
			hmfs_note_damage(volume, id, file_block, block, 0, bytes);
		return 0;
	}
	return -EIO;
}

/* How many blocks from the first on lie in a row, or have no address. */
static unsigned row_of(const struct hmfs_block *blocks, unsigned count)
{
	const bool hole = blocks[0].address[0] == HMFS_NO_BLOCK;
	unsigned row = 1;

	while (row < count && (hole ? blocks[row].address[0] == HMFS_NO_BLOCK
				    : blocks[row].address[0] == blocks[0].address[0] + row))
		row++;
	return row;
}

int hmfs_transfer_read(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
		       const struct hmfs_block *blocks, unsigned count, void *buffer, unsigned *bad)
{
	struct hmfs_device *device = volume->device;
	uint8_t *bytes = buffer;

	for (unsigned i = 0, row; i < count; i += row) {
		bool read;

		row = row_of(blocks + i, count - i);
		if (blocks[i].address[0] == HMFS_NO_BLOCK) {
			memset(bytes + i * HMFS_BLOCK_SIZE, 0, row * HMFS_BLOCK_SIZE);
			continue;
		}
		read = device->ops->read(device, blocks[i].address[0], row,
					 bytes + i * HMFS_BLOCK_SIZE) == 0;
		for (unsigned j = i; j < i + row; j++) {
			void *at = bytes + j * HMFS_BLOCK_SIZE;

			if (read && is_good(volume, &blocks[j], at))
				continue;
			*bad = j;
			if (read_again(volume, id, first + j, &blocks[j], at) != 0)
				return -EIO;
		}
	}
	return 0;
}

int hmfs_transfer_write(struct hmfs_volume *volume, const uint64_t address[2], unsigned count,
			const void *buffer)
{
	struct hmfs_device *device = volume->device;
	int error = device->ops->write(device, address[0], count, buffer);

	if (!error && address[1] != HMFS_NO_BLOCK)
		error = device->ops->write(device, address[1], count, buffer);
	return error;
}
