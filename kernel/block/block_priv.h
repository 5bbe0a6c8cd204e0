/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the block layer share. docs/block.md tells how they play together.
 *
 * A bio waits in one of its disk's queues (queue.c) until a tag is free; then it, or as much of it
 * as the disk can do at once, or it and its neighbours, become a request (request.c), which goes
 * to the driver (dispatch.c) until it is done, tried again or given up (retry.c).
 */
#pragma once

#include <arch/mmu.h>
#include <block/disk.h>
#include <sched/mutex.h>
#include <sched/work.h>
#include <sync/spinlock.h>
#include <time/timer.h>
#include <trace/trace.h>

#define BLOCK_PRIORITY_COUNT 3
/* Of one request. */
#define BLOCK_SEGMENTS_MAX 128
/* Of all queues of a disk. */
#define BLOCK_TAGS_MAX 4096
/* A disk's kind of name, with its end. */
#define BLOCK_PREFIX_MAX 16

/*
 * What one thread at a time does, calling others meanwhile that take locks of any rank: a lock
 * without a rank. Whoever has one may be called back, but must not want the same turn then.
 */
struct block_turn {
	_Atomic bool taken;
	struct wait_queue waiters;
};

enum bio_state {
	BIO_STATE_LOOKED_UP = 1 << 0,  /* in the queue's tree: neighbours can join it */
	BIO_STATE_ALONE = 1 << 1,      /* failed together with others: not merged again */
	BIO_STATE_FLUSHED = 1 << 2,    /* needs no flush after it any more */
	BIO_STATE_OUR_ZEROES = 1 << 3, /* begun anew: the device cannot write zeros by itself */
};

enum block_request_state {
	REQUEST_FREE,
	REQUEST_TAKEN,     /* the dispatcher's */
	REQUEST_WAITING,   /* in its queue's list of those to be submitted (again) */
	REQUEST_ISSUED,    /* the driver's */
	REQUEST_LATE,      /* the same, for too long */
	REQUEST_RECOVERED, /* the same, and the driver sees to that */
	REQUEST_DONE,      /* was completed while the driver saw to it */
};

struct block_request {
	struct ddk_disk_request hardware;
	/* Room for the disk's max_segments; immutable. */
	struct ddk_disk_segment *segments;
	/* The dispatcher's until issued, then of who completes it. */
	struct bio *bios;   /* chained by bio->next; more than one: all of each */
	uint64_t offset;    /* of the first: where in it the request begins, bytes */
	uint64_t length;    /* bytes */
	bool whole;         /* it is all of its bios */
	bool background;    /* its tag counts as such */
	struct list bounce; /* the frames that stand for the bios' memory, by node; or empty */
	/* Under the queue's lock. */
	struct list_node node; /* the queue's `again` */
	_Atomic uint8_t state; /* enum block_request_state; the dispatcher sets ISSUED without */
	uint8_t failures, timeouts;
	int error;               /* of REQUEST_DONE */
	uint64_t not_before;     /* monotonic ns; of WAITING */
	uint64_t first_issued;   /* likewise; 0: never */
	_Atomic uint64_t issued; /* likewise; of ISSUED */
};

/* Whose dispatcher runs. Only it takes from the queue and calls the driver's submit. */
enum block_dispatch {
	DISPATCH_IDLE,
	DISPATCH_RUNNING,
	DISPATCH_AGAIN, /* there is something new to look at */
};

/* A queue's share of a device's statistics. */
struct block_counters {
	struct block_counter of[DDK_DISK_WRITE_ZEROES + 1]; /* by enum ddk_disk_operation */
	uint64_t begun, ended;                              /* requests */
};

struct block_queue {
	struct block_disk *disk; /* immutable, and the next three */
	unsigned number, depth;
	struct block_request *requests; /* by tag */
	unsigned *free_tags;            /* a stack; under `lock` as all that follows */
	struct spinlock lock;           /* RANK_BLOCK; interrupts off */
	unsigned free_count;
	struct list waiting[BLOCK_PRIORITY_COUNT]; /* bios, the most urgent first */
	struct rbtree by_sector;                   /* those of them that can be merged */
	/* How many bios wait, and requests in `again`: read without the lock, too, by those to whom
	 * a note will be left (enum block_dispatch). */
	_Atomic unsigned waiting_count, again_count;
	unsigned overtaken[BLOCK_PRIORITY_COUNT]; /* how often, since one of them was taken */
	unsigned background;                      /* tags taken for background bios */
	struct list again;                        /* requests WAITING */
	bool stalled; /* the driver said -EAGAIN: nothing is submitted before it is ready */
	bool held;    /* the device sleeps (suspend.c), likewise */
	_Atomic bool timer_set; /* a hint without the lock */
	uint64_t timer_at;
	struct timer timer;
	_Atomic uint64_t writes_done; /* see flush.c; read without the lock */
	uint64_t retries, timeouts, errors;
	uint64_t submitted, completed; /* requests; unequal: some are under way */
	_Atomic unsigned dispatch;     /* enum block_dispatch; no lock */
} __attribute__((aligned(64)));

/* Flushes that are asked for while one runs are done by the next, all at once. */
struct block_flush {
	struct spinlock lock;         /* RANK_BLOCK: all here; interrupts off */
	struct list running, waiting; /* bios */
	bool busy;
	uint64_t running_covers; /* the disk's count of writes when it was issued */
	uint64_t covered;        /* up to which write all is durable */
	uint64_t spared;         /* flushes that were not needed */
	struct bio bio;          /* the one that is sent */
};

struct block_disk {
	struct ddk_disk handle;
	/* Immutable, but for what adoption takes over (park.c). */
	struct ddk_disk_description description;
	char prefix[BLOCK_PREFIX_MAX]; /* the description's */
	struct block_limits limits;
	unsigned block_shift; /* of a block in sectors */
	/* A piece of memory up to so long, so aligned, up to this address needs no second look. */
	uint64_t simple_length, simple_mask, simple_last;
	unsigned queue_count;
	struct block_queue *queues;
	const void *controller;
	unsigned controller_number;
	struct block_device *whole; /* a reference */
	_Atomic bool gone;
	_Atomic bool parked;          /* it has no driver, who parked it has `asking` */
	_Atomic bool made;            /* its partitions were looked for */
	_Atomic bool half_read;       /* it went before its partitions were known */
	_Atomic bool no_write_zeroes; /* it does not know how: it writes ours */
	_Atomic uint64_t sector_count;
	struct block_flush flush;
	/* Frames kept for requests whose memory the device cannot reach. */
	struct spinlock bounce_lock; /* RANK_BLOCK: the list; interrupts off */
	struct list bounce_frames;
	unsigned bounce_count;
	struct block_turn turn; /* of those who add or remove devices */
	struct block_turn
		asking; /* of those who ask the driver, and who takes it away; inside `turn` */
	/* Under the table's lock. */
	struct list_node node;
	struct list devices; /* by disk_node: the whole, then the partitions */
	bool published;      /* the listeners know of it */
	struct work destruction;
	/* For removal, and for the thread that sees to time-outs. */
	struct wait_queue idle;
	struct wait_queue service_waiters;
	_Atomic bool late, service_stop, service_ended;
	/* Lines that tell of errors: how many in this stretch of time. */
	_Atomic uint64_t log_since;
	_Atomic unsigned logged;
	/* Who holds: its devices, its thread, who removes it. */
	struct refcount references;
};

static inline struct block_disk *block_disk_of_request(const struct block_request *request)
{
	return container_of(request->hardware.disk, struct block_disk, handle);
}

/* bio.c */
/* Devices that cannot write zeros by themselves are given these again and again. */
#define BLOCK_ZEROES_ORDER 4
#define BLOCK_ZEROES_SIZE  ((uint64_t)PAGE_SIZE << BLOCK_ZEROES_ORDER)
extern struct frame *block_zeroes;
void block_bio_start(void);
/* The end of a part of a bio; the last one ends it. Any context, no lock. */
void block_bio_part_done(struct bio *bio, int error);
/* Calls the maker. */
void block_bio_end(struct bio *bio, int error);
/* Where it begins on the disk. */
static inline uint64_t block_bio_sector(const struct bio *bio)
{
	return bio->device->start + bio->sector;
}
/* Its end, likewise. */
static inline uint64_t block_bio_end_sector(const struct bio *bio)
{
	return block_bio_sector(bio) + (bio->length >> SECTOR_SHIFT);
}

/* queue.c; all under the queue's lock but for the first two. */
int must_check block_queues_create(struct block_disk *disk);
void block_queues_destroy(struct block_disk *disk);
void block_queue_add(struct block_queue *queue, struct bio *bio);
/* Puts back a bio of which only a part, or nothing, is under way: before all others. */
void block_queue_put_back(struct block_queue *queue, struct bio *bio);
/* A request that waits to be submitted (again), not before that time; it leaves. */
void block_queue_add_again(struct block_queue *queue, struct block_request *request,
			   uint64_t not_before, bool first);
void block_queue_take_again(struct block_queue *queue, struct block_request *request);
static inline bool block_queue_has_more(const struct block_queue *queue)
{
	return atomic_load_explicit(&queue->waiting_count, memory_order_relaxed) > 0 ||
	       atomic_load_explicit(&queue->again_count, memory_order_relaxed) > 0;
}
/* The bio that is next and may have a tag, or NULL; it stays in the queue. */
struct bio *block_queue_choose(struct block_queue *queue);
/* Takes it out. */
void block_queue_take(struct block_queue *queue, struct bio *bio);
/* A bio that waits and begins where `sector` is (`before`: ends there), and can be one request
 * with `like`; NULL: none. */
struct bio *block_queue_neighbour(struct block_queue *queue, const struct bio *like,
				  uint64_t sector, bool before);
unsigned block_bio_priority(const struct bio *bio);

/* request.c: the dispatcher's. */
/* As what the disk does the bio. */
enum ddk_disk_operation block_operation_of(const struct block_disk *disk, const struct bio *bio);
/* Takes a tag, of which one is free, for a bio that is in no queue. Under the queue's lock. */
struct block_request *block_request_begin(struct block_queue *queue, struct bio *bio);
/* Takes a tag and bios for it; NULL: nothing can be done now. Under the queue's lock. */
struct block_request *block_request_take(struct block_queue *queue);
/* Makes of it what the driver gets, as much of the first bio as the disk can do; the rest is
 * queued again. No lock. False: no memory now; the request is free again. */
bool must_check block_request_build(struct block_queue *queue, struct block_request *request);
/* Gives back its memory, when it is done. No lock. */
void block_request_unbuild(struct block_request *request, int error);

/* bounce.c */
int must_check block_bounce_create(struct block_disk *disk);
void block_bounce_destroy(struct block_disk *disk);
/* Frames for up to `length` bytes of the request's bio, into its segments, and the bytes if they
 * are written; returns how many bytes: 0: none free now, somebody else's end will bring some. */
uint64_t block_bounce_build(struct block_request *request, uint64_t length);
/* Copies back what was read, and frees the frames. */
void block_bounce_unbuild(struct block_request *request, int error);

/* dispatch.c */
/* Adds a bio, or the bios of a list (all of this disk), and starts what can be started. */
void block_dispatch_bio(struct block_disk *disk, struct bio *bio);
void block_dispatch_bios(struct block_disk *disk, struct list *bios);
/* Starts what can be started. Any context, no lock of rank >= RANK_BLOCK. */
void block_dispatch(struct block_queue *queue);
/* Under the queue's lock: the tag is free again. */
void block_request_free(struct block_queue *queue, struct block_request *request);
/* The request's end, after which nothing is tried again: frees the tag, ends the bios, goes on. */
void block_request_finish(struct block_queue *queue, struct block_request *request, int error);
bool block_queue_is_idle(struct block_queue *queue);

/* retry.c */
/* Something went wrong: tries again, or ends it. */
void block_request_failed(struct block_queue *queue, struct block_request *request, int error);
void block_queue_timer(struct timer *timer);
/* Under the queue's lock: sees to it that the timer fires by `deadline`. */
void block_queue_arm(struct block_queue *queue, uint64_t deadline);
/* Likewise: by when what could not be done now may be tried again. */
void block_queue_arm_soon(struct block_queue *queue);
int must_check block_service_start(struct block_disk *disk);
void block_service_stop(struct block_disk *disk);

extern const char *const block_operation_names[]; /* by enum ddk_disk_operation; statistics.c */
/* For the tracer. */
void block_trace(enum trace_block_event event, const struct bio *bio,
		 enum ddk_disk_operation operation, uint64_t sector, uint64_t length, int error);
/* statistics.c; under the queue's lock. */
void block_count_begin(struct block_queue *queue, const struct block_request *request);
/* It is taken back, to be begun anew. */
void block_count_undo(struct block_queue *queue, const struct block_request *request);
void block_count_end(struct block_queue *queue, const struct block_request *request, int error);

/* flush.c */
void block_flush_init(struct block_disk *disk);
/* A flush, or a write that is to be durable when it ends. */
void block_flush_submit(struct bio *bio);

/* device.c */
/* A device of the disk, which nobody knows of yet; NULL: no memory. */
struct block_device *block_device_create(struct block_disk *disk, unsigned partition,
					 uint64_t start, uint64_t count);
/* Gives it a name and a number, and puts it into the table, whose lock is held. -ENOSPC; -EEXIST. */
int must_check block_device_publish_locked(struct block_device *device, const char *name);
/* Takes it out, and marks it as gone: its bios fail. */
void block_device_withdraw(struct block_device *device);
/* Tells the listeners of devices that came and will go. Thread context, no locks. */
void block_device_announce(struct block_device *device);
void block_device_announce_removal(struct block_device *device);
void block_table_start(void);
extern struct mutex block_table_lock; /* RANK_BLOCK_TABLE */

/* disk.c */
void block_disk_put(struct block_disk *disk);
/* Fills in the disk's description, limits cut to what the class uses. False: it makes no sense. */
bool must_check block_disk_describe(struct block_disk *disk,
				    const struct ddk_disk_description *description);

/* suspend.c: thread context, no lock held. */
/* From now on nothing is submitted. */
void block_queues_hold(struct block_disk *disk);
/* True: the driver has nothing of what was submitted before, and is not being called; false: not by that time. */
bool must_check block_queues_drain(struct block_disk *disk, uint64_t deadline);

/* turn.c: thread context, no lock held. */
void block_turn_init(struct block_turn *turn);
void block_turn_take(struct block_turn *turn);
void block_turn_end(struct block_turn *turn);

/* partition.c; in one's turn. */
/* Tells the listeners of all partitions that they do not know of. */
void block_partitions_announce(struct block_disk *disk);
void block_partitions_remove(struct block_disk *disk);
