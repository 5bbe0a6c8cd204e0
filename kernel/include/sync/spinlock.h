/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ticket spinlocks.
 *
 * Rules: a holder does not sleep, fault on user memory or allocate with waiting. A lock that
 * an interrupt handler takes is taken elsewhere with spin_lock_irqsave() only. Ranks order
 * nesting (lock_rank.h). Debug builds panic, naming the locks, when a lock is taken against
 * the order, twice, with interrupts on though handlers take it, or is released by another CPU
 * than its holder; see docs/locking.md.
 */
#pragma once

#include <base/types.h>
#include <sync/cpu.h>
#include <sync/lock_rank.h>

#include <stdatomic.h>

struct spinlock {
	_Atomic uint16_t next;   /* the next ticket to draw */
	_Atomic uint16_t owner;  /* the ticket that is served */
	uint8_t rank;            /* enum lock_rank */
	_Atomic uint8_t usage;   /* how it was ever taken, debug builds */
	_Atomic uint16_t holder; /* CPU + 1, debug builds */
	const char *name;
};

_Static_assert(sizeof(struct spinlock) == 16, "small enough to be embedded anywhere");

/* Initialiser of a static lock. */
#define SPINLOCK_INIT(lock_rank, lock_name)              \
	{                                                \
		.rank = (lock_rank), .name = (lock_name) \
	}

void spinlock_init(struct spinlock *lock, enum lock_rank rank, const char *name);

/* Take and release with preemption off. */
static inline void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock);
static inline void spin_unlock(struct spinlock *lock);

/* Take a second lock of the same rank, in the order that the rank's comment gives. */
void spin_lock_nested(struct spinlock *lock);

/* The same with interrupts off; the state before is returned and given back. */
typedef unsigned long irq_state_t;
irq_state_t must_check spin_lock_irqsave(struct spinlock *lock);
void spin_unlock_irqrestore(struct spinlock *lock, irq_state_t state);

/* True if this CPU holds `lock` (debug builds; always true in release builds). For asserts. */
bool spin_is_held(const struct spinlock *lock);

/* What of these is not inline: waiting for a lock that is taken, and all of it in debug builds. */
void spin_wait(struct spinlock *lock, uint16_t ticket);
void spin_lock_checked(struct spinlock *lock);
void spin_unlock_checked(struct spinlock *lock);

static inline void spin_lock(struct spinlock *lock)
{
	uint16_t ticket;

	if (CONFIG_DEBUG) {
		spin_lock_checked(lock);
		return;
	}
	preempt_disable();
	ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);
	if (atomic_load_explicit(&lock->owner, memory_order_acquire) != ticket)
		spin_wait(lock, ticket);
}

/* The holder's last act. Only he writes `owner`; the cast keeps the sum in its range. */
static inline void spin_pass_on(struct spinlock *lock)
{
	uint16_t ticket = atomic_load_explicit(&lock->owner, memory_order_relaxed);

	atomic_store_explicit(&lock->owner, (uint16_t)(ticket + 1), memory_order_release);
}

static inline void spin_unlock(struct spinlock *lock)
{
	if (CONFIG_DEBUG) {
		spin_unlock_checked(lock);
		return;
	}
	spin_pass_on(lock);
	preempt_enable();
}
