/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks for the tests of FAT in the simulation: images made and checked by the host's tools
 * (dosfstools, mtools). Tests are skipped where these are not installed.
 */
#pragma once

#include <scheme/ktest_tree.h>

#include "sim_test.h"

struct block_device;
struct ddk_disk;

struct image {
	char path[64];
	uint8_t *bytes; /* the file's, mapped */
	size_t size;
	struct ddk_disk *disk;
	struct block_device *device;
	/* What was written, in order, if `record`: to play it again up to any point. */
	bool record;
	uint8_t *before; /* the contents when recording began */
	struct image_write *writes;
	size_t write_count, write_capacity;
	bool fail_writes;
};

struct image_write {
	uint64_t position; /* bytes */
	size_t length;     /* 0: a flush */
	uint8_t *bytes;
};

/* Runs a command of the shell; its exit status. */
int image_shell(const char *format, ...) printf_like(1, 2);
/* Starts the kernel with caches and schemes. */
void image_start_kernel(uint64_t seed);
/* A file of `size` bytes, formatted by mkfs.fat with these arguments, as a disk. */
void image_make(struct image *image, uint64_t size, const char *arguments);
/* The same for bytes at hand, which are copied. */
void image_make_of(struct image *image, const uint8_t *bytes, size_t size);
void image_remove(struct image *image);
/* Mounts it; on success tree->scheme is the mount, which ktest_tree_end() unmounts. */
int image_mount(struct image *image, struct ktest_tree *tree, const char *options, bool read_only);
/* Expects that fsck.fat finds nothing. */
void image_expect_clean(struct image *image, const char *when);
/* From now on writes are recorded. */
void image_record(struct image *image);
/* Writes what the disk held after `count` recorded writes into a file of that path. With `random` the
 * power went then: of sectors written since the last flush about half are lost. */
void image_replay(const struct image *image, size_t count, uint64_t *random, const char *path);
