/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disks of fat_fuzz.c: small FAT volumes of all kinds, as a whole disk or as a partition of an
 * MBR or of a GPT. While a device is watched, nothing is written outside of it.
 */
#pragma once

#include <block/block.h>

#define FAT_DISK_LAYOUTS 3u /* no table, MBR, GPT */
#define FAT_DISK_VOLUMES 4u

struct fat_disk {
	/* Where the volume is, in sectors; `start` is 0 without a table. */
	uint64_t start, count, total;
	unsigned layout;
	uint8_t *bytes, *pristine;
	bool *touched; /* sectors that may differ from `pristine` */
	/* For those who damage it: where the volume's parts are, from its start. */
	uint64_t fat_start;
	unsigned fat_bits;
	uint64_t directory_sectors[8];
	unsigned directory_count;
	/* Writes outside of [watch_start, watch_end) sectors fail the run. */
	uint64_t watch_start, watch_end;
	bool fail_writes;
	struct ddk_disk *handle; /* while it is there */
};

/* Makes all of them, formatted but empty. */
void fat_disks_make(void);
struct fat_disk *fat_disk_get(unsigned layout, unsigned volume);
/* What it holds now is what it is restored to. */
void fat_disk_settle(struct fat_disk *disk);
void fat_disk_restore(struct fat_disk *disk);
/* Changes bytes of it; what would lie past the end is left out. */
void fat_disk_patch(struct fat_disk *disk, uint64_t at, const void *bytes, size_t length);
/* Makes the checksums of a GPT right. */
void fat_disk_seal(struct fat_disk *disk);
/* Plugs it in, which reads its table, and out. */
void fat_disk_insert(struct fat_disk *disk);
void fat_disk_remove(struct fat_disk *disk);
/* From now on writes must be within `device` of the disk; NULL: within the disk. */
void fat_disk_watch(struct fat_disk *disk, const struct block_device *device);
