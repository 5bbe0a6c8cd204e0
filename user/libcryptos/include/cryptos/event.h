/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event queues (`event:`) and timers (`time:`): one process waits for many descriptors. Functions
 * return 0 or more, or a negative errno.
 */
#pragma once

#include <cryptos/file.h>

/* A queue: a descriptor, to be closed. */
static inline int64_t event_queue_create(void)
{
	return file_open("event:", REDOX_O_RDWR);
}

/* Asks for REDOX_EVENT_* of `fd`; each event comes with `data`. Flags 0 end it. */
static inline int64_t event_subscribe(int64_t queue, uint64_t fd, uint64_t flags, uint64_t data)
{
	struct redox_event event = { .id = fd, .flags = flags, .data = data };
	int64_t written = file_write(queue, &event, sizeof(event));

	return written < 0 ? written : 0;
}

/* Waits for events and gives up to `count`; returns how many. */
static inline int64_t event_wait(int64_t queue, struct redox_event *events, size_t count)
{
	int64_t size = file_read(queue, events, count * sizeof(*events));

	return size < 0 ? size : size / (int64_t)sizeof(*events);
}

/* A timer on REDOX_CLOCK_MONOTONIC, for event_subscribe() and timer_set(); to be closed. */
static inline int64_t timer_create(void)
{
	return file_open("time:4", REDOX_O_RDWR);
}

/* One REDOX_EVENT_READ when the clock shows `when`, which is absolute. */
static inline int64_t timer_set(int64_t timer, const struct redox_timespec *when)
{
	int64_t written = file_write(timer, when, sizeof(*when));

	return written < 0 ? written : 0;
}
