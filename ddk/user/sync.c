/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks, mutexes and events of drivers: words that threads wait for. */
#include <ddk/sync.h>

#include "kit.h"

struct user_lock {
	_Atomic uint32_t word;
	const char *name; /* for whoever looks with a debugger */
};

enum event_state {
	EVENT_NONE,
	EVENT_SIGNALLED,
	EVENT_AWAITED, /* somebody sleeps */
};

struct user_event {
	_Atomic uint32_t state;
	const char *name;
};

_Static_assert(sizeof(struct user_lock) <= sizeof(struct ddk_lock), "storage");
_Static_assert(sizeof(struct user_lock) <= sizeof(struct ddk_mutex), "storage");
_Static_assert(sizeof(struct user_event) <= sizeof(struct ddk_event), "storage");

static struct user_lock *lock_of(struct ddk_lock *lock)
{
	return (struct user_lock *)lock->opaque;
}

void ddk_lock_init(struct ddk_lock *lock, const char *name)
{
	*lock_of(lock) = (struct user_lock){ .name = name };
}

void ddk_lock_acquire(struct ddk_lock *lock)
{
	word_acquire(&lock_of(lock)->word);
}

void ddk_lock_release(struct ddk_lock *lock)
{
	word_release(&lock_of(lock)->word);
}

static struct user_lock *mutex_of(struct ddk_mutex *mutex)
{
	return (struct user_lock *)mutex->opaque;
}

void ddk_mutex_init(struct ddk_mutex *mutex, const char *name)
{
	*mutex_of(mutex) = (struct user_lock){ .name = name };
}

void ddk_mutex_acquire(struct ddk_mutex *mutex)
{
	wait_begin();
	word_acquire(&mutex_of(mutex)->word);
	wait_end();
}

void ddk_mutex_release(struct ddk_mutex *mutex)
{
	word_release(&mutex_of(mutex)->word);
}

static struct user_event *event_of(struct ddk_event *event)
{
	return (struct user_event *)event->opaque;
}

void ddk_event_init(struct ddk_event *event, const char *name)
{
	*event_of(event) = (struct user_event){ .name = name };
}

void ddk_event_signal(struct ddk_event *event)
{
	_Atomic uint32_t *state = &event_of(event)->state;

	if (atomic_exchange(state, EVENT_SIGNALLED) == EVENT_AWAITED)
		wake_word(state, UINT32_MAX);
}

/* Changes the state from `from`: true if that is what it was. */
static bool change_state(_Atomic uint32_t *state, uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong(state, &from, to);
}

void ddk_event_clear(struct ddk_event *event)
{
	(void)change_state(&event_of(event)->state, EVENT_SIGNALLED, EVENT_NONE);
}

static int wait_for_event(_Atomic uint32_t *state, uint64_t deadline)
{
	int error = 0;

	for (;;) {
		if (change_state(state, EVENT_SIGNALLED, EVENT_NONE))
			return 0;
		if (error)
			break;
		(void)change_state(state, EVENT_NONE, EVENT_AWAITED);
		error = wait_word(state, EVENT_AWAITED, deadline);
	}
	if (change_state(state, EVENT_AWAITED, EVENT_NONE))
		return error;
	return change_state(state, EVENT_SIGNALLED, EVENT_NONE) ? 0 : error;
}

int ddk_event_wait(struct ddk_event *event, uint64_t timeout_ns)
{
	int error;

	wait_begin();
	error = wait_for_event(&event_of(event)->state, deadline_after(timeout_ns));
	wait_end();
	return error;
}
