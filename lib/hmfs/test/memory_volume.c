/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The volumes of memory_volume.h. */
#include "memory_volume.h"

#include <stdio.h>
#include <stdlib.h>

static const struct hmfs_make_options fixed_options = {
	.uuid = { 0x68, 0x6d, 0x66, 0x73, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1 },
	.label = "test",
	.time = 1600000000000000000u,
};

static void expect(int error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "memory volume: %s: error %d\n%s", what, -error, memory_host.log);
	abort();
}

void memory_volume_make(struct memory_volume *volume, uint64_t blocks,
			const struct hmfs_make_options *options)
{
	memory_device_create(&volume->device, blocks);
	memory_host_init(&volume->host, false);
	volume->volume = NULL;
	expect(hmfs_make(&volume->device.device, &volume->host, options ? options : &fixed_options),
	       "make");
	expect(memory_volume_mount(volume, false), "mount");
}

int memory_volume_mount(struct memory_volume *volume, bool read_only)
{
	const struct hmfs_mount_options options = { .read_only = read_only };
	int error;

	volume->volume = NULL;
	error = hmfs_mount(&volume->device.device, &volume->host, &options, &volume->volume);
	if (error)
		volume->volume = NULL;
	return error;
}

void memory_volume_remount(struct memory_volume *volume)
{
	expect(hmfs_unmount(volume->volume), "unmount");
	expect(memory_volume_mount(volume, false), "mount");
}

void memory_volume_crash(struct memory_volume *volume)
{
	hmfs_abandon(volume->volume);
	expect(memory_volume_mount(volume, false), "mount after a crash");
}

void memory_volume_end(struct memory_volume *volume)
{
	if (volume->volume)
		expect(hmfs_unmount(volume->volume), "unmount");
	volume->volume = NULL;
	memory_device_destroy(&volume->device);
	memory_host_end(&volume->host);
	if (memory_host.allocations) {
		fprintf(stderr, "memory volume: %lld allocations leaked\n",
			(long long)memory_host.allocations);
		abort();
	}
}
