/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug builds look for deadlocks of mutexes: threads that wait for each other in a circle. The
 * order of ranks forbids most, but not two mutexes of one rank in both orders.
 *
 * A circle is closed by the last of its threads that goes to sleep. All the others are in the
 * list by then, and stay there, so that one sees them all; and none of them gives up what it holds.
 * A thread that is not in the list is never looked into, for it may be gone.
 */
#include "sched_priv.h"

#include <arch/irq.h>
#include <arch/trap.h>
#include <base/format.h>
#include <core/backtrace.h>
#include <core/log.h>
#include <core/panic.h>
#include <sched/mutex.h>

/* Longer chains are not followed. */
#define CHAIN_MAX 64

static struct list waits = LIST_INIT(waits);
static struct spinlock waits_lock = SPINLOCK_INIT(RANK_LEAF, "waits for mutexes");

/* All under the lock. */

/* What `thread` waits for, or NULL: also when it has got it, but has not run since. */
static const struct mutex_wait *find_wait(const struct thread *thread)
{
	struct list_node *node;

	list_for_each (node, &waits) {
		const struct mutex_wait *wait = container_of(node, struct mutex_wait, node);

		if (wait->thread == thread)
			return mutex_owner(wait->mutex) == thread ? NULL : wait;
	}
	return NULL;
}

/* A thread that waits for a mutex is off its CPU after this time at most. */
#define SLEEP_SOON_NS 100000000ull

/* What the owner of the mutex waits for, who still is the owner when that is known. */
static const struct mutex_wait *next_wait(const struct mutex_wait *wait)
{
	const struct thread *owner = mutex_owner(wait->mutex);
	const struct mutex_wait *next = owner ? find_wait(owner) : NULL;

	return next && mutex_owner(wait->mutex) == owner ? next : NULL;
}

static bool closes_circle(const struct mutex_wait *first)
{
	const struct mutex_wait *wait = first;

	for (unsigned i = 0; wait && i < CHAIN_MAX; i++) {
		if (mutex_owner(wait->mutex) == first->thread)
			return true;
		wait = next_wait(wait);
	}
	return false;
}

/* Where the thread was when it went to sleep, which it may still be about to do on its CPU: it
 * declares what it waits for before. False if it does not get there. */
static bool find_place(const struct thread *thread, struct trap_place *place)
{
	uint64_t end = arch_clock_ns() + SLEEP_SOON_NS;

	while (atomic_load(&thread->on_cpu)) {
		arch_cpu_relax();
		if (arch_clock_ns() > end)
			return false;
	}
	arch_thread_place(thread, place);
	return true;
}

static void log_thread(const struct mutex_wait *wait, const struct mutex *held)
{
	const struct thread *thread = wait->thread;
	struct trap_place place = { .frame_pointer = arch_frame_pointer() };
	struct address_name taken, wanted;
	struct backtrace trace;

	log_error("panic", "thread %s holds %s, taken at %s, and waits for %s at %s", thread->name,
		  held->name, backtrace_name(lock_debug_find(thread, held), &taken),
		  wait->mutex->name, backtrace_name(lock_debug_find(thread, wait->mutex), &wanted));
	if (thread != thread_current() && !find_place(thread, &place))
		return;
	backtrace_capture(&trace, place.program_counter, place.frame_pointer);
	backtrace_log(&trace, "panic");
}

static _Noreturn void report(const struct mutex_wait *first)
{
	const struct mutex_wait *wait = first;
	const struct mutex *held = first->mutex;
	char text[320];
	size_t length = 0;

	/* The last one waits for what the first one holds. */
	while (mutex_owner(held) != first->thread) {
		wait = next_wait(wait);
		held = wait->mutex;
	}
	wait = first;
	do {
		log_thread(wait, held);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "%s%s holds %s and waits for %s", length ? "; " : "",
					   wait->thread->name, held->name, wait->mutex->name);
		length = min_size(length, sizeof(text) - 1);
		held = wait->mutex;
		wait = next_wait(wait);
	} while (mutex_owner(held) != first->thread);
	panic("deadlock: %s", text);
}

void mutex_debug_wait(struct mutex_wait *wait, const struct mutex *mutex)
{
	wait->thread = thread_current();
	wait->mutex = mutex;
	spin_lock(&waits_lock);
	list_push_back(&waits, &wait->node);
	spin_unlock(&waits_lock);
}

void mutex_debug_check(const struct mutex_wait *wait)
{
	irq_state_t state = spin_lock_irqsave(&waits_lock);

	/* It may have got the mutex meanwhile. */
	if (mutex_owner(wait->mutex) != wait->thread && closes_circle(wait))
		report(wait);
	spin_unlock_irqrestore(&waits_lock, state);
}

void mutex_debug_wait_end(struct mutex_wait *wait)
{
	spin_lock(&waits_lock);
	list_remove(&wait->node);
	spin_unlock(&waits_lock);
}
