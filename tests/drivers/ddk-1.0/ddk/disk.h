/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Class interface: disks.
 *
 * The class cuts, merges and queues what programs and file systems want; the driver gets
 * requests that its device can do as they are, each on one of the disk's queues and with a tag of
 * its own there: the number of the slot that it may use for it. A request is the driver's from
 * `submit` until ddk_disk_complete().
 *
 * What times out, is retried, or is given up is decided by the class: the driver reports what the
 * device said (enum in ddk_disk_complete()) and, when `timed_out` asks for it, makes the device
 * let go of what it has.
 *
 * Order: none. The class lets requests that depend on each other follow one another.
 */
#pragma once

#include <ddk/device.h>

struct ddk_disk;

#define DDK_DISK_MODEL_MAX    41
#define DDK_DISK_SERIAL_MAX   21
#define DDK_DISK_FIRMWARE_MAX 9
#define DDK_DISK_QUEUE_MAX    64
#define DDK_DISK_DEPTH_MAX    1024

enum ddk_disk_operation {
	DDK_DISK_READ,
	DDK_DISK_WRITE,
	DDK_DISK_FLUSH,   /* what was completed before is to be durable after */
	DDK_DISK_DISCARD, /* the contents are needed no more */
	DDK_DISK_WRITE_ZEROES,
};

enum ddk_disk_request_flags {
	DDK_DISK_FUA = 1 << 0,    /* a write that is durable when it completes */
	DDK_DISK_URGENT = 1 << 1, /* a hint: somebody waits (of real-time priority) */
};

/* A stretch of memory that is contiguous as the device sees it. */
struct ddk_disk_segment {
	uint64_t device_address;
	uint32_t length; /* bytes, not 0 */
};

/* Immutable while the driver has it, but for the last field. */
struct ddk_disk_request {
	struct ddk_disk *disk;
	enum ddk_disk_operation operation;
	unsigned flags; /* enum ddk_disk_request_flags */
	uint64_t block; /* the first, in blocks of the disk's size; 0 for flushes */
	uint32_t count; /* of blocks, not 0; 0 for flushes */
	unsigned queue; /* < queue_count */
	unsigned tag;   /* < queue_depth; no other request of the queue has it meanwhile */
	/* Of reads and writes: `count` blocks in all. Others have none. */
	const struct ddk_disk_segment *segments;
	unsigned segment_count;
	uint64_t driver[2]; /* the driver's; 0 when it gets the request */
};

struct ddk_disk_description {
	/* The name in /dev: `prefix` and a letter ("sd" gives sda, sdb ... sdaa) if `unit` is 0;
	 * otherwise prefix, a number that all disks of this device share, 'n' and the unit
	 * ("nvme" and 1 give nvme0n1). Static. */
	const char *prefix;
	uint32_t unit;
	char model[DDK_DISK_MODEL_MAX]; /* printable, terminated; the class trims blanks */
	char serial[DDK_DISK_SERIAL_MAX];
	char firmware[DDK_DISK_FIRMWARE_MAX];
	uint64_t block_count;
	uint32_t block_size;          /* bytes: a power of two from 512 to 4096 */
	uint32_t physical_block_size; /* what the device writes at once; 0: block_size */
	/* Limits of one read or write. */
	uint32_t max_blocks;
	uint32_t max_segments;
	uint32_t max_segment_length; /* bytes, at least 4096 */
	/* Not 0 (a power of two): segments but the first begin, and segments but the last end, at
	 * a multiple of it (NVMe's lists of pages). */
	uint32_t gap_alignment;
	uint32_t segment_alignment;       /* addresses and lengths are multiples of it; >= 1 */
	bool below_4g;                    /* the device reaches only addresses below 4 GiB */
	uint32_t max_discard_blocks;      /* 0: no discards */
	uint32_t max_write_zeroes_blocks; /* 0: none; the class writes zeros then */
	bool volatile_cache;              /* flushes mean something */
	bool fua;                         /* knows DDK_DISK_FUA; else the class flushes */
	bool rotational, removable, read_only;
	unsigned queue_count; /* the class uses queue CPU % queue_count */
	unsigned queue_depth; /* tags of each queue */
	uint64_t timeout_ns;  /* of a request; 0: 30 s */
};

/* What the device thinks of its health (ATA SMART, NVMe's log page 2). UINT64_MAX: unknown. */
struct ddk_disk_health {
	bool failing;             /* the device says that it will fail */
	int temperature;          /* degrees Celsius; INT32_MIN: unknown */
	uint64_t percentage_used; /* of the life that the maker expects */
	uint64_t spare_percent;   /* what is left of spare blocks */
	uint64_t power_on_hours, power_cycles, unsafe_shutdowns;
	uint64_t blocks_read, blocks_written; /* of 512 bytes */
	uint64_t media_errors;                /* NVMe; ATA: uncorrectable sectors */
	uint64_t reallocated_sectors;         /* ATA */
};

struct ddk_disk_ops {
	/* Hands the request to the device. `last`: no other follows at once on this queue, so the
	 * device is to be told of it and of all before it. Any context, no ddk_lock held; one call
	 * at a time for each queue. 0; -EAGAIN: not now: the class keeps it and tries again after
	 * ddk_disk_ready() or the queue's next completion (what was submitted before with `last`
	 * unset has been told to the device nevertheless); any other error ends the request. The
	 * request may complete before this returns. */
	int (*submit)(struct ddk_disk_request *request, bool last);
	/* The request has been with the device for longer than its time-out. The driver makes the
	 * device let go of it (abort, reset) and completes it with -ETIMEDOUT, and whatever else it
	 * had to take away with it with -EAGAIN; unless it completed meanwhile. Returns when that
	 * is done. Thread context, one call at a time for each disk; may sleep. Other requests may
	 * be submitted and complete meanwhile. */
	void (*timed_out)(struct ddk_disk_request *request);
	/* Asks the device. Thread context; may sleep. NULL: it cannot tell. */
	int (*read_health)(struct ddk_disk *disk, struct ddk_disk_health *health);
};

/* Makes the disk, reads its partition table and makes the nodes in /dev and disk:; requests
 * come before this returns. Thread context, no ddk_lock or ddk_mutex held. `description` is
 * copied. -EINVAL (makes no sense), -ENOMEM, -ENOSPC (names). */
static inline int must_check ddk_disk_create(struct device *device,
					     const struct ddk_disk_description *description,
					     const struct ddk_disk_ops *ops, void *context,
					     struct ddk_disk **disk);
/* What the function above is: structures come with the size that they had for the driver. */
int must_check ddk_disk_create_sized(struct device *device,
				     const struct ddk_disk_description *description,
				     size_t description_size, const struct ddk_disk_ops *ops,
				     size_t ops_size, void *context, struct ddk_disk **disk);
static inline int ddk_disk_create(struct device *device,
				  const struct ddk_disk_description *description,
				  const struct ddk_disk_ops *ops, void *context,
				  struct ddk_disk **disk)
{
	return ddk_disk_create_sized(device, description, sizeof(*description), ops, sizeof(*ops),
				     context, disk);
}
/* The device went, or is given back. No request is submitted any more once this has begun: new
 * ones and those that wait fail with -ENODEV. Returns when the driver has completed all that it
 * has; a driver whose device is gone completes them (with -ENODEV) before it calls this. `disk` is
 * not the driver's afterwards. Thread context, no lock held. */
void ddk_disk_remove(struct ddk_disk *disk);
void *ddk_disk_context(const struct ddk_disk *disk);

/* The disk has another size now. Requests past its end that are under way fail by themselves.
 * Thread context. */
void ddk_disk_resize(struct ddk_disk *disk, uint64_t block_count);

/* The device is about to sleep: no request is submitted any more once this has begun; they wait. Returns
 * when the driver has completed all that it has: 0, or -EBUSY: it does not (and requests come again). Thread
 * context, no lock held. Between it and ddk_disk_resume() the disk may be removed and resized. */
int must_check ddk_disk_suspend(struct ddk_disk *disk);
/* Requests come again, also before this returns. Any context, no ddk_lock held. */
void ddk_disk_resume(struct ddk_disk *disk);

/*
 * The request is done. Any context, no ddk_lock held; other requests may be submitted from
 * within. `error` is
 *   0           done as a whole
 *   -EIO        something failed that may be tried again (transfer, device, task file)
 *   -EAGAIN     it was not the request's fault (a reset took it away): tried again, uncounted
 *   -ETIMEDOUT  the device did not answer; tried again, a bounded number of times
 *   -ENODATA    the medium is bad there: not tried again
 *   -EREMOTEIO  the device refuses the request for good (its address, its parameters)
 *   -EROFS      it cannot be written
 *   -EOPNOTSUPP it does not know the operation
 *   -ENODEV     it is gone
 */
void ddk_disk_complete(struct ddk_disk_request *request, int error);
/* The queue takes requests again after -EAGAIN. Any context, no ddk_lock held. */
void ddk_disk_ready(struct ddk_disk *disk, unsigned queue);
