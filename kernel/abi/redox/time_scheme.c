/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes `time:` and `itimer:`. `time:CLOCK` reads as the clock's time; absolute times that are
 * written to it make the descriptor readable, each once, when they come. A read ends that.
 *
 * The times to come are kept in a heap, the earliest first, and the kernel's timer is set for that.
 */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/poll.h>
#include <scheme/scheme_file.h>
#include <time/clock.h>
#include <time/timer.h>

#define DUE_FIRST 8
#define DUE_MAX   4096 /* times to come per open file */

struct time_file {
	struct timer timer;
	struct wait_queue readers;
	bool realtime;       /* immutable */
	struct waiter clock; /* in wait_realtime_changed, if realtime */

	struct mutex writers; /* RANK_PIPE: capacity, and the place of `due` */
	size_t capacity;

	struct spinlock lock; /* RANK_READY: all below */
	uint64_t *due;        /* a heap of absolute times */
	size_t count;
	bool expired; /* one has come since the last read */
};

static uint64_t clock_now(const struct time_file *time)
{
	return time->realtime ? clock_realtime_ns() : clock_monotonic_ns();
}

/* --- The heap. The lock is held. --- */

static void swap(uint64_t *a, uint64_t *b)
{
	uint64_t value = *a;

	*a = *b;
	*b = value;
}

static void heap_add(struct time_file *time, uint64_t due)
{
	size_t at = time->count++;

	time->due[at] = due;
	while (at > 0 && time->due[(at - 1) / 2] > time->due[at]) {
		swap(&time->due[(at - 1) / 2], &time->due[at]);
		at = (at - 1) / 2;
	}
}

static void heap_remove_first(struct time_file *time)
{
	size_t at = 0;

	time->due[0] = time->due[--time->count];
	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
			if (child < time->count && time->due[child] < time->due[least])
				least = child;
		}
		if (least == at)
			return;
		swap(&time->due[at], &time->due[least]);
		at = least;
	}
}

/* --- Expiring. --- */

static void arm_locked(struct time_file *time)
{
	if (time->count == 0)
		timer_cancel(&time->timer);
	else if (time->realtime)
		timer_arm(&time->timer, clock_realtime_to_monotonic(time->due[0]));
	else
		timer_arm(&time->timer, time->due[0]);
}

/* Takes out the first time if it has come. */
static bool expire_one(struct time_file *time)
{
	irq_state_t state = spin_lock_irqsave(&time->lock);
	bool come = time->count > 0 && time->due[0] <= clock_now(time);

	if (come) {
		heap_remove_first(time);
		time->expired = true;
	}
	arm_locked(time);
	spin_unlock_irqrestore(&time->lock, state);
	return come;
}

/* One at a time: if the next has come as well, the timer expires again at once. */
static void time_expired(struct timer *timer)
{
	struct time_file *time = container_of(timer, struct time_file, timer);

	if (expire_one(time))
		wait_wake_all(&time->readers);
}

/* In the callback of wait_realtime_changed. */
static bool time_clock_set(struct waiter *waiter)
{
	struct time_file *time = container_of(waiter, struct time_file, clock);

	spin_lock(&time->lock);
	arm_locked(time);
	spin_unlock(&time->lock);
	return true;
}

/* --- Files. --- */

/* As many times over as there is room for. */
static ssize_t time_read(struct file *file, struct io *io, uint64_t offset)
{
	struct time_file *time = file->private;
	irq_state_t state = spin_lock_irqsave(&time->lock);
	size_t done = 0;

	(void)offset;
	time->expired = false;
	spin_unlock_irqrestore(&time->lock, state);
	while (io_remaining(io) >= sizeof(struct redox_timespec)) {
		const uint64_t now = clock_now(time);
		const struct redox_timespec value = {
			.seconds = (int64_t)(now / NS_PER_SECOND),
			.nanoseconds = (int32_t)(now % NS_PER_SECOND),
		};

		if (io_put(io, &value, sizeof(value)) != (ssize_t)sizeof(value))
			return done ? (ssize_t)done : -EFAULT;
		done += sizeof(value);
		if (thread_interrupted(thread_current()))
			break;
	}
	return (ssize_t)done;
}

/* Makes room for one more time. The writers' mutex is held. */
static int reserve(struct time_file *time)
{
	size_t capacity = time->capacity ? 2 * time->capacity : DUE_FIRST;
	uint64_t *larger, *old;
	irq_state_t state;

	if (time->count < time->capacity)
		return 0;
	if (capacity > DUE_MAX)
		return -ENOMEM;
	larger = kcalloc(capacity, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	state = spin_lock_irqsave(&time->lock);
	old = time->due;
	if (time->count)
		memcpy(larger, old, time->count * sizeof(*larger));
	time->due = larger;
	spin_unlock_irqrestore(&time->lock, state);
	time->capacity = capacity;
	kfree(old);
	return 0;
}

static int add_time(struct time_file *time, uint64_t due)
{
	irq_state_t state;
	int error;

	mutex_lock(&time->writers);
	error = reserve(time);
	if (!error) {
		state = spin_lock_irqsave(&time->lock);
		heap_add(time, due);
		spin_unlock_irqrestore(&time->lock, state);
	}
	mutex_unlock(&time->writers);
	if (error)
		return error;
	while (expire_one(time))
		wait_wake_all(&time->readers);
	return 0;
}

/* -EINVAL: not a time. What is too far in the future never comes. */
static int due_of(const struct redox_timespec *value, uint64_t *due)
{
	if (value->nanoseconds < 0 || value->nanoseconds >= (int32_t)NS_PER_SECOND)
		return -EINVAL;
	if (value->seconds < 0)
		*due = 0;
	else if ((uint64_t)value->seconds >= INT64_MAX / NS_PER_SECOND)
		*due = INT64_MAX;
	else
		*due = (uint64_t)value->seconds * NS_PER_SECOND + (uint64_t)value->nanoseconds;
	return 0;
}

static ssize_t time_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct redox_timespec value;
	size_t done = 0;
	uint64_t due;

	(void)offset;
	while (io_remaining(io) >= sizeof(value)) {
		ssize_t count = io_take(io, &value, sizeof(value));
		int error = count == (ssize_t)sizeof(value) ? due_of(&value, &due) : -EFAULT;

		if (!error)
			error = add_time(file->private, due);
		if (error)
			return done ? (ssize_t)done : error;
		done += sizeof(value);
	}
	return (ssize_t)done;
}

static unsigned time_poll(struct file *file, struct poller *poller)
{
	struct time_file *time = file->private;
	irq_state_t state;
	bool expired;

	poller_add_each(poller, &time->readers, POLL_IN);
	state = spin_lock_irqsave(&time->lock);
	expired = time->expired;
	spin_unlock_irqrestore(&time->lock, state);
	return expired ? POLL_IN | POLL_READ_NORMAL : 0;
}

static void time_free(struct time_file *time)
{
	kfree(time->due);
	kfree(time);
}

static void time_close(struct file *file)
{
	struct time_file *time = file->private;

	if (time->realtime)
		wait_remove(&time->clock);
	(void)timer_cancel_sync(&time->timer); /* whether it was armed */
	time_free(time);
}

static const struct node_ops time_ops = {
	.close = time_close,
	.read = time_read,
	.write = time_write,
	.poll = time_poll,
	.name = scheme_file_name,
};

static struct time_file *time_allocate(bool realtime)
{
	struct time_file *time = kzalloc(sizeof(*time));

	if (!time)
		return NULL;
	timer_init(&time->timer, time_expired);
	wait_queue_init(&time->readers, "time file");
	mutex_init(&time->writers, RANK_PIPE, "time file");
	spinlock_init(&time->lock, RANK_READY, "time file");
	time->realtime = realtime;
	return time;
}

/* The clock that a name means, or -ENOENT. */
static int clock_named(const char *name)
{
	if (strcmp(name, "1") == 0)
		return REDOX_CLOCK_REALTIME;
	return strcmp(name, "4") == 0 ? REDOX_CLOCK_MONOTONIC : -ENOENT;
}

static int time_open(struct scheme *scheme, const struct scheme_request *request,
		     struct file **file)
{
	int clock = clock_named(request->path), error;
	struct time_file *time;

	if (clock < 0)
		return clock;
	time = time_allocate(clock == REDOX_CLOCK_REALTIME);
	if (!time)
		return -ENOMEM;
	error = scheme_file_create(scheme, request, &time_ops, MODE_CHARACTER | 0666, time, file);
	if (error)
		time_free(time);
	else if (time->realtime)
		wait_add_callback(&wait_realtime_changed, &time->clock, time_clock_set);
	return error;
}

/* --- itimer: takes settings of interval timers, and has none. --- */

static ssize_t itimer_read(struct file *file, struct io *io, uint64_t offset)
{
	size_t whole = io_remaining(io) / sizeof(struct redox_itimerspec);

	(void)file;
	(void)offset;
	return whole ? io_put_zeros(io, whole * sizeof(struct redox_itimerspec)) : 0;
}

static ssize_t itimer_write(struct file *file, struct io *io, uint64_t *offset)
{
	size_t whole = io_remaining(io) / sizeof(struct redox_itimerspec);

	(void)file;
	(void)offset;
	return (ssize_t)(whole * sizeof(struct redox_itimerspec));
}

static const struct node_ops itimer_ops = {
	.read = itimer_read,
	.write = itimer_write,
	.name = scheme_file_name,
};

static int itimer_open(struct scheme *scheme, const struct scheme_request *request,
		       struct file **file)
{
	int clock = clock_named(request->path);

	if (clock < 0)
		return clock;
	return scheme_file_create(scheme, request, &itimer_ops, MODE_CHARACTER | 0666, NULL, file);
}

static int time_start(void)
{
	static const struct scheme_ops time_scheme = { .open = time_open };
	static const struct scheme_ops itimer_scheme = { .open = itimer_open };
	int error = scheme_start_opaque("time", &time_scheme, SCHEME_IN_MADE);

	return error ? error : scheme_start_opaque("itimer", &itimer_scheme, SCHEME_IN_MADE);
}

SCHEME(time) = { .name = "time", .level = 20, .start = time_start };
