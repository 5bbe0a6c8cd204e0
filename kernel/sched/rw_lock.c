/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Read-write locks: first come, first served. Who cannot have the lock at once, or finds others
 * waiting, queues; a release hands the lock to the first writer, or to all readers before it.
 */
#include "sched_priv.h"

#include <core/backtrace.h>
#include <core/panic.h>
#include <sched/mutex.h>

#define WRITER (-1)

struct rw_waiter {
	struct list_node node; /* all under the lock of the queue */
	struct thread *thread;
	bool writer;
	bool granted;
};

void rw_lock_init(struct rw_lock *lock, enum lock_rank rank, const char *name)
{
	wait_queue_init(&lock->waiters, name);
	lock->holders = 0;
	lock->rank = rank;
	lock->name = name;
}

/* Under the queue's lock, as all up to hand_over(). */
static bool is_free_for(const struct rw_lock *lock, bool writer)
{
	return writer ? lock->holders == 0 : lock->holders != WRITER;
}

static void take(struct rw_lock *lock, bool writer)
{
	lock->holders = writer ? WRITER : lock->holders + 1;
}

static void hand_over(struct rw_lock *lock)
{
	struct list_node *node;

	while ((node = list_first(&lock->waiters.waiters))) {
		struct rw_waiter *waiter = container_of(node, struct rw_waiter, node);

		if (!is_free_for(lock, waiter->writer))
			break;
		list_remove(node);
		take(lock, waiter->writer);
		waiter->granted = true;
		thread_wake(waiter->thread);
	}
}

static inline void note(const struct rw_lock *lock, uintptr_t caller)
{
	const struct thread_lock noted = {
		.lock = lock,
		.name = lock->name,
		.caller = caller,
		.rank = lock->rank,
	};

	lock_debug_acquire(&noted, false);
}

static void acquire(struct rw_lock *lock, bool writer, uintptr_t caller)
{
	struct rw_waiter waiter = { .thread = thread_current(), .writer = writer };
	irq_state_t state;

	assert_may_sleep();
	if (CONFIG_DEBUG)
		note(lock, caller);
	state = spin_lock_irqsave(&lock->waiters.lock);
	if (list_empty(&lock->waiters.waiters) && is_free_for(lock, writer)) {
		take(lock, writer);
	} else {
		list_push_back(&lock->waiters.waiters, &waiter.node);
		while (!waiter.granted) {
			thread_set_state(THREAD_SLEEPING);
			spin_unlock_irqrestore(&lock->waiters.lock, state);
			thread_block(DEADLINE_NEVER);
			state = spin_lock_irqsave(&lock->waiters.lock);
		}
	}
	spin_unlock_irqrestore(&lock->waiters.lock, state);
}

static void release(struct rw_lock *lock, bool writer)
{
	irq_state_t state;

	if (CONFIG_DEBUG)
		lock_debug_release(lock, lock->name);
	state = spin_lock_irqsave(&lock->waiters.lock);
	debug_assert(writer ? lock->holders == WRITER : lock->holders > 0);
	lock->holders = writer ? 0 : lock->holders - 1;
	hand_over(lock);
	spin_unlock_irqrestore(&lock->waiters.lock, state);
}

void rw_lock_read(struct rw_lock *lock)
{
	acquire(lock, false, caller_address());
}

void rw_unlock_read(struct rw_lock *lock)
{
	release(lock, false);
}

void rw_lock_write(struct rw_lock *lock)
{
	acquire(lock, true, caller_address());
}

void rw_unlock_write(struct rw_lock *lock)
{
	release(lock, true);
}
