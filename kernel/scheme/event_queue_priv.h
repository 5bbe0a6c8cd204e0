/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event queues, as event_queue.c (waiting) and event_watch.c (what is watched) share them. */
#pragma once

#include <base/rbtree.h>
#include <scheme/event_queue.h>
#include <scheme/poll.h>

#define EVENT_ALWAYS (POLL_ERROR | POLL_HANGUP)
/* Flags that are not events. */
#define EVENT_OPTIONS (EVENT_EXCLUSIVE | EVENT_WAKE_UP | EVENT_ONE_SHOT | EVENT_EDGE)

struct event_queue {
	/* Who holds: the open file, and who ends a watch for a file that closes. */
	struct refcount references;
	struct file *file;          /* that it is; not counted; immutable once set */
	bool keyed;                 /* watches are known by their data, too; immutable */
	struct mutex lock;          /* RANK_EVENT_QUEUE: items */
	struct rbtree items;        /* by file, descriptor and, if keyed, data */
	struct spinlock ready_lock; /* RANK_READY: ready; of items: what it says there */
	struct list ready;          /* items that may have something to report */
	struct wait_queue waiters;
};

/* A callback in one wait queue. */
struct event_hook {
	struct waiter waiter;
	struct event_item *item;
	struct event_hook *next;
	unsigned events; /* that a wake-up means; 0: what is ready has to be asked */
	bool each;       /* each wake-up is an event of its own */
};

/* Most files name at most two queues. */
#define EVENT_INLINE_HOOKS 2

/* A watch. It ends under its queue's lock, before the file is freed. */
struct event_item {
	struct rbtree_node node;
	struct event_queue *queue;
	struct file *file; /* not counted */
	int fd;
	struct event_watch watch; /* `data`: under the queue's lock */
	/* Under queue->ready_lock: these, and watch.events. */
	struct list_node ready_node; /* in queue->ready */
	bool queued;
	bool ask;       /* for what is ready, when it is reported */
	uint32_t owed;  /* events to be reported whether they are still true or not */
	uint32_t times; /* how often; 0: once */
	struct list_node watcher_node; /* in file->watchers, under the lock of all of these */
	struct event_hook inline_hooks[EVENT_INLINE_HOOKS];
	unsigned inline_used;
	struct event_hook *hooks; /* the others */
};

static inline struct event_queue *event_queue_of(const struct file *file)
{
	return file->private;
}

/* Why an item is to be looked at. */
struct event_cause {
	uint32_t events; /* that have come; 0: ask what is ready */
	bool each;       /* once more than before */
};

/* Puts the item into the ready list, unless it is there or disabled. Any context; the caller wakes
 * the waiters. True if it did. */
bool event_item_queue(struct event_item *item, struct event_cause cause);
/* Ends a watch. The queue's lock is held. */
void event_item_destroy(struct event_item *item);
