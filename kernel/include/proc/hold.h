/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Holding: what debuggers do to a process to look at its registers. Its threads sleep where they
 * would go back to user mode, with all their registers in memory, until it is released. A call
 * that was interrupted for this runs again. Signals wait meanwhile, but for SIGKILL; a process may
 * be held several times, and stopped as well.
 */
#pragma once

#include <base/types.h>

struct process;
struct user_thread;

/* Holds `process`, not the current one, and waits until all its threads are there. -ERESTART (a
 * signal came: it is not held), -ESRCH (it has ended). */
int must_check process_hold(struct process *process);
/* The same without waiting; of any process. */
void process_hold_soon(struct process *process);
/* Sleeps while the current process is held: the current thread. */
void process_hold_here(struct user_thread *self);
/* Undoes one of these. */
void process_release(struct process *process);
/* Calls `visit` for the first thread of a process that the caller holds, with process->lock held
 * and the thread off its CPU. Its result, or -ERESTART, -ESRCH. */
int must_check process_visit_held(struct process *process,
				  int (*visit)(struct user_thread *thread, void *argument),
				  void *argument);
