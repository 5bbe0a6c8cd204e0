/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scheme `pool:`: worker threads that the kernel supplies. docs/pool.md explains.
 *
 * A description of the scheme (/scheme/pool) is a pool. The first write to it is one
 * `struct pool_configuration`, which starts it; each further one is an array of `struct
 * pool_item`, work to be done. A worker begins in user mode at `entry`, as a function
 *
 *     _Noreturn void entry(uint64_t index, uint64_t argument);
 *
 * with the stack and thread pointer of its index. Whatever description of the scheme it reads, it
 * gets one item of its own pool, or 0 bytes when it is to end.
 */
#pragma once

#include <stdint.h>

#define POOL_VERSION        1
#define POOL_WORKERS_MAX    64
#define POOL_QUEUE_DEFAULT  1024 /* items */
#define POOL_QUEUE_MAX      16384
#define POOL_STACK_SIZE_MIN 4096

/* ioctl: fills a struct pool_status. */
#define POOL_STATUS 0x5001

struct pool_configuration {
	/* 0x00 */ uint32_t version;    /* POOL_VERSION */
	/* 0x04 */ uint32_t workers;    /* as many at most; 0: as many as can run at a time */
	/* 0x08 */ uint64_t entry;      /* where workers begin */
	/* 0x10 */ uint64_t argument;   /* what they get besides their index */
	/* 0x18 */ uint64_t stacks;     /* lowest address of worker 0's stack; 16 bytes aligned */
	/* 0x20 */ uint64_t stack_size; /* of each, one behind the other; a multiple of 16 */
	/* 0x28 */ uint64_t thread_pointers;         /* worker 0's thread pointer, 0: none */
	/* 0x30 */ uint64_t thread_pointer_distance; /* from that of a worker to the next one's */
	/* 0x38 */ uint32_t queue_length;            /* items; 0: POOL_QUEUE_DEFAULT */
	/* 0x3c */ uint32_t reserved;                /* 0 */
};

_Static_assert(sizeof(struct pool_configuration) == 0x40, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_configuration, entry) == 0x08, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_configuration, stacks) == 0x18, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_configuration, thread_pointers) == 0x28,
	       "known to programs");
_Static_assert(__builtin_offsetof(struct pool_configuration, queue_length) == 0x38,
	       "known to programs");

/* Work. The kernel looks at none of this; it hands it to a worker. */
struct pool_item {
	/* 0x00 */ uint64_t function;
	/* 0x08 */ uint64_t argument;
	/* 0x10 */ uint64_t tag;
};

_Static_assert(sizeof(struct pool_item) == 0x18, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_item, argument) == 0x08, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_item, tag) == 0x10, "known to programs");

struct pool_status {
	/* 0x00 */ uint64_t submitted; /* items, since the pool was started */
	/* 0x08 */ uint64_t finished;  /* of those: a worker has come back from them, or ended */
	/* 0x10 */ uint32_t queued;    /* that no worker has taken yet */
	/* 0x14 */ uint32_t workers;   /* threads that there are */
	/* 0x18 */ uint32_t awake;     /* of those: not asleep for want of work or of a core */
	/* 0x1c */ uint32_t busy;      /* of those: that have an item */
	/* 0x20 */ uint32_t peak;      /* the highest `busy` there was */
	/* 0x24 */ uint32_t yielded; /* how often a worker went to sleep although there was work */
};

_Static_assert(sizeof(struct pool_status) == 0x28, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_status, queued) == 0x10, "known to programs");
_Static_assert(__builtin_offsetof(struct pool_status, peak) == 0x20, "known to programs");
