/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process under a debugger: what happens to it is told to the debugger, which may have it stop
 * there (proc/hold.h). Each process has one at most. The operations are called in the thread that
 * it happens to, without locks, and may sleep.
 */
#pragma once

#include <arch/trap.h>
#include <proc/process.h>
#include <proc/signal.h>

struct debugger_ops {
	/* Before a system call; false: it is not to be made, and the registers stay as they are. */
	bool (*call_begins)(struct debugger *debugger);
	/* After one, which has left its result in the registers. */
	void (*call_ends)(struct debugger *debugger);
	/* A fault that is no page fault. True: it raises no signal. */
	bool (*exception)(struct debugger *debugger, enum trap_kind kind);
	/* Before a signal is handled, by `handler` or its default action. True: it is dropped. */
	bool (*signal)(struct debugger *debugger, int signal, uintptr_t handler);
	/* Before a process that ends by itself does so. */
	void (*ends)(struct debugger *debugger, int wait_status);
	/* It has made a process, which has not run yet. */
	void (*cloned)(struct debugger *debugger, struct process *child);
	/* The last thread has left; nothing is told any more. */
	void (*ended)(struct debugger *debugger);
	/* The last reference went. */
	void (*release)(struct debugger *debugger);
};

struct debugger {
	const struct debugger_ops *ops;
	/* Who holds: process->debugger, calls under way, the maker. */
	struct refcount references;
};

/* Makes it the process's debugger, with a reference of its own. -EBUSY: there is one; -ESRCH: the
 * process has ended. */
int must_check process_attach_debugger(struct process *process, struct debugger *debugger);
/* The reverse; does nothing where it is not the process's any more. */
void process_detach_debugger(struct process *process, struct debugger *debugger);
/* A reference, or NULL. */
struct debugger *process_debugger(struct process *process);
void debugger_put(struct debugger *debugger);

/* For the places that tell: quick where there is none. */
static inline bool process_is_debugged(const struct process *process)
{
	return __builtin_expect(__atomic_load_n(&process->debugger, __ATOMIC_RELAXED) != NULL, 0);
}
