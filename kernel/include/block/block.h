/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block devices: disks and their partitions, and how they are read and written.
 *
 * A bio is an asynchronous transfer between a block device and frames. Whoever made it owns it;
 * from bio_submit() until its `complete` is called it is the block layer's. Errors that reach a
 * bio are final: what can be tried again was.
 *
 *     struct bio *bio = bio_create(device, BIO_READ, sector, 1, 0);
 *
 *     bio_add_frame(bio, frame, 0, PAGE_SIZE);
 *     error = bio_submit_and_wait(bio);
 *     bio_free(bio);
 *
 * Sectors are of 512 bytes, whatever the block size of the disk; transfers are whole blocks.
 *
 * Order and durability: bios are done in any order; who wants an order waits. A write is in the
 * device's cache when it completes; BIO_FUA and BIO_FLUSH make it durable: a flush covers all
 * writes that completed before it was submitted.
 */
#pragma once

#include <base/list.h>
#include <base/rbtree.h>
#include <scheme/node.h>
#include <sync/refcount.h>

struct block_counters;
struct block_device;
struct block_disk;
struct frame;
struct page_cache;

#define BIO_INLINE_SEGMENTS 4

#define SECTOR_SHIFT   9
#define SECTOR_SIZE    512u
#define BLOCK_NAME_MAX 32

enum bio_operation {
	BIO_READ,
	BIO_WRITE,
	BIO_FLUSH,
	BIO_DISCARD,      /* `sector`, `length`; no segments */
	BIO_WRITE_ZEROES, /* likewise */
};

enum bio_flags {
	BIO_FUA = 1 << 0,
	BIO_URGENT = 1 << 1,     /* before others: somebody waits for it */
	BIO_BACKGROUND = 1 << 2, /* behind others: read-ahead, write-back */
	BIO_METADATA = 1 << 3,   /* for the tracer */
	BIO_NO_RETRY = 1 << 4,   /* an error is final at once */
	BIO_RESERVE = 1 << 5,    /* bio_create() waits for memory instead of failing: write-back */
};

/* Physically contiguous bytes from `offset` in the frame on, which may go on in the frames that
 * follow it in memory. The bio holds no reference. */
struct bio_segment {
	struct frame *frame;
	uint32_t offset, length;
};

struct bio {
	/* The maker's, immutable once submitted. */
	struct block_device *device; /* a reference */
	enum bio_operation operation;
	unsigned flags; /* enum bio_flags */
	uint64_t sector;
	uint64_t length; /* bytes; bio_add_frame() counts them */
	struct bio_segment *segments;
	uint16_t segment_count, segment_capacity;
	/* Called once, in any context (interrupts too), with no lock held that the maker knows of.
	 * It may free the bio. */
	void (*complete)(struct bio *bio);
	void *private;
	int error; /* when complete: 0, -EIO, -ENODATA (bad medium), -ENODEV, -EROFS, -ENOSPC,
		    * -EOPNOTSUPP, -EINVAL (past the end, not whole blocks), -ENOMEM */
	/* The block layer's. */
	struct list_node node; /* in a batch; in a queue */
	struct rbtree_node by_sector;
	struct bio *next; /* of the same request */
	_Atomic int left; /* parts under way, and one until all are */
	_Atomic int first_error;
	uint64_t started; /* monotonic ns */
	/* What of it was given to requests: up to which byte, and where that is. */
	uint64_t issued;
	uint32_t issued_offset;
	uint16_t issued_segment;
	uint8_t state; /* enum bio_state */
	uint8_t pool;  /* which reserve it came from */
	/* bio_create()'s: the segments of small ones. */
	struct bio_segment inline_segments[BIO_INLINE_SEGMENTS];
};

/* A bio with room for `capacity` segments. Thread context; with BIO_RESERVE it waits (capacity at
 * most BIO_RESERVE_SEGMENTS, and the maker must not hold more than a few), else NULL: no memory. */
#define BIO_RESERVE_SEGMENTS 64
struct bio *bio_create(struct block_device *device, enum bio_operation operation, uint64_t sector,
		       unsigned capacity, unsigned flags);
void bio_free(struct bio *bio);
/* Adds bytes; those that continue the last segment in memory are joined to it. False: no room. */
bool must_check bio_add_frame(struct bio *bio, struct frame *frame, uint32_t offset,
			      uint32_t length);
/* Starts it. It completes in any case, even before this returns. Any context in which no lock of
 * rank >= RANK_BLOCK is held. */
void bio_submit(struct bio *bio);
/* Thread context. The error. */
int must_check bio_submit_and_wait(struct bio *bio);

/* Several bios that are submitted together, so that neighbours are merged into one request and the
 * device is told once. */
struct bio_batch {
	struct list bios;
};
void bio_batch_init(struct bio_batch *batch);
void bio_batch_add(struct bio_batch *batch, struct bio *bio);
/* Submits all; the batch is empty then. */
void bio_batch_submit(struct bio_batch *batch);

/* Kernel memory at once, whole sectors; for tables and the like. Thread context. Bio errors. */
int must_check block_read(struct block_device *device, uint64_t sector, void *to, size_t length);
int must_check block_write(struct block_device *device, uint64_t sector, const void *from,
			   size_t length, unsigned flags);
int must_check block_flush(struct block_device *device);

/* --- Devices. --- */

struct block_limits {
	uint32_t block_size, physical_block_size; /* bytes */
	uint64_t max_discard_sectors;             /* 0: no discards */
	bool volatile_cache, rotational, removable;
};

struct block_device {
	/* Immutable. */
	char name[BLOCK_NAME_MAX]; /* "sda", "sda1", "nvme0n1p2" */
	struct block_disk *disk;
	unsigned partition; /* number; 0: the whole disk */
	unsigned major, minor;
	uint64_t start;   /* sectors from the disk's */
	uint8_t type[16]; /* of GPT partitions: type and unique GUID as on disk; of MBR's: the */
	uint8_t identity[16]; /* type byte first; else zeros */
	char label[37];       /* of GPT partitions, printable ASCII */
	const struct block_limits *limits;
	uint64_t table_count;            /* sectors that the table says; of whole disks 0 */
	struct block_counters *counters; /* one for each queue of the disk, under its lock */
	_Atomic uint64_t busy_units, busy_until; /* see block_statistics.busy_ns */
	uint64_t id;                             /* in order of appearance; the table's lock */
	bool announced;                          /* the listeners know of it; in their turn */
	struct list_node disk_node;              /* the disk's devices; the table's lock */
	struct list_node table_node;             /* all devices; the table's lock */
	_Atomic uint64_t sector_count;           /* smaller than before if the disk shrank */
	_Atomic bool read_only, gone;            /* gone: every bio is -ENODEV */
	/* Who holds: the disk while it is there, bios, open files, mounts, visitors. */
	struct refcount references;
	/* Pages of the device itself: files in /dev and metadata of file systems share them. Made by
	 * kernel/cache on first use; under the disk's lock; NULL: none yet. */
	struct page_cache *cache;
	_Atomic unsigned writers; /* opens and mounts that write */
	_Atomic unsigned opens;   /* open files of the device itself */
	_Atomic unsigned
		exclusive; /* mounts: its table cannot be read anew, it cannot be mkfs'ed */
};

/* References. NULL: no such device. */
struct block_device *block_device_find(const char *name);
struct block_device *block_device_find_number(unsigned major, unsigned minor);
void block_device_get(struct block_device *device);
void block_device_put(struct block_device *device);
/* Claims it for a mount (or O_EXCL): -EBUSY if it, its disk or a partition of it is claimed. */
int must_check block_device_claim(struct block_device *device);
void block_device_release(struct block_device *device);
/* Calls `visit`, without locks, for each device, disks before their partitions, until false. */
void block_visit(bool (*visit)(struct block_device *device, void *argument), void *argument);
/* Reads the disk's partition table anew (BLKRRPART). -EBUSY: one of its devices is claimed; -EINVAL:
 * not a whole disk; or an error of reading. */
int must_check block_rescan(struct block_device *disk);

/* What was done since the device appeared. Requests are what the disk got; bios that were merged
 * are counted apart, and retries as part of their request. A partition's are those of its own, a
 * disk's are all. */
struct block_counter {
	uint64_t requests, merged, sectors;
	uint64_t nanoseconds; /* from bio_submit() to the end, of all requests */
};
struct block_statistics {
	struct block_counter reads, writes, discards, zeroes, flushes;
	uint64_t in_flight; /* requests that the disk has */
	uint64_t busy_ns;   /* while it had any; exact to a millisecond or so */
	/* Of the whole disk only, 0 for partitions. */
	uint64_t waiting;        /* bios without a tag */
	uint64_t spared_flushes; /* that nothing was to be done for */
	uint64_t errors, retries, timeouts;
};
void block_read_statistics(struct block_device *device, struct block_statistics *statistics);

/* Whoever makes something of devices (nodes in /dev) registers at boot, static storage. Called in
 * thread context, without locks, for each device that comes and goes; for those that are there
 * already as well. After `removed` the device is gone, but lives as long as it is held. */
struct block_listener {
	struct list_node node;
	void (*added)(struct block_device *device);
	void (*removed)(struct block_device *device);
};
void block_listener_add(struct block_listener *listener);
