/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit in the kernel: locks, events, deferred work and timers, each a thin cover of
 * the kernel's own kind, which lies in the opaque part of the driver's storage.
 */
#include <base/errno.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>
#include <driver/module.h>
#include <sched/mutex.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <sched/work.h>

#include "sync_priv.h"

struct kernel_lock {
	struct spinlock spinlock;
	irq_state_t state; /* the holder's */
};

struct kernel_event {
	struct wait_queue waiters;
	_Atomic bool signalled;
};

_Static_assert(sizeof(struct kernel_lock) <= sizeof(struct ddk_lock), "storage");
_Static_assert(sizeof(struct mutex) <= sizeof(struct ddk_mutex), "storage");
_Static_assert(sizeof(struct kernel_event) <= sizeof(struct ddk_event), "storage");
_Static_assert(sizeof(struct work) <= sizeof(((struct ddk_work *)0)->opaque), "storage");
_Static_assert(sizeof(struct timer) <= sizeof(((struct ddk_timer *)0)->opaque), "storage");

static struct kernel_lock *lock_of(struct ddk_lock *lock)
{
	return (struct kernel_lock *)lock->opaque;
}

void ddk_lock_init(struct ddk_lock *lock, const char *name)
{
	spinlock_init(&lock_of(lock)->spinlock, RANK_DRIVER, name);
}

void ddk_lock_acquire(struct ddk_lock *lock)
{
	irq_state_t state = spin_lock_irqsave(&lock_of(lock)->spinlock);

	lock_of(lock)->state = state;
}

void ddk_lock_release(struct ddk_lock *lock)
{
	spin_unlock_irqrestore(&lock_of(lock)->spinlock, lock_of(lock)->state);
}

static struct mutex *mutex_of(struct ddk_mutex *mutex)
{
	return (struct mutex *)mutex->opaque;
}

void ddk_mutex_init(struct ddk_mutex *mutex, const char *name)
{
	mutex_init(mutex_of(mutex), RANK_DRIVER_SLEEP, name);
}

void ddk_mutex_acquire(struct ddk_mutex *mutex)
{
	mutex_lock(mutex_of(mutex));
}

void ddk_mutex_release(struct ddk_mutex *mutex)
{
	mutex_unlock(mutex_of(mutex));
}

static struct kernel_event *event_of(struct ddk_event *event)
{
	return (struct kernel_event *)event->opaque;
}

void ddk_event_init(struct ddk_event *event, const char *name)
{
	wait_queue_init(&event_of(event)->waiters, name);
	event_of(event)->signalled = false;
}

void ddk_event_signal(struct ddk_event *event)
{
	event_of(event)->signalled = true;
	wait_wake(&event_of(event)->waiters);
}

void ddk_event_clear(struct ddk_event *event)
{
	event_of(event)->signalled = false;
}

int ddk_event_wait(struct ddk_event *event, uint64_t timeout_ns)
{
	struct kernel_event *own = event_of(event);
	uint64_t deadline = clock_deadline_after(timeout_ns);
	struct waiter waiter;
	int error = 0;

	wait_begin(&own->waiters, &waiter);
	while (!own->signalled && !error)
		error = wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline);
	wait_end(&waiter);
	if (own->signalled) {
		own->signalled = false;
		return 0;
	}
	return error;
}

static struct work *work_of(struct ddk_work *work)
{
	return (struct work *)work->opaque;
}

/* It may free itself. */
void ddk_run_work(struct work *work)
{
	struct ddk_work *own = ddk_work_of(work);
	struct ddk_module *module = ddk_module_enter((uintptr_t)own->run);

	own->run(own);
	ddk_module_leave(module);
}

void ddk_work_init(struct ddk_work *work, void (*run)(struct ddk_work *work))
{
	work->run = run;
	work_init(work_of(work), ddk_run_work);
}

void ddk_work_queue(struct ddk_work *work)
{
	work_queue(work_of(work));
}

void ddk_work_flush(struct ddk_work *work)
{
	work_flush(work_of(work));
}

uint64_t ddk_time(void)
{
	return clock_monotonic_ns();
}

void ddk_sleep(uint64_t duration_ns)
{
	thread_sleep_until(clock_deadline_after(duration_ns));
}

void ddk_delay(uint64_t duration_ns)
{
	uint64_t deadline = clock_deadline_after(duration_ns);

	while (clock_monotonic_ns() < deadline)
		arch_cpu_relax();
}

static struct timer *timer_of(struct ddk_timer *timer)
{
	return (struct timer *)timer->opaque;
}

void ddk_expire_timer(struct timer *timer)
{
	struct ddk_timer *own = ddk_timer_of(timer);
	struct ddk_module *module = ddk_module_enter((uintptr_t)own->expire);

	own->expire(own);
	ddk_module_leave(module);
}

void ddk_timer_init(struct ddk_timer *timer, void (*expire)(struct ddk_timer *timer))
{
	timer->expire = expire;
	timer_init(timer_of(timer), ddk_expire_timer);
}

void ddk_timer_arm(struct ddk_timer *timer, uint64_t after_ns)
{
	timer_arm(timer_of(timer), clock_deadline_after(after_ns));
}

void ddk_timer_cancel(struct ddk_timer *timer)
{
	timer_cancel_sync(timer_of(timer));
}
