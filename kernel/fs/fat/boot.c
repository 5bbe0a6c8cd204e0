/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The boot sector: whether it is one, and where it says that things are. Nothing in it is believed
 * before it was compared with the rest and with the size of the device.
 */
#include <base/bits.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>

#include "fat_priv.h"

#define SECTOR_SIZE_MAX 4096u

/* --- Parsing. --- */

/* What every FAT's boot sector has: if not, it is none. */
static bool looks_like_fat(const struct fat_boot_sector *boot)
{
	const struct fat_boot_common *common = &boot->common;

	if (boot->signature != FAT_BOOT_SIGNATURE)
		return false;
	if (!is_power_of_two(common->sector_size) || common->sector_size < SECTOR_SIZE ||
	    common->sector_size > SECTOR_SIZE_MAX)
		return false;
	if (!is_power_of_two(common->cluster_sectors))
		return false;
	if (common->media != 0xf0 && common->media < 0xf8)
		return false;
	return common->fat_count > 0 && common->fat_count <= 15 && common->reserved_sectors > 0;
}

/* The number of 512-byte sectors that so many of the volume's are. */
static uint64_t sectors_of(const struct fat_boot_sector *boot, uint64_t count)
{
	return count * (boot->common.sector_size / SECTOR_SIZE);
}

static bool is_large(const struct fat_boot_sector *boot)
{
	return boot->common.fat_sectors_16 == 0;
}

static int parse_areas(const struct fat_boot_sector *boot, struct fat_geometry *geometry)
{
	const struct fat_boot_common *common = &boot->common;
	uint64_t total =
		common->total_sectors_16 ? common->total_sectors_16 : common->total_sectors_32;
	uint64_t fat_length = is_large(boot) ? boot->large.fat_sectors : common->fat_sectors_16;
	uint64_t root_length = common->root_entries * FAT_SLOT_SIZE;

	if (fat_length == 0)
		return -EINVAL;
	geometry->media = common->media;
	geometry->sector_size = common->sector_size;
	geometry->cluster_size = (uint32_t)common->sector_size * common->cluster_sectors;
	geometry->cluster_shift = bit_highest(geometry->cluster_size);
	geometry->total = sectors_of(boot, total);
	geometry->fat_start = sectors_of(boot, common->reserved_sectors);
	geometry->fat_length = sectors_of(boot, fat_length);
	geometry->fat_count = common->fat_count;
	geometry->mirrored = true;
	geometry->root_start = geometry->fat_start + geometry->fat_count * geometry->fat_length;
	geometry->root_slots = common->root_entries;
	root_length = align_up(root_length, common->sector_size);
	geometry->data_start = geometry->root_start + root_length / SECTOR_SIZE;
	return geometry->data_start < geometry->total ? 0 : -EUCLEAN;
}

/* The type, by the number of clusters ("FAT Type Determination"). What has no number of sectors
 * where FAT16 has it can only be FAT32, and tools make such that are too small. */
static int parse_type(const struct fat_boot_sector *boot, struct fat_geometry *geometry)
{
	uint64_t clusters = (geometry->total - geometry->data_start) >>
			    (geometry->cluster_shift - SECTOR_SHIFT);

	if (clusters == 0)
		return -EUCLEAN;
	if (is_large(boot))
		geometry->bits = 32;
	else
		geometry->bits = clusters < FAT12_CLUSTERS ? 12 : 16;
	if (geometry->bits == 16 && clusters >= FAT16_CLUSTERS)
		return -EUCLEAN;
	if (geometry->bits == 32 && clusters >= FAT32_CLUSTERS)
		return -EUCLEAN;
	if ((geometry->bits == 32) != (geometry->root_slots == 0))
		return -EUCLEAN;
	/* The table must have an entry for each. */
	if ((clusters + FAT_CLUSTER_FIRST) * geometry->bits >
	    geometry->fat_length * SECTOR_SIZE * 8)
		return -EUCLEAN;
	geometry->cluster_end = (uint32_t)clusters + FAT_CLUSTER_FIRST;
	return 0;
}

/* Tools make volumes that are a little larger than their partition (`mkfs.fat --offset` takes the rest
 * of the image), and images are cut short: what is on the device can be used. */
static int cut_to_device(struct fat_geometry *geometry, uint64_t sectors)
{
	uint64_t clusters;

	if (geometry->total <= sectors)
		return 0;
	if (geometry->data_start >= sectors)
		return -EUCLEAN;
	clusters = (sectors - geometry->data_start) >> (geometry->cluster_shift - SECTOR_SHIFT);
	if (clusters == 0)
		return -EUCLEAN;
	geometry->total = sectors;
	geometry->cut = true;
	geometry->cluster_end =
		(uint32_t)min_u64(geometry->cluster_end, clusters + FAT_CLUSTER_FIRST);
	return 0;
}

static int parse_large(const struct fat_boot_sector *boot, struct fat_geometry *geometry)
{
	uint64_t reserved = boot->common.reserved_sectors;

	if (boot->large.version != 0)
		return -EUCLEAN;
	geometry->root_cluster = boot->large.root_cluster & FAT32_MASK;
	if (!fat_cluster_valid(geometry, geometry->root_cluster))
		return -EUCLEAN;
	if (boot->large.flags & FAT32_ONE_FAT) {
		geometry->mirrored = false;
		geometry->fat_active = boot->large.flags & FAT32_ACTIVE_MASK;
		if (geometry->fat_active >= geometry->fat_count)
			return -EUCLEAN;
	}
	if (boot->large.information && boot->large.information < reserved)
		geometry->information = sectors_of(boot, boot->large.information);
	if (boot->large.backup && boot->large.backup < reserved)
		geometry->backup = sectors_of(boot, boot->large.backup);
	return 0;
}

/* Labels are padded with blanks, and in the code page of whoever made them. */
static void copy_label(char label[12], const uint8_t bytes[11])
{
	size_t length = 11;

	while (length > 0 && bytes[length - 1] == ' ')
		length--;
	for (size_t i = 0; i < length; i++)
		label[i] = (char)(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '_');
	label[length] = '\0';
	/* What those have that have none. */
	if (strcmp(label, "NO NAME") == 0)
		label[0] = '\0';
}

static void parse_identity(const struct fat_boot_identity *identity, struct fat_geometry *geometry)
{
	geometry->dirty = identity->state & FAT_STATE_DIRTY;
	if (identity->signature != FAT_IDENTITY_SIGNATURE)
		return;
	geometry->id = identity->id;
	copy_label(geometry->label, identity->label);
}

int fat_boot_parse(const struct fat_boot_sector *boot, uint64_t sector, uint64_t sectors,
		   struct fat_geometry *geometry)
{
	int error;

	memset(geometry, 0, sizeof(*geometry));
	if (!looks_like_fat(boot))
		return -EINVAL;
	error = parse_areas(boot, geometry);
	if (!error)
		error = parse_type(boot, geometry);
	if (!error)
		error = cut_to_device(geometry, sectors);
	if (!error && is_large(boot))
		error = parse_large(boot, geometry);
	if (error)
		return error;
	geometry->boot = sector;
	parse_identity(is_large(boot) ? &boot->large.identity : &boot->small.identity, geometry);
	return 0;
}

/* --- Reading. --- */

/* Reads a block of the device at a sector; *boot is in it. The caller frees *block. */
static int read_block(struct block_device *device, uint64_t sector, uint8_t **block,
		      struct fat_boot_sector **boot)
{
	uint32_t size = device->limits->block_size;
	uint64_t start = align_down(sector, size / SECTOR_SIZE);
	int error;

	if (size > SECTOR_SIZE_MAX || sector >= device->sector_count)
		return -EINVAL;
	*block = kmalloc(size);
	if (!*block)
		return -ENOMEM;
	error = block_read(device, start, *block, size);
	if (error) {
		kfree(*block);
		return error;
	}
	*boot = (struct fat_boot_sector *)(*block + (sector - start) * SECTOR_SIZE);
	return 0;
}

static int read_and_parse(struct block_device *device, uint64_t sector,
			  struct fat_geometry *geometry)
{
	struct fat_boot_sector *boot;
	uint8_t *block;
	int error = read_block(device, sector, &block, &boot);

	if (error)
		return error;
	error = fat_boot_parse(boot, sector, device->sector_count, geometry);
	kfree(block);
	/* All transfers are of the volume's sectors. */
	if (!error && geometry->sector_size < device->limits->block_size)
		error = -EINVAL;
	return error;
}

/* True if the FAT begins as the FAT32 that the copy is of does. What the volume became since, when it
 * was formatted for others, may have left the copy, but hardly this. */
static bool has_table(struct block_device *device, const struct fat_geometry *geometry)
{
	uint64_t sector = geometry->fat_start + geometry->fat_active * geometry->fat_length;
	struct fat_boot_sector *bytes;
	uint32_t entry = 0;
	uint8_t *block;

	if (read_block(device, sector, &block, &bytes))
		return false;
	memcpy(&entry, bytes, sizeof(entry));
	kfree(block);
	return (entry & FAT32_MASK) == (FAT_CLUSTER_END & ~0xffu) + geometry->media;
}

/* The copy that FAT32 keeps: where it is depends on the size of sectors, which it tells. */
static int read_backup(struct block_device *device, struct fat_geometry *geometry)
{
	for (uint32_t size = SECTOR_SIZE; size <= SECTOR_SIZE_MAX; size *= 2) {
		uint64_t sector = (uint64_t)FAT32_BACKUP_SECTOR * (size / SECTOR_SIZE);

		if (read_and_parse(device, sector, geometry) == 0 && geometry->bits == 32 &&
		    geometry->sector_size == size && geometry->backup == sector)
			return has_table(device, geometry) ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int fat_boot_read(struct block_device *device, struct fat_geometry *geometry)
{
	struct fat_geometry backup;
	int error = read_and_parse(device, 0, geometry);

	if (!error || error == -ENOMEM || error == -ENODEV)
		return error;
	if (read_backup(device, &backup))
		return error;
	log_warning("fat", "%s: the boot sector is damaged, its backup is used", device->name);
	*geometry = backup;
	return 0;
}

int fat_boot_set_dirty(struct fat *fs, bool dirty)
{
	struct fat_boot_identity *identity;
	struct fat_boot_sector *boot;
	uint64_t start;
	uint8_t *block;
	int error = read_block(fs->device, fs->geometry.boot, &block, &boot);

	if (error)
		return error;
	start = fs->geometry.boot - (uint64_t)((uint8_t *)boot - block) / SECTOR_SIZE;
	identity = fs->geometry.bits == 32 ? &boot->large.identity : &boot->small.identity;
	if (!!(identity->state & FAT_STATE_DIRTY) != dirty) {
		identity->state ^= FAT_STATE_DIRTY;
		error = block_write(fs->device, start, block, fs->device->limits->block_size, 0);
	}
	kfree(block);
	return error;
}

/* The label in a sector of the root directory: 1: found; 0: not here; -ENOENT: nor behind. */
static int find_label(const uint8_t *bytes, uint32_t size, char label[12])
{
	const struct fat_entry *entries = (const struct fat_entry *)bytes;

	for (unsigned i = 0; i < size / FAT_SLOT_SIZE; i++) {
		if (entries[i].name[0] == FAT_SLOT_END)
			return -ENOENT;
		if (entries[i].name[0] == FAT_SLOT_FREE || !(entries[i].attributes & FAT_VOLUME) ||
		    (entries[i].attributes & FAT_ATTRIBUTES) == FAT_LONG)
			continue;
		copy_label(label, entries[i].name);
		return 1;
	}
	return 0;
}

/* The root directory's label is the one that people change; it is among the first entries. */
static int read_label(struct block_device *device, struct fat_geometry *geometry)
{
	uint64_t sector = geometry->root_start, length = geometry->root_slots * FAT_SLOT_SIZE;
	uint8_t *bytes = kmalloc(geometry->sector_size);
	int result = 0;

	if (!bytes)
		return -ENOMEM;
	if (geometry->bits == 32) {
		sector = fat_cluster_sector(geometry, geometry->root_cluster);
		length = geometry->cluster_size;
	}
	for (uint64_t at = 0; !result && at < length; at += geometry->sector_size) {
		result =
			block_read(device, sector + at / SECTOR_SIZE, bytes, geometry->sector_size);
		if (!result)
			result = find_label(bytes, geometry->sector_size, geometry->label);
	}
	kfree(bytes);
	return result == -ENOENT || result > 0 ? 0 : result;
}

int fat_probe(struct block_device *device, struct file_system_identity *identity)
{
	struct fat_geometry geometry;
	int error = fat_boot_read(device, &geometry);

	if (!error)
		error = read_label(device, &geometry);
	if (error)
		return error == -EUCLEAN ? -EINVAL : error;
	memset(identity, 0, sizeof(*identity));
	snprintf(identity->uuid, sizeof(identity->uuid), "%04X-%04X", geometry.id >> 16,
		 geometry.id & 0xffff);
	string_copy(identity->label, geometry.label, sizeof(identity->label));
	snprintf(identity->version, sizeof(identity->version), "FAT%u", geometry.bits);
	identity->block_size = geometry.sector_size;
	return 0;
}
