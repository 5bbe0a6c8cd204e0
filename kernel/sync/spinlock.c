/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ticket spinlocks: served in the order of arrival. */
#include <core/backtrace.h>
#include <core/panic.h>
#include <core/patience.h>
#include <sync/spinlock.h>

#include "spinlock_debug.h"

#include <stdatomic.h>

/* Debug builds give up after so long, far longer than any holder needs, even where a hypervisor
 * takes CPUs away for a while. */
#define SPIN_LIMIT_NS 10000000000ull

void spinlock_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
	*lock = (struct spinlock)SPINLOCK_INIT(rank, name);
}

/* Until `ticket` is served; `caller` took the lock. */
static void wait_for(struct spinlock *lock, uint16_t ticket, uintptr_t caller)
{
	struct patience patience = PATIENCE_INIT(SPIN_LIMIT_NS);

	while (atomic_load_explicit(&lock->owner, memory_order_acquire) != ticket) {
		arch_cpu_relax();
		if (CONFIG_DEBUG && patience_ran_out(&patience))
			spin_debug_stuck(lock, caller, patience_waited_ns(&patience));
	}
}

void spin_wait(struct spinlock *lock, uint16_t ticket)
{
	wait_for(lock, ticket, caller_address());
}

static void spin_release(struct spinlock *lock)
{
	if (CONFIG_DEBUG)
		spin_debug_release(lock);
	spin_pass_on(lock);
}

static inline void lock_for(struct spinlock *lock, enum spin_attempt attempt, uintptr_t caller)
{
	uint16_t ticket;

	preempt_disable();
	if (CONFIG_DEBUG)
		spin_debug_attempt(lock, attempt, caller);
	ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);
	wait_for(lock, ticket, caller);
	if (CONFIG_DEBUG)
		spin_debug_acquired(lock, caller);
}

void spin_lock_checked(struct spinlock *lock)
{
	lock_for(lock, SPIN_ATTEMPT_LOCK, caller_address());
}

void spin_lock_nested(struct spinlock *lock)
{
	lock_for(lock, SPIN_ATTEMPT_NESTED, caller_address());
}

bool spin_trylock(struct spinlock *lock)
{
	uint16_t ticket;

	preempt_disable();
	if (CONFIG_DEBUG)
		spin_debug_attempt(lock, SPIN_ATTEMPT_TRY, caller_address());
	/* If the next ticket to draw is still the one being served when it is drawn, nobody
	 * held the lock in between. */
	ticket = atomic_load_explicit(&lock->owner, memory_order_acquire);
	if (!atomic_compare_exchange_strong_explicit(&lock->next, &ticket, (uint16_t)(ticket + 1),
						     memory_order_acquire, memory_order_relaxed)) {
		preempt_enable();
		return false;
	}
	if (CONFIG_DEBUG)
		spin_debug_acquired(lock, caller_address());
	return true;
}

void spin_unlock_checked(struct spinlock *lock)
{
	spin_release(lock);
	preempt_enable();
}

irq_state_t spin_lock_irqsave(struct spinlock *lock)
{
	irq_state_t state = arch_irq_save();

	/* Preemption is counted although interrupts are off: the release of a lock that is
	 * taken inside must not switch threads. */
	lock_for(lock, SPIN_ATTEMPT_LOCK, caller_address());
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
