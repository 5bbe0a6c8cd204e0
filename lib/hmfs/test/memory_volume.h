/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes in memory for tests: a device that is sparse, counts, can record what is written and
 * can be made to fail; a host whose allocations are counted and can be made to fail; and both
 * together with a volume on them.
 *
 *	struct memory_volume v;
 *
 *	memory_volume_make(&v, 16384, NULL);        64 MiB, mounted
 *	... hmfs_create(v.volume, ...) ...
 *	memory_volume_remount(&v);                  unmounts it, mounts it
 *	memory_volume_crash(&v);                    abandons it, mounts it
 *	memory_volume_end(&v);                      unmounts, looks for leaks, frees all
 *
 * Nothing in here needs unit.h: what goes wrong that should not calls abort().
 */
#pragma once

#include <hmfs/volume.h>

/* --- The device --- */

enum memory_operation { MEMORY_READ = 0, MEMORY_WRITE = 1, MEMORY_FLUSH = 2, MEMORY_TRIM = 3 };

/* What was done to the device, if it is recorded. */
struct memory_event {
	enum memory_operation operation; /* reads are not among them */
	uint64_t block, count;
	uint8_t *bytes; /* of writes */
};

struct memory_device {
	struct hmfs_device device; /* first */
	uint8_t **slabs;           /* of 64 blocks; NULL: zeros */
	/* Calls, and blocks, by enum memory_operation. */
	uint64_t calls[4], blocks[4];
	/* Asked before each operation: 0, or the error that it ends with. NULL: none fails. The
	 * operation is then not done, and for writes the hook may have called
	 * memory_device_poke() with a part of it. */
	int (*fault)(struct memory_device *device, enum memory_operation operation, uint64_t block,
		     uint64_t count, const void *bytes);
	void *context; /* of fault() */
	/* With `fail_after` not 0: the operation of that number (counted down; reads, writes and
	 * flushes) ends with -EIO; `fail_for_good`: all after it, too. */
	uint64_t fail_after;
	bool fail_for_good;
	/* With `recording`: the events since it was set. */
	bool recording;
	struct memory_event *events;
	size_t event_count, event_room;
	void *mutex; /* calls come from several threads */
};

void memory_device_create(struct memory_device *device, uint64_t blocks);
void memory_device_destroy(struct memory_device *device);
/* Contents, without counting, recording or failing. */
void memory_device_peek(struct memory_device *device, uint64_t block, uint64_t count, void *bytes);
void memory_device_poke(struct memory_device *device, uint64_t block, uint64_t count,
			const void *bytes);
/* Makes `to` (created, of the same size) hold what `from` does. */
void memory_device_copy(struct memory_device *to, const struct memory_device *from);
/* Flips bits of a byte. */
void memory_device_flip(struct memory_device *device, uint64_t block, unsigned offset,
			uint8_t bits);
/* More blocks, zeros. */
void memory_device_grow(struct memory_device *device, uint64_t blocks);
/* Memory that it uses, in blocks. */
uint64_t memory_device_used(const struct memory_device *device);
void memory_device_forget_events(struct memory_device *device);
/* Does events [first, last) to `device` again. */
void memory_device_replay(struct memory_device *device, const struct memory_event *events,
			  size_t first, size_t last);

/* --- The host: one for the process, since allocating has no context --- */

struct memory_host {
	_Atomic int64_t allocations; /* that were not released */
	_Atomic int64_t bytes;
	_Atomic int64_t peak;
	/* Not 0: the allocation of that number (counted down) fails, and with `fail_for_good` all
	 * after it. */
	_Atomic int64_t fail_after;
	bool fail_for_good;
	uint64_t now;      /* advances by a microsecond per look */
	uint64_t random;   /* state */
	char log[16384];   /* lines, the newest at the end; cut at the front */
	unsigned lines[8]; /* by enum hmfs_log_level */
	bool print;        /* the log's lines, to stderr, as well */
	bool locked;       /* in hosts with one thread */
};
extern struct memory_host memory_host;

/* `threads`: with a mutex; without, lock() and unlock() check that they come in turns. */
void memory_host_init(struct hmfs_host *host, bool threads);
void memory_host_end(struct hmfs_host *host);
/* True if a line of the log has `text` in it. */
bool memory_host_said(const char *text);

/* --- Both, and a volume --- */

struct memory_volume {
	struct memory_device device;
	struct hmfs_host host;
	struct hmfs_volume *volume;
};

/* A volume of `blocks` blocks, mounted. `options`: NULL for a fixed uuid and time. */
void memory_volume_make(struct memory_volume *volume, uint64_t blocks,
			const struct hmfs_make_options *options);
/* Its errors are the caller's. */
int memory_volume_mount(struct memory_volume *volume, bool read_only);
void memory_volume_remount(struct memory_volume *volume);
void memory_volume_crash(struct memory_volume *volume);
/* Aborts if memory was not released. */
void memory_volume_end(struct memory_volume *volume);
