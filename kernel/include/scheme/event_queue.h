/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event queues: files that watch other files (epoll, Redox's event:). A watch puts callbacks into
 * the wait queues that the watched file names; what they report gathers in a list, so waiting
 * costs nothing for files that are not ready.
 *
 * A watch holds no reference to its file: when the file's last reference goes, so do its watches.
 * Queues may watch queues, EVENT_DEPTH_MAX deep and never in a circle.
 */
#pragma once

#include <scheme/file.h>

#define EVENT_DEPTH_MAX 5

/* In `events`, beside those of poll.h; Linux's values. */
enum event_flags {
	EVENT_EXCLUSIVE = 1u << 28, /* accepted; all queues are told */
	EVENT_WAKE_UP = 1u << 29,   /* accepted: the machine does not sleep */
	EVENT_ONE_SHOT = 1u << 30,  /* disabled after it has been reported */
	EVENT_EDGE = 1u << 31,      /* reported when it comes, not while it lasts */
};

struct event_watch {
	uint32_t events;
	uint64_t data; /* the program's */
};

struct event_report {
	uint32_t events;
	const struct event_watch *watch;
	int fd; /* of the watch */
};

/* Receives events: returns false where it could not take this one. */
struct event_sink {
	bool (*event)(struct event_sink *sink, const struct event_report *report);
};

int must_check event_queue_create(unsigned flags, const struct credentials *credentials,
				  struct file **file);
bool event_queue_is(const struct file *file);

/* A queue for a file that another provider makes, with event_queue_poll and event_queue_close
 * among its operations, and the queue as file->private; then event_queue_set_file() tells the
 * queue which it is. A watch is known by its data, too, and each event that poller_add_each()
 * brings is reported. NULL: no memory. */
struct event_queue *event_queue_allocate_keyed(void);
void event_queue_set_file(struct event_queue *queue, struct file *file);
/* For a queue that never got a file. */
void event_queue_put(struct event_queue *queue);
unsigned event_queue_poll(struct file *file, struct poller *poller);
void event_queue_close(struct file *file);

/* All four: -EINVAL where `queue` is none. A watch is known by file and descriptor number.
 * add: -EEXIST, -EPERM (a file that is always ready), -EINVAL (itself), -ELOOP, -ENOMEM. The
 * file's `watch` operation is called first, whose errors are returned. No lock is held. */
int event_queue_add(struct file *queue, struct file *file, int fd, const struct event_watch *watch);
int event_queue_modify(struct file *queue, struct file *file, int fd,
		       const struct event_watch *watch); /* -ENOENT, -ENOMEM */
/* Adds the watch, or modifies it where there is one. Errors as of adding, but for -EEXIST: that
 * comes from `watch` alone. */
int event_queue_set(struct file *queue, struct file *file, int fd, const struct event_watch *watch);
/* `data` matters to queues that know their watches by it. -ENOENT. */
int event_queue_remove(struct file *queue, struct file *file, int fd, uint64_t data);

/* Passes up to `max` events to `sink`, waiting for the first until `deadline`: how many, -EINTR,
 * -EFAULT where the sink took none. */
int must_check event_queue_wait(struct file *queue, struct event_sink *sink, int max,
				uint64_t deadline);

/* What all queues together watch the file for. May sleep. */
uint32_t event_queue_wanted(struct file *file);

/* Ends all watches of a file that is being closed; called by file_put(). */
void event_queue_forget(struct file *file);
