/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a volume stands on: a device of blocks, memory, a lock, a clock. The kernel, the tools
 * and the tests each bring their own. */
#pragma once

#include <base/types.h>
#include <hmfs/format.h>

/* A device of blocks of HMFS_BLOCK_SIZE bytes. All return 0 or a negative errno, and when they
 * return it is done; several threads may call at a time. */
struct hmfs_device {
	const struct hmfs_device_ops *ops;
	uint64_t blocks;
	bool read_only;
};

struct hmfs_device_ops {
	int (*read)(struct hmfs_device *device, uint64_t block, uint64_t count, void *buffer);
	/* May be in a cache of the device afterwards. */
	int (*write)(struct hmfs_device *device, uint64_t block, uint64_t count,
		     const void *buffer);
	/* All that was written is durable. */
	int (*flush)(struct hmfs_device *device);
	/* The blocks' contents are of no interest any more. NULL: it cannot. */
	int (*trim)(struct hmfs_device *device, uint64_t block, uint64_t count);
};

enum hmfs_log_level {
	HMFS_LOG_ERROR = 3,
	HMFS_LOG_WARNING = 4,
	HMFS_LOG_NOTE = 6,
};

struct hmfs_host {
	void *(*allocate)(size_t size); /* aligned for anything; NULL: out of memory */
	void (*release)(void *memory);  /* NULL does nothing */
	/* A mutex of the volume's. NULL where only one thread ever uses it. */
	void (*lock)(void *context);
	void (*unlock)(void *context);
	/* A condition that belongs to the mutex: wait() lets go of it, sleeps until wake() is
	 * called (or for no reason), and takes it again. NULL: unlock() and lock() instead. */
	void (*wait)(void *context);
	void (*wake)(void *context);
	uint64_t (*now)(void); /* ns since 1970 */
	void (*random)(void *bytes, size_t length);
	/* A line for people, without an end of line: damage found, healed. */
	void (*log)(void *context, enum hmfs_log_level level, const char *line);
	void *context;
	size_t cache_bytes;  /* for nodes of maps in memory; about */
	size_t newest_bytes; /* of changes in memory that a commit should not wait beyond; about */
};
