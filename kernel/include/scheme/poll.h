/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Readiness: one mechanism for poll, select, epoll and Redox's event:. A node's poll
 * operation names the wait queues that are woken when its readiness may have changed.
 */
#pragma once

#include <scheme/file.h>

/* Linux's values. */
enum poll_events {
	POLL_IN = 0x001,
	POLL_PRIORITY = 0x002,
	POLL_OUT = 0x004,
	POLL_ERROR = 0x008,
	POLL_HANGUP = 0x010,
	POLL_INVALID = 0x020,
	POLL_READ_NORMAL = 0x040,
	POLL_READ_BAND = 0x080,
	POLL_WRITE_NORMAL = 0x100,
	POLL_WRITE_BAND = 0x200,
	POLL_READ_HANGUP = 0x2000,
};

/* Collects the queues of one poll call; opaque to providers. */
struct poller {
	/* Called by poller_add() for each queue. */
	void (*add)(struct poller *poller, struct wait_queue *queue);
	/* What poller_add_event() and poller_add_each() say of the queue. */
	unsigned events;
	bool each;
};

static inline void poller_add(struct poller *poller, struct wait_queue *queue)
{
	if (poller)
		poller->add(poller, queue);
}

/* The same for a queue that is only woken when `events` have become ready. Redox's event queues
 * report that once, whatever has become of it meanwhile. */
static inline void poller_add_event(struct poller *poller, struct wait_queue *queue,
				    unsigned events)
{
	if (!poller)
		return;
	poller->events = events;
	poller->add(poller, queue);
	poller->events = 0;
}

/* The same, and each wake-up is reported by itself. */
static inline void poller_add_each(struct poller *poller, struct wait_queue *queue, unsigned events)
{
	if (!poller)
		return;
	poller->each = true;
	poller_add_event(poller, queue, events);
	poller->each = false;
}

/* The events of `file` that are ready now. */
unsigned file_poll(struct file *file, struct poller *poller);

struct poll_entry {
	struct file *file; /* NULL: skipped, `ready` is left as it is */
	unsigned wanted;   /* ERROR, HANGUP and INVALID are always wanted */
	unsigned ready;    /* result */
};

/* Waits until an entry is ready: the number ready, 0 at the deadline, -ERESTARTNOHAND on a
 * signal, -ENOMEM. */
int must_check poll_wait(struct poll_entry *entries, size_t count, uint64_t deadline);
