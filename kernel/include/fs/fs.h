/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file systems in memory: ramfs, and initfs, which is a read-only ramfs filled from the
 * boot loader's cpio archive. Files refer to the archive's bytes until they are written.
 *
 * Schemes: `file:` (a ramfs filled from the archive, the root of the Linux tree), `initfs:` (the
 * archive, read-only), `tmp:`, `shm:` and `dev:` (empty ramfs).
 */
#pragma once

#include <base/types.h>

struct scheme;

/* Tells where the initramfs is (direct map); kept for ever. Before schemes_start(). */
void initramfs_set(const void *archive, size_t size);
/* The error of parsing the archive, 0 if it was sound; known after schemes_start(). What came
 * before the damage is there. */
int initramfs_status(void);

struct ramfs_options {
	uint64_t size_limit; /* bytes of contents; 0: half of the memory */
	uint64_t node_limit; /* files; 0: as many as there are pages in half of the memory */
	uint32_t mode;       /* permissions of the root directory */
	uint32_t uid, gid;
};

/* An empty ramfs as a scheme, with one reference, in no namespace yet (mount -t tmpfs). `name`
 * need not be unique; `kind` is static; `flags` are enum scheme_flags. -ENOMEM. */
int must_check ramfs_create(const char *name, const char *kind, unsigned flags,
			    const struct ramfs_options *options, struct scheme **scheme);
