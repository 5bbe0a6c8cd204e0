/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling a ramfs from the boot loader's archive. */
#pragma once

#include <scheme/scheme.h>

/* Unpacks the archive, if there is one, into `scheme`, an empty ramfs. What cannot be made is
 * left out; with `report` that goes to the log and into initramfs_status(). */
void initramfs_unpack(struct scheme *scheme, bool report);

/* The same for an archive at hand: what initramfs_status() would be. */
int initramfs_unpack_archive(struct scheme *scheme, const void *archive, size_t size, bool report);
