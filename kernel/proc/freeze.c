/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <proc/freeze.h>

#include "process_private.h"
#include "trap.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <sched/thread.h>
#include <sched/wait.h>

#include <stdatomic.h>

#define LOOK_INTERVAL_NS (2 * NS_PER_MILLISECOND)

static _Atomic bool frozen;
static struct wait_queue thaw = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "thaw"),
	.waiters = LIST_INIT(thaw.waiters),
};

struct look {
	const struct thread *self;
	unsigned running;
	char name[32]; /* of one that runs */
};

static bool is_of_service(struct thread *thread)
{
	return container_of(thread, struct user_thread, thread)->process->service;
}

/* A thread that sleeps does so until something wakes it, and then finds `frozen` on its way to user mode,
 * where it is sent by user_work: threads that are made meanwhile get that, too. */
static void send_to_freeze(struct thread *thread, void *argument)
{
	struct look *look = argument;

	if (!thread->user || thread == look->self || is_of_service(thread))
		return;
	thread_set_user_work(thread);
	if (thread->state != THREAD_RUNNABLE && !thread->on_cpu)
		return;
	look->running++;
	memcpy(look->name, thread->name, sizeof(look->name));
}

int programs_freeze(uint64_t deadline)
{
	struct look look;

	atomic_store(&frozen, true);
	for (;;) {
		look = (struct look){ .self = thread_current() };
		thread_visit(send_to_freeze, &look);
		if (!look.running)
			return 0;
		if (clock_monotonic_ns() >= deadline)
			break;
		thread_sleep_until(clock_deadline_after(LOOK_INTERVAL_NS));
	}
	log_warning("proc", "%u threads do not stand still, %.31s among them", look.running,
		    look.name);
	return -EBUSY;
}

void programs_thaw(void)
{
	atomic_store(&frozen, false);
	wait_wake_all(&thaw);
}

bool program_is_frozen(void)
{
	return atomic_load_explicit(&frozen, memory_order_relaxed);
}

void program_freeze_here(void)
{
	struct waiter waiter;

	wait_begin(&thaw, &waiter);
	while (atomic_load(&frozen))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}
