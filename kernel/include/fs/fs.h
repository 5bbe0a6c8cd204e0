/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file systems in memory: ramfs, and initfs, which is a read-only ramfs filled from the
 * boot loader's cpio archive. Files refer to the archive's bytes until they are written.
 */
#pragma once

#include <base/types.h>

/* Tells where the initramfs is (direct map); kept for ever. Before schemes_start(). */
void initramfs_set(const void *archive, size_t size);
/* The error of parsing the archive, 0 if it was sound; known after schemes_start(). */
int initramfs_status(void);
