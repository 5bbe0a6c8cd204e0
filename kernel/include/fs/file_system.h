/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File systems on block devices: each describes itself in a record that is gathered at link time.
 *
 *     FILE_SYSTEM(fat) = { .name = "vfat", .probe = fat_probe, .mount = fat_mount };
 *
 * A mounted file system is a scheme whose nodes' contents are page caches over the device.
 */
#pragma once

#include <scheme/scheme.h>

struct block_device;

/* What a device says of the file system on it: for blkid and mount. Terminated, printable. */
struct file_system_identity {
	char uuid[40]; /* as users write it: "1234-ABCD" for FAT */
	char label[64];
	char version[16]; /* "FAT32" */
	uint32_t block_size;
};

struct file_system_options {
	bool read_only;
	const char *text; /* mount's data, "uid=1000,umask=022", terminated; "" for none */
};

struct file_system {
	const char *name; /* mount -t */
	/* 0 if the device has such a file system; -EINVAL: not; or an error of reading. All that is
	 * read is hostile. Thread context. */
	int (*probe)(struct block_device *device, struct file_system_identity *identity);
	/* Makes a scheme (scheme_create(), root set) of it, with one reference and its own to
	 * `device`, which the caller has claimed. The scheme's ops have `sync` and `statistics`;
	 * `release` writes back what is left and lets go of the device. -EINVAL (not one, or an
	 * option that it does not know), -EROFS (cannot be written, and read_only is not set), -EIO,
	 * -EUCLEAN (damaged beyond use), -ENOMEM. */
	int (*mount)(struct block_device *device, const struct file_system_options *options,
		     struct scheme **scheme);
	/* mount -o remount: read_only and nothing else may change. NULL: -EOPNOTSUPP. */
	int (*remount)(struct scheme *scheme, const struct file_system_options *options);
};

extern const struct file_system file_system_records_start[], file_system_records_end[];

#define FILE_SYSTEM(identifier)                                         \
	static const struct file_system file_system_record_##identifier \
		__attribute__((section(".file_systems"), used, aligned(8)))

/* Finds by name ("msdos" and "fat" are no names: the provider lists each it wants). NULL: none. */
const struct file_system *file_system_find(const char *name);
/* Asks all until one knows the device: stored, or -EINVAL, or an error of reading. */
int must_check file_system_probe(struct block_device *device, const struct file_system **found,
				 struct file_system_identity *identity);
