/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of spinlocks in debug builds; the rules and their reasons are in docs/locking.md.
 *
 * Locks that the interrupted code holds stay below those of the handler in the list of the
 * CPU. Ranks are compared among locks of the same interrupt depth; that a handler's lock
 * cannot deadlock against those below it follows from the rule on usage.
 */
#include <base/types.h>
#include <core/backtrace.h>
#include <core/log.h>
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
	const char *name; /* the lock's */
	uintptr_t caller; /* took it: a return address */
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
static const struct held_lock *held_highest(const struct held_locks *held, uint32_t irq_depth)
{
	const struct held_lock *highest = NULL;

	for (unsigned i = 0; i < held->count; i++) {
		const struct held_lock *entry = &held->locks[i];

		if (entry->irq_depth == irq_depth &&
		    (!highest || entry->lock->rank > highest->lock->rank))
			highest = entry;
	}
	return highest;
}

/* Where `cpu` took `lock`, or 0. Others than that CPU get a guess. */
static uintptr_t taken_by(unsigned cpu, const struct spinlock *lock)
{
	const struct held_locks *held = &held_by_cpu[cpu];

	for (unsigned i = 0; i < min_size(held->count, HELD_MAX); i++) {
		if (held->locks[i].lock == lock)
			return held->locks[i].caller;
	}
	return 0;
}

static void check_rank(const struct held_locks *held, const struct spinlock *lock,
		       enum spin_attempt attempt, uint32_t irq_depth)
{
	const struct held_lock *highest = held_highest(held, irq_depth);
	struct address_name where;

	if (!highest || lock->rank > highest->lock->rank)
		return;
	if (attempt == SPIN_ATTEMPT_NESTED && lock->rank == highest->lock->rank)
		return;
	if (violation_first())
		panic("lock order: taking %s (rank %u) while holding %s (rank %u), taken at %s",
		      lock->name, lock->rank, highest->name, highest->lock->rank,
		      backtrace_name(highest->caller, &where));
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

static void check_twice(const struct spinlock *lock, uintptr_t caller)
{
	struct address_name first, second;

	if (spin_is_held(lock) && violation_first())
		panic("lock %s is taken twice by CPU %u: at %s, and now at %s", lock->name,
		      cpu_id(), backtrace_name(taken_by(cpu_id(), lock), &first),
		      backtrace_name(caller, &second));
}

void spin_debug_attempt(struct spinlock *lock, enum spin_attempt attempt, uintptr_t caller)
{
	bool irq_enabled = arch_irq_enabled();
	irq_state_t state = arch_irq_save();
	const struct held_locks *held = &held_by_cpu[cpu_id()];
	uint32_t irq_depth = arch_this_cpu()->irq_depth;

	if (checks_enabled()) {
		if (attempt != SPIN_ATTEMPT_TRY) {
			check_twice(lock, caller);
			check_rank(held, lock, attempt, irq_depth);
		}
		check_usage(held, lock, attempt, irq_enabled, irq_depth);
	}
	arch_irq_restore(state);
}

void spin_debug_acquired(struct spinlock *lock, uintptr_t caller)
{
	irq_state_t state = arch_irq_save();
	struct held_locks *held = &held_by_cpu[cpu_id()];

	atomic_store_explicit(&lock->holder, (uint16_t)(cpu_id() + 1), memory_order_relaxed);
	if (held->count < HELD_MAX) {
		held->locks[held->count] = (struct held_lock){
			.lock = lock,
			.name = lock->name,
			.caller = caller,
			.irq_depth = arch_this_cpu()->irq_depth,
		};
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

void spin_debug_log_held(unsigned cpu, const char *area)
{
	const struct held_locks *held = &held_by_cpu[cpu];
	struct address_name where;

	for (size_t i = min_size(held->count, HELD_MAX); i-- > 0;) {
		const struct held_lock *entry = &held->locks[i];

		if (entry->name)
			log_error(area, "  holds spinlock %s, taken at %s", entry->name,
				  backtrace_name(entry->caller, &where));
	}
}

/* The panic goes on to tell what the holder does. */
void spin_debug_stuck(struct spinlock *lock, uintptr_t caller, uint64_t waited_ns)
{
	unsigned holder = atomic_load_explicit(&lock->holder, memory_order_relaxed);
	unsigned long seconds = waited_ns / 1000000000;
	struct address_name waiting, taken;

	(void)violation_first();
	backtrace_name(caller, &waiting);
	if (holder == 0)
		panic("lock %s: CPU %u waits at %s for %lu s; its holder is not known", lock->name,
		      cpu_id(), waiting.text, seconds);
	panic("lock %s: CPU %u waits at %s for %lu s; held by CPU %u, taken at %s", lock->name,
	      cpu_id(), waiting.text, seconds, holder - 1,
	      backtrace_name(taken_by(holder - 1, lock), &taken));
}
