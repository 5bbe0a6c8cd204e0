/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For fat_fuzz.c: damages a volume and the table of partitions around it. */
#include "fat_disks.h"
#include "fat_input.h"

#define PATCHES_MAX 32u

uint32_t take_number(struct input *input)
{
	static const uint32_t odd[] = { 0,          1,          2,          3,
					0x0ff7,     0x0fff,     0xfff7,     0xffff,
					0x0ffffff7, 0x0fffffff, 0x7fffffff, 0xffffffff,
					0xfffffffe, 0x80000000, 0x10000,    512 };
	unsigned kind = take(input);

	if (kind < 16)
		return odd[kind];
	return kind < 128 ? kind - 16 : take_32(input);
}

static void patch_table(struct input *input, struct fat_disk *disk)
{
	uint64_t at = (disk->start + disk->fat_start) * SECTOR_SIZE;
	uint32_t cluster = take(input), value;

	if (cluster >= 0xf0)
		cluster = take_16(input);
	value = take_number(input);
	fat_disk_patch(disk, at + (uint64_t)cluster * disk->fat_bits / 8, &value,
		       (disk->fat_bits + 7) / 8);
}

/* Part of a directory's entry, or all of it from another. */
static void patch_slot(struct input *input, struct fat_disk *disk)
{
	uint64_t sector =
		disk->start + disk->directory_sectors[take(input) % disk->directory_count];
	uint64_t at = sector * SECTOR_SIZE + take(input) % 16 * 32;
	unsigned field = take(input) % 64;
	uint32_t value;

	if (field < 32) {
		value = take_number(input);
		fat_disk_patch(disk, at + field, &value, 1u << field % 3);
		return;
	}
	fat_disk_patch(disk, at, disk->bytes + sector * SECTOR_SIZE + field % 16 * 32, 32);
}

static void patch(struct input *input, struct fat_disk *disk)
{
	uint64_t at = disk->start * SECTOR_SIZE;
	uint32_t value;
	size_t length;

	switch (take(input) % 8) {
	case 0: /* the boot sector, FSInfo, the backup */
		at += take(input) + take(input) % 8 * SECTOR_SIZE;
		value = take_number(input);
		fat_disk_patch(disk, at, &value, 1 + take(input) % 4);
		break;
	case 1:
	case 2:
		patch_table(input, disk);
		break;
	case 3:
	case 4:
		patch_slot(input, disk);
		break;
	case 5: /* the partition table */
		at = take_16(input) % (4 * SECTOR_SIZE);
		value = take_number(input);
		fat_disk_patch(disk, at, &value, 1 + take(input) % 4);
		break;
	case 6: /* anywhere */
		at = take_32(input) % (disk->total * SECTOR_SIZE);
		length = min_size(take(input) % 64, (size_t)(input->end - input->next));
		fat_disk_patch(disk, at, input->next, length);
		input->next += length;
		break;
	default: /* what the entries of directories say last, as a number of a cluster and a size */
		at += disk->directory_sectors[take(input) % disk->directory_count] * SECTOR_SIZE;
		at += take(input) % 16 * 32 + 26;
		value = take_number(input);
		fat_disk_patch(disk, at, &value, 2);
		value = take_number(input);
		fat_disk_patch(disk, at + 2, &value, 4);
		break;
	}
}

void fat_damage(struct input *input, struct fat_disk *disk)
{
	unsigned flags = take(input);

	for (unsigned count = flags % PATCHES_MAX; count > 0; count--)
		patch(input, disk);
	if (disk->layout == 2 && flags < 192)
		fat_disk_seal(disk);
}
