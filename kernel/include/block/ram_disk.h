/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RAM disks: what is written is in memory, until it is destroyed.
 *
 * `ramdisk=SIZE` (bytes, or with K, M, G) on the command line makes ram0.
 */
#pragma once

#include <base/types.h>

struct block_device;

/* Of `sector_count` sectors (a multiple of 8), read as zeros; frames are allocated as they are
 * written: without memory a write fails. `device` is borrowed until it is destroyed. -EINVAL,
 * -ENOMEM, -EEXIST, -ENOSPC. Thread context. */
int must_check block_ram_disk_create(const char *name, uint64_t sector_count,
				     struct block_device **device);
/* Only for what block_ram_disk_create() made. Users' bios fail with -ENODEV from now on. */
void block_ram_disk_destroy(struct block_device *device);
