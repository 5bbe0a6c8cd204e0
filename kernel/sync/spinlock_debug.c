/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of spinlocks in debug builds; the rules and their reasons are in docs/locking.md.
 *
 * Locks that the interrupted code holds stay below those of the handler in the list of the
 * CPU. Ranks are compared among locks of the same interrupt depth; that a handler's lock
 * cannot deadlock against those below it follows from the rule on usage.
 */
#include <core/panic.h>

#include "spinlock_debug.h"

#include <stdatomic.h>

#define HELD_MAX 16

/* How a lock was ever taken. Both together can deadlock. */
enum spin_usage {
	SPIN_USAGE_OPEN = 1 << 0,    /* with interrupts on */
	SPIN_USAGE_HANDLER = 1 << 1, /* in a handler, or under a lock that is taken in one */
};

struct held_lock {
	struct spinlock *lock;
	uint32_t irq_depth;
};

/* Touched by its own CPU with interrupts off. */
struct held_locks {
	unsigned count;
	struct held_lock locks[HELD_MAX];
};

static struct held_locks held_by_cpu[CPU_MAX];

/* Set by the first violation, so that the panic that follows can take locks. */
static _Atomic bool checks_off;

static bool violation_first(void)
{
	return !atomic_exchange(&checks_off, true);
}

static bool checks_enabled(void)
{
	return !atomic_load_explicit(&checks_off, memory_order_relaxed);
}

/* The lock of highest rank that this CPU holds at interrupt depth `irq_depth`, or NULL. */
static struct spinlock *held_highest(const struct held_locks *held, uint32_t irq_depth)
{
	struct spinlock *highest = NULL;

	for (unsigned i = 0; i < held->count; i++) {
		struct spinlock *lock = held->locks[i].lock;

		if (held->locks[i].irq_depth == irq_depth &&
		    (!highest || lock->rank > highest->rank))
			highest = lock;
	}
	return highest;
}

static void check_rank(const struct held_locks *held, const struct spinlock *lock,
		       enum spin_attempt attempt, uint32_t irq_depth)
{
	const struct spinlock *highest = held_highest(held, irq_depth);

	if (!highest || lock->rank > highest->rank)
		return;
	if (attempt == SPIN_ATTEMPT_NESTED && lock->rank == highest->rank)
		return;
	if (violation_first())
		panic("lock order: taking %s (rank %u) while holding %s (rank %u)", lock->name,
		      lock->rank, highest->name, highest->rank);
}

/* The first held lock that handlers can come to, or NULL. */
static const struct spinlock *held_by_handlers(const struct held_locks *held)
{
	for (unsigned i = 0; i < held->count; i++) {
		if (held->locks[i].lock->usage & SPIN_USAGE_HANDLER)
			return held->locks[i].lock;
	}
	return NULL;
}

static void check_usage(const struct held_locks *held, struct spinlock *lock,
			enum spin_attempt attempt, bool irq_enabled, uint32_t irq_depth)
{
	const struct spinlock *outer = held_by_handlers(held);
	uint8_t usage = 0;

	if (irq_enabled)
		usage |= SPIN_USAGE_OPEN;
	if ((irq_depth > 0 || outer) && attempt != SPIN_ATTEMPT_TRY)
		usage |= SPIN_USAGE_HANDLER;
	usage |= atomic_fetch_or_explicit(&lock->usage, usage, memory_order_relaxed);
	if (usage != (SPIN_USAGE_OPEN | SPIN_USAGE_HANDLER) || !violation_first())
		return;
	panic("lock %s is taken with interrupts on, and by interrupt handlers%s%s (%s)", lock->name,
	      outer ? " under " : "", outer ? outer->name : "",
	      irq_enabled ? "now with interrupts on" : "now with interrupts off");
}

void spin_debug_attempt(struct spinlock *lock, enum spin_attempt attempt)
{
	bool irq_enabled = arch_irq_enabled();
	irq_state_t state = arch_irq_save();
	const struct held_locks *held = &held_by_cpu[cpu_id()];
	uint32_t irq_depth = arch_this_cpu()->irq_depth;

	if (checks_enabled()) {
		if (attempt != SPIN_ATTEMPT_TRY && spin_is_held(lock) && violation_first())
			panic("lock %s is taken twice by CPU %u", lock->name, cpu_id());
		if (attempt != SPIN_ATTEMPT_TRY)
			check_rank(held, lock, attempt, irq_depth);
		check_usage(held, lock, attempt, irq_enabled, irq_depth);
	}
	arch_irq_restore(state);
}

void spin_debug_acquired(struct spinlock *lock)
{
	irq_state_t state = arch_irq_save();
	struct held_locks *held = &held_by_cpu[cpu_id()];

	atomic_store_explicit(&lock->holder, (uint16_t)(cpu_id() + 1), memory_order_relaxed);
	if (held->count < HELD_MAX) {
		held->locks[held->count].lock = lock;
		held->locks[held->count].irq_depth = arch_this_cpu()->irq_depth;
		held->count++;
	} else if (violation_first()) {
		panic("lock %s: CPU %u holds more than %u locks", lock->name, cpu_id(), HELD_MAX);
	}
	arch_irq_restore(state);
}

void spin_debug_release(struct spinlock *lock)
{
	irq_state_t state = arch_irq_save();
	struct held_locks *held = &held_by_cpu[cpu_id()];
	unsigned i = held->count;

	if (!spin_is_held(lock) && violation_first())
		panic("lock %s is released by CPU %u, which does not hold it", lock->name,
		      cpu_id());
	while (i > 0 && held->locks[i - 1].lock != lock)
		i--;
	if (i > 0) {
		held->count--;
		for (unsigned j = i - 1; j < held->count; j++)
			held->locks[j] = held->locks[j + 1];
	}
	atomic_store_explicit(&lock->holder, 0, memory_order_relaxed);
	arch_irq_restore(state);
}

void spin_debug_stuck(struct spinlock *lock)
{
	unsigned holder = atomic_load_explicit(&lock->holder, memory_order_relaxed);

	(void)violation_first();
	if (holder == 0)
		panic("lock %s is held for ever", lock->name);
	panic("lock %s is held for ever by CPU %u", lock->name, holder - 1);
}
