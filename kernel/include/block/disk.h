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

/* What a driver has of its disk; in struct block_disk. Changed by block_disk_adopt() only. */
struct ddk_disk {
	const struct ddk_disk_ops *ops;
	void *context;
};

/* Makes the disk and its whole-disk device, reads the partition table and tells the listeners. Of
 * `description` nothing is kept but copies, of `ops` the address. `name`: NULL: as the description says, with `controller` (compared only) as what shares a
 * number; otherwise the name itself. Errors as ddk_disk_create(); -EEXIST: the name is taken. */
int must_check block_disk_create(const char *name, const void *controller,
				 const struct ddk_disk_description *description,
				 const struct ddk_disk_ops *ops, void *context,
				 struct ddk_disk **disk);
/* Parked disks can be removed, too. See ddk_disk_remove(), ddk_disk_resize(), ddk_disk_complete(), ddk_disk_ready(), ddk_disk_suspend(),
 * ddk_disk_resume(). */
void block_disk_remove(struct ddk_disk *disk);
void block_disk_resize(struct ddk_disk *disk, uint64_t block_count);
void block_disk_complete(struct ddk_disk_request *request, int error);
void block_disk_ready(struct ddk_disk *disk, unsigned queue);
int must_check block_disk_suspend(struct ddk_disk *disk);
void block_disk_resume(struct ddk_disk *disk);

/* The driver lets go of it, but the disk stays, with all that is open, for the next one: requests wait. Returns when the
 * driver has completed all that it has, which is tried again where it failed with -EAGAIN, and none of its operations
 * runs. False: it is not worth keeping, since it went while its partitions were read: to be removed. Thread
 * context, no lock held. */
bool must_check block_disk_park(struct ddk_disk *disk);
/* Whether the parked disk can be the one described: the same device, as far as can be told, with limits that requests
 * which are there already keep. Any context. */
bool block_disk_fits(const struct ddk_disk *disk, const struct ddk_disk_description *description);
/* Whether it has the name or the identity of the one described, which cannot be beside it. Any context. */
bool block_disk_is_in_the_way(const struct ddk_disk *disk,
			      const struct ddk_disk_description *description);
/* A parked disk that fits has a driver again: requests come, also before this returns. Thread context, no lock held. */
void block_disk_adopt(struct ddk_disk *disk, const struct ddk_disk_description *description,
		      const struct ddk_disk_ops *ops, void *context);

/* The whole disk's device: borrowed, as long as the disk is there. */
struct block_device *block_disk_device(struct block_disk *disk);
struct block_disk *block_disk_of(struct ddk_disk *disk);
/* The disk's, or that of the disk of a partition. */
struct ddk_disk *block_disk_handle(struct block_device *device);

/* The description that the disk was made with (limits cut to what the class uses). */
const struct ddk_disk_description *block_disk_description(const struct block_device *device);
/* See ddk_disk_ops.read_health; -EOPNOTSUPP: the device cannot tell; -ENODEV. Thread context. */
int must_check block_disk_read_health(struct block_device *device, struct ddk_disk_health *health);

/* Besides the errors of ddk_disk_complete(), and of submit(): -EOWNERDEAD: the driver host that had it has ended, and
 * another will do it; only while the disk's partitions are looked for it is as gone. */

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
