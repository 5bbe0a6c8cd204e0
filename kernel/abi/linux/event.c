/* SPDX-License-Identifier: GPL-3.0-or-later */
/* epoll, eventfd, timerfd, signalfd. */
#include "linux.h"

#include <proc/fd_table.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_file.h>
#include <scheme/event_counter.h>
#include <scheme/event_queue.h>
#include <scheme/poll.h>
#include <scheme/timer_file.h>
#include <time/clock.h>

/* --- epoll. --- */

#define EPOLL_CTL_ADD      1
#define EPOLL_CTL_DELETE   2
#define EPOLL_CTL_MODIFY   3
#define EPOLL_EVENTS       0x27ff /* IN to MSG, RDHUP */
#define EPOLL_EXCLUSIVE_OK (EVENT_EXCLUSIVE | EVENT_EDGE | EVENT_WAKE_UP | 0x1d)

static int64_t create_epoll(unsigned flags)
{
	struct file *file;
	int error;

	if (flags & ~(unsigned)FILE_CLOSE_ON_EXEC)
		return -EINVAL;
	error = event_queue_create(0, credentials_current(), &file);
	return error ? error : fd_add(file, flags);
}

int64_t linux_epoll_create(const struct linux_call *call)
{
	return linux_int(call, 0) <= 0 ? -EINVAL : create_epoll(0);
}

int64_t linux_epoll_create1(const struct linux_call *call)
{
	return create_epoll(linux_unsigned(call, 0));
}

static int64_t change_watch(struct file *queue, int operation, struct file *file, int fd,
			    const struct linux_epoll_event *event)
{
	const struct event_watch watch = {
		.events = event->events & (EPOLL_EVENTS | EVENT_EXCLUSIVE | EVENT_WAKE_UP |
					   EVENT_ONE_SHOT | EVENT_EDGE),
		.data = event->data,
	};

	if (!file->ops->poll)
		return -EPERM;
	if ((event->events & EVENT_EXCLUSIVE) && operation != EPOLL_CTL_DELETE &&
	    (operation == EPOLL_CTL_MODIFY || event_queue_is(file) ||
	     (event->events & ~(uint32_t)EPOLL_EXCLUSIVE_OK)))
		return -EINVAL;
	switch (operation) {
	case EPOLL_CTL_ADD:
		return event_queue_add(queue, file, fd, &watch);
	case EPOLL_CTL_DELETE:
		return event_queue_remove(queue, file, fd, event->data);
	case EPOLL_CTL_MODIFY:
		return event_queue_modify(queue, file, fd, &watch);
	default:
		return -EINVAL;
	}
}

int64_t linux_epoll_ctl(const struct linux_call *call)
{
	struct linux_epoll_event event = { 0 };
	struct file *queue, *file;
	int64_t result = 0;

	if (linux_int(call, 1) != EPOLL_CTL_DELETE)
		result = linux_get(&event, call->argument[3], sizeof(event));
	if (result)
		return result;
	queue = fd_get(linux_int(call, 0));
	file = fd_get(linux_int(call, 2));
	result = -EBADF;
	if (queue && file)
		result = change_watch(queue, linux_int(call, 1), file, linux_int(call, 2), &event);
	if (file)
		file_put(file);
	if (queue)
		file_put(queue);
	return result;
}

struct epoll_sink {
	struct event_sink sink;
	uint64_t to; /* user address of the next */
};

static bool put_event(struct event_sink *sink, const struct event_report *report)
{
	struct epoll_sink *self = container_of(sink, struct epoll_sink, sink);
	const struct linux_epoll_event event = { report->events, report->watch->data };

	if (linux_put(self->to, &event, sizeof(event)))
		return false;
	self->to += sizeof(event);
	return true;
}

static int64_t wait_epoll(const struct linux_call *call, uint64_t deadline)
{
	struct epoll_sink sink = { .sink.event = put_event, .to = call->argument[1] };
	int max = linux_int(call, 2);
	struct file *queue;
	int64_t result;

	if (max <= 0 || (unsigned)max > INT32_MAX / sizeof(struct linux_epoll_event))
		return -EINVAL;
	if (!user_range_valid(sink.to, (unsigned)max * sizeof(struct linux_epoll_event)))
		return -EFAULT;
	queue = fd_get(linux_int(call, 0));
	if (!queue)
		return -EBADF;
	result = event_queue_wait(queue, &sink.sink, max, deadline);
	file_put(queue);
	return result;
}

static uint64_t deadline_of(int milliseconds)
{
	if (milliseconds < 0)
		return DEADLINE_NEVER;
	return clock_deadline_after((uint64_t)milliseconds * NS_PER_MILLISECOND);
}

int64_t linux_epoll_wait(const struct linux_call *call)
{
	return wait_epoll(call, deadline_of(linux_int(call, 3)));
}

/* With another mask meanwhile, if there is one at call->argument[4]. */
static int64_t wait_masked(const struct linux_call *call, uint64_t deadline)
{
	uint64_t mask;
	int64_t result;

	if (!call->argument[4])
		return wait_epoll(call, deadline);
	result = linux_get_mask(call->argument[4], call->argument[5], &mask);
	if (result)
		return result;
	signal_set_temporary_mask(mask);
	result = wait_epoll(call, deadline);
	if (result != -EINTR)
		signal_restore_temporary_mask();
	return result;
}

int64_t linux_epoll_pwait(const struct linux_call *call)
{
	return wait_masked(call, deadline_of(linux_int(call, 3)));
}

int64_t linux_epoll_pwait2(const struct linux_call *call)
{
	uint64_t deadline;
	int error = linux_get_timeout(call->argument[3], &deadline);

	return error ? error : wait_masked(call, deadline);
}

/* --- eventfd. --- */

#define EVENTFD_SEMAPHORE 1

static int64_t create_counter(unsigned initial, unsigned flags)
{
	struct file *file;
	int error;

	if (flags & ~(unsigned)(EVENTFD_SEMAPHORE | FILE_NONBLOCK | FILE_CLOSE_ON_EXEC))
		return -EINVAL;
	error = event_counter_create(initial, flags & EVENTFD_SEMAPHORE, flags & FILE_NONBLOCK,
				     credentials_current(), &file);
	return error ? error : fd_add(file, flags & FILE_CLOSE_ON_EXEC);
}

int64_t linux_eventfd(const struct linux_call *call)
{
	return create_counter(linux_unsigned(call, 0), 0);
}

int64_t linux_eventfd2(const struct linux_call *call)
{
	return create_counter(linux_unsigned(call, 0), linux_unsigned(call, 1));
}

/* --- timerfd. --- */

#define TIMERFD_ABSOLUTE      1
#define TIMERFD_CANCEL_ON_SET 2

enum timer_clock {
	TIMER_REALTIME = 0,
	TIMER_MONOTONIC = 1,
	TIMER_BOOTTIME = 7,
	TIMER_REALTIME_ALARM = 8,
	TIMER_BOOTTIME_ALARM = 9,
};

int64_t linux_timerfd_create(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 1);
	enum clock_base base = CLOCK_BASE_MONOTONIC;
	struct file *file;
	int error;

	if (flags & ~(unsigned)(FILE_NONBLOCK | FILE_CLOSE_ON_EXEC))
		return -EINVAL;
	switch (linux_int(call, 0)) {
	case TIMER_REALTIME:
	case TIMER_REALTIME_ALARM:
		base = CLOCK_BASE_REALTIME;
		break;
	case TIMER_MONOTONIC:
		break;
	case TIMER_BOOTTIME:
	case TIMER_BOOTTIME_ALARM:
		base = CLOCK_BASE_BOOTTIME;
		break;
	default:
		return -EINVAL;
	}
	error = timer_file_create(base, flags & FILE_NONBLOCK, credentials_current(), &file);
	return error ? error : fd_add(file, flags & FILE_CLOSE_ON_EXEC);
}

static int64_t put_setting(uint64_t to, const struct timer_file_setting *setting)
{
	return linux_put_itimerspec(to, setting->due_ns, setting->interval_ns);
}

int64_t linux_timerfd_settime(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 1);
	struct timer_file_setting setting = { .absolute = flags & TIMERFD_ABSOLUTE }, old;
	struct file *file;
	int64_t result;

	if (flags & ~(unsigned)(TIMERFD_ABSOLUTE | TIMERFD_CANCEL_ON_SET))
		return -EINVAL;
	setting.cancel_on_change = (flags & TIMERFD_CANCEL_ON_SET) && setting.absolute;
	result = linux_get_itimerspec(call->argument[2], &setting.due_ns, &setting.interval_ns);
	if (result)
		return result;
	file = fd_get(linux_int(call, 0));
	if (!file)
		return -EBADF;
	result = timer_file_set(file, &setting, &old);
	file_put(file);
	if (!result && call->argument[3])
		result = put_setting(call->argument[3], &old);
	return result;
}

int64_t linux_timerfd_gettime(const struct linux_call *call)
{
	struct file *file = fd_get(linux_int(call, 0));
	struct timer_file_setting now;
	int64_t result;

	if (!file)
		return -EBADF;
	result = timer_file_get(file, &now);
	file_put(file);
	return result ? result : put_setting(call->argument[1], &now);
}

/* --- signalfd. --- */

static void encode_signal(const struct signal_info *info, void *to)
{
	struct linux_signalfd_info *encoded = to;

	_Static_assert(sizeof(*encoded) == SIGNAL_FILE_RECORD, "one record");
	*encoded = (struct linux_signalfd_info){
		.signal = (uint32_t)info->signal,
		.error = info->error,
		.code = info->code,
		.pid = info->pid,
		.uid = info->uid,
		.status = info->status,
		.user_time = info->user_time,
		.system_time = info->system_time,
		.address = info->address,
		.value = (int32_t)info->value,
		.pointer = info->value,
		.timer_id = (uint32_t)info->timer_id,
		.overrun = (uint32_t)info->overrun,
	};
}

static int64_t create_signal_file(const struct linux_call *call, unsigned flags)
{
	struct file *file;
	uint64_t mask;
	int64_t result;

	if (flags & ~(unsigned)(FILE_NONBLOCK | FILE_CLOSE_ON_EXEC))
		return -EINVAL;
	result = linux_get_mask(call->argument[1], call->argument[2], &mask);
	if (result)
		return result;
	if (linux_int(call, 0) == -1) {
		result = signal_file_create(mask, flags & FILE_NONBLOCK, encode_signal, &file);
		return result ? result : fd_add(file, flags & FILE_CLOSE_ON_EXEC);
	}
	file = fd_get(linux_int(call, 0));
	if (!file)
		return -EBADF;
	result = signal_file_set_mask(file, mask);
	file_put(file);
	return result ? result : linux_int(call, 0);
}

int64_t linux_signalfd(const struct linux_call *call)
{
	return create_signal_file(call, 0);
}

int64_t linux_signalfd4(const struct linux_call *call)
{
	return create_signal_file(call, linux_unsigned(call, 3));
}
