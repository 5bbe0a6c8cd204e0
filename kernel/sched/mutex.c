/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutexes.
 *
 * One atomic exchange takes a free mutex, one gives it back while nobody waits. With waiters,
 * bit 0 of `owner` is set, and both go through the lock of the wait queue. The mutex is then
 * put down free and the first waiter woken, which may find it taken again by somebody quicker;
 * it is impatient from then on, and the next release hands the mutex over to it.
 */
#include "sched_priv.h"

#include <core/backtrace.h>
#include <core/panic.h>
#include <sched/mutex.h>

#define WAITERS ((uintptr_t)1)

/* Looks so often before it sleeps: the owner is probably about to release it. */
#define SPIN_ROUNDS 20

struct mutex_waiter {
	struct list_node node; /* all under the lock of the mutex's queue */
	struct thread *thread;
	bool impatient;
	bool granted; /* it has been made the owner */
};

static uintptr_t myself(void)
{
	return (uintptr_t)thread_current();
}

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name)
{
	atomic_init(&mutex->owner, 0);
	wait_queue_init(&mutex->waiters, name);
	mutex->rank = rank;
	mutex->name = name;
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

/* Under the queue's lock: takes the mutex if it is free, else sets bit 0, so that the owner
 * comes to the queue when it releases it. */
static bool take_or_mark(struct mutex *mutex)
{
	uintptr_t value = atomic_load(&mutex->owner);
	uintptr_t wanted;

	do
		wanted = (value & ~WAITERS) == 0 ? myself() | value : value | WAITERS;
	while (!atomic_compare_exchange_weak(&mutex->owner, &value, wanted));
	return (wanted & ~WAITERS) == myself();
}

/* Bit 0 is as the queue says, after this thread, now the owner, has left it. */
static void leave_queue(struct mutex *mutex, struct mutex_waiter *waiter)
{
	list_remove(&waiter->node);
	if (list_empty(&mutex->waiters.waiters))
		atomic_fetch_and(&mutex->owner, ~WAITERS);
}

/* Both under the queue's lock. */
static void note_blocked(struct mutex *mutex, struct mutex_wait *wait)
{
	thread_current()->blocked_on = mutex;
	if (CONFIG_DEBUG)
		mutex_debug_wait(wait, mutex);
}

static void note_unblocked(struct mutex_wait *wait)
{
	thread_current()->blocked_on = NULL;
	if (CONFIG_DEBUG)
		mutex_debug_wait_end(wait);
}

static void wait_for(struct mutex *mutex)
{
	struct mutex_waiter waiter = { .thread = thread_current() };
	struct mutex_wait wait;
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);

	if (take_or_mark(mutex))
		goto unlock;
	list_push_back(&mutex->waiters.waiters, &waiter.node);
	note_blocked(mutex, &wait);
	for (;;) {
		thread_set_state(THREAD_SLEEPING);
		spin_unlock_irqrestore(&mutex->waiters.lock, state);
		thread_block(DEADLINE_NEVER);
		state = spin_lock_irqsave(&mutex->waiters.lock);
		if (waiter.granted)
			break;
		if (take_or_mark(mutex)) {
			leave_queue(mutex, &waiter);
			break;
		}
		waiter.impatient = true;
	}
	note_unblocked(&wait);
unlock:
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

/* Gives the mutex to the first waiter, or puts it down free for it to fetch. */
static void release_to_waiters(struct mutex *mutex)
{
	struct list *list = &mutex->waiters.waiters;
	irq_state_t state = spin_lock_irqsave(&mutex->waiters.lock);
	struct list_node *first = list_first(list);
	struct mutex_waiter *waiter;

	assert(first); /* bit 0 is only set while there are waiters */
	waiter = container_of(first, struct mutex_waiter, node);
	/* Whoever gets the mutex now comes through the queue's lock first: the memory may be
	 * freed as soon as that is released, not before. */
	if (waiter->impatient) {
		list_remove(first);
		waiter->granted = true;
		atomic_store(&mutex->owner,
			     (uintptr_t)waiter->thread | (list_empty(list) ? 0 : WAITERS));
		thread_wake(waiter->thread);
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

struct thread *mutex_owner(const struct mutex *mutex)
{
	uintptr_t owner = atomic_load_explicit(&mutex->owner, memory_order_relaxed);

	return (struct thread *)(owner & ~WAITERS);
}

bool mutex_is_held(const struct mutex *mutex)
{
	return (atomic_load_explicit(&mutex->owner, memory_order_relaxed) & ~WAITERS) == myself();
}
