/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks and events of drivers. The storage is the driver's, the content the kit's.
 *
 * A driver holds at most one ddk_lock and one ddk_mutex at a time, and takes no mutex under a
 * lock. Class interfaces may be called under either where they say so.
 */
#pragma once

#include <base/types.h>

/* A spinlock that interrupt handlers may take: the holder does not sleep. */
struct ddk_lock {
	uint64_t opaque[3];
};

/* `name` is static. */
void ddk_lock_init(struct ddk_lock *lock, const char *name);
void ddk_lock_acquire(struct ddk_lock *lock);
void ddk_lock_release(struct ddk_lock *lock);

/* A sleeping lock; thread context. */
struct ddk_mutex {
	uint64_t opaque[8];
};

void ddk_mutex_init(struct ddk_mutex *mutex, const char *name);
void ddk_mutex_acquire(struct ddk_mutex *mutex);
void ddk_mutex_release(struct ddk_mutex *mutex);

/* Something that happens, seldom, and that one thread waits for. */
struct ddk_event {
	uint64_t opaque[6];
};

#define DDK_WAIT_FOREVER UINT64_MAX

void ddk_event_init(struct ddk_event *event, const char *name);
/* Lets the waiting thread, or the next that waits, go on. Any context. */
void ddk_event_signal(struct ddk_event *event);
/* Forgets what was signalled. */
void ddk_event_clear(struct ddk_event *event);
/* Waits for a signal since the last wait or clear: 0, or -ETIMEDOUT. Thread context. */
int must_check ddk_event_wait(struct ddk_event *event, uint64_t timeout_ns);
