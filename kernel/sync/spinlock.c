/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ticket spinlocks: served in the order of arrival. */
#include <core/panic.h>
#include <sync/spinlock.h>

#include "spinlock_debug.h"

#include <stdatomic.h>

/* Debug builds give up after so many rounds, far more than any holder needs. */
#define SPIN_ROUNDS_MAX (1u << 31)

void spinlock_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
	*lock = (struct spinlock)SPINLOCK_INIT(rank, name);
}

static void spin_wait(struct spinlock *lock)
{
	uint16_t ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);
	uint32_t rounds = 0;

	while (atomic_load_explicit(&lock->owner, memory_order_acquire) != ticket) {
		arch_cpu_relax();
		if (CONFIG_DEBUG && ++rounds == SPIN_ROUNDS_MAX)
			spin_debug_stuck(lock);
	}
}

static void spin_release(struct spinlock *lock)
{
	uint16_t ticket = atomic_load_explicit(&lock->owner, memory_order_relaxed);

	if (CONFIG_DEBUG)
		spin_debug_release(lock);
	/* The cast keeps the sum in the ticket's range. */
	atomic_store_explicit(&lock->owner, (uint16_t)(ticket + 1), memory_order_release);
}

void spin_lock(struct spinlock *lock)
{
	preempt_disable();
	if (CONFIG_DEBUG)
		spin_debug_attempt(lock, SPIN_ATTEMPT_LOCK);
	spin_wait(lock);
	if (CONFIG_DEBUG)
		spin_debug_acquired(lock);
}

void spin_lock_nested(struct spinlock *lock)
{
	preempt_disable();
	if (CONFIG_DEBUG)
		spin_debug_attempt(lock, SPIN_ATTEMPT_NESTED);
	spin_wait(lock);
	if (CONFIG_DEBUG)
		spin_debug_acquired(lock);
}

bool spin_trylock(struct spinlock *lock)
{
	uint16_t ticket;

	preempt_disable();
	if (CONFIG_DEBUG)
		spin_debug_attempt(lock, SPIN_ATTEMPT_TRY);
	/* If the next ticket to draw is still the one being served when it is drawn, nobody
	 * held the lock in between. */
	ticket = atomic_load_explicit(&lock->owner, memory_order_acquire);
	if (!atomic_compare_exchange_strong_explicit(&lock->next, &ticket, (uint16_t)(ticket + 1),
						     memory_order_acquire, memory_order_relaxed)) {
		preempt_enable();
		return false;
	}
	if (CONFIG_DEBUG)
		spin_debug_acquired(lock);
	return true;
}

void spin_unlock(struct spinlock *lock)
{
	spin_release(lock);
	preempt_enable();
}

irq_state_t spin_lock_irqsave(struct spinlock *lock)
{
	irq_state_t state = arch_irq_save();

	/* Preemption is counted although interrupts are off: the release of a lock that is
	 * taken inside must not switch threads. */
	spin_lock(lock);
	return state;
}

void spin_unlock_irqrestore(struct spinlock *lock, irq_state_t state)
{
	spin_release(lock);
	arch_irq_restore(state);
	preempt_enable();
}

bool spin_is_held(const struct spinlock *lock)
{
	if (!CONFIG_DEBUG)
		return true;
	return atomic_load_explicit(&lock->holder, memory_order_relaxed) == cpu_id() + 1;
}
