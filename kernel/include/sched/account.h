/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which part of a thread's CPU time it spends in the kernel.
 *
 * Reading the clock at every entry and exit would make short system calls dear, and there is no
 * tick that could look. So entries are measured one by one while they are rare; where they come
 * thick and fast, one in a few is, and counts for those before it that were not. What is not found
 * to be the kernel's is the program's: interrupts, and entries nobody brackets.
 *
 * proc brackets system calls, and page faults and exceptions from user mode, in the thread that
 * makes them. The brackets do not nest. Time in which the thread sleeps or waits for a CPU does
 * not count. A bracket need not be closed before thread_exit().
 */
#pragma once

#include <sched/thread.h>

void account_measure_enter(struct thread *thread);
void account_measure_leave(struct thread *thread);

static inline void account_kernel_enter(void)
{
	struct thread *thread = thread_current();

	if (thread->account_skip > 0)
		thread->account_skip--;
	else
		account_measure_enter(thread);
}

static inline void account_kernel_leave(void)
{
	struct thread *thread = thread_current();

	if (thread->account_open)
		account_measure_leave(thread);
}

/* Closes an open bracket of a thread that exits. Called by the scheduler. */
static inline void account_finish(void)
{
	account_kernel_leave();
}
