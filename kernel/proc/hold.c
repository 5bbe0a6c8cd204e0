/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Holding processes for debuggers (proc/hold.h). A held thread sleeps in the same state as one
 * that job control has stopped, but nobody is told.
 */
#include <proc/hold.h>

#include "process_private.h"
#include "signal_private.h"

#include <base/errno.h>

static struct user_thread *first_thread_locked(struct process *process)
{
	struct list_node *node =
		list_empty(&process->threads) ? NULL : list_first(&process->threads);

	return node ? container_of(node, struct user_thread, process_node) : NULL;
}

/* True if every thread is at a place from which it does not go to user mode. -ESRCH: there is
 * none. */
static int look(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	int result = process->thread_count ? true : -ESRCH;
	struct list_node *node;

	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		if (!thread->held && !thread->stopped)
			result = false;
	}
	spin_unlock_irqrestore(&process->lock, state);
	return result;
}

void process_hold_soon(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct list_node *node;

	process->holds++;
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		thread_interrupt(&thread->thread);
	}
	spin_unlock_irqrestore(&process->lock, state);
}

int process_hold(struct process *process)
{
	struct waiter waiter;
	int result, error = 0;

	process_hold_soon(process);
	wait_begin(&process->exit_wait, &waiter);
	while (!(result = look(process)) && !error)
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	if (result > 0)
		return 0;
	process_release(process);
	return result ? result : error;
}

void process_release(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct list_node *node;

	process->holds--;
	if (!process->holds) {
		list_for_each (node, &process->threads) {
			struct user_thread *thread =
				container_of(node, struct user_thread, process_node);

			if (!thread->held)
				continue;
			thread->held = false;
			thread_continue(&thread->thread);
		}
	}
	spin_unlock_irqrestore(&process->lock, state);
}

int process_visit_held(struct process *process,
		       int (*visit)(struct user_thread *thread, void *argument), void *argument)
{
	for (;;) {
		irq_state_t state = spin_lock_irqsave(&process->lock);
		struct user_thread *thread = first_thread_locked(process);
		bool there = thread && (thread->held || thread->stopped) &&
			     thread_is_stopped(&thread->thread);
		int result = !thread ? -ESRCH : there ? visit(thread, argument) : 0;

		spin_unlock_irqrestore(&process->lock, state);
		if (!thread || there)
			return result;
		if (thread_interrupted(thread_current()))
			return -ERESTART;
		/* It is on its last steps to its sleep, or to its end. */
		thread_yield();
	}
}

/* Notes that the current thread is held, and tells who waits for that; false if it is not. */
static bool note_held(struct user_thread *self)
{
	struct process *process = self->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool held = process->holds && !user_thread_must_leave_locked(self);

	if (held && !self->held)
		wait_wake_all(&process->exit_wait);
	self->held = held;
	spin_unlock_irqrestore(&process->lock, state);
	return held;
}

void process_hold_here(struct user_thread *self)
{
	irq_state_t state;

	for (;;) {
		thread_set_state(THREAD_STOPPED);
		if (!note_held(self))
			break;
		(void)thread_block(DEADLINE_NEVER);
	}
	thread_set_state(THREAD_RUNNABLE);
	/* Being held is no reason to interrupt what the thread does next. */
	state = spin_lock_irqsave(&self->process->lock);
	signal_recompute_locked(self);
	spin_unlock_irqrestore(&self->process->lock, state);
}
