/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutexes.
 *
 * One atomic exchange takes a free mutex, one gives it back while nobody waits. With waiters,
 * bit 0 of `owner` is set, and both go through the lock of the wait queue. Waiters queue by
 * priority, equals in order of arrival, and the owner inherits the priority of the best one
 * (inherit.c). A mutex with waiters is put down free and the best one woken, which may find it
 * taken again by somebody quicker; it is impatient from then on, and is handed the mutex by the
 * release at which it is the best again. A real-time waiter is handed it the first time.
 */
#include "sched_priv.h"

#include <base/errno.h>
#include <core/backtrace.h>
#include <core/panic.h>
#include <sched/mutex.h>

#define WAITERS ((uintptr_t)1)

/* Looks so often before it sleeps: the owner is probably about to release it. */
#define SPIN_ROUNDS 20

static uintptr_t myself(void)
{
	return (uintptr_t)thread_current();
}

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name)
{
	atomic_init(&mutex->owner, 0);
	wait_queue_init(&mutex->waiters, name);
	mutex->lender = NULL;
	mutex->rank = rank;
	mutex->name = name;
}

void mutex_init_owned(struct mutex *mutex, enum lock_rank rank, const char *name,
		      struct thread *owner)
{
	mutex_init(mutex, rank, name);
	atomic_init(&mutex->owner, (uintptr_t)owner);
}

struct thread *mutex_owner(const struct mutex *mutex)
{
	uintptr_t value = atomic_load_explicit(&mutex->owner, memory_order_relaxed);

	return (struct thread *)(value & ~WAITERS);
}

/* Takes it if it is free and nobody waits for it. */
static bool take_free(struct mutex *mutex)
{
	uintptr_t expected = 0;

	return atomic_compare_exchange_strong_explicit(&mutex->owner, &expected, myself(),
						       memory_order_acquire, memory_order_relaxed);
}

static bool spin_for(struct mutex *mutex)
{
	if (cpu_count() == 1)
		return false;
	for (unsigned i = 0; i < SPIN_ROUNDS; i++) {
		arch_cpu_relax();
		if (atomic_load_explicit(&mutex->owner, memory_order_relaxed) == 0 &&
		    take_free(mutex))
			return true;
	}
	return false;
}

/* From here on, all that is static needs the queue's lock, but for wait_for(). */

struct mutex_waiter *mutex_best_waiter(const struct mutex *mutex)
{
	struct list_node *first = list_first(&mutex->waiters.waiters);

	return first ? container_of(first, struct mutex_waiter, node) : NULL;
}

/* Takes the mutex if it is free, else sets bit 0, so that the owner comes to the queue when it
 * releases it. */
static bool take_or_mark(struct mutex *mutex)
{
	uintptr_t value = atomic_load(&mutex->owner);
	uintptr_t wanted;

	do
		wanted = (value & ~WAITERS) == 0 ? myself() | value : value | WAITERS;
	while (!atomic_compare_exchange_weak(&mutex->owner, &value, wanted));
	return (wanted & ~WAITERS) == myself();
}

/* Queues the current thread, which has set bit 0. True if inherit_pass_on() is to follow. */
static bool enter_queue(struct mutex *mutex, struct mutex_waiter *waiter)
{
	*waiter = (struct mutex_waiter){ .thread = thread_current(), .mutex = mutex };
	inherit_set_blocked(waiter->thread, mutex, waiter);
	inherit_queue(mutex, waiter);
	return inherit_lend(mutex, mutex_owner(mutex), mutex_best_waiter(mutex));
}

/* Takes the waiter out, who owns the mutex now or gave up. Bit 0 is as the queue says. The same
 * value is returned. */
static bool leave_queue(struct mutex *mutex, struct mutex_waiter *waiter)
{
	list_remove(&waiter->node);
	inherit_set_blocked(waiter->thread, NULL, NULL);
	if (list_empty(&mutex->waiters.waiters))
		atomic_fetch_and(&mutex->owner, ~WAITERS);
	return inherit_lend(mutex, mutex_owner(mutex), mutex_best_waiter(mutex));
}

/* Takes a waiter out to make it the owner, which wakes it. */
static void grant(struct mutex *mutex, struct mutex_waiter *waiter)
{
	list_remove(&waiter->node);
	atomic_store(&mutex->owner, (uintptr_t)waiter->thread |
					    (list_empty(&mutex->waiters.waiters) ? 0 : WAITERS));
	(void)inherit_lend(mutex, waiter->thread, mutex_best_waiter(mutex));
	waiter->granted = true;
	thread_wake(waiter->thread);
}

/* Queues the current thread unless it could take the mutex; true if it could. */
static bool take_or_queue(struct mutex *mutex, struct mutex_waiter *waiter, struct mutex_wait *wait)
{
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);
	struct thread *owner = NULL;
	bool taken = take_or_mark(mutex);

	if (taken)
		(void)inherit_lend(mutex, thread_current(), mutex_best_waiter(mutex));
	else if (enter_queue(mutex, waiter))
		owner = mutex_owner(mutex);
	if (owner)
		thread_get(owner);
	if (CONFIG_DEBUG && !taken)
		mutex_debug_wait(wait, mutex);
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
	if (owner) {
		(void)inherit_pass_on(owner, NULL);
		thread_put(owner);
	}
	return taken;
}

static void wait_for(struct mutex *mutex)
{
	struct mutex_waiter waiter;
	struct mutex_wait wait;
	irq_state_t state;

	if (take_or_queue(mutex, &waiter, &wait))
		return;
	if (CONFIG_DEBUG)
		mutex_debug_check(&wait);
	for (bool waited = false;; waited = true) {
		state = spin_lock_irqsave(&mutex->waiters.lock);
		if (waiter.granted) {
			inherit_set_blocked(waiter.thread, NULL, NULL);
			break;
		}
		if (take_or_mark(mutex)) {
			(void)leave_queue(mutex, &waiter);
			break;
		}
		waiter.impatient = waited;
		thread_set_state(THREAD_SLEEPING);
		spin_unlock_irqrestore(&mutex->waiters.lock, state);
		thread_block(DEADLINE_NEVER);
	}
	if (CONFIG_DEBUG)
		mutex_debug_wait_end(&wait);
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
}

static struct thread_lock lock_of(const struct mutex *mutex, uintptr_t caller)
{
	return (struct thread_lock){
		.lock = mutex,
		.name = mutex->name,
		.caller = caller,
		.rank = mutex->rank,
	};
}

static inline void lock_with(struct mutex *mutex, bool nested, uintptr_t caller)
{
	assert_may_sleep();
	if (CONFIG_DEBUG) {
		struct thread_lock lock = lock_of(mutex, caller);

		lock_debug_acquire(&lock, nested);
	}
	if (!take_free(mutex) && !spin_for(mutex))
		wait_for(mutex);
}

void mutex_lock(struct mutex *mutex)
{
	lock_with(mutex, false, caller_address());
}

void mutex_lock_nested(struct mutex *mutex)
{
	lock_with(mutex, true, caller_address());
}

bool mutex_try_lock(struct mutex *mutex)
{
	if (!take_free(mutex))
		return false;
	if (CONFIG_DEBUG) {
		struct thread_lock lock = lock_of(mutex, caller_address());

		lock_debug_note(&lock);
	}
	return true;
}

/* Gives the mutex to the best waiter, or puts it down free for it to fetch. */
static void release_to_waiters(struct mutex *mutex)
{
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);
	struct mutex_waiter *waiter = mutex_best_waiter(mutex);

	assert(waiter); /* bit 0 is only set while there are waiters */
	(void)inherit_lend(mutex, thread_current(), NULL);
	/* Whoever gets the mutex now comes through the queue's lock first: the memory may be
	 * freed as soon as that is released, not before. */
	if (waiter->impatient || waiter->priority < THREAD_PRIORITY_NORMAL) {
		grant(mutex, waiter);
	} else {
		atomic_store(&mutex->owner, WAITERS);
		thread_wake(waiter->thread);
	}
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
}

void mutex_unlock(struct mutex *mutex)
{
	uintptr_t expected = myself();

	debug_assert(mutex_is_held(mutex));
	if (CONFIG_DEBUG)
		lock_debug_release(mutex, mutex->name);
	if (!atomic_compare_exchange_strong_explicit(&mutex->owner, &expected, 0,
						     memory_order_release, memory_order_relaxed))
		release_to_waiters(mutex);
}

bool mutex_is_held(const struct mutex *mutex)
{
	return (atomic_load_explicit(&mutex->owner, memory_order_relaxed) & ~WAITERS) == myself();
}

int mutex_wait_begin(struct mutex *mutex, struct mutex_waiter *waiter)
{
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);

	atomic_fetch_or(&mutex->owner, WAITERS);
	(void)enter_queue(mutex, waiter);
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
	return inherit_pass_on(waiter->thread, waiter->thread);
}

int mutex_wait_sleep(struct mutex_waiter *waiter, uint64_t deadline)
{
	for (;;) {
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		if (waiter->granted || thread_interrupted(waiter->thread)) {
			thread_set_state(THREAD_RUNNABLE);
			return waiter->granted ? 0 : -ERESTART;
		}
		if (!thread_block(deadline))
			return -ETIMEDOUT;
	}
}

int mutex_wait_end(struct mutex *mutex, struct mutex_waiter *waiter, int error)
{
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);
	struct thread *owner = NULL;

	if (waiter->granted) {
		inherit_set_blocked(waiter->thread, NULL, NULL);
		error = 0;
	} else if (leave_queue(mutex, waiter)) {
		owner = mutex_owner(mutex);
		thread_get(owner);
	}
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
	if (owner) {
		(void)inherit_pass_on(owner, NULL);
		thread_put(owner);
	}
	return error;
}

void mutex_hand_over(struct mutex *mutex, struct mutex_waiter *waiter)
{
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);

	(void)inherit_lend(mutex, mutex_owner(mutex), NULL);
	grant(mutex, waiter);
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
}

struct mutex_waiter *mutex_next_owner(struct mutex *mutex, bool *others)
{
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);
	struct mutex_waiter *waiter = mutex_best_waiter(mutex);

	*others = waiter && list_next(&mutex->waiters.waiters, &waiter->node);
	spin_unlock_irqrestore(&mutex->waiters.lock, state);
	return waiter;
}
