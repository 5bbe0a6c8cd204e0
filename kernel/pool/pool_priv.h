/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Worker pools: what the files of this folder share.
 *
 *   pool.c     the scheme and its file operations
 *   start.c    a configuration becomes workers
 *   queue.c    items in, and waiting until they are finished
 *   worker.c   items out; the sleep and the end of workers
 *   share.c    which pool gets a core
 *
 * A worker is awake or asleep. It sleeps inside its read: because there is no item, or because
 * somebody else has a better use for its core. An awake worker is in user mode, on its way there
 * or back, or waits for a CPU like any thread.
 *
 * While items are queued at least one worker is awake. Who wakes one says for what: a `chosen`
 * worker takes an item without asking once more whether it may, so that every wake-up gets
 * something done.
 */
#pragma once

#include <base/list.h>
#include <native/pool.h>
#include <proc/supply.h>
#include <sched/wait.h>
#include <sync/refcount.h>
#include <sync/spinlock.h>

struct file;
struct io;
struct pool;

struct pool_worker {
	struct thread_watch watch; /* by which the thread is known as a worker */
	struct pool *pool;         /* a reference until the thread has left */
	struct thread *thread;     /* immutable once it was asleep for the first time */

	/* Under pool->lock; the worker itself may read `chosen` without while it is awake. */
	struct list_node asleep_node;
	bool asleep;
	bool chosen;       /* was woken to take an item, and has not yet */
	bool busy;         /* has an item */
	uint64_t sequence; /* of that item */
};

enum pool_state {
	POOL_NEW,      /* waits for its configuration */
	POOL_STARTING, /* a configuration is being carried out */
	POOL_STARTED,
};

struct pool {
	struct refcount references; /* who holds: the open file, each worker */

	/* Written once while POOL_STARTING, read when POOL_STARTED. */
	struct process *process; /* whose workers they are; a reference */
	struct pool_worker *all; /* storage of the workers */
	struct pool_item *items; /* a ring */
	unsigned capacity;       /* of it */

	struct spinlock lock; /* RANK_POOL; interrupts off: all below */
	enum pool_state state;
	bool closed;          /* the file is gone: workers shall end */
	uint64_t submitted;   /* items that were ever queued: the next one's sequence number */
	uint64_t taken;       /* of those: the first queued one's */
	uint64_t finished;    /* of those */
	uint64_t awaited;     /* somebody waits until all items before this one are finished */
	struct list sleepers; /* who fell asleep last comes first: its caches are warm */
	unsigned workers;
	_Atomic unsigned awake; /* of those; share.c looks at it without the lock */
	unsigned chosen;        /* of those */
	unsigned busy, peak;
	uint32_t yielded;
	_Atomic bool hungry; /* in share.c's list */

	struct list_node hungry_node; /* under share.c's lock */
	struct wait_queue room;       /* submitters, woken when the queue is half empty */
	struct wait_queue progress;   /* woken when all before `awaited` are finished */
};

static inline unsigned pool_queued_locked(const struct pool *pool)
{
	return (unsigned)(pool->submitted - pool->taken);
}

/* True if a sleeping worker would have something to do. */
static inline bool pool_wants_worker_locked(const struct pool *pool)
{
	return pool_queued_locked(pool) > pool->chosen && !list_empty(&pool->sleepers) &&
	       !pool->closed;
}

/* --- pool.c --- */
void pool_get(struct pool *pool);
void pool_put(struct pool *pool);

/* --- start.c --- */
/* Starts a new pool in the current process. -EINVAL, -EFAULT (addresses that are not the user's),
 * -EBUSY (another thread is doing it), -ENOMEM, and what process_publish_threads() says. */
int must_check pool_start(struct pool *pool, const struct pool_configuration *configuration);

/* --- queue.c --- */
/* Queues the items that `io` holds. How many bytes were taken, or: -EINVAL (not whole items),
 * -EFAULT, -EPERM (another process), -ESRCH (no worker is left), -EAGAIN (no room, and `wait` is
 * false), -ERESTART. */
ssize_t must_check pool_submit(struct pool *pool, struct io *io, bool wait);
/* Waits until all that was submitted before is finished: 0, -ERESTART, -ESRCH (it will never be),
 * -EDEADLK (the caller is a worker of the pool). */
int must_check pool_wait(struct pool *pool);
/* The sequence number before which all items are finished. */
uint64_t pool_oldest_locked(const struct pool *pool);
/* A worker is done with its item, if it has one. */
void pool_finish_item_locked(struct pool_worker *worker);

/* --- worker.c --- */
/* The worker that the current thread is, or NULL. */
struct pool_worker *pool_worker_current(void);
/* The next item for the current thread: 1, 0 (the worker shall end), -EAGAIN (none, and `wait` is
 * false), -ERESTART. */
int must_check pool_worker_next(struct pool_worker *worker, bool wait, struct pool_item *item);
/* Has sleeping workers take queued items: one if no worker is awake, and one for each free CPU. */
void pool_wake_workers_locked(struct pool *pool);
/* Wakes a sleeper, which there must be; to take an item, or to find that the pool is closed. */
void pool_wake_sleeper_locked(struct pool *pool);
/* thread_watch's. */
void pool_worker_left(struct thread_watch *watch);

/* --- share.c --- */
/* Where a pool may have become one that wants a worker: has it fed when there is a core. */
void pool_announce_locked(struct pool *pool);
/* A pool that was closed wants no more. */
void pool_retire_locked(struct pool *pool);
/* Has the hungry pool with the fewest workers awake wake another one, if these are two fewer than
 * those of `pool`, the caller's. True if it did. No lock of a pool is held. */
bool pool_give_way(const struct pool *pool);
void pool_share_init(void);
