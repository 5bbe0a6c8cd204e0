/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partitions: block devices that are parts of a disk. partition_scan.c finds them. */
#include "block_priv.h"

#include <base/checked.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* "sda1", but "nvme0n1p1". */
static void name_partition(const struct block_disk *disk, unsigned number, char *name)
{
	const char *whole = disk->whole->name;

	snprintf(name, BLOCK_NAME_MAX, "%s%s%u", whole,
		 is_digit(whole[strlen(whole) - 1]) ? "p" : "", number);
}

static bool is_sensible(const struct block_disk *disk, const struct block_partition *partition)
{
	uint64_t mask = (1ull << disk->block_shift) - 1;

	return partition->number > 0 && partition->number < 1000 && partition->count > 0 &&
	       range_within(partition->start, partition->count, disk->sector_count) &&
	       ((partition->start | partition->count) & mask) == 0;
}

int block_partition_add(struct block_disk *disk, const struct block_partition *partition)
{
	struct block_device *device;
	char name[BLOCK_NAME_MAX];
	int error;

	if (!is_sensible(disk, partition))
		return -EINVAL;
	device = block_device_create(disk, partition->number, partition->start, partition->count);
	if (!device)
		return -ENOMEM;
	memcpy(device->type, partition->type, sizeof(device->type));
	memcpy(device->identity, partition->identity, sizeof(device->identity));
	string_copy(device->label, partition->label, sizeof(device->label));
	name_partition(disk, partition->number, name);
	mutex_lock(&block_table_lock);
	error = block_device_publish_locked(device, name);
	mutex_unlock(&block_table_lock);
	if (error)
		block_device_put(device);
	return error == -EEXIST ? -EINVAL : error;
}

/* A partition that the listeners know of (or do not), with a reference. Only who has the disk's
 * turn changes the list. */
static struct block_device *find_partition(struct block_disk *disk, bool unknown_only)
{
	struct block_device *found = NULL;
	struct list_node *node;

	mutex_lock(&block_table_lock);
	list_for_each (node, &disk->devices) {
		struct block_device *device = container_of(node, struct block_device, disk_node);

		if (device->partition != 0 && !(unknown_only && device->announced)) {
			found = device;
			block_device_get(found);
			break;
		}
	}
	mutex_unlock(&block_table_lock);
	return found;
}

void block_partitions_announce(struct block_disk *disk)
{
	struct block_device *device;

	while ((device = find_partition(disk, true))) {
		block_device_announce(device);
		block_device_put(device);
	}
}

void block_partitions_remove(struct block_disk *disk)
{
	struct block_device *device;

	while ((device = find_partition(disk, false))) {
		block_device_withdraw(device);
		block_device_announce_removal(device);
		block_device_put(device);
		block_device_put(device); /* the disk's own */
	}
}

/* Whether the table can be read at all. */
static int try_reading(struct block_device *whole)
{
	size_t size = whole->limits->block_size;
	void *block = kmalloc(size);
	int error;

	if (!block)
		return -ENOMEM;
	error = block_read(whole, 0, block, size);
	kfree(block);
	return error;
}

int block_rescan(struct block_device *device)
{
	struct block_disk *disk = device->disk;
	int error;

	if (device->partition != 0)
		return -EINVAL;
	error = block_device_claim(device);
	if (error)
		return error;
	block_turn_take(&disk->turn);
	error = disk->gone ? -ENODEV : try_reading(device);
	if (!error) {
		block_partitions_remove(disk);
		block_scan_partitions(disk);
		block_partitions_announce(disk);
	}
	block_turn_end(&disk->turn);
	block_device_release(device);
	return error;
}
