/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file or a block device as what a volume stands on, and the rest of its host. Who writes to a
 * volume has it alone: a lock (flock) keeps other programs of HMFS off, O_EXCL those that mount.
 */
#pragma once

#include <hmfs/host.h>

struct file_device {
	struct hmfs_device device;
	int file;
	const char *path;
	bool is_block, can_trim;
	uint64_t bytes; /* of the file */
};

enum file_device_access {
	FILE_DEVICE_READ,  /* others may read at a time */
	FILE_DEVICE_WRITE, /* nobody else may have it open */
};
/* Ends the program with a message if it cannot: no such file, in use, no file and no disk. */
void file_device_open(struct file_device *device, const char *path, enum file_device_access access);
/* The same, of `bytes` bytes and empty: a file is made if there is none (*made) and set to that size
 * (0: it keeps its own). */
void file_device_make(struct file_device *device, const char *path, uint64_t bytes, bool *made);
/* Makes all of it zeros, if that is cheap. */
void file_device_clear(struct file_device *device);
/* Sets a file's size: 0 or a negative errno. */
int file_device_resize(struct file_device *device, uint64_t bytes);
/* 0, or an error that only closing told. */
int file_device_close(struct file_device *device);
/* If it is shorter than the volume on it says to be: how many bytes that would be; else 0. */
uint64_t file_device_missing(struct file_device *device);
/* What lies on it already, for a message; NULL: nothing that is known. */
const char *file_device_contents(struct file_device *device);

/* The host of this process's volume; there is one. Messages begin with `name`. */
const struct hmfs_host *program_host(const char *name);
/* From now on: the time stands still, and what is random follows from the seed. */
void program_host_reproducible(uint64_t time, uint64_t seed);
/* Notes are shown, too. */
extern bool program_verbose;
