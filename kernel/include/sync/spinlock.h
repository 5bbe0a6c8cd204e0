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
void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/* Take a second lock of the same rank, in the order that the rank's comment gives. */
void spin_lock_nested(struct spinlock *lock);

/* The same with interrupts off; the state before is returned and given back. */
typedef unsigned long irq_state_t;
irq_state_t must_check spin_lock_irqsave(struct spinlock *lock);
void spin_unlock_irqrestore(struct spinlock *lock, irq_state_t state);

/* True if this CPU holds `lock` (debug builds; always true in release builds). For asserts. */
bool spin_is_held(const struct spinlock *lock);
