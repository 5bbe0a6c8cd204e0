/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Priority inheritance: who waits for a mutex lends its owner what it has of priority.
 *
 * Of each mutex that is waited for, the best waiter stands in the list of lenders of the owner,
 * which inherits the best of them. If the owner itself waits for a mutex, it becomes a better
 * waiter there, and so on along the chain: inherit_pass_on() goes from thread to thread and holds
 * no more than one mutex's queue and one thread's lock at a time, so that chains which grow,
 * shrink or close to a circle meanwhile do no harm. Whoever changes something begins its walk after
 * the change, so that the last walk sees all.
 */
#include "sched_priv.h"

#include <base/errno.h>
#include <core/panic.h>
#include <sched/mutex.h>

/* Threads further down a chain than this inherit nothing. */
#define CHAIN_MAX 128

void inherit_init(struct thread *thread)
{
	spinlock_init(&thread->inherit_lock, RANK_INHERIT, "inherit");
	list_init(&thread->lenders);
}

/* Under inherit_lock. What does not make the thread better is not inherited, so that the common
 * case, equal threads, never touches the run queue. */
static void take_best(struct thread *thread)
{
	const struct list_node *first = list_first(&thread->lenders);
	unsigned best = THREAD_PRIORITY_NONE;

	if (first)
		best = container_of(first, struct mutex_waiter, lent_node)->lent;
	thread_set_inherited(thread, best < thread->base_priority ? best : THREAD_PRIORITY_NONE);
}

static void add_lender(struct thread *owner, struct mutex_waiter *waiter)
{
	struct list_node *node;

	waiter->lent = waiter->priority;
	list_for_each (node, &owner->lenders) {
		if (container_of(node, struct mutex_waiter, lent_node)->lent > waiter->lent)
			break;
	}
	list_insert_before(&waiter->lent_node, node);
}

bool inherit_lend(struct mutex *mutex, struct thread *owner, struct mutex_waiter *waiter)
{
	struct mutex_waiter *old = mutex->lender;
	bool goes_on;

	debug_assert(spin_is_held(&mutex->waiters.lock));
	if (old == waiter && (!old || old->lent == waiter->priority))
		return false;
	spin_lock(&owner->inherit_lock);
	if (old)
		list_remove(&old->lent_node);
	if (waiter)
		add_lender(owner, waiter);
	mutex->lender = waiter;
	take_best(owner);
	goes_on = owner->blocked_on != NULL;
	spin_unlock(&owner->inherit_lock);
	return goes_on;
}

void inherit_queue(struct mutex *mutex, struct mutex_waiter *waiter)
{
	struct list *list = &mutex->waiters.waiters;
	struct list_node *node = list_last(list);

	debug_assert(spin_is_held(&mutex->waiters.lock));
	waiter->priority = waiter->thread->priority;
	/* From the end: mostly all are equal. */
	while (node && container_of(node, struct mutex_waiter, node)->priority > waiter->priority)
		node = node->previous == &list->head ? NULL : node->previous;
	if (node)
		list_insert_after(&waiter->node, node);
	else
		list_push_front(list, &waiter->node);
}

void inherit_set_blocked(struct thread *thread, struct mutex *mutex, struct mutex_waiter *waiter)
{
	spin_lock(&thread->inherit_lock);
	thread->blocked_on = mutex;
	thread->mutex_waiter = waiter;
	spin_unlock(&thread->inherit_lock);
}

/* Locks the queue of the mutex that `thread` waits for, or NULL. The order of the two locks is the
 * other one, hence the trying; the mutex cannot go while the thread's own lock is held, nor
 * while its queue's is, since the thread needs both to stop waiting. */
static struct mutex *lock_awaited(struct thread *thread)
{
	for (;;) {
		struct mutex *mutex;
		bool locked;

		spin_lock(&thread->inherit_lock);
		mutex = thread->blocked_on;
		locked = mutex && spin_trylock(&mutex->waiters.lock);
		spin_unlock(&thread->inherit_lock);
		if (locked || !mutex)
			return mutex;
		arch_cpu_relax();
	}
}

/* Tells the owner of what `thread` waits for how good a waiter it is now. Returns that owner with
 * a reference if the chain goes on there, or if somebody is sought. */
static struct thread *pass_on(struct thread *thread, bool seeking)
{
	unsigned long state = arch_irq_save();
	struct mutex *mutex = lock_awaited(thread);
	struct thread *owner = NULL;
	struct mutex_waiter *waiter;
	bool changed;

	if (!mutex)
		goto restore;
	waiter = thread->mutex_waiter;
	changed = waiter->priority != thread->priority;
	if (waiter->granted || (!changed && !seeking))
		goto unlock;
	if (changed) {
		list_remove(&waiter->node);
		inherit_queue(mutex, waiter);
	}
	owner = mutex_owner(mutex);
	if (!owner)
		goto unlock;
	/* It cannot end before it has released the mutex, which takes this lock. */
	if (inherit_lend(mutex, owner, mutex_best_waiter(mutex)) || seeking)
		thread_get(owner);
	else
		owner = NULL;
unlock:
	spin_unlock(&mutex->waiters.lock);
restore:
	arch_irq_restore(state);
	return owner;
}

int inherit_pass_on(struct thread *thread, const struct thread *sought)
{
	bool found = false;

	thread_get(thread);
	for (unsigned i = 0; thread && i < CHAIN_MAX && !found; i++) {
		struct thread *next = pass_on(thread, sought != NULL);

		thread_put(thread);
		thread = next;
		found = thread && thread == sought;
	}
	if (thread)
		thread_put(thread);
	return found ? -EDEADLK : 0;
}

void inherit_base_changed(struct thread *thread)
{
	unsigned long state = arch_irq_save();
	bool waits;

	spin_lock(&thread->inherit_lock);
	take_best(thread);
	waits = thread->blocked_on != NULL;
	spin_unlock(&thread->inherit_lock);
	arch_irq_restore(state);
	if (waits)
		(void)inherit_pass_on(thread, NULL);
}
