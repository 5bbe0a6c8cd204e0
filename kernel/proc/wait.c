/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for children. */
#include "process_private.h"
#include "signal_private.h"

#include <base/errno.h>
#include <scheme/credentials.h>

int wait_killable(struct waiter *waiter)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;

	for (;;) {
		irq_state_t state;
		bool leave;

		if (wait_sleep(waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER) == 0)
			return 0;
		/* Other signals stay pending; user_work makes sure that they are looked at. */
		state = spin_lock_irqsave(&process->lock);
		leave = user_thread_must_leave_locked(self);
		if (!leave)
			self->thread.interrupted = false;
		spin_unlock_irqrestore(&process->lock, state);
		if (leave)
			return -EINTR;
	}
}

static bool is_selected(const struct process *child, int which, unsigned options)
{
	if (options & WAIT_GROUP)
		return child->group == (uint32_t)which;
	if (which > 0)
		return child->pid == (uint32_t)which;
	if (which == -1)
		return true;
	return child->group == (which == 0 ? process_current()->group : (uint32_t)-which);
}

/* Whether `child` has something to report, and what. */
static bool has_report(const struct process *child, unsigned options, int *status)
{
	if (child->state == PROCESS_ZOMBIE && options & WAIT_EXITED)
		*status = child->exit_status;
	else if (child->state == PROCESS_STOPPED && !child->stop_reported && options & WAIT_STOPPED)
		*status = wait_status_stopped(child->stop_signal);
	else if (child->state == PROCESS_RUNNING && child->continued && options & WAIT_CONTINUED)
		*status = WAIT_STATUS_CONTINUED;
	else
		return false;
	return true;
}

static void fill_result(struct process *child, int status, struct wait_result *result)
{
	struct credentials *credentials = process_credentials(child);

	process_read_times(child, &result->times);
	result->times.user_ns += child->children_times.user_ns;
	result->times.system_ns += child->children_times.system_ns;
	result->faults = child->page_faults + child->children_faults;
	result->pid = child->pid;
	result->uid = credentials->uid;
	result->status = status;
	credentials_put(credentials);
}

/* The report is used up. */
static void consume_report(struct process *self, struct process *child,
			   const struct wait_result *result)
{
	switch (child->state) {
	case PROCESS_ZOMBIE:
		self->children_times.user_ns += result->times.user_ns;
		self->children_times.system_ns += result->times.system_ns;
		self->children_faults += result->faults;
		process_reap(child);
		break;
	case PROCESS_STOPPED:
		child->stop_reported = true;
		break;
	default:
		child->continued = false;
		break;
	}
}

/* One look at the children: a pid, 0: none is ready, -ECHILD: there is none. */
static int wait_look(int which, unsigned options, struct wait_result *result)
{
	struct process *self = process_current();
	struct list_node *node;
	int found = -ECHILD;

	mutex_lock(&process_tree_lock);
	list_for_each (node, &self->children) {
		struct process *child = container_of(node, struct process, sibling_node);
		int status;

		if (!is_selected(child, which, options))
			continue;
		found = 0;
		if (!has_report(child, options, &status))
			continue;
		fill_result(child, status, result);
		found = (int)child->pid;
		if (!(options & WAIT_NO_REAP))
			consume_report(self, child, result);
		break;
	}
	mutex_unlock(&process_tree_lock);
	return found;
}

int process_wait(int which, unsigned options, struct wait_result *result)
{
	struct process *self = process_current();
	struct waiter waiter;
	int found;

	wait_begin(&self->child_wait, &waiter);
	for (;;) {
		int error;

		found = wait_look(which, options, result);
		if (found != 0 || options & WAIT_NO_HANG)
			break;
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (error) {
			found = error;
			break;
		}
	}
	wait_end(&waiter);
	return found;
}
