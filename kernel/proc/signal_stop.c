/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Job control: processes stop and go on as a whole.
 *
 * A thread that takes a stop signal sets process->stopping and interrupts the others; each
 * thread stops on its way to user mode, and the last one tells the parent. SIGCONT, in whatever
 * context it is sent, clears `stopping` and wakes the threads; the first of them tells the
 * parent.
 */
#include "process_private.h"
#include "signal_private.h"

#include <proc/personality.h>
#include <proc/process.h>

static void discard_everywhere(struct process *process, signal_set_t set)
{
	struct list_node *node;

	signal_pending_discard(&process->pending, set);
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		signal_pending_discard(&thread->pending, set);
	}
}

static void wake_stopped(struct process *process)
{
	struct list_node *node;

	process->stopping = 0;
	process->stopped_count = 0;
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		thread->stopped = false;
		thread_continue(&thread->thread);
	}
}

void signal_prepare_locked(struct process *process, int signal)
{
	if (signal_bit(signal) & SIGNALS_STOP) {
		discard_everywhere(process, signal_bit(SIGCONT));
	} else if (signal == SIGCONT) {
		discard_everywhere(process, SIGNALS_STOP);
		process->stop_taken = false;
		if (process->stopping && process->stopped_count == process->thread_count)
			process->continue_report = true;
		wake_stopped(process);
	}
}

void signal_release_all_locked(struct process *process)
{
	struct list_node *node;

	process->stop_taken = false;
	wake_stopped(process);
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		thread_interrupt(&thread->thread);
	}
}

void signal_stop_process(struct user_thread *self, int signal)
{
	struct process *process = self->process;
	struct list_node *node;
	irq_state_t state;

	/* Nobody in the session could continue an orphaned group that its terminal stopped. */
	if (signal != SIGSTOP && !process->personality->orphans_stop &&
	    process_group_orphaned(process->group))
		return;
	state = spin_lock_irqsave(&process->lock);
	/* SIGCONT may have come since the stop signal was taken, or the end. */
	if (process->stop_taken && !process->stopping && !user_thread_must_leave_locked(self)) {
		process->stopping = signal;
		list_for_each (node, &process->threads) {
			struct user_thread *thread =
				container_of(node, struct user_thread, process_node);

			thread_interrupt(&thread->thread);
		}
	}
	spin_unlock_irqrestore(&process->lock, state);
}

bool signal_stop_complete_locked(struct process *process)
{
	return process->stopping && process->thread_count > 0 &&
	       process->stopped_count == process->thread_count;
}

void signal_report_stop(struct process *process)
{
	irq_state_t state;
	int signal;

	mutex_lock(&process_tree_lock);
	state = spin_lock_irqsave(&process->lock);
	signal = signal_stop_complete_locked(process) ? process->stopping : 0;
	spin_unlock_irqrestore(&process->lock, state);
	/* 0: SIGCONT was faster. */
	if (signal) {
		process->state = PROCESS_STOPPED;
		process->stop_signal = signal;
		process->stop_reported = false;
		process->continued = false;
		process_notify_parent(process, SIGNAL_CHILD_STOPPED, signal);
	}
	mutex_unlock(&process_tree_lock);
}

static void report_continue(struct process *process)
{
	mutex_lock(&process_tree_lock);
	process->state = PROCESS_RUNNING;
	process->continued = true;
	process_notify_parent(process, SIGNAL_CHILD_CONTINUED, SIGCONT);
	mutex_unlock(&process_tree_lock);
}

/* Counts the current thread as stopped; true if it was the last one. */
static bool stop_begin(struct user_thread *self)
{
	struct process *process = self->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool last = false;

	if (process->stopping && !user_thread_must_leave_locked(self)) {
		self->stopped = true;
		process->stopped_count++;
		last = signal_stop_complete_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, state);
	return last;
}

static bool is_stopped(struct user_thread *self)
{
	irq_state_t state = spin_lock_irqsave(&self->process->lock);
	bool stopped = self->stopped;

	spin_unlock_irqrestore(&self->process->lock, state);
	return stopped;
}

void signal_stop_here(struct user_thread *self)
{
	struct process *process = self->process;
	irq_state_t state;
	bool report;

	if (stop_begin(self))
		signal_report_stop(process);
	for (;;) {
		thread_set_state(THREAD_STOPPED);
		if (!is_stopped(self))
			break;
		(void)thread_block(DEADLINE_NEVER);
	}
	thread_set_state(THREAD_RUNNABLE);
	state = spin_lock_irqsave(&process->lock);
	report = process->continue_report && !process->exiting;
	process->continue_report = false;
	spin_unlock_irqrestore(&process->lock, state);
	if (report)
		report_continue(process);
}
