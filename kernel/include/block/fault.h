/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fault-injecting disk: a disk over another block device that fails as it is told, for tests
 * of whatever stands on block devices. What it does is a matter of its seed and of the order of
 * requests only.
 *
 *     struct block_fault_rule rule = {
 *             .action = BLOCK_FAULT_ERROR, .operations = 1 << DDK_DISK_READ,
 *             .start = 100, .count = 8, .error = -ENODATA,
 *     };
 *
 *     block_fault_create("faulty", lower, &(struct block_fault_options){ .seed = 1 }, &device);
 *     block_fault_add_rule(device, &rule);
 *
 * `faultdisk=LOWER` on the command line makes fault0 over the device LOWER once all are there, and
 * `faultrules=RULE;RULE...` gives it rules, written as in scheme sys: (docs/block.md).
 */
#pragma once

#include <ddk/disk.h>

struct block_device;

enum block_fault_action {
	BLOCK_FAULT_ERROR,     /* fails with `error`; nothing is done */
	BLOCK_FAULT_DELAY,     /* is answered `delay_ns` later than it is done */
	BLOCK_FAULT_NO_ANSWER, /* is not done, and not answered before its time-out */
	BLOCK_FAULT_TORN, /* of a write only the first `part` sectors arrive; then `error`, 0: it
				* is said to be done */
	BLOCK_FAULT_DROP, /* is said to be done, and is not */
	BLOCK_FAULT_FLIP, /* a bit of what is read is wrong */
	BLOCK_FAULT_BUSY, /* the driver takes no request now */
};

struct block_fault_rule {
	enum block_fault_action action;
	unsigned operations;   /* mask of enum ddk_disk_operation; 0: all */
	uint64_t start, count; /* requests that touch these sectors (flushes: any); 0: all */
	uint64_t after;        /* so many of them are spared first */
	uint64_t times;        /* then so many are struck; 0: all */
	uint32_t one_in;       /* of those, one in so many at random; 0 and 1: each */
	int error;             /* as ddk_disk_complete() has it */
	uint64_t delay_ns;
	uint32_t part; /* sectors */
};
#define BLOCK_FAULT_RULES_MAX 16

struct block_fault_options {
	uint64_t seed; /* not 0 */
	/* Writes are volatile until they are flushed: block_fault_lose_cache() takes them away. */
	bool volatile_cache, fua;
	bool no_write_zeroes;
	unsigned queue_count, queue_depth; /* 0: 1 and 32 */
	uint64_t timeout_ns;               /* 0: 30 s */
	/* Limits, 0: generous ones. */
	uint32_t block_size, max_blocks, max_segments, gap_alignment, segment_alignment;
};

struct block_fault_statistics {
	uint64_t requests, struck, timed_out;
	uint64_t reads, writes, flushes; /* requests done as they should be */
	uint64_t volatile_sectors;       /* written, and not flushed yet */
};

/* Holds a reference to `lower`. Thread context. Errors of ddk_disk_create(). `device` is borrowed
 * until it is destroyed. */
int must_check block_fault_create(const char *name, struct block_device *lower,
				  const struct block_fault_options *options,
				  struct block_device **device);
/* As if it were pulled out: what it has fails, and then it is gone. */
void block_fault_destroy(struct block_device *device);
/* Rules are tried in order; the first that strikes counts. -ENOSPC: there are enough. */
int must_check block_fault_add_rule(struct block_device *device,
				    const struct block_fault_rule *rule);
void block_fault_clear_rules(struct block_device *device);
/* From now on no request is answered, until the disk is destroyed; or they are again, and those that
 * were not are done. */
void block_fault_hang(struct block_device *device, bool hang);
/* The power fails: of the sectors that were written since they were last flushed, each keeps one
 * of what it held in turn, at random. No request is under way. Thread context; bio errors. */
int must_check block_fault_lose_cache(struct block_device *device);
void block_fault_read_statistics(struct block_device *device,
				 struct block_fault_statistics *statistics);

/* A rule as text: ACTION [OPERATION] [NAME=NUMBER...], such as "error read start=100 count=8
 * error=61 times=2". Actions: error delay noanswer torn drop flip busy; operations: read write
 * flush discard zeroes. -EINVAL. */
int must_check block_fault_parse_rule(const char *text, struct block_fault_rule *rule);
