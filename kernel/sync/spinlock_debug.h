/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of spinlocks, in debug builds only. Each CPU keeps a list of the locks that it
 * holds. docs/locking.md gives the rules that are checked and the reasons.
 */
#pragma once

#include <sync/spinlock.h>

enum spin_attempt {
	SPIN_ATTEMPT_LOCK,   /* a higher rank than all that is held */
	SPIN_ATTEMPT_NESTED, /* or the same */
	SPIN_ATTEMPT_TRY,    /* does not wait, so any rank will do */
};

/* Called with preemption off: before waiting for `lock`, at return address `caller`, ... */
void spin_debug_attempt(struct spinlock *lock, enum spin_attempt attempt, uintptr_t caller);
/* ... after it was obtained, ... */
void spin_debug_acquired(struct spinlock *lock, uintptr_t caller);
/* ... before it is released, ... */
void spin_debug_release(struct spinlock *lock);
/* ... and when it could not be obtained for a very long time. */
_Noreturn void spin_debug_stuck(struct spinlock *lock, uintptr_t caller, uint64_t waited_ns);

/* Logs the locks that CPU `cpu` holds, the last one first, and where it took them. Any context; it
 * may go on meanwhile. */
void spin_debug_log_held(unsigned cpu, const char *area);
