/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks, for those who make them: the driver kit's disk class, the RAM disk, the fault-injecting
 * disk. All are drivers to the block layer and use the types and the rules of <ddk/disk.h>; the
 * functions here are what ddk_disk_*() are made of.
 *
 * A segment's device address is its physical address.
 */
#pragma once

#include <block/block.h>
#include <ddk/disk.h>

struct block_disk;

/* What a driver has of its disk; in struct block_disk. */
struct ddk_disk {
	const struct ddk_disk_ops *ops;
	void *context;
};

/* Makes the disk and its whole-disk device, reads the partition table and tells the listeners.
 * `name`: NULL: as the description says, with `controller` (compared only) as what shares a
 * number; otherwise the name itself. Errors as ddk_disk_create(); -EEXIST: the name is taken. */
int must_check block_disk_create(const char *name, const void *controller,
				 const struct ddk_disk_description *description,
				 const struct ddk_disk_ops *ops, void *context,
				 struct ddk_disk **disk);
/* See ddk_disk_remove(), ddk_disk_resize(), ddk_disk_complete(), ddk_disk_ready(), ddk_disk_suspend(),
 * ddk_disk_resume(). */
void block_disk_remove(struct ddk_disk *disk);
void block_disk_resize(struct ddk_disk *disk, uint64_t block_count);
void block_disk_complete(struct ddk_disk_request *request, int error);
void block_disk_ready(struct ddk_disk *disk, unsigned queue);
int must_check block_disk_suspend(struct ddk_disk *disk);
void block_disk_resume(struct ddk_disk *disk);
/* The driver lets go of it, but the disk stays, with all that is open, for the next one: requests wait. Returns when the driver
 * has completed all that it has, which is tried again if it failed with -EAGAIN. */
void block_disk_park(struct ddk_disk *disk);
/* A parked disk of this controller that is the one described (name, unit, serial number, model, block size, and limits that
 * requests which were built already keep); NULL. Then it is the caller's, and requests come from block_disk_adopt() on, with the new
 * operations. -ENOMEM: it stays parked. */
struct ddk_disk *block_disk_find_parked(const void *controller,
					const struct ddk_disk_description *description);
int must_check block_disk_adopt(struct ddk_disk *disk,
				const struct ddk_disk_description *description,
				const struct ddk_disk_ops *ops, void *context);
/* Nobody came: the parked disks of that controller go. Thread context, no lock held. */
void block_disk_remove_parked(const void *controller);
/* The whole disk's device: borrowed, as long as the disk is there. */
struct block_device *block_disk_device(struct block_disk *disk);
struct block_disk *block_disk_of(struct ddk_disk *disk);
/* The disk's, or that of the disk of a partition. */
struct ddk_disk *block_disk_handle(struct block_device *device);

/* The description that the disk was made with (limits cut to what the class uses). */
const struct ddk_disk_description *block_disk_description(const struct block_device *device);
/* See ddk_disk_ops.read_health; -EOPNOTSUPP: the device cannot tell; -ENODEV. Thread context. */
int must_check block_disk_read_health(struct block_device *device, struct ddk_disk_health *health);

/* --- Partitions. --- */

/* Reads the disk's table and adds each partition (partition_scan.c). Thread context, no locks;
 * nobody else adds or removes meanwhile. What the table says is not to be trusted. */
void block_scan_partitions(struct block_disk *disk);

struct block_partition {
	unsigned number;       /* from 1 */
	uint64_t start, count; /* sectors; whole blocks within the disk */
	uint8_t type[16], identity[16];
	char label[37];
};
/* From block_scan_partitions() only. -EINVAL: it is not within the disk, or the number is taken;
 * -ENOMEM, -ENOSPC (numbers). */
int must_check block_partition_add(struct block_disk *disk,
				   const struct block_partition *partition);

/* At boot, when work runs: the reserves, and the disks of the command line. */
void block_start(void);
